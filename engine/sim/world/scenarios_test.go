package world

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/scenarios"
)

var magnitudes = []string{"low", "base", "high"}

func load(t testing.TB, name, magnitude string) *scenario.Scenario {
	t.Helper()
	data, err := scenarios.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	sc, err := scenario.Parse(name, data, scenario.Options{Magnitude: magnitude})
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

func build(t testing.TB, sc *scenario.Scenario) *World {
	t.Helper()
	w, err := New(sc, uint64(sc.Seed))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// change makes one of a truth's changes, as an engineer would: a raise doubles until it is enough.
func change(t *testing.T, w *World, sc *scenario.Scenario, c scenario.Change) error {
	t.Helper()
	if name := c.Lever(); name != "" {
		_, err := w.SetLever(name, true)
		return err
	}
	table, index, _ := strings.Cut(sc.Truth.Target, "/")
	if c.Table != "" {
		table, index = c.Table, c.Index
	}
	v, ok := w.Describe(table)
	if !ok {
		t.Fatalf("no table %s", table)
	}
	on, side, _ := strings.Cut(c.Kind, ".")
	if c.Kind == "index.delete_backfilling" {
		on = c.Kind
	}
	factor := 8.0
	if c.Down {
		factor = 0.5
	}
	raise := func(now Throughput) *Throughput {
		to := now
		if side == "read" {
			to.Read = min(now.Read*factor, 40000)
		} else {
			to.Write = min(now.Write*factor, 40000)
		}
		return &to
	}
	u := TableUpdate{Table: table}
	switch on {
	case "table":
		u.Provisioned = raise(v.Provisioned.Throughput)
	case "index":
		u.Indexes = []IndexUpdate{{Name: index, Provisioned: raise(indexOf(v, index).Provisioned.Throughput)}}
	case "mode":
		u.Mode = OnDemand
	case "warm":
		u.Warm = raise(v.Warm)
		if side == "read" {
			u.Warm.Write = 0
		} else {
			u.Warm.Read = 0
		}
	case "cap":
		if index != "" {
			u.Indexes = []IndexUpdate{{Name: index, Max: raise(indexOf(v, index).Max)}}
		} else {
			u.Max = raise(v.Max)
		}
	case "autoscaling":
		return rescale(w, table, index, c.Side, side, factor)
	case "index.delete_backfilling":
		u.DeleteIndex = index
	default:
		t.Fatalf("change %s is not known to this test", c.Kind)
	}
	return w.Update(u, "test")
}

func indexOf(v TableView, name string) IndexView {
	return v.Indexes[slices.IndexFunc(v.Indexes, func(i IndexView) bool { return i.Name == name })]
}

// rescale raises a policy's bounds on the given side, or on the one that has a policy.
func rescale(w *World, table, index, side, what string, factor float64) error {
	for _, p := range w.Scaling() {
		if p.Table != table || p.Index != index || side != "" && !strings.EqualFold(side, p.Side) {
			continue
		}
		most := min(p.Max*factor, 40000)
		call := ScalingCall{Table: table, Index: index, Side: p.Side, Max: &most}
		if what == "min" {
			least := min(p.Min*16, p.Max)
			call = ScalingCall{Table: table, Index: index, Side: p.Side, Min: &least}
		}
		return w.Scale(call, "test")
	}
	return nil
}

func TestTruthBeginsWhenItSays(t *testing.T) {
	for _, name := range scenarios.Names() {
		for _, magnitude := range magnitudes {
			t.Run(name+"/"+magnitude, func(t *testing.T) { beginsWhenItSays(t, load(t, name, magnitude)) })
		}
	}
}

// beginsWhenItSays plays a scenario without any change and compares what goes wrong, when and for which reason, with its truth.
func beginsWhenItSays(t *testing.T, sc *scenario.Scenario) {
	t.Helper()
	w := build(t, sc)
	onset := time.Duration(-1)
	for at := time.Second; at <= sc.Duration; at += time.Second {
		w.Advance(at)
		if onset < 0 && refusedNow(w) > 0 {
			onset = at - time.Second
		}
	}
	if sc.Truth.Kind == "calm" {
		if onset >= 0 {
			t.Fatalf("a calm scenario throttles at %s", onset)
		}
		everyMinuteMet(t, w, 0, sc.Duration)
		return
	}
	everyMinuteMet(t, w, 0, sc.Truth.Begins-time.Minute)
	if sc.Truth.Layer != "throttled" {
		if onset >= 0 {
			t.Errorf("throttles at %s, though the layer is %s", onset, sc.Truth.Layer)
		}
		hurtsAsItSays(t, w, sc)
		return
	}
	// A burst ends a little sooner or later with the seed's demand; the truth names the earliest second.
	if d := onset - sc.Truth.Begins; d < 0 || d > 15*time.Second {
		t.Errorf("first throttle at %s, truth says %s", onset, sc.Truth.Begins)
	}
	if at, ok := w.Mitigated(); ok && sc.Truth.Disposition != "retry" && sc.Truth.Kind != "gsi_backfill" {
		t.Errorf("mitigated at %s without any change", at)
	}
	rightReason(t, w, sc)
}

// hurtsAsItSays checks that some caller misses its objective within a quarter of an hour, unless the truth says that nobody does.
func hurtsAsItSays(t *testing.T, w *World, sc *scenario.Scenario) {
	t.Helper()
	hurt := time.Duration(-1)
	for at := sc.Truth.Begins.Truncate(time.Minute); at+time.Minute <= sc.Duration && hurt < 0; at += time.Minute {
		for _, c := range w.clients {
			if m, ok := w.ClientStats(c.now.Name, at); ok && !m.Met {
				hurt = at
			}
		}
	}
	nobody := sc.Truth.Layer == "healthy" || sc.Truth.Layer == "unknown" || sc.Truth.Kind == "upstream_drop"
	if nobody != (hurt < 0) || hurt > sc.Truth.Begins+15*time.Minute {
		t.Errorf("callers hurt first at %s, the layer is %s from %s on", hurt, sc.Truth.Layer, sc.Truth.Begins)
	}
}

// refusedNow is how many units were refused in the last second.
func refusedNow(w *World) float64 {
	n := 0.0
	for _, t := range w.tables {
		for _, r := range t.resources {
			for s := range sides {
				for _, c := range r.parts.classes {
					for _, u := range c.last[s].refused {
						n += u
					}
				}
			}
		}
	}
	return n
}

func everyMinuteMet(t *testing.T, w *World, from, to time.Duration) {
	t.Helper()
	for _, c := range w.clients {
		for at := from; at+time.Minute <= to; at += time.Minute {
			if m, ok := w.ClientStats(c.now.Name, at); !ok || !m.Met {
				t.Errorf("%s misses its slo in the calm minute %s: %+v", c.now.Name, at, m)
			}
		}
	}
}

// rightReason checks that the metric of the truth's reason moves, and no other.
func rightReason(t *testing.T, w *World, sc *scenario.Scenario) {
	t.Helper()
	table, index, _ := strings.Cut(sc.Truth.Target, "/")
	dims := map[string]string{"TableName": table}
	if index != "" {
		dims["GlobalSecondaryIndexName"] = index
	}
	for _, id := range w.ListMetrics("", Namespace, "", w.Start().Add(sc.Duration+time.Hour)) {
		if !strings.HasSuffix(id.Name, "ThroughputThrottleEvents") && !strings.HasSuffix(id.Name, "LimitThrottleEvents") {
			continue
		}
		if !strings.Contains(strings.Replace(sc.Truth.Reason, "Exceeded", "ThrottleEvents", 1), id.Name) || len(id.Dims) != len(dims) {
			t.Errorf("%v moved too; the truth is %s", id, sc.Truth.Reason)
		}
	}
	name := strings.TrimPrefix(strings.TrimPrefix(strings.Replace(sc.Truth.Reason, "Exceeded", "ThrottleEvents", 1), "Table"), "Index")
	end := w.Start().Add(sc.Duration)
	q := Query{Namespace: Namespace, Name: name, Dims: dims, Stat: "Sum", Period: time.Minute, From: w.Start(), To: end, AskedAt: end.Add(time.Hour)}
	points := w.Metrics(q)
	if len(points) == 0 {
		t.Fatalf("%s %v never moved", name, dims)
	}
	early, late := (sc.Truth.Begins - 5*time.Second).Truncate(time.Minute), (sc.Truth.Begins + 5*time.Second).Truncate(time.Minute)
	if first := points[0].At.Sub(w.Start()); first < early || first > late {
		t.Errorf("%s first moved in minute %s, truth begins at %s", name, first, sc.Truth.Begins)
	}
}

func TestCuresMitigateAndFutileChangesDoNot(t *testing.T) {
	for _, name := range scenarios.Names() {
		for _, magnitude := range magnitudes {
			t.Run(name+"/"+magnitude, func(t *testing.T) { changesDoAsItSays(t, load(t, name, magnitude)) })
		}
	}
}

// changesDoAsItSays makes each change that a truth names, one at a time, and sees whether the callers are well again.
func changesDoAsItSays(t *testing.T, sc *scenario.Scenario) {
	t.Helper()
	sc.History = time.Hour // enough for the calm p99
	try := func(list []scenario.Change, helps bool) {
		for _, c := range list {
			t.Run(c.String(), func(t *testing.T) {
				w := build(t, sc)
				after := 4 * time.Minute
				if sc.Truth.Layer != "throttled" {
					after = 12 * time.Minute // what grows slowly hurts later
				}
				w.Advance(sc.Truth.Begins + after)
				if err := change(t, w, sc, c); err != nil {
					t.Fatal(err)
				}
				w.Advance(sc.Duration)
				at, ok := w.Mitigated()
				if sc.Truth.Layer == "healthy" || sc.Truth.Disposition == "retry" {
					return // nobody is hurt, or the trouble ends by itself
				}
				if ok != helps {
					t.Fatalf("mitigated: %v (at %s), want %v", ok, at, helps)
				}
				if ok && sc.Truth.Layer == "throttled" && (at < sc.Truth.Begins+4*time.Minute || at > sc.Truth.Begins+10*time.Minute) {
					t.Errorf("mitigated at %s, changed at %s", at, sc.Truth.Begins+4*time.Minute)
				}
				if ok {
					everyMinuteMet(t, w, at, sc.Duration)
				}
			})
		}
	}
	try(sc.Truth.Cures, true)
	try(sc.Truth.Futile, false)
	try(sc.Truth.Harmful, false)
}
