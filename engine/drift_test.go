package engine

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

// drifts are what a colleague may do between a plan and its approval.
var drifts = map[string]func(w *world){
	"nothing":      func(*world) {},
	"items":        func(w *world) { w.table.Items++ },
	"warm":         func(w *world) { w.table.Throughput.WarmRead += 500 },
	"id":           func(w *world) { w.table.ID = "id-2" },
	"status":       func(w *world) { w.table.Status = "UPDATING" },
	"mode":         func(w *world) { w.table.Mode += "?" },
	"write":        func(w *world) { w.table.Throughput.Write++ },
	"read":         func(w *world) { w.table.Throughput.Read++ },
	"cap":          func(w *world) { w.table.Throughput.MaxWrite += 5 },
	"read cap":     func(w *world) { w.table.Throughput.MaxRead += 5 },
	"index write":  func(w *world) { w.eachIndex(func(i *history.IndexSnapshot) { i.Throughput.Write += 7 }) },
	"index status": func(w *world) { w.eachIndex(func(i *history.IndexSnapshot) { i.Status = "DELETING" }) },
	"index gone": func(w *world) {
		w.table.Indexes = slices.DeleteFunc(w.table.Indexes, func(i history.IndexSnapshot) bool { return i.Name != "new" })
	},
	"index new":     func(w *world) { w.table.Indexes = append(w.table.Indexes, history.IndexSnapshot{Name: "new"}) },
	"scaling max":   func(w *world) { w.eachScaling(func(d *history.ScalingDescribed) { d.Max += 10 }) },
	"scaling min":   func(w *world) { w.eachScaling(func(d *history.ScalingDescribed) { d.Min++ }) },
	"scaling pace":  func(w *world) { w.eachScaling(func(d *history.ScalingDescribed) { d.In += 60 }) },
	"scaling gone":  func(w *world) { w.scaling = nil },
	"scaling aside": func(w *world) { w.eachScaling(func(d *history.ScalingDescribed) { d.Suspended = true }) },
	"insights":      func(w *world) { w.insights = "accessed" },
}

func (w *world) eachIndex(f func(*history.IndexSnapshot)) {
	for i := range w.table.Indexes {
		f(&w.table.Indexes[i])
	}
}

func (w *world) eachScaling(f func(*history.ScalingDescribed)) {
	for i := range w.scaling {
		f(&w.scaling[i])
	}
}

// restsOn is whether a plan of a kind rests on what a drift moves: the table always, auto scaling and Contributor Insights where they are read
// for the kind. Items, and warmth that grows by itself, no plan rests on.
func restsOn(w *world, what, drift string) bool {
	scaling, insights := change.Needs(what)
	switch {
	case drift == "nothing", drift == "items", drift == "warm":
		return false
	case strings.HasPrefix(drift, "index ") && drift != "index new":
		return len(w.table.Indexes) > 0
	case strings.HasPrefix(drift, "scaling"):
		return scaling && len(w.scaling) > 0
	case drift == "insights":
		return insights
	}
	return true
}

