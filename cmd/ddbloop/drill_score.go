package main

import (
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/history"
)

// drillResult is one line of `ddbloop drill --format json`. Times are simulated, from t = 0; what never
// happened is "". Lists are never null.
type drillResult struct {
	Scenario    string         `json:"scenario"`
	Seed        int64          `json:"seed"`
	Magnitude   string         `json:"magnitude"`
	Try         string         `json:"try"`
	Passed      bool           `json:"passed"`
	Failed      []string       `json:"failed"`
	Truth       drillTruth     `json:"truth"`
	DetectedAt  string         `json:"detected_at"`
	Begins      string         `json:"begins"`
	OnsetAt     string         `json:"onset_at"` // as ddbloop dated it back
	Diagnosis   drillDiagnosis `json:"diagnosis"`
	Ranked      []drillRank    `json:"ranked"`
	Layer       drillLayer     `json:"layer"`
	Disposition string         `json:"disposition"`
	Runbook     string         `json:"runbook"`
	Changes     []drillChange  `json:"changes"`
	Refused     []drillRefused `json:"refused"`
	MitigatedAt string         `json:"mitigated_at"`
	EscalatedAt string         `json:"escalated_at"`
	RecoveredAt string         `json:"recovered_at"`
	FalseAlarms int            `json:"false_alarms"`
	Events      int            `json:"events"`
	Postmortem  string         `json:"postmortem"`
	CPUms       int64          `json:"cpu_ms"`
}

type drillTruth struct {
	Kind        string   `json:"kind"`
	Target      string   `json:"target"`
	Layer       string   `json:"layer"`
	Disposition string   `json:"disposition"`
	Cures       []string `json:"cures"`
	Futile      []string `json:"futile"`
	Harmful     []string `json:"harmful"`
}

type drillDiagnosis struct {
	Kind   string  `json:"kind"`
	Target string  `json:"target"`
	P      float64 `json:"p"`
	At     string  `json:"at"`
}

type drillRank struct {
	Kind   string  `json:"kind"`
	Target string  `json:"target"`
	P      float64 `json:"p"`
}

type drillLayer struct {
	Verdict string `json:"verdict"`
	At      string `json:"at"`
}

type drillChange struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	Target    string `json:"target"`
	Before    string `json:"before"`
	After     string `json:"after"`
	PlannedAt string `json:"planned_at"`
	AppliedAt string `json:"applied_at"`
	SettledAt string `json:"settled_at"`
	FirstLook string `json:"first_look"`
	Verdict   string `json:"verdict"`
	JudgedAt  string `json:"judged_at"`
	Undone    bool   `json:"undone"`
}

type drillRefused struct {
	Kind   string `json:"kind"`
	Target string `json:"target"`
	Why    string `json:"why"`
}

// drillRun is all that a finished run is scored by.
type drillRun struct {
	sc        *scenario.Scenario
	seed      int64
	state     *history.State
	assessed  []stamped // every assessment, in order
	try       string    // CHANGE@TARGET that was tried, "" = autopilot
	tryID     string    // its id; "" when it was refused
	mitigated time.Duration
	cured     bool // mitigated is set
	events    int
	refused   time.Duration // the first second in which capacity refused a caller; negative for never
	short     bool          // it ended at the decision: what comes after is not scored
}

type stamped struct {
	at time.Time
	history.Assessed
}

// score tells what happened and holds it against the scenario's truth.
func (r *drillRun) score() drillResult {
	t := r.sc.Truth
	out := drillResult{
		Scenario: r.sc.Name, Seed: r.seed, Magnitude: r.sc.Magnitude, Try: r.try, Failed: []string{},
		Truth: drillTruth{
			Kind: t.Kind, Target: t.Target, Layer: t.Layer, Disposition: t.Disposition,
			Cures: texts(t.Cures), Futile: texts(t.Futile), Harmful: texts(t.Harmful),
		},
		Ranked: []drillRank{}, Changes: []drillChange{}, Refused: []drillRefused{}, Events: r.events,
	}
	if r.sc.Truth.Kind != calmKind {
		out.Begins = t.Begins.String()
	}
	r.decisionInto(&out)
	r.changesInto(&out)
	s := r.state
	if s.Run != nil {
		out.Runbook = s.Run.Info.Runbook
	}
	out.DetectedAt, out.FalseAlarms = r.alarms()
	out.EscalatedAt, out.RecoveredAt = r.since(s.Incident.Escalated), r.since(s.Incident.Recovered)
	if r.cured {
		out.MitigatedAt = r.mitigated.String()
	}
	out.Failed = append(out.Failed, r.failures(out)...)
	out.Passed = len(out.Failed) == 0
	return out
}

