package change_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

var now = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

// scene is an armed session whose table "orders" is at its write limit of 100.
type scene struct {
	change.Scene
}

func newScene() *scene {
	snap := &history.TableSnapshot{
		Name: "orders", ID: "id-1", Status: "ACTIVE", Mode: "provisioned", Throughput: history.Throughput{Read: 100, Write: 100}, DecreasesToday: 2,
		Indexes: []history.IndexSnapshot{{Name: "by-status", Status: "ACTIVE", Throughput: history.Throughput{Read: 50, Write: 50}, DecreasesToday: 1}},
	}
	c := &scene{Scene: change.Scene{State: history.NewState(), Seen: change.Seen{Snap: snap}, Now: now, Policy: change.Careful, Limits: diagnose.Defaults}}
	c.put(-20*time.Minute, history.SessionStarted{
		ID: "s", Mode: "watch", Tables: []string{"orders"}, Region: "us-east-1", Armed: true,
		Levers: []history.Lever{{Name: "cap", Title: "cap the hot tenant", Does: "limit_key"}},
	},
		history.TableDescribed{Name: "orders", Table: snap})
	return c
}

func (c *scene) put(at time.Duration, bodies ...history.Body) {
	for _, b := range bodies {
		c.State.Apply(history.Event{Seq: c.State.Seq + 1, At: now.Add(at), Body: b})
	}
}

// polled gives the last minutes of each signal@target#operation, up to the one that closed a minute ago.
func (c *scene) polled(m map[string][]float64) *scene {
	end := now.Unix() - 60
	p := history.MetricsPolled{Source: "cloudwatch", From: end - 1200, SettledTo: end}
	for k, v := range m {
		name, goal, _ := strings.Cut(k, "@")
		goal, op, _ := strings.Cut(goal, "#")
		u := history.SeriesUpdate{Key: history.SeriesKey{Signal: name, Target: goal, Op: op}, Period: 60, Zero: strings.Contains(name, "throttles")}
		for i, x := range v {
			u.Points = append(u.Points, history.Point{T: end - 60*int64(len(v)-i), V: x})
		}
		p.Series = append(p.Series, u)
	}
	c.put(0, p)
	return c
}

// full is a table whose own limit refuses perSecond units.
func full(perSecond float64) *scene {
	r := []float64{perSecond, perSecond, perSecond}
	return newScene().polled(map[string][]float64{"consumed_write@orders": {99, 99, 99}, "write_throttles@orders": r, "write_provisioned_throttles@orders": r})
}

// done is a change that is in force.
func (c *scene) done(p history.ChangePlanned) *history.Change {
	c.put(-time.Minute, p, history.ChangeIntended{ID: p.ID}, history.ChangeAnswered{ID: p.ID, OK: true}, history.ChangeSettled{ID: p.ID})
	return c.State.Change(p.ID)
}

// A raise is what is asked for as far as the policy goes; one that is capped says so. Mutants: cap without a note; note it always.
func TestRaise(t *testing.T) {
	for _, c := range []struct {
		name string
		s    *scene
		to   int64
		want int64
		note string
	}{
		{"what is asked, within the policy", full(20), 150, 150, ""},
		{"what demand asks for: 1.5 × (99 + 20)", full(20), 0, 179, ""},
		{"a little demand still raises by a fifth", newScene().polled(map[string][]float64{"consumed_write@orders": {90, 60, 99}}), 0, 149, ""},
		{"at most twice the present", full(20), 1000, 200, "1000 asked; the policy allows 200 (2 × the present 100)"},
		{"unless demand is higher: 1.5 × (99 + 201)", full(201), 1000, 450, "1000 asked; the policy allows 450 (1.5 × the demand of 300)"},
	} {
		p, err := c.s.Plan(change.Request{What: "table.write", Target: "orders", To: c.to})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if p.AfterN != c.want || p.BeforeN != 100 || p.TableID != "id-1" || p.ID != "E1" || p.Token != "orders" {
			t.Errorf("%s: %+v, want %d", c.name, p, c.want)
		}
		if p.Note != c.note {
			t.Errorf("%s: note %q, want %q", c.name, p.Note, c.note)
		}
		if p.UndoClass != history.UndoLimited || !strings.Contains(p.UndoText, "back to 100") || !strings.Contains(p.UndoText, "2 used today") {
			t.Errorf("%s: undo %s: %s", c.name, p.UndoClass, p.UndoText)
		}
		if wantCost := float64(c.want-100) * 0.00065; p.CostHour == nil || *p.CostHour < wantCost*0.999 || *p.CostHour > wantCost*1.001 {
			t.Errorf("%s: cost %v, want %v", c.name, p.CostHour, wantCost)
		}
	}
}