// driftCases are all kinds where they help: those of kindCases, and capacities, scaling up to its maximum, cuts, and a build under way.
func driftCases() []kindCase {
	atMost := func(w *world) {
		registered(w)
		w.scaling[0].Max = 100
	}
	building := func(w *world) {
		w.table.Indexes = append(w.table.Indexes, history.IndexSnapshot{Name: "by-day", Status: "CREATING", Backfilling: true, Throughput: history.Throughput{Read: 50, Write: 50}})
		w.table.Status = "ACTIVE"
	}
	readTrouble := map[string]float64{
		"consumed_read@orders": 99, "read_throttles@orders": 20, "read_provisioned_throttles@orders": 20, "write_throttles@orders": 0,
	}
	indexTrouble := map[string]float64{
		"consumed_write@orders/by-status": 49, "write_throttles@orders/by-status": 20, "write_provisioned_throttles@orders/by-status": 20,
		"read_throttles@orders": 0, "write_throttles@orders": 20,
	}
	indexRead := map[string]float64{
		"consumed_read@orders/by-status": 49, "read_throttles@orders/by-status": 20, "read_provisioned_throttles@orders/by-status": 20,
		"read_throttles@orders": 0, "write_throttles@orders": 0,
	}
	buildTrouble := map[string]float64{
		"consumed_write@orders/by-day": 49, "write_throttles@orders/by-day": 20, "write_provisioned_throttles@orders/by-day": 20,
		"read_throttles@orders": 0, "write_throttles@orders": 20,
	}
	capRead := map[string]float64{"consumed_read@orders": 480, "read_throttles@orders": 40, "read_cap_throttles@orders": 40, "write_throttles@orders": 0}
	warmRead := map[string]float64{"consumed_read@orders": 11800, "read_throttles@orders": 40, "read_keyrange_throttles@orders": 40, "write_throttles@orders": 0}
	readCapped := func(w *world) {
		onDemand(w)
		w.table.Throughput = history.Throughput{MaxRead: 500, WarmRead: 12000, WarmWrite: 4000}
	}
	return append(slices.Clone(kindCases),
		kindCase{what: "table.write", poll: troubledTable}, kindCase{what: "table.read", poll: readTrouble},
		kindCase{what: "index.write", target: "orders/by-status", poll: indexTrouble}, kindCase{what: "index.read", target: "orders/by-status", poll: indexRead},
		kindCase{what: "autoscaling.max", set: atMost, poll: troubledTable},
		kindCase{what: "cap.read", set: readCapped, poll: capRead}, kindCase{what: "warm.read", set: readCapped, poll: warmRead},
		kindCase{what: "index.delete_backfilling", target: "orders/by-day", set: building, poll: buildTrouble},
		kindCase{what: "mode.provisioned", set: onDemand, poll: calmOnDemand},
	)
}

// calmOnDemand is what CloudWatch says of an on-demand table that nobody refuses.
var calmOnDemand = map[string]float64{
	"consumed_write@orders": 30, "consumed_read@orders": 30, "write_throttles@orders": 0, "read_throttles@orders": 0,
}

// TestDriftIsNeverSent: what a plan of any kind rests on must be as it was: a colleague who changes anything in between stops it, 10,000 times.
// What no plan rests on stops none. Mutants: apply the plan without reading the table again; compare the changed side only;
// leave auto scaling out of the comparison.
func TestDriftIsNeverSent(t *testing.T) {
	names := slices.Sorted(maps.Keys(drifts))
	cases := driftCases()
	planned := map[string]bool{}
	for _, c := range cases {
		planned[c.what] = true
	}
	for _, kind := range change.Kinds {
		if !planned[kind] {
			t.Errorf("no case of %s", kind)
		}
	}
	const rounds = 100 // of rapid, which plays a fifth of them under -short
	each := 10000/rounds/len(cases) + 1
	n, drifted := 0, 0
	worlds := map[string]*world{}
	for _, c := range cases {
		worlds[c.what] = c.world(t)
	}
	rapid.Check(t, func(r *rapid.T) {
		for _, c := range cases {
			w := worlds[c.what]
			for range each {
				n++
				if c.drift(t, w, rapid.SliceOfN(rapid.SampledFrom(names), 0, 3).Draw(r, c.what)) {
					drifted++
				}
			}
		}
	})
	least := 10000
	if testing.Short() {
		least /= 5
	}
	if n < least || drifted < n/4 || drifted == n {
		t.Errorf("%d of %d cases drifted: the test says little", drifted, n)
	}
	t.Logf("%d cases, %d drifted", n, drifted)
}

// drift plans, lets the picked things happen, approves, and puts the world back; it returns whether anything moved that counts.
func (c kindCase) drift(t *testing.T, w *world, picks []string) (differs bool) {
	clean, scaling, insights := w.look(), slices.Clone(w.scaling), w.insights
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.table, w.scaling, w.insights, w.becomes, w.sent, w.kept = clean, scaling, insights, nil, nil, nil
		w.eng.state.Changes, w.eng.state.Timeline, w.eng.state.Refused = nil, nil, nil // each case is a session of its own
	}()
	must(t, w.do(PlanChange{What: c.what, Target: c.at()}))
	yes := w.consent("E1")
	w.mu.Lock()
	w.table.Indexes = slices.Clone(w.table.Indexes)
	for _, p := range picks {
		differs = differs || restsOn(w, c.what, p)
		drifts[p](w)
	}
	w.answer = func(func()) Answer { return Answer{Code: "ValidationException", Text: "no"} }
	w.mu.Unlock()
	err := w.do(yes)
	if (err == nil) == differs || (len(w.sent) == 1) == differs {
		t.Fatalf("%s after %v: %d sent, %v", c.what, picks, len(w.sent), err)
	}
	return differs
}
