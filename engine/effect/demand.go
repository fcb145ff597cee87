package effect

import (
	"fmt"
	"math"
	"time"
)

// Demand is the load that was offered around the change, as rates. Calls are
// better than attempts, because retries vanish with the trouble they answer.
type Demand struct {
	Before, After []Sample // offered: successful plus refused
	// Attempts says that retries are counted. Then ServedBefore and
	// ServedAfter, the successful part, tell vanished retries from vanished
	// demand.
	Attempts                  bool
	ServedBefore, ServedAfter []Sample
}

const (
	demandWindow = 2 * time.Minute
	demandMoved  = 0.20 // a change beyond this can explain an effect by itself
	demandHeld   = 0.10 // a change within this leaves the trouble's cause in place
)

// demandLevers are the levers that work by taking load away. Their fall in
// demand is the mechanism, if it came with the lever.
var demandLevers = map[string]bool{
	"limit_key": true, "limit_client": true, "stop_job": true,
	"cut_retries": true, "roll_back": true, "spread_keys": true,
}

// LowersDemand reports whether a lever is meant to lower the offered load.
func LowersDemand(lever string) bool { return demandLevers[lever] }

// demandFinding is what demand has to say about a claimed effect.
type demandFinding struct {
	known      bool
	change     float64 // relative
	held       bool    // it is still there: within a tenth, above the old limit, or served better than before
	confounded bool
	words      string
}

// judgeDemand decides whether demand leaves the effect to the lever. What counts is demand at the time when the effect began.
func judgeDemand(in Input, onset time.Duration) demandFinding {
	began := in.InForce.Add(onset)
	b, a := tail(in.Demand.Before, in.InForce), head(in.Demand.After, began)
	if len(b) == 0 || len(a) == 0 || meanV(b) <= 0 {
		return demandFinding{words: "demand was not measured"}
	}
	f := demandFinding{known: true, change: meanV(a)/meanV(b) - 1}
	f.words = fmt.Sprintf("demand held (%s)", signedPercent(f.change))
	f.held = math.Abs(f.change) <= demandHeld
	served, rose := servedRise(in, began)
	switch {
	case rose && f.change < -demandHeld:
		f.held = true
		f.words = fmt.Sprintf("attempts fell by %s because retries ended: served load rose by %s", percent(-f.change), percent(served))
	case f.change > demandMoved:
		f.held = true // and more than that
		f.words = fmt.Sprintf("demand rose by %s", percent(f.change))
	case LowersDemand(in.Lever):
		return timing(in, f)
	case f.change < -demandMoved:
		return fall(in, f, began)
	}
	return f
}

// servedRise reports whether more is served than before, where attempts count retries: what vanished was
// tried again and again, not asked for.
func servedRise(in Input, began time.Time) (by float64, rose bool) {
	before, after := tail(in.Demand.ServedBefore, in.InForce), head(in.Demand.ServedAfter, began)
	if !in.Demand.Attempts || len(before) == 0 || len(after) == 0 || meanV(before) <= 0 {
		return 0, false
	}
	by = meanV(after)/meanV(before) - 1
	return by, by > 0.05
}

// fall judges demand that dropped under a lever which does not lower demand.
func fall(in Input, f demandFinding, began time.Time) demandFinding {
	fell := percent(-f.change)
	d := in.Demand
	if l := in.Limit; l.Total && l.Before > 0 && meanV(head(d.After, began)) > 1.05*l.Before {
		f.held = true
		f.words = fmt.Sprintf("demand fell by %s but is still above the old limit", fell)
		return f
	}
	f.confounded = true
	f.words = fmt.Sprintf("demand fell by %s, which explains it", fell)
	return f
}

