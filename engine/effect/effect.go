// Package effect judges whether a change applied at a known moment helped.
//
// It is statistics and verdict logic only: no clock, no randomness of its own
// and no I/O. Everything it says can therefore be computed again from the
// journal. Its method, its limits and its measured error rates are described
// in docs/effects.md.
package effect

import (
	"math"
	"slices"
	"time"
)

// Sample is one observation: a probe's latency in milliseconds, a per-second
// share, or one CloudWatch minute.
type Sample struct {
	T time.Time
	V float64 // the value; a share is a fraction from 0 to 1
	W float64 // attempts behind a share; ignored for latencies and minutes
}

// Kind says how a signal behaves, which decides the scale it is tested on.
type Kind int

const (
	// Latency is positive and skewed: it is tested on logarithms.
	Latency Kind = iota
	// Share is a fraction of attempts: it is tested as it is, and a sample
	// without attempts is no sample.
	Share
	// Count is a number of events per minute, where zero is an answer. Only
	// Confirm takes it.
	Count
)

// Direction is the way a signal is meant to move.
type Direction int

const (
	// Down means that less is better.
	Down Direction = iota
	// Up means that more is better.
	Up
)

// Expectation is what the change was meant to do. It is frozen when the change
// is applied, so that the goal cannot drift towards the result.
type Expectation struct {
	Signal    string
	Unit      string
	Kind      Kind
	Direction Direction
	By        float64       // relative size: 0.9 is −90 % (Down) or +90 % (Up)
	Within    time.Duration // how soon after coming into force it should show
	Harm      []Harm
}

// Options for a first look at the expected signal.
func (e Expectation) Options() Options {
	return Options{Kind: e.Kind, Direction: e.Direction, By: e.By}
}

// Harm is a signal the change must not push above Max.
type Harm struct {
	Signal string
	Max    float64
}

// Estimate is a relative size with its 95 % interval. It is positive when the
// signal moved the way that was wanted: 0.5 is a halving of a latency.
type Estimate struct {
	Value, Low, High float64
	Before, After    float64 // levels in the signal's own unit
}

// Has reports whether the estimate was made at all.
func (e Estimate) Has() bool { return e.Low <= e.High && e != (Estimate{}) }

// clean returns the usable samples of a series in time order. A gap, a NaN or
// a share without attempts is left out: it is never read as a zero.
func clean(in []Sample, kind Kind) []Sample {
	out := make([]Sample, 0, len(in))
	for _, s := range in {
		bad := math.IsNaN(s.V) || math.IsInf(s.V, 0) || s.V < 0
		if kind == Latency {
			bad = bad || s.V == 0
		}
		if kind == Share {
			bad = bad || !(s.W > 0) || s.V > 1
		}
		if !bad {
			out = append(out, s)
		}
	}
	byTime := func(a, b Sample) int { return a.T.Compare(b.T) }
	if !slices.IsSortedFunc(out, byTime) {
		slices.SortStableFunc(out, byTime)
	}
	return out
}
