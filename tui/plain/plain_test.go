package plain_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/plain"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

func stream(t *testing.T, batches ...[]history.Event) string {
	t.Helper()
	f := &tuitest.Feed{Batches: make(chan []history.Event, len(batches)), End: true}
	var nows []time.Time
	for _, b := range batches {
		f.Batches <- b
		nows = append(nows, b[len(b)-1].At)
	}
	now := func() (t time.Time) { // asked once a batch
		t, nows = nows[0], nows[1:]
		return t
	}
	var out strings.Builder
	if err := plain.StreamEvents(t.Context(), &out, f, now); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestStream(t *testing.T) {
	got := stream(t, tuitest.Incident(true).Events)
	for _, want := range []string{
		"watching orders | account …0032 | eu-west-1 | provisioned | ARMED: changes allowed\n",
		"VERDICT  throttled | hot_partition on orders | optimize: one key range is at its limit",
		"why      suspect p 0.94 hot_partition on orders, which DynamoDB calls TableWriteKeyRangeThroughputExceeded\n",
		"why      against no single key is named: Contributor Insights is off\n",
		"why      like under_provisioned (p 0.05)\n",
		"why      began 14:03:00Z, known to 60s, 3m ago\n",
		"why      13:50:00Z ±1s  deploy #881\n",
		"metric   write throttles orders: 420/s, max 420/s, crit, age 2m\n",
		"metric   7 more are zero or have no data\n",
		"source   cloudwatch ok, answered 60s ago\n",
		"people   info: note: checkout retries doubling in the web tier (bo)\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "447112340032") {
		t.Error("the account number is not masked")
	}
}

func TestRowsComeOnceAMinuteAndVerdictsWhenTheyChange(t *testing.T) {
	s := tuitest.Incident(true)
	again := s.Events[len(s.Events)-1]
	got := stream(t, s.Events, []history.Event{again}, []history.Event{again})
	if n := strings.Count(got, "VERDICT"); n != 1 {
		t.Errorf("%d verdicts", n)
	}
	if n := strings.Count(got, "write throttles orders:"); n != 1 {
		t.Errorf("rows were printed %d times within a minute", n)
	}
}

func TestHostileTextBecomesOneHarmlessLine(t *testing.T) {
	s := tuitest.Session(false).Add(history.Noted{Text: "a\x1b[2J\nVERDICT fake\u202e"})
	got := stream(t, s.Events)
	if strings.ContainsAny(got, "\x1b\u202e") || strings.Contains(got, "\nVERDICT") {
		t.Errorf("%q", got)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("pipe closed") }

func TestABrokenPipeEndsTheStream(t *testing.T) {
	err := plain.StreamEvents(t.Context(), broken{}, tuitest.NewFeed(tuitest.Calm().Events), tuitest.Calm().Now)
	if err == nil || !strings.Contains(err.Error(), "pipe closed") {
		t.Fatalf("got %v", err)
	}
}

// A setting that moves step by step is said when it begins and then once a minute as far as it has come, not at every step.
// Mutants: print each step; never print the row again.
func TestARampIsSaidOnceAMinute(t *testing.T) {
	s := tuitest.Session(false)
	batches := [][]history.Event{s.Events}
	for i := range 40 {
		n := len(s.Events)
		s.At(time.Duration(5*i) * time.Second).Add(history.TableDescribed{Name: "orders", Table: &history.TableSnapshot{
			Name: "orders", Mode: "on_demand", Throughput: history.Throughput{WarmWrite: int64(4000 + 10*i)},
		}})
		batches = append(batches, s.Events[n:])
	}
	got := stream(t, batches...)
	if n := strings.Count(got, "orders warm write: "); n != 4 || !strings.Contains(got, "steps, the last 13:3") {
		t.Errorf("the ramp is said %d times:\n%s", n, got)
	}
}

// The reasoning is said when it changes, not whenever a number in the verdict does, and not of a table that is well.
// Mutants: say it with every verdict; say it of a healthy one.
func TestTheReasoningIsSaidOnce(t *testing.T) {
	s := tuitest.Calm()
	if got := stream(t, s.Events); strings.Contains(got, " why ") {
		t.Errorf("nothing is wrong:\n%s", got)
	}
	throttled := func(rule, kind string) history.Assessed {
		return history.Assessed{
			Layer: history.Layer{Verdict: history.LayerThrottled, Why: rule}, Disposition: history.Disposition{Verdict: history.Optimize, Rule: rule},
			Ranked: []history.Hypothesis{{Kind: kind, Target: "orders", P: 0.9}},
		}
	}
	s.Add(throttled("9 % refused", "scan_storm"), throttled("12 % refused", "scan_storm"), throttled("12 % refused", "large_items"))
	got := stream(t, s.Events)
	if n, m := strings.Count(got, "VERDICT  throttled"), strings.Count(got, "why      suspect p 0.90"); n != 2 || m != 2 {
		t.Errorf("%d verdicts, %d reasonings:\n%s", n, m, got)
	}
}

// A verdict is said again when its words change; when only numbers of its reason do, once a minute. A cause that is only a first
// guess is called one, as on the screen. Mutants: say it at every number; never say the numbers again; leave out the first guess.
func TestAVerdictIsSaidAgainWhenItsWordsChange(t *testing.T) {
	s := tuitest.Session(false)
	for i := range 150 {
		p := 0.2
		if i >= 100 {
			p = 0.6
		}
		rule := fmt.Sprintf("%d %% refused and falling", 50-i/4)
		s.At(time.Duration(i) * time.Second).Add(history.Assessed{
			Layer: history.Layer{Verdict: history.LayerThrottled}, Disposition: history.Disposition{Verdict: history.Retry, Rule: rule},
			Ranked: []history.Hypothesis{{Kind: "scan_storm", Target: "orders", P: p}},
		})
	}
	var got []string
	for line := range strings.Lines(stream(t, s.Events)) {
		if strings.Contains(line, "VERDICT") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := `13:30:00 VERDICT  throttled | cause open, first guess scan_storm | retry: 50 % refused and falling
13:31:00 VERDICT  throttled | cause open, first guess scan_storm | retry: 35 % refused and falling
13:31:40 VERDICT  throttled | scan_storm on orders | retry: 25 % refused and falling`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