// At most four times the session's first value, however often it is raised.
func TestSessionFactor(t *testing.T) {
	c := full(20)
	c.Seen.Snap = &history.TableSnapshot{Name: "orders", ID: "id-1", Status: "ACTIVE", Mode: "provisioned", Throughput: history.Throughput{Read: 100, Write: 300}}
	if p, err := c.Plan(change.Request{What: "table.write", Target: "orders", To: 600}); err != nil || p.AfterN != 400 || p.Note != "600 asked; the policy allows 400 (4 × the 100 at the session's start)" {
		t.Errorf("%d, %v, %q, want 400: four times the 100 at the start", p.AfterN, err, p.Note)
	}
	c.Seen.Snap.Throughput.Write = 400
	if _, err := c.Plan(change.Request{What: "table.write", Target: "orders", To: 600}); err == nil || !strings.Contains(err.Error(), "policy's limit of 400") {
		t.Error(err)
	}
}

func TestRefusals(t *testing.T) {
	snap := func(f func(*history.TableSnapshot)) *scene {
		c := full(20)
		s := *c.Seen.Snap
		f(&s)
		c.Seen.Snap = &s
		return c
	}
	partition := newScene().polled(map[string][]float64{"consumed_write@orders": {30, 30}, "write_throttles@orders": {40, 40}, "write_keyrange_throttles@orders": {40, 40}})
	quota := newScene().polled(map[string][]float64{"consumed_write@orders": {95, 95}, "write_throttles@orders": {40, 40}, "write_account_throttles@orders": {40, 40}})
	unsplit := newScene().polled(map[string][]float64{"consumed_write@orders": {30, 30}, "write_throttles@orders": {40, 40}})
	seen := newScene().polled(map[string][]float64{"consumed_write@orders": {30, 30}, "write_throttles@orders": {0, 0}})
	for i := range 3 {
		seen.put(time.Duration(i-3)*time.Second, history.FeedScraped{
			Feed: "web", Table: "orders", Seconds: 1, Calls: 9, Attempts: 12,
			Errors: map[string]float64{"ThrottlingException": 3},
		})
	}
	flight := full(20)
	flight.put(-time.Minute, history.ChangePlanned{ID: "E1", What: "index.write", Target: "orders/by-status"}, history.ChangeIntended{ID: "E1"})
	readOnly := full(20)
	readOnly.State.Session.Armed = false
	none := full(20)
	none.Seen.Snap = nil
	write := change.Request{What: "table.write", Target: "orders", To: 150}
	for _, c := range []struct {
		name string
		s    *scene
		req  change.Request
		why  string
	}{
		{"read-only", readOnly, write, "read-only"},
		{"no fresh look", none, write, "no plan without a fresh DescribeTable"},
		{"being updated", snap(func(s *history.TableSnapshot) { s.Status = "UPDATING" }), write, "orders is UPDATING"},
		{"on demand", snap(func(s *history.TableSnapshot) { s.Mode = "on_demand" }), write, "on demand"},
		{"no such index", full(20), change.Request{What: "index.write", Target: "orders/by-day", To: 90}, "no index by-day"},
		{"an index is no table", full(20), change.Request{What: "table.write", Target: "orders/by-status", To: 90}, "does not fit"},
		{"a table is no index", full(20), change.Request{What: "index.write", Target: "orders", To: 90}, "does not fit"},
		{"unknown change", full(20), change.Request{What: "table.drop", Target: "orders"}, "not a change that this version can make"},
		{"same value", full(20), change.Request{What: "table.write", Target: "orders", To: 100}, "is 100 already: nothing to do"},
		{"below 1", full(20), change.Request{What: "table.write", Target: "orders", To: -5}, "less than the present 100"},
		{"less", full(20), change.Request{What: "table.write", Target: "orders", To: 90}, "less than the present 100"},
		{"a cut", full(20), change.Request{What: "table.write", Target: "orders", To: 50, Cut: true}, "what orders used in the last hour is not known"},
		{"one partition refuses", partition, write, "one partition's own limit refuses 40/s"},
		{"the account's quota refuses", quota, write, "only AWS can raise it"},
		{"nothing is refused", newScene().polled(map[string][]float64{"consumed_write@orders": {30}, "write_throttles@orders": {0}}), write, "nothing is refused"},
		// Mutant: guess while no cause is published.
		{"refused, cause not published", unsplit, write, "CloudWatch sees refusals, but CloudWatch has not named their cause yet"},
		{"only the feed sees it so far", seen, write, "feed web sees refusals, but CloudWatch has not named their cause yet"},
		{"one at a time", flight, write, "E1 is still under way on orders"},
		{"too dear a step", full(20000), change.Request{What: "table.write", Target: "orders", To: 30000}, "more than the policy's $5 an hour for one change"},
		{"no such lever", full(20), change.Request{What: "lever:nope", Target: "orders"}, `no lever "nope"`},
	} {
		p, err := c.s.Plan(c.req)
		var refusal *change.Refusal
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Why, c.why) {
			t.Errorf("%s: %+v, %v, want %q", c.name, p, err, c.why)
			continue
		}
		// Mutant: take what passes by itself for the last word, or the other way round.
		if passes := slices.Contains([]string{"being updated", "refused, cause not published", "only the feed sees it so far", "one at a time"}, c.name); passes != refusal.Later {
			t.Errorf("%s: asked for again later: %t", c.name, refusal.Later)
		}
	}
}

