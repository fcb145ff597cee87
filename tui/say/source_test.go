package say_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/metric"
	"github.com/ddbloop/ddbloop/tui/say"
)

// An optional eye without its permission is off: last in the list, with what it needs, and no age of it counts. The same word of
// an eye that verdicts rest on is down.
func TestAnEyeThatIsDeniedIsOff(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	s := history.NewState()
	put := func(b history.Body) { s.Apply(history.Event{Seq: s.Seq + 1, At: at, Body: b}) }
	put(history.SourceChanged{Name: "quotas", State: "ok", Every: time.Hour})
	at = at.Add(50 * time.Minute)
	put(history.SourceChanged{Name: "cloudtrail", State: "denied", Reason: "denied", Text: "needs cloudtrail:LookupEvents", Every: time.Minute})
	put(history.SourceChanged{Name: "probe:own", State: "denied", Reason: "denied", Text: "no right to GetItem", Retry: time.Minute})
	put(history.SourceChanged{Name: "cloudwatch", State: "ok"})
	put(history.SourceChanged{Name: "insights", State: "idle", Text: "nothing is refused", Every: time.Minute})
	at = at.Add(10 * time.Second)
	list := say.Sources(s, at)
	var got []string
	for _, one := range list {
		got = append(got, one.Name+" "+one.Word())
	}
	if text := strings.Join(got, ", "); text != "probe:own crit, cloudwatch ok, quotas ok, cloudtrail off, insights idle" {
		t.Errorf("%s", text)
	}
	if off := list[len(list)-2]; off.State != metric.None || off.Text != "off: needs cloudtrail:LookupEvents" {
		t.Errorf("%+v", off)
	}
	if age, ok := say.Oldest(list); !ok || age != 10*time.Second {
		t.Errorf("the oldest of what verdicts rest on is %s", age)
	}
}

// A probe that no answer comes to is down, with the word for it, and not merely old; one refused answer among others is neither.
// Mutant: call it stale.
func TestAProbeWithoutAnswersIsDown(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	s := history.NewState()
	put := func(ok bool, code string) {
		at = at.Add(time.Second)
		s.Apply(history.Event{Seq: s.Seq + 1, At: at, Body: history.ProbeAnswered{Probe: "own", Table: "orders", Op: "GetItem", Every: time.Second, OK: ok, Code: code}})
	}
	word := func() string { one := say.Sources(s, at)[0]; return one.Word() + " " + one.Text }
	put(true, "")
	put(false, "HTTP 503")
	if got := word(); got != "ok " {
		t.Errorf("one failure: %q", got)
	}
	for range 30 {
		put(false, "HTTP 503")
	}
	if got := word(); got != "crit down (HTTP 503)" {
		t.Errorf("half a minute of failures: %q", got)
	}
}
