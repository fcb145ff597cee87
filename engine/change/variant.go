package change

import (
	"math"
	"path/filepath"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// QueryVariant lets one of the team's probes ask as the winner of a lab. It is a change of this session alone: no request goes to
// AWS for it, and nobody's application asks otherwise than before.
const QueryVariant = "query.variant"

// variant plans to let a probe ask as variant B of the newest lab on the target, where B has won.
func (sc Scene) variant(p *history.ChangePlanned, r Request) error {
	zero := 0.0
	p.CostHour, p.CostNote = &zero, "within the budget of the probes"
	if r.Undo != nil {
		u := r.Undo.Plan
		p.Lab, p.Title, p.Before, p.After = u.Lab, u.Title, u.After, u.Before
		p.UndoClass, p.Blast, p.Shows = history.UndoReady, u.Blast, u.Shows
		return nil
	}
	l := sc.newestLab(r.Target)
	switch {
	case l == nil:
		return refuse("no lab has measured another variant of a probe of %s: L starts one", r.Target)
	case l.Finished.IsZero():
		return refuse("lab %s has not ended yet", l.Info.ID)
	case l.Result.Winner != "b":
		return refuse("variant B of lab %s is not better: %s", l.Info.ID, l.Result.Verdict)
	}
	for _, c := range sc.State.Changes {
		if c.Plan.What == QueryVariant && c.Plan.Lab == l.Info.ID && c.State == history.ChangeInForce && c.Plan.UndoOf == "" && c.Undone.IsZero() {
			return refuse("probe %s asks as %s already", l.Info.Probe, l.Info.B.Name)
		}
	}
	p.Lab, p.Title = l.Info.ID, "let probe "+l.Info.Probe+" ask as "+l.Info.B.Name
	p.Before, p.After, p.Shows = l.Info.A.Name, l.Info.B.Name, 10*time.Second
	p.UndoClass, p.UndoText = history.UndoReady, "the probe asks as "+l.Info.A.Name+" again"
	p.Blast = "probe " + l.Info.Probe + " of this session only: no application asks otherwise"
	return nil
}

// newestLab is the newest lab beside a probe of the target.
func (sc Scene) newestLab(target string) (newest *history.Lab) {
	for _, l := range sc.State.Labs {
		if l.Info.Probe != "" && Goal(l) == target {
			newest = l
		}
	}
	return newest
}

// Measured is the newest lab beside a probe of a table, where its variant B is that very file and it was measured beside that probe
// ("" = any), or nil: what a later lab has measured is another question, and a file of the same name elsewhere another request.
func Measured(s *history.State, table, probe, file string) (newest *history.Lab) {
	for _, l := range s.Labs {
		if l.Info.Probe != "" && l.Info.Table == table {
			newest = l
		}
	}
	if newest == nil || newest.Info.B.File != filepath.Clean(file) || probe != "" && newest.Info.Probe != probe {
		return nil
	}
	return newest
}

// Goal is the table or table/index that a lab's variant A reads.
func Goal(l *history.Lab) string {
	if l.Info.A.Index == "" {
		return l.Info.Table
	}
	return l.Info.Table + "/" + l.Info.A.Index
}

// VariantExpectation is what a change to the winner of the newest lab is held to: the time that the lab found; nil where it is not
// about time.
func VariantExpectation(s *history.State, target string) *history.Expectation {
	l := Scene{State: s}.newestLab(target)
	if l == nil || l.Result == nil || l.Result.Latency.Word != history.LabFaster {
		return nil
	}
	return &history.Expectation{
		Signal: history.ProbeLatency, Target: target, Op: l.Info.Probe, Direction: "down", By: math.Abs(l.Result.Latency.Change), Within: 2 * time.Minute,
	}
}

// Local reports whether a kind of change is carried out here or by the team, and not by AWS.
func Local(what string) bool { return what == QueryVariant || isLever(what) }
