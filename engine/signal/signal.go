// Package signal is the catalogue: the one place that knows which signals exist, where each comes from,
// in which unit and on which grid, and what a missing value means. The poller, the diagnosis, the runbook
// linter, the help and the docs all read it.
package signal

import (
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// Scope says which dimension sets a CloudWatch signal is asked for.
type Scope int

const (
	// Table asks with TableName only.
	Table Scope = iota
	// TableIndex asks for the table and for each global secondary index: AWS never adds the two up.
	TableIndex
	// Capped asks like TableIndex, where somebody has set an on-demand maximum.
	Capped
	// TableOp asks for each operation of the table.
	TableOp
	// Account has no dimensions.
	Account
	// Building asks for indexes that are being created.
	Building
	// Replica asks for each other region of a global table; the region is the series' Op.
	Replica
	// Origin asks for each source of a global table's writes, Customer and GlobalTable; it is the series' Op.
	Origin
	// Capture asks for the table's change capture into Kinesis.
	Capture
	// Stream asks for the reads of the table's stream.
	Stream
	// Vector asks for each vector index of the table; its name is the series' Op.
	Vector
	// Function asks for each Lambda function that reads a stream; its name is the series' Op.
	Function
	// Usage asks for what the account uses of a quota, named by the series' Resource.
	Usage
)

// Source says which eye a signal comes from.
type Source string

// The eyes.
const (
	CloudWatch Source = "cloudwatch"
	Probe      Source = "probe"
	Feed       Source = "feed"
	Describe   Source = "describe"
	Derived    Source = "derived"
	Own        Source = "own metric" // in CloudWatch, as the team's configuration names it
)

// Signal is one entry of the catalogue.
type Signal struct {
	Name   string
	Help   string
	Unit   string // "/s", "ms", "units/s", "" for ratios and flags
	Source Source
	Period time.Duration // grid; 0 = the probe's or feed's own

	// CloudWatch only.
	Namespace string
	Metric    string
	Stat      string
	Scope     Scope
	Times     float64       // factor from CloudWatch's unit into this one; 0 = 1
	PerSecond bool          // the sum of a period is divided by its seconds
	Zero      bool          // AWS publishes nothing when nothing happened: a settled gap is 0
	Ops       []string      // TableOp: the only operations that publish it; nil = all
	Resource  string        // Usage: of which quota
	Every     time.Duration // how often it is asked for; 0 = as soon as its next period may be there
	Optional  bool          // no verdict rests on it: it rests first when the budget for calls runs out
}

// Lag is the longest that CloudWatch usually takes to publish a period of a grid after its end: two minutes of 60 s metrics,
// ten of 300 s ones (measured by third parties; AWS promises nothing).
func Lag(period time.Duration) time.Duration {
	if period <= time.Minute {
		return 2 * time.Minute
	}
	return 2 * period
}

// Stale is the age, counted from the end of its interval, from which a value is no longer the present one: two periods, and for
// CloudWatch's grids what publishing takes. A probe or feed may miss a few answers.
func Stale(period time.Duration) time.Duration {
	if period >= time.Minute {
		return Lag(period) + 2*period
	}
	return max(15*time.Second, 5*period)
}

// All is the catalogue, in the order in which help shows it.
var All = build()

func build() []Signal { return append(append(cloudWatch(), measured()...), derived()...) }

var byName = func() map[string]Signal {
	out := map[string]Signal{}
	for _, s := range All {
		out[s.Name] = s
	}
	return out
}()

// In finds a signal of the catalogue or of the team's own, as the session's State knows them.
func In(s *history.State, name string) (Signal, bool) { return Among(s.Session.Signals, name) }

// Among finds a signal of the catalogue, or one that the team has named itself.
func Among(own []history.OwnSignal, name string) (Signal, bool) {
	if sig, ok := Find(name); ok {
		return sig, true
	}
	for _, o := range own {
		if o.Name == name {
			return Signal{Name: o.Name, Help: o.Help, Unit: o.Unit, Source: Own}, true
		}
	}
	return Signal{}, false
}

// Units is the catalogue, with the team's own signals, as the linter of runbooks asks for it.
type Units []history.OwnSignal

// Unit returns a signal's unit, and whether there is such a signal.
func (u Units) Unit(name string) (string, bool) {
	sig, ok := Among(u, name)
	return sig.Unit, ok
}

// Find returns a signal of the catalogue.
func Find(name string) (Signal, bool) {
	s, ok := byName[name]
	return s, ok
}
