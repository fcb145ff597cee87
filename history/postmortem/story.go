package postmortem

import (
	"fmt"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

func who(name string) string {
	if name == "" {
		return "ddbloop"
	}
	return inert(name)
}

// since is the time from the start of the trouble.
func (d *draft) since(t time.Time) string {
	if diff := t.Sub(d.from); diff >= 0 {
		return "+" + short(diff)
	}
	return short(t.Sub(d.from))
}

func (d *draft) timeline() {
	d.section("Timeline")
	t := table{head: []string{"UTC", "Δ", "who", "what", "event"}}
	begun := d.s.Incident.Detected.IsZero()
	for _, e := range d.s.Timeline {
		if !begun && !e.At.Before(d.from) {
			t.add(clock(d.from), "0s", "ddbloop", "the trouble begins (back-dated)", "")
			begun = true
		}
		t.add(clock(e.At), d.since(e.At), who(e.By), inert(e.Text), fmt.Sprint(e.Seq))
	}
	d.table(t, "Nothing happened.")
}

func (d *draft) changes() {
	d.section("Changes and their measured effect")
	t := table{head: []string{"id", "change", "before → after", "state", "expected", "measured (95 % interval)", "verdict", "first proof", "undone"}}
	for _, c := range d.s.Changes {
		p := c.Plan
		want := ""
		if x := p.Expect; x != nil {
			by := x.By
			if x.Direction == "down" {
				by = -by
			}
			want = fmt.Sprintf("%s %s in %s", inert(x.Signal), percent(by), short(x.Within))
		}
		measured, verdict := "", ""
		if e := c.Effect; e != nil {
			measured = fmt.Sprintf("%s → %s, %s (%s … %s)", number(e.Before), strings.TrimSpace(number(e.After)+" "+inert(e.Unit)), percent(e.Change), percent(e.Low), percent(e.High))
			verdict = "**" + inert(e.Word) + "**"
			if e.Faded {
				verdict += ", then faded"
			}
		}
		first := ""
		if _, e, ok := proof(c); ok && good(c) {
			first = short(e.Took) + " by " + inert(e.Stage)
		}
		undone := ""
		if !c.Undone.IsZero() {
			undone = clock(c.Undone) + " by " + inert(c.UndoneBy)
		} else if p.UndoOf == "" && c.State == history.ChangeInForce {
			undone = "no (" + inert(p.UndoClass) + ")"
		}
		t.add(inert(p.ID), inert(p.Title)+" on "+inert(p.Target), inert(p.Before)+" → "+inert(p.After), inert(c.State), want, measured, verdict, first, undone)
	}
	d.table(t, "Nothing was changed.")
	for _, c := range d.s.Changes {
		if c.Effect != nil {
			d.printf("\n- Verdict on %s since %s: %s", inert(c.Plan.ID), clock(c.JudgedAt), inert(c.Effect.Reason))
			if u := c.Effect.Against; u != nil {
				d.printf("\n- %s against untouched %s: %s, difference %s", inert(c.Plan.ID), inert(u.Where), percent(u.Moved), percent(u.Net))
			}
		}
		if c.Error != "" {
			d.printf("\n- Error of %s: %s", inert(c.Plan.ID), inert(c.Error))
		}
	}
	if len(d.s.Changes) > 0 {
		d.printf("\n")
	}
}

// ended says what ended the incident and what was tried in vain, as the journal alone tells it.
func (d *draft) ended() {
	d.section("What ended it")
	a, ok := history.Attribute(d.s)
	if !ok {
		d.printf("It is not over, as far as this journal goes.\n")
		return
	}
	d.printf("Answer: %s\n", inert(a.String()))
	if len(a.Rivals) > 0 {
		t := table{head: []string{"other explanation", "share of the evidence"}}
		for _, r := range a.Rivals {
			t.add(inert(r.What), fmt.Sprintf("%.0f %%", 100*r.P))
		}
		d.printf("\n")
		d.table(t, "")
	}
	var lost time.Duration
	t := table{head: []string{"tried in vain", "verdict", "from sending to the verdict"}}
	for _, v := range a.Vain {
		t.add(inert(v.ID), inert(v.Word), short(v.Took))
		lost += v.Took
	}
	if len(a.Vain) > 0 {
		d.printf("\n")
		d.table(t, "")
		d.printf("\nIn vain: %s in all.\n", short(lost))
	}
}

func (d *draft) decisions() {
	d.section("Decisions")
	t := table{head: []string{"UTC", "who", "decision", "because", "event"}}
	for _, e := range d.events {
		switch b := e.Body.(type) {
		case history.DecisionTaken:
			why := inert(b.Because)
			if b.Override {
				why = "against the data: " + inert(b.Reason)
			}
			t.add(clock(e.At), who(e.Actor.Name), inert(b.Step)+" → "+inert(b.Choice), why, fmt.Sprint(e.Seq))
		case history.ChangeRefused:
			t.add(clock(e.At), "ddbloop", "refused "+inert(b.What)+" on "+inert(b.Target), inert(b.Why), fmt.Sprint(e.Seq))
		case history.ChangeDropped:
			t.add(clock(e.At), who(e.Actor.Name), inert(b.ID)+" dropped", inert(b.Why), fmt.Sprint(e.Seq))
		case history.IncidentEscalated:
			t.add(clock(e.At), who(e.Actor.Name), "escalated", inert(b.Why), fmt.Sprint(e.Seq))
		}
	}
	d.table(t, "No decision was taken in this session.")
}

func (d *draft) beliefs() {
	d.section("What we believed and when")
	t := table{head: []string{"UTC", "held for", "layer", "most probable", "p at the end", "advice", "why"}}
	for i, b := range d.s.Beliefs {
		end := d.s.Now
		if i+1 < len(d.s.Beliefs) {
			end = d.s.Beliefs[i+1].At
		}
		cause, p := "", ""
		if b.Kind != "" {
			cause, p = inert(b.Kind), history.Chance(b.P)
			if b.Goal != "" {
				cause += " on " + inert(b.Goal)
			}
		}
		t.add(clock(b.At), short(end.Sub(b.At)), inert(b.Layer), cause, p, inert(b.Do), inert(b.Why))
	}
	d.table(t, "ddbloop never came to a verdict.")
	last, ok := d.cause()
	if !ok {
		return
	}
	d.around(last)
	for _, b := range d.s.Beliefs {
		if b.Kind == last.Kind && b.Goal == last.Goal {
			if wait := b.At.Sub(d.s.Incident.Detected); wait > 0 && !d.s.Incident.Detected.IsZero() {
				d.printf("\nThe cause that was held to the end came first %s after the incident was detected.\n", short(wait))
			}
			return
		}
	}
}

func (d *draft) runbooks() {
	d.section("Runbook steps")
	t := table{head: []string{"runbook", "step", "says", "outcome", "why", "UTC", "who"}}
	runs := d.s.Past
	if d.s.Run != nil {
		runs = append(runs[:len(runs):len(runs)], d.s.Run)
	}
	for _, r := range runs {
		for _, st := range r.Steps {
			outcome := d.outcome(st)
			by := ""
			if !st.At.IsZero() {
				by = who(st.By)
			}
			t.add(inert(r.Info.Runbook), inert(st.ID), inert(st.Say), outcome, inert(st.Why), clock(st.At), by)
		}
	}
	d.table(t, "No runbook was opened.")
}

// outcome is how a step stood: what a person made of it, the changes it led to, or each verdict it gave in turn.
func (d *draft) outcome(st *history.Step) string {
	if st.Result != "" {
		return inert(st.Result)
	}
	var parts []string
	for _, c := range d.s.Changes {
		if c.Plan.Step == st.ID {
			parts = append(parts, inert(c.Plan.ID+" "+c.State))
		}
	}
	for _, e := range d.events {
		b, ok := e.Body.(history.CheckEvaluated)
		if ok && b.Step == st.ID && (len(parts) == 0 || parts[len(parts)-1] != inert(b.Verdict)) {
			parts = append(parts, inert(b.Verdict))
		}
	}
	if len(parts) == 0 {
		return "not reached"
	}
	return strings.Join(parts[max(0, len(parts)-4):], " → ")
}

func (d *draft) gaps() {
	d.section("Data gaps")
	t := table{head: []string{"UTC", "source", "what", "event"}}
	states := map[string]string{}
	for _, e := range d.events {
		switch b := e.Body.(type) {
		case history.SourceChanged:
			if b.State == "idle" {
				continue // it had nothing to ask: nothing is missing
			}
			was := states[b.Name]
			if states[b.Name] = b.State; b.State == "ok" && (was == "" || was == "ok") {
				continue // an optional eye says that it has looked
			}
			text := inert(b.State)
			if b.Text != "" {
				text += ": " + inert(b.Text)
			}
			t.add(clock(e.At), inert(b.Name), text, fmt.Sprint(e.Seq))
		case history.MetricsPolled:
			if b.Partial != "" {
				t.add(clock(e.At), inert(b.Source), "partial answer: "+inert(b.Partial), fmt.Sprint(e.Seq))
			}
		case history.SessionResumed:
			t.add(clock(e.At), "session", "nothing was measured for "+short(b.Gap)+" before this", fmt.Sprint(e.Seq))
		case history.JournalHurt:
			t.add(clock(e.At), "journal", inert(b.Text), fmt.Sprint(e.Seq))
		case history.Unknown:
			t.add(clock(e.At), "journal", "event of a newer version, not understood: "+inert(b.Name), fmt.Sprint(e.Seq))
		}
	}
	if d.damage != "" {
		t.add("", "journal", inert(d.damage), "")
	}
	d.table(t, "None known.")
}