func TestDarkIsSaid(t *testing.T) {
	p, err := newScene().Plan(change.Request{What: "table.write", Target: "orders", To: 150})
	if err != nil || !strings.Contains(p.Blast, "which limit refuses is not known: CloudWatch has not answered yet") {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestQuotaShare(t *testing.T) {
	c := full(20)
	c.Policy.Quota, c.Policy.QuotaShare = 150, 0.8
	if p, err := c.Plan(change.Request{What: "table.write", Target: "orders", To: 200}); err != nil || p.AfterN != 120 {
		t.Errorf("%d, %v, want 120", p.AfterN, err)
	}
}

// The session's ceiling holds in every Region, and what was undone is neither a cost nor a credit.
// Mutants: count known prices only; count undoings too.
func TestSessionCost(t *testing.T) {
	cost, credit := 19.50, -19.50
	dear := history.ChangePlanned{
		ID: "E1", What: "index.write", Target: "orders/by-status", BeforeN: 10, AfterN: 30000, CostHeld: &cost,
		Inverse: []history.Setting{{Index: "by-status", Name: history.SetWrite, Before: "30000", After: "10"}},
	}
	write := change.Request{What: "table.write", Target: "orders", To: 2000} // $1.24/h
	for _, region := range []string{"us-east-1", "mars-north-1"} {
		c := full(2000)
		c.State.Session.Region = region
		c.Policy = change.Careful.Unbilled()
		first := c.done(dear)
		p, err := c.Plan(write)
		if err == nil || !strings.Contains(err.Error(), "above the policy's $20") {
			t.Errorf("%s: %+v, %v", region, p, err)
		}
		undo, err := c.Plan(change.Request{What: "index.write", Target: "orders/by-status", To: 10, Undo: first})
		if err != nil {
			t.Fatalf("%s: an undo is held back: %v", region, err)
		}
		undo.CostHour, undo.CostHeld = nil, &credit
		c.done(undo)
		p, err = c.Plan(write)
		if err != nil {
			t.Fatalf("%s: after the undo: %v", region, err)
		}
		if known := region == "us-east-1"; (p.CostHour != nil) != known || strings.Contains(p.CostNote, "no price known") == known {
			t.Errorf("%s: cost %v (%s)", region, p.CostHour, p.CostNote)
		}
		again := dear
		again.ID = "E3"
		c.done(again)
		if p, err := c.Plan(write); err == nil {
			t.Errorf("%s: the undone change is a credit: %+v", region, p)
		}
	}
}

func TestLever(t *testing.T) {
	c := newScene()
	on := change.Request{What: "lever:cap", Target: "orders"}
	p, err := c.Plan(on)
	if err != nil || p.Before != "off" || p.After != "on" || p.UndoClass != history.UndoReady || p.CostHour == nil || *p.CostHour != 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	first := c.done(p)
	if _, err := c.Plan(on); err == nil || !strings.Contains(err.Error(), "on already") {
		t.Errorf("a lever that is on: %v", err)
	}
	off, err := c.Plan(change.Request{What: "lever:cap", Target: "orders", Undo: first})
	if err != nil || off.Before != "on" || off.After != "off" || off.UndoOf != "E1" || off.UndoText != "plan what E1 did anew" {
		t.Fatalf("%+v, %v", off, err)
	}
	c.done(off)
	again, err := c.Plan(on)
	if err != nil {
		t.Fatalf("a lever that is off again: %v", err)
	}
	// No answer: on or off is not known. Taking it back ends the doubt and is not held up by it.
	c.put(0, again, history.ChangeIntended{ID: again.ID}, history.ChangeAnswered{ID: again.ID, Unsure: true})
	elsewhere := change.Request{What: "lever:cap", Target: "carts"}
	if _, err := c.Plan(elsewhere); err == nil || !strings.Contains(err.Error(), "nobody knows whether lever cap is on") {
		t.Errorf("an unknown lever: %v", err)
	}
	if off, err = c.Plan(change.Request{What: "lever:cap", Target: "orders", Undo: c.State.Change(again.ID)}); err != nil {
		t.Fatalf("taking an unknown lever back: %v", err)
	}
	c.done(off)
	if _, err := c.Plan(elsewhere); err != nil {
		t.Errorf("after the doubt has ended: %v", err)
	}
}

// An undo goes back to the recorded value, whatever the table says now. Mutants: undo from present values;
// set a capacity that an on-demand table has not.
func TestUndo(t *testing.T) {
	c := full(20)
	p, err := c.Plan(change.Request{What: "table.write", Target: "orders", To: 150})
	if err != nil {
		t.Fatal(err)
	}
	first := c.done(p)
	after := *c.Seen.Snap
	after.Throughput.Write = 150
	c.Seen.Snap = &after
	undo, err := c.Plan(change.Request{What: p.What, Target: p.Target, To: p.BeforeN, Undo: first})
	if err != nil || undo.AfterN != 100 || undo.BeforeN != 150 || undo.UndoOf != "E1" || undo.UndoText != "plan what E1 did anew" || undo.UndoClass != history.UndoReady {
		t.Fatalf("%+v, %v", undo, err)
	}
	after.Throughput.Write = 100
	if _, err := c.Plan(change.Request{What: p.What, Target: p.Target, To: p.BeforeN, Undo: first}); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("undone by somebody else: %v", err)
	}
	after.Mode, after.Throughput = history.OnDemand, history.Throughput{}
	if _, err := c.Plan(change.Request{What: p.What, Target: p.Target, To: p.BeforeN, Undo: first}); err == nil || !strings.Contains(err.Error(), "orders is on-demand now: it has no write to set back") {
		t.Errorf("a capacity of an on-demand table: %v", err)
	}
}

// Whatever a person was shown is in the hash. Mutant: hash the id only.
func TestHashBindsWhatIsShown(t *testing.T) {
	req := change.Request{What: "table.write", Target: "orders", To: 150, Expect: &history.Expectation{Signal: "write_throttles", By: 0.9}}
	plan := func(f func(*scene, *change.Request)) history.ChangePlanned {
		c, r := full(20), req
		f(c, &r)
		p, err := c.Plan(r)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	base := plan(func(*scene, *change.Request) {})
	if again := plan(func(*scene, *change.Request) {}); !reflect.DeepEqual(base, again) || base.Hash == "" {
		t.Errorf("the same plan differs: %+v %+v", base, again)
	}
	for name, f := range map[string]func(*scene, *change.Request){
		"amount": func(_ *scene, r *change.Request) { r.To = 151 },
		"side": func(_ *scene, r *change.Request) {
			r.What = "table.read"
			r.Undo = &history.Change{Plan: history.ChangePlanned{ID: "E0", Target: "orders", Inverse: []history.Setting{{Name: history.SetRead, Before: "100", After: "150"}}}}
		},
		"step":        func(_ *scene, r *change.Request) { r.Step = "raise" },
		"expectation": func(_ *scene, r *change.Request) { r.Expect = &history.Expectation{Signal: "write_throttles", By: 0.5} },
		"table":       func(c *scene, _ *change.Request) { c.Seen.Snap.ID = "id-2" },
		"before":      func(c *scene, _ *change.Request) { c.Seen.Snap.Throughput.Write = 99 },
		"undo text":   func(c *scene, _ *change.Request) { c.Seen.Snap.DecreasesToday = 4 },
		"price": func(c *scene, _ *change.Request) {
			c.State.Session.Region, c.Policy.UnknownPrice = "eu-west-1", change.Allow
		},
	} {
		if p := plan(f); p.Hash == base.Hash {
			t.Errorf("another %s has the same hash", name)
		}
	}
}

// A plan is asked again before it is carried out: guards hold then too.
func TestRecheck(t *testing.T) {
	c := full(20)
	p, err := c.Plan(change.Request{What: "table.write", Target: "orders", To: 150})
	if err != nil {
		t.Fatal(err)
	}
	c.put(0, p)
	if err := c.Recheck(p, nil); err != nil {
		t.Errorf("nothing has changed: %v", err)
	}
	c.Policy.StepFactor, c.Policy.Headroom = 1.2, 1
	if err := c.Recheck(p, nil); err == nil || !strings.Contains(err.Error(), "would now be 100 units/s → 120") {
		t.Errorf("a narrower policy: %v", err)
	}
	c.Policy = change.Careful
	c.State.Session.Armed = false
	if err := c.Recheck(p, nil); err == nil {
		t.Error("read-only now, and still let through")
	}
}
