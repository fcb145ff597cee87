package postmortem

import (
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// reading is one clock: how long, or why that cannot be told.
type reading struct {
	name    string
	took    time.Duration
	missing string
	means   string
}

func (d *draft) clocks() []reading {
	i := d.s.Incident
	since := func(name, means string, from, to time.Time, missing string) reading {
		r := reading{name: name, means: means, took: to.Sub(from)}
		switch {
		case i.Detected.IsZero():
			r.missing = "no incident was detected"
		case to.IsZero():
			r.missing = missing
		case r.took < 0:
			r.missing = "it came before the start of the trouble"
		}
		return r
	}
	report, acted := d.report()
	ack := since("tta", "from the first report to the first thing a person did in this session", report, acted, "nobody acted after the report")
	if report.IsZero() {
		ack.missing = "no report or note is in the journal"
	}
	seen := i.Detected
	if !report.IsZero() && report.Before(seen) {
		seen = report
	}
	better, missing := d.mitigated()
	out := []reading{
		since("ttd", "from the start of the trouble to the first report, note or verdict of ddbloop, whichever came first", d.from, seen, ""),
		ack,
		since("ttm", "from the start of the trouble until the clients' objectives held again; without objectives, until the first proof of a change that worked", d.from, better, missing),
		since("ttr", "from the start of the trouble to ddbloop's own verdict that it is over", d.from, i.Recovered, "not recovered"),
	}
	return append(out, d.effectLatency(), d.ineffective())
}

// report returns the first report or note of a person, and the first thing a person did after it.
func (d *draft) report() (told, acted time.Time) {
	for _, e := range d.events {
		switch e.Body.(type) {
		case history.Reported, history.Noted:
			if told.IsZero() {
				told = e.At
				continue
			}
		case history.SessionStarted, history.SessionResumed:
			continue
		}
		if !told.IsZero() && acted.IsZero() && e.Actor.Name != "" {
			acted = e.At
		}
	}
	return told, acted
}

// mitigated returns when the clients were well again.
func (d *draft) mitigated() (time.Time, string) {
	if burns := d.burns(); len(burns) > 0 {
		last := time.Time{}
		for _, b := range burns {
			if b.open {
				return time.Time{}, "a client's objective was still missed at the end"
			}
			if b.last.After(last) {
				last = b.last
			}
		}
		if !last.IsZero() {
			return last, ""
		}
		return time.Time{}, "no client missed its objective"
	}
	for _, c := range d.s.Changes {
		if at, _, ok := proof(c); ok && good(c) {
			return at, ""
		}
	}
	return time.Time{}, "no client objective is known and no change was proven to work"
}

func good(c *history.Change) bool {
	return c.Effect != nil && !c.Effect.Faded && (c.Effect.Word == history.Worked || c.Effect.Word == history.Helped)
}

// proof returns when a change first showed to be better, and at which stage.
func proof(c *history.Change) (time.Time, history.EffectJudged, bool) {
	for _, e := range c.Effects {
		if e.Word == "better" || e.Word == history.Worked || e.Word == history.Helped {
			return c.Settled.Add(e.Took), e, true
		}
	}
	return time.Time{}, history.EffectJudged{}, false
}

func (d *draft) effectLatency() reading {
	r := reading{name: "effect_latency", missing: "no change worked", means: "from a change that worked being in force to the first proof of it"}
	for _, c := range d.s.Changes {
		if _, e, ok := proof(c); ok && good(c) {
			r.took, r.missing = e.Took, ""
		}
	}
	return r
}

// ineffective adds up the time between sending a change and the verdict that it did not help.
func (d *draft) ineffective() reading {
	r := reading{name: "ineffective_change_time", missing: "no change was judged to be without effect", means: "from sending each change that did not help to the verdict that says so"}
	for _, c := range d.s.Changes {
		if c.Effect != nil && (c.Effect.Word == history.NoEffect || c.Effect.Word == history.Worse) && c.JudgedAt.After(c.Intended) {
			r.took, r.missing = r.took+c.JudgedAt.Sub(c.Intended), ""
		}
	}
	return r
}

func (d *draft) definitions() {
	d.section("How the clocks are read")
	t := table{head: []string{"clock", "reading", "meaning"}}
	for _, c := range d.clocks() {
		said := short(c.took)
		if c.missing != "" {
			said = "not measurable: " + c.missing
		}
		t.add(code(c.name), said, c.means)
	}
	d.b.WriteString(t.String())
	d.printf("\nThe start of the trouble is back-dated from the signals, within one interval of their grid. Times are UTC.\n")
}
