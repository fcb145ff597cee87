package runbooks

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// withLevers is a session of the runbook with levers NAME=DOES.
func (x *session) withLevers(levers ...string) *session {
	for _, l := range levers {
		name, does, _ := strings.Cut(l, "=")
		x.s.Session.Levers = append(x.s.Session.Levers, history.Lever{Name: name, Title: name, Does: does})
	}
	return x
}

// pulled is a lever that was sent at the session's now.
func (x *session) pulled(id, name string) {
	x.put(history.ChangePlanned{ID: id, What: "lever:" + name, After: "on"}, history.ChangeIntended{ID: id})
}

// Mutants: take the first lever whatever the words' order; forget what was tried; count what was tried in an earlier incident and
// taken back; count plans that were dropped.
func TestTheMostFittingLeverThatIsLeft(t *testing.T) {
	words := []string{"roll_back", "stop_job", "limit_client"}
	x := open(t, "layer-check", "orders", "").withLevers("slow=limit_client", "deploy=roll_back", "job=stop_job", "job-two=stop_job", "recycle=fix_client")
	want := func(what, name string, tried ...string) {
		t.Helper()
		l, was, ok := LeverFor(x.s, words)
		if l.Name != name || ok != (name != "") || !slices.Equal(was, tried) {
			t.Errorf("%s: %s %t after %v, want %s after %v", what, l.Name, ok, was, name, tried)
		}
	}
	x.put(history.IncidentDetected{Onset: x.now})
	want("nothing tried", "deploy")
	x.put(history.ChangePlanned{ID: "E1", What: "lever:deploy"}, history.ChangeDropped{ID: "E1"})
	want("a plan that was dropped", "deploy")
	x.pulled("E2", "deploy")
	want("the first tried", "job", "deploy")
	x.pulled("E3", "job")
	want("two do the same", "job-two", "deploy", "job")
	x.pulled("E4", "job-two")
	x.pulled("E5", "slow")
	want("all tried", "", "deploy", "job", "job-two", "slow")
	if why := noLever(words, []string{"deploy", "slow"}); why != "all levers of the kind roll_back, stop_job, limit_client have been tried: deploy, slow" {
		t.Error(why)
	}
	x.put(history.ChangePlanned{ID: "U2", What: "lever:deploy", After: "off", UndoOf: "E2"}, history.ChangeSettled{ID: "U2"})
	x.put(history.IncidentRecovered{}, history.IncidentClosed{})
	x.now = x.now.Add(time.Hour)
	x.put(history.IncidentDetected{Onset: x.now})
	want("another incident", "deploy")
}

func TestALeverIsNamedInThePlanAndItsLackIsSaid(t *testing.T) {
	x := hotPartition(t)
	step := ""
	for _, s := range x.r.Steps {
		if s.Act != nil && s.Act.Change.Kind == kindLever {
			step = s.ID
			break
		}
	}
	p, err := x.r.Act(step, x.s, x, x.now)
	if err != nil || p.Lever != "" || !strings.HasPrefix(p.NoLever, "no lever of the kind limit_key") || !strings.HasSuffix(p.NoLever, "is configured") {
		t.Errorf("%+v, %v", p, err)
	}
	x.withLevers("cap=limit_key")
	if p, err = x.r.Act(step, x.s, x, x.now); err != nil || p.Lever != "cap" || p.NoLever != "" {
		t.Errorf("%+v, %v", p, err)
	}
}
