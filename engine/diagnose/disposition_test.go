package diagnose_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

func TestDisposition(t *testing.T) {
	stood := func(c *scene, d time.Duration) *scene { c.assess(); return c.waited(d) }
	service := func() *scene { return newScene(table()).polled(nil).probed(3, "", "InternalServerError") }
	small := append(last(4, 0.5)[:past-1], 0) // 0.5/s of 100 refused for three minutes, none in the newest
	quota := refused(metrics{}, "orders", "write", "account", 50, 300)
	for _, c := range []struct {
		name          string
		scene         *scene
		verdict, rule string
	}{
		{"healthy", newScene(table()).polled(nil), "", ""},
		{"AWS fails, just now", service(), "", ""},
		{"AWS has failed for 3 minutes", stood(service(), 2*time.Minute+50*time.Second).probed(10, "", "InternalServerError"), history.Escalate, "DynamoDB itself fails"},
		{"blind for a minute", stood(newScene(table()), time.Minute), "", ""},
		{"blind for 5 minutes", stood(newScene(table()), 5*time.Minute+time.Second), history.Escalate, "blind for more than 5m0s"},
		{"small and falling", newScene(table()).polled(metrics{"consumed_write@orders": {100}, "write_throttles@orders": small}), history.Retry, "retries absorb it"},
		{"small and going on", newScene(table()).polled(metrics{"consumed_write@orders": {100}, "write_throttles@orders": last(4, 0.5)}), history.Optimize, "0.5 % refused"},
		{"a caller is refused now", newScene(table()).polled(nil).fed(5, 1000, 1006, 6, 0, 20), history.Optimize, ""},
		{"much", newScene(table()).polled(metrics{"consumed_write@orders": {100}, "write_throttles@orders": last(4, 50)}), history.Optimize, "33.3 % refused"},
		{
			"much, and a caller meets none now", // mutant: CloudWatch's minutes as if they were now
			newScene(table()).polled(metrics{"consumed_write@orders": {100}, "write_throttles@orders": last(4, 50)}).fed(10, 1000, 1000, 0, 0, 20),
			history.Optimize, "33.3 % refused (limit 1 %); web's feed is clean now, CloudWatch is minutes behind",
		},
		{"the account's quota", newScene(table()).polled(quota), history.Escalate, "only AWS can raise it"},
	} {
		got := c.scene.assess().Disposition
		if got.Verdict != c.verdict || !strings.Contains(got.Rule, c.rule) {
			t.Errorf("%s: %q (%s), want %q (%s)", c.name, got.Verdict, got.Rule, c.verdict, c.rule)
		}
	}
}

// Two changes without proven effect are enough: a third is somebody else's. Mutant: never count.
func TestUnprovenChangesEscalate(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  string
	}{
		{nil, history.Optimize},
		{[]string{history.NoEffect}, history.Optimize},
		{[]string{history.NoEffect, history.Unproven}, history.Escalate},
		{[]string{history.Worse, history.Confounded}, history.Escalate},
		{[]string{history.NoEffect, history.Helped}, history.Optimize},
		{[]string{history.NoEffect, history.Helped, history.NoEffect}, history.Optimize},
	} {
		s := newScene(table()).polled(metrics{"consumed_write@orders": {100}, "write_throttles@orders": last(4, 50)})
		s.put(history.IncidentDetected{Onset: s.now})
		for i, w := range c.words {
			id := fmt.Sprintf("E%d", i+1)
			s.put(history.ChangePlanned{ID: id, What: "lever:x", Target: "orders"}, history.ChangeIntended{ID: id}, history.ChangeAnswered{ID: id, OK: true},
				history.ChangeSettled{ID: id}, history.EffectJudged{ID: id, Stage: history.Verdict, Word: w})
		}
		if got := s.assess().Disposition; got.Verdict != c.want {
			t.Errorf("after %v: %s (%s), want %s", c.words, got.Verdict, got.Rule, c.want)
		}
		s.put(history.IncidentRecovered{}, history.IncidentDetected{Onset: s.now}) // the count is the incident's own
		s.waited(time.Second)
		s.s.Incident.Detected = s.now
		if got := s.assess().Disposition.Verdict; got != history.Optimize {
			t.Errorf("after %v in an earlier incident: %s", c.words, got)
		}
	}
}

// A consumer that fell behind is nobody's business as long as CloudWatch has not said whether a flood of deletes is what it
// drowns in; then it is one or the other. Mutant: a series that has not answered counts as none.
func TestStreamWaitsForDeletes(t *testing.T) {
	streams := table()
	streams.Stream = true
	for _, c := range []struct {
		name          string
		deletes       []float64
		kind, verdict string
		most          float64
	}{
		{"not answered", nil, diagnose.StreamLag, "", 0.95},
		{"none", []float64{0}, diagnose.StreamLag, history.Escalate, 1},
		{"a flood", last(3, 4000), diagnose.TTLStorm, history.Optimize, 1},
	} {
		s := newScene(streams).polled(metrics{"iterator_age@#archiver": last(2, 113e3), "ttl_deletes@orders": c.deletes})
		s.assess()
		s.s.Assessed.Layer.Since = s.now.Add(-diagnose.Defaults.SureFor) // the table has been well for long
		a := s.assess()
		if top := a.Ranked[0]; top.Kind != c.kind || top.P > c.most || a.Disposition.Verdict != c.verdict {
			t.Errorf("%s: %s with %.3f, %q; want %s with at most %.2f, %q", c.name, top.Kind, top.P, a.Disposition.Verdict, c.kind, c.most, c.verdict)
		}
	}
	late := newScene(streams).polled(metrics{"iterator_age@#archiver": last(9, 113e3), "ttl_deletes@orders": nil})
	late.assess()
	late.now = late.now.Add(diagnose.Defaults.SureFor)
	if a := late.assess(); a.Disposition.Verdict != history.Escalate {
		t.Errorf("it waits for ever: %+v", a.Disposition)
	}
}
