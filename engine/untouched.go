package engine

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

const (
	mostUntouched = 8               // controls looked at
	touchedBefore = 2 * time.Minute // an act this shortly before the compared time may still be working
)

// controls are those of one of a change's signals, chosen once, and what they said of its newest move.
type controls struct {
	chosen []control
	known  bool // chosen
	move   effect.Move
	says   *effect.Untouched
}

// control is the same signal on a table or index that a change cannot reach.
type control struct {
	key      history.SeriesKey
	samples  func(s *history.State, from, to time.Time) []effect.Sample
	troubled bool
	points   int // before the change
}

// untouched holds what is claimed of a change in force against tables and indexes that it cannot reach: the metric's
// minutes against minutes, the eye's seconds against those of the same sort of eye.
func (j *judge) untouched(s *history.State, c *history.Change, minutes *effect.Confirmation) []*effect.Untouched {
	var m effect.Move
	if minutes != nil {
		m = minutes.Move
	}
	x, o := c.Plan.Expect, j.eye.options(c)
	of := o
	of.Kind = kindOf(s, x.Signal)
	return []*effect.Untouched{
		j.minutes.against(s, c, of, m, func() []control { return metricsElsewhere(s, x) }),
		j.seconds.against(s, c, o, j.look.Move, func() []control { return eyesElsewhere(s, j.eye) }),
	}
}

// against compares a move once for each stretch of time that it rests on.
func (u *controls) against(s *history.State, c *history.Change, o effect.Options, m effect.Move, all func() []control) *effect.Untouched {
	if m.Since.IsZero() {
		return nil
	}
	if !u.known {
		u.chosen, u.known = choose(s, c, m, all()), true
	}
	last := u.move
	last.Size = m.Size // it moves a little with every sample
	if last == m {
		return u.says
	}
	var list []effect.Control
	for _, k := range u.chosen {
		if !touched(s, c, k.key.Target, m.From.Add(-touchedBefore), m.Until) {
			list = append(list, effect.Control{Name: k.key.Target, Samples: k.samples(s, m.From, m.Until), Troubled: k.troubled})
		}
	}
	u.move, u.says = m, effect.Compare(o, m, list, uint64(c.Settled.Unix()))
	return u.says
}

// choose takes the controls that were in trouble as well before any others, then those with the most data.
func choose(s *history.State, c *history.Change, m effect.Move, all []control) []control {
	var out []control
	for _, k := range all {
		if touched(s, c, k.key.Target, m.From.Add(-touchedBefore), m.Until) {
			continue
		}
		k.points = len(k.samples(s, m.From, m.To))
		now, usual, ok := risen(s, k.key, c.Settled)
		k.troubled = ok && usual < (1-leastMove)*now
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b control) int {
		if a.troubled != b.troubled {
			return map[bool]int{true: -1, false: 1}[a.troubled]
		}
		return cmp.Or(cmp.Compare(b.points, a.points), strings.Compare(a.key.String(), b.key.String()))
	})
	return out[:min(len(out), mostUntouched)]
}

// metricsElsewhere are a metric's minutes on the session's other tables and indexes: those of the same operation, of every one
// where a table has not that; those of other callers where callers split it.
func metricsElsewhere(s *history.State, x *history.Expectation) []control {
	if x.Target == "" {
		return nil
	}
	sig, _ := signal.In(s, x.Signal)
	callers := sig.Source != signal.CloudWatch && x.Op != ""
	var out []control
	for _, t := range s.Session.Tables {
		for _, at := range targetsOf(s, t) {
			ops := []string{x.Op}
			if callers || signal.Series(s, x.Signal, at, x.Op) == nil {
				ops = opsOf(s, x.Signal, at)
			}
			for _, op := range ops {
				sr := signal.Series(s, x.Signal, at, op)
				if sr == nil || sr.Period < 60 || callers && op == x.Op {
					continue
				}
				out = append(out, control{
					key: history.SeriesKey{Signal: x.Signal, Target: at, Op: op},
					samples: func(s *history.State, from, to time.Time) []effect.Sample {
						return samplesOf(signal.Series(s, x.Signal, at, op), from, to, 1)
					},
				})
			}
		}
	}
	return out
}

// eyesElsewhere are the other clients' feeds, or the other probes. What one client sees of two tables is coupled by the client.
func eyesElsewhere(s *history.State, v eye) []control {
	if !v.known() {
		return nil
	}
	name := v.signal
	if share, ok := shares[name]; ok {
		name = share.of
	}
	var out []control
	for _, sr := range s.Series {
		k := sr.Key
		if k.Signal != name || k.Op == v.name || !watched(s, tableOf(k.Target)) {
			continue
		}
		other := eye{what: v.what, name: k.Op, target: k.Target, signal: v.signal, kind: v.kind}
		k.Signal = v.signal
		out = append(out, control{key: k, samples: func(s *history.State, from, to time.Time) []effect.Sample { return other.samples(s, from, to) }})
	}
	return out
}

// touched reports whether a change can have moved the signal that it is judged on at another target, or anything else that
// was done in a time.
func touched(s *history.State, c *history.Change, target string, from, to time.Time) bool {
	if target == c.Plan.Expect.Target {
		return true
	}
	there := &history.Change{Plan: history.ChangePlanned{Expect: &history.Expectation{Signal: c.Plan.Expect.Signal, Target: target}}}
	table := tableOf(target)
	in := func(at time.Time) bool { return !at.Before(from) && at.Before(to) }
	for _, o := range s.Changes {
		sent := !o.Intended.IsZero() && o.Intended.Before(to) && o.State != history.ChangeFailed && o.State != history.ChangeNot
		if (o == c || sent && (o.Settled.IsZero() || in(o.Settled))) && reaches(s, o, there) {
			return true
		}
	}
	for _, m := range s.Marks {
		if m.Table == table && in(m.At) {
			return true
		}
	}
	for _, a := range s.ScalingActs {
		if tableOf(a.Target) == table && a.Held == "" && in(a.At) {
			return true
		}
	}
	for _, a := range s.Calls {
		if tableOf(a.Target) == table && a.Error == "" && !strings.HasPrefix(a.Call, "Describe") && in(a.At) {
			return true
		}
	}
	for _, m := range s.MovedByOthers() {
		if tableOf(m.Target) == table && in(m.At) {
			return true
		}
	}
	return false
}