// timing asks whether the fall came with the lever: at most a third of it just
// before, at least half of it soon after.
func timing(in Input, f demandFinding) demandFinding {
	if f.change > -demandHeld {
		return f
	}
	tol := 15 * time.Second
	soonFrom, soonTo := tol/2, 2*tol
	switch gap := gapOf(in.Demand.Before); {
	case gap >= time.Minute:
		tol, soonFrom, soonTo = 2*gap, 0, gap // the first whole minute: a later one may have been led by anything
	case gap > 5*time.Second:
		tol, soonFrom, soonTo = 2*gap, gap, 4*gap
	}
	all := in.Demand
	early := meanV(between(all.Before, in.InForce.Add(-demandWindow-tol), in.InForce.Add(-tol)))
	justBefore := meanV(between(all.Before, in.InForce.Add(-tol), in.InForce))
	soon := meanV(between(all.After, in.InForce.Add(soonFrom), in.InForce.Add(soonTo)))
	final := meanV(head(all.After, in.InForce))
	total := early - final
	if math.IsNaN(early) || math.IsNaN(justBefore) || math.IsNaN(soon) || total <= 0 {
		f.known = false
		f.words = "the timing of the fall in demand was not measured"
		return f
	}
	fell := percent(total / early)
	switch {
	case early-justBefore > total/3:
		f.confounded = true
		f.words = fmt.Sprintf("demand fell by %s, and had begun to before the lever", fell)
	case early-soon < total/2:
		f.confounded = true
		f.words = fmt.Sprintf("demand fell by %s, but drifted down well after the lever", fell)
	default:
		f.words = fmt.Sprintf("demand fell by %s with the lever, as it should", fell)
	}
	return f
}

// burstSeconds of its limit is what a table may have saved up.
const burstSeconds = 300

// outgrown reports whether more was served since the change than the old limit and all its burst allow: had the limit not moved,
// it would have refused, whatever else happened.
func outgrown(in Input) bool {
	units, seconds := 0.0, 0.0
	for _, s := range in.Served {
		if !s.T.Before(in.InForce) {
			units, seconds = units+s.V*60, seconds+60
		}
	}
	return in.Limit.Before > 0 && units > in.Limit.Before*(seconds+burstSeconds)
}

// quietMinutes is how many complete minutes without a refusal are no chance, where the old limit would have refused.
const quietMinutes = 3

// prevention is the claim for a change that came before much was refused: with so little to compare with, nothing can be seen to end.
// But where the old limit and all its burst allow less than was served since, and nothing is refused, the limit that was raised is why.
func prevention(in Input, c claim) claim {
	quiet := 0
	for _, s := range in.Refused {
		if !s.T.Before(in.InForce.Add(time.Minute)) {
			if s.V > 0 {
				return c
			}
			quiet++
		}
	}
	if c.word != Open || c.stage == HasFaded || quiet < quietMinutes || in.Limit.After <= in.Limit.Before || !outgrown(in) {
		return c
	}
	return claim{word: Worked, stage: FromMinutes, of: in.Expect, why: fmt.Sprintf(
		"nothing was refused in %d minutes in which up to %.4g/s were served: the old limit of %.4g/s and its burst would have refused", quiet, most(in.Served), in.Limit.Before)}
}

func most(s []Sample) float64 {
	v := 0.0
	for _, x := range s {
		v = max(v, x.V)
	}
	return v
}

// demandSince is how far the newest demand lies above that from before the change; 0 where it was not measured.
func demandSince(in Input) float64 {
	b, a := tail(in.Demand.Before, in.InForce), in.Demand.After
	if len(b) == 0 || len(a) == 0 || meanV(b) <= 0 {
		return 0
	}
	end := a[len(a)-1].T.Add(time.Nanosecond)
	return meanV(tail(a, end))/meanV(b) - 1
}

func between(s []Sample, from, to time.Time) []Sample {
	var out []Sample
	for _, x := range s {
		if !x.T.Before(from) && x.T.Before(to) && !math.IsNaN(x.V) {
			out = append(out, x)
		}
	}
	return out
}

// tail is the window up to the lever, head the one from it on. Minutes are
// coarse, so they get room for five points.
func tail(s []Sample, at time.Time) []Sample {
	return between(s, at.Add(-max(demandWindow, 5*gapOf(s))), at)
}

func head(s []Sample, at time.Time) []Sample {
	return between(s, at, at.Add(max(demandWindow, 5*gapOf(s))))
}

func gapOf(s []Sample) time.Duration {
	if len(s) < 2 {
		return 0
	}
	return medianStep(s)
}

func meanV(s []Sample) float64 { return mean(values(s)) }