func (r *drillRun) since(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Sub(r.sc.Start).Round(time.Millisecond).String()
}

// decision returns the moment of the first change, the escalation, the word that waiting is right, or the
// end, whichever came first.
func (r *drillRun) decision() time.Time {
	at := r.state.Now
	earlier := func(t time.Time) {
		if !t.IsZero() && t.Before(at) {
			at = t
		}
	}
	for _, c := range r.state.Changes {
		earlier(c.Intended)
	}
	earlier(r.state.Incident.Escalated)
	for _, a := range r.assessed {
		if a.Disposition.Verdict == history.Retry {
			earlier(a.at)
			break
		}
	}
	return at
}

// decisionInto fills in the assessment that stood at the decision, and since when it stood unchanged.
func (r *drillRun) decisionInto(out *drillResult) {
	at := r.decision()
	last := -1
	for i, a := range r.assessed {
		if !a.at.After(at) {
			last = i
		}
	}
	if last < 0 {
		return
	}
	a := r.assessed[last]
	out.OnsetAt = r.since(a.Onset)
	out.Layer = drillLayer{a.Layer.Verdict, r.since(a.Layer.Since)}
	out.Disposition = a.Disposition.Verdict
	for _, h := range a.Ranked {
		out.Ranked = append(out.Ranked, drillRank{h.Kind, h.Target, h.P})
	}
	if len(a.Ranked) == 0 {
		return
	}
	top := a.Ranked[0]
	since := a.at
	for i := last; i >= 0; i-- {
		b := r.assessed[i]
		if len(b.Ranked) == 0 || b.Ranked[0].Kind != top.Kind || b.Ranked[0].Target != top.Target {
			break
		}
		since = b.at
	}
	out.Diagnosis = drillDiagnosis{top.Kind, top.Target, top.P, r.since(since)}
	if top.Kind == calmKind {
		out.Diagnosis.At = ""
	}
}

const calmKind = "calm"

func (r *drillRun) changesInto(out *drillResult) {
	for _, c := range r.state.Changes {
		if c.Intended.IsZero() {
			continue
		}
		d := drillChange{
			ID: c.Plan.ID, Kind: c.Plan.What, Target: c.Plan.Target, PlannedAt: r.since(c.Planned), AppliedAt: r.since(c.Intended),
			SettledAt: r.since(c.Settled), JudgedAt: r.since(c.JudgedAt), Undone: !c.Undone.IsZero(),
		}
		if !strings.HasPrefix(c.Plan.What, "lever:") {
			d.Before, d.After = c.Plan.Before, c.Plan.After
		}
		if c.Effect != nil {
			d.Verdict = c.Effect.Word
		}
		for _, e := range c.Effects {
			if e.Stage == history.FirstLook && (e.Word == "better" || e.Word == "worse") {
				d.FirstLook = e.Took.Round(time.Millisecond).String()
				break
			}
		}
		out.Changes = append(out.Changes, d)
	}
	for _, x := range r.state.Refused {
		out.Refused = append(out.Refused, drillRefused{x.What, x.Target, x.Why})
	}
}

// alarms returns the first verdict that was not healthy at or after the trouble's beginning, and how many
// there were without a reason.
func (r *drillRun) alarms() (detected string, wrong int) {
	calm := r.sc.Truth.Kind == calmKind
	begins := r.sc.Start.Add(r.sc.Truth.Begins)
	if r.sc.Truth.Layer == history.LayerThrottled && r.refused >= 0 && r.refused < r.sc.Truth.Begins {
		begins = r.sc.Start.Add(r.refused) // the file names the second for its own seed: a burst may end sooner with another
	}
	last := history.LayerHealthy
	for _, a := range r.assessed {
		v := a.Layer.Verdict
		bad := v != history.LayerHealthy
		switch {
		case bad && (calm || a.at.Before(begins)):
			if v != last {
				wrong++
			}
		case bad && detected == "":
			detected = r.since(a.at)
		}
		last = v
	}
	if calm {
		for _, c := range r.state.Changes {
			if !c.Intended.IsZero() {
				wrong++
			}
		}
	}
	return detected, wrong
}
