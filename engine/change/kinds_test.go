package change_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

// refused is a table whose minutes show 40 refusals a second for a cause (provisioned, keyrange, cap, account), at a use.
func refused(mode, cause string, used float64) *scene {
	c := newScene()
	snap := *c.Seen.Snap
	snap.Mode, snap.DecreasesToday = mode, 0
	if mode == history.OnDemand {
		snap.Throughput = history.Throughput{MaxWrite: 500, WarmRead: 12000, WarmWrite: 4000}
		snap.Indexes = nil
	}
	c.Seen = change.Seen{Snap: &snap, Insights: history.Off}
	c.Policy = change.Careful.Unbilled()
	c.put(-10*time.Minute, history.TableDescribed{Name: "orders", Table: &snap})
	m := map[string][]float64{"consumed_write@orders": {used, used, used, used, used, used}, "write_throttles@orders": {0, 0, 0}}
	if cause != "" {
		m["write_throttles@orders"] = []float64{40, 40, 40}
		m["write_"+cause+"_throttles@orders"] = []float64{40, 40, 40}
	}
	return c.polled(m)
}

func scaled(now, least, most int64, percent float64) *scene {
	c := refused(history.Provisioned, "provisioned", float64(now))
	snap := *c.Seen.Snap
	snap.Throughput.Write = now
	c.Seen.Snap = &snap
	c.Seen.Scaling = []history.ScalingDescribed{{Target: "orders", Side: "write", Min: least, Max: most, Percent: percent, Policy: "p", Out: 60}}
	c.put(-9*time.Minute, history.TableDescribed{Name: "orders", Table: &snap})
	return c
}

func set(p history.ChangePlanned) string {
	var parts []string
	for _, x := range p.Set {
		parts = append(parts, fmt.Sprintf("%s%s %s→%s", x.Index, x.Name, x.Before, x.After))
	}
	return strings.Join(parts, ", ")
}

// Each kind, where it helps: what it sets, and how it goes back. Mutants: leave out the kept side; record no inverse.
func TestKindsThatHelp(t *testing.T) {
	building := refused(history.Provisioned, "", 30)
	snap := *building.Seen.Snap
	snap.Indexes = append([]history.IndexSnapshot{{Name: "by-day", Status: "CREATING", Backfilling: true, Throughput: history.Throughput{Read: 5, Write: 5}}}, snap.Indexes...)
	building.Seen.Snap = &snap
	building.put(-time.Minute, history.TableDescribed{Name: "orders", Table: &snap})
	building.polled(map[string][]float64{"consumed_write@orders/by-day": {5, 5, 5}, "write_throttles@orders/by-day": {40, 40, 40}, "write_provisioned_throttles@orders/by-day": {40, 40, 40}})
	for _, c := range []struct {
		s    *scene
		req  change.Request
		set  string
		back string // "" = impossible
	}{
		{refused(history.Provisioned, "provisioned", 99), change.Request{What: "mode.on_demand", Target: "orders"}, "mode provisioned→on_demand", "mode provisioned, read 100, write 100, by-statusread 50, by-statuswrite 50"},
		{refused(history.OnDemand, "cap", 480), change.Request{What: "cap.write", Target: "orders"}, "max_write 500→780", "max_write 500"},
		{refused(history.OnDemand, "keyrange", 3900), change.Request{What: "warm.write", Target: "orders"}, "warm_write 4000→5910", ""},
		{scaled(100, 50, 400, 70), change.Request{What: "autoscaling.min", Target: "orders"}, "write_scaling_min 50→210, write_scaling_max 400→400", "write_scaling_min 50"},
		{scaled(400, 50, 400, 70), change.Request{What: "autoscaling.max", Target: "orders"}, "write_scaling_min 50→50, write_scaling_max 400→629", "write_scaling_max 400"},
		{
			scaled(100, 50, 400, 70),
			change.Request{What: "autoscaling.target", Target: "orders"},
			"write_scaling_percent 70→50, write_scaling_policy p→p, write_scaling_out 60→60, write_scaling_in 0→0", "write_scaling_percent 70",
		},
		{refused(history.OnDemand, "keyrange", 300), change.Request{What: "insights", Target: "orders"}, "insights off→throttled", "insights off"},
		{building, change.Request{What: "index.delete_backfilling", Target: "orders/by-day"}, "by-dayindex backfilling→gone", ""},
		{scaled(100, 50, 400, 70), change.Request{What: "table.write", Target: "orders"}, "read 100→100, write 100→210", "write 100"},
	} {
		p, err := c.s.Plan(c.req)
		if err != nil {
			t.Errorf("%s: %v", c.req.What, err)
			continue
		}
		var back []string
		for _, x := range p.Inverse {
			back = append(back, x.Index+x.Name+" "+x.After)
		}
		if set(p) != c.set || strings.Join(back, ", ") != c.back {
			t.Errorf("%s sets %s, back %s; want %s, back %s", c.req.What, set(p), strings.Join(back, ", "), c.set, c.back)
		}
		if impossible := p.UndoClass == history.UndoImpossible; impossible != (c.back == "") || p.UndoText == "" || p.Blast == "" || p.Shows <= 0 || p.CostNote == "" || p.Before == p.After {
			t.Errorf("%s: the card lacks something: %+v", c.req.What, p)
		}
		if c.req.What == "index.delete_backfilling" && p.Token != "orders/by-day" {
			t.Errorf("token %q", p.Token)
		}
		if err := c.s.Recheck(p, nil); err != nil {
			t.Errorf("%s is not planned the same way twice: %v", c.req.What, err)
		}
		if c.req.What == "warm.write" { // AWS raises it with the load while somebody thinks
			c.s.Seen.Snap.Throughput.WarmWrite += 60
			if err := c.s.Recheck(p, nil); err != nil {
				t.Errorf("it has grown by itself: %v", err)
			}
			c.s.Seen.Snap.Throughput.WarmWrite -= 120
			if err := c.s.Recheck(p, nil); err == nil {
				t.Error("it has shrunk, and was let through")
			}
		}
	}
}

// Each kind, where something else refuses: it is held back before it is tried, with the reason and the numbers.
// Mutant: an empty reason for any of them.
func TestKindsThatCannotHelp(t *testing.T) {
	prov, demand := history.Provisioned, history.OnDemand
	kms, shared := refused(demand, "keyrange", 300), refused(demand, "keyrange", 300)
	snap := *kms.Seen.Snap
	snap.KMS = "ENABLED"
	kms.Seen.Snap = &snap
	shared.put(0, history.KeysRanked{Target: "orders", Rule: "throttled", From: now.Unix() - 300, To: now.Unix(), Sum: 100, Keys: []history.KeyShare{{Tag: "7f3a", Share: 0.61}}})
	incident := refused(demand, "", 300)
	incident.put(-time.Minute, history.IncidentDetected{})
	on := refused(demand, "keyrange", 300)
	on.Seen.Insights = history.InsightsAccessed
	asleep := scaled(400, 50, 400, 70)
	asleep.Seen.Scaling[0].Suspended = true
	blind := scaled(100, 50, 400, 70)
	blind.Seen.NoScaling = "AccessDenied"
	for _, c := range []struct {
		s         *scene
		what, why string
	}{
		{refused(prov, "keyrange", 30), "mode.on_demand", "one partition's own limit refuses 40/s; orders uses 30 % of its 100 write units/s: an on-demand table has the same limit"},
		{refused(prov, "account", 30), "mode.on_demand", "only AWS can raise it"},
		{refused(prov, "", 30), "mode.on_demand", "nothing is refused"},
		{refused(demand, "keyrange", 300), "mode.on_demand", "is on-demand already"},
		{incident, "mode.provisioned", "in an incident a limit that follows demand"},
		{refused(demand, "", 300), "mode.provisioned", "is not known: its capacity would be a guess"},
		{refused(demand, "keyrange", 300), "cap.write", "no maximum lifts it"},
		{refused(demand, "", 300), "cap.write", "nothing is refused for the configured maximum"},
		{refused(demand, "cap", 480), "cap.read", "no read maximum"},
		{refused(prov, "provisioned", 99), "cap.write", "it has no on-demand maximum"},
		{refused(demand, "keyrange", 300), "warm.write", "what is hot stays in one"},
		{shared, "warm.write", "key 7f3a holds 61 % of the throttles"},
		{refused(demand, "cap", 480), "warm.write", "raise the maximum"},
		{refused(demand, "account", 300), "warm.write", "only AWS can raise it"},
		{refused(demand, "", 300), "warm.write", "no limit of its own refuses anything: what it is warm for is not what is short"},
		{refused(prov, "provisioned", 99), "warm.write", "is not told by DescribeTable"},
		{refused(prov, "provisioned", 99), "autoscaling.max", "no auto scaling is registered"},
		{scaled(100, 50, 400, 70), "autoscaling.max", "may still raise orders writes from 100 to 400"},
		{scaled(400, 50, 400, 70), "autoscaling.min", "autoscaling.max is what holds it"},
		{scaled(400, 50, 400, 70), "autoscaling.target", "autoscaling.max instead"},
		{scaled(400, 50, 400, 70), "table.write", "autoscaling.max instead"},
		{asleep, "autoscaling.max", "is suspended: no maximum moves it; set the capacity itself"},
		{blind, "autoscaling.min", "cannot be read: AccessDenied"},
		{refused(demand, "keyrange", 300), "autoscaling.min", "rests until it is provisioned again"},
		{kms, "insights", "key values in clear: the policy forbids it"},
		{on, "insights", "is on for orders already"},
		{refused(prov, "provisioned", 99), "index.delete_backfilling@orders/by-status", "by-status is ACTIVE: only an index that is being built"},
		{refused(prov, "provisioned", 99), "index.delete_backfilling", "name TABLE/INDEX"},
	} {
		what, target, _ := strings.Cut(c.what+"@", "@")
		if target = strings.TrimSuffix(target, "@"); target == "" {
			target = "orders"
		}
		p, err := c.s.Plan(change.Request{What: what, Target: target})
		var refusal *change.Refusal
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Why, c.why) {
			t.Errorf("%s: %s, %v, want %q", c.what, set(p), err, c.why)
		}
	}
}

// A suspended policy fights nobody; an active one is not fought unless the policy file says so; a capacity that it would take back
// names its own change. Mutant: forget the target.
func TestAutoScalingIsNotFought(t *testing.T) {
	asleep := scaled(400, 50, 400, 70)
	asleep.Seen.Scaling[0].Suspended = true
	if p, err := asleep.Plan(change.Request{What: "table.write", Target: "orders"}); err != nil || !strings.Contains(p.Blast, "suspended") {
		t.Errorf("%+v, %v", p, err)
	}
	over := scaled(100, 50, 400, 70)
	if _, err := over.Plan(change.Request{What: "table.write", Target: "orders", To: 200}); err != nil {
		t.Errorf("within what the policy wants: %v", err)
	}
	over.Policy.StepFactor, over.Policy.SessionFactor = 10, 10
	if _, err := over.Plan(change.Request{What: "table.write", Target: "orders", To: 300}); err == nil || !strings.Contains(err.Error(), "within a quarter of an hour") {
		t.Errorf("taken back by scaling in: %v", err)
	}
	if _, err := over.Plan(change.Request{What: "table.write", Target: "orders", To: 900}); err == nil || !strings.Contains(err.Error(), "would take 900 back: autoscaling.max") {
		t.Errorf("above the maximum: %v", err)
	}
	over.Policy.AutoScaling = change.AllowManual
	if p, err := over.Plan(change.Request{What: "table.write", Target: "orders", To: 900}); err != nil || !strings.Contains(p.Blast, "may take it back") {
		t.Errorf("allowed by the file: %v", err)
	}
	over.Policy.AutoScaling = change.RefuseManual
	if _, err := over.Plan(change.Request{What: "table.write", Target: "orders", To: 150}); err == nil {
		t.Error("refuse_manual lets one through")
	}
}

// Back to provisioned: every table and index explicitly, from the last hour's peaks, never 1. Mutant: leave an index out.
func TestBackToProvisioned(t *testing.T) {
	c := refused(history.OnDemand, "", 300)
	snap := *c.Seen.Snap
	snap.Indexes = []history.IndexSnapshot{{Name: "by-status", Status: "ACTIVE"}}
	c.Seen.Snap = &snap
	hour := make([]float64, 55)
	m := map[string][]float64{}
	for k, v := range map[string]float64{"consumed_write@orders": 300, "consumed_read@orders": 80, "consumed_write@orders/by-status": 100, "consumed_read@orders/by-status": 0} {
		line := append([]float64(nil), hour...)
		for i := range line {
			line[i] = v
		}
		m[k] = line
	}
	c.polled(m)
	p, err := c.Plan(change.Request{What: "mode.provisioned", Target: "orders"})
	if want := "mode on_demand→provisioned, read 0→120, write 0→450, by-statusread 0→5, by-statuswrite 0→150"; err != nil || set(p) != want {
		t.Errorf("%s, %v, want %s", set(p), err, want)
	}
}

// The policy's scope and times, at every plan; an undo of one's own change passes them. Mutants: skip one; hold undoings.
func TestScope(t *testing.T) {
	write := change.Request{What: "table.write", Target: "orders", To: 150}
	for name, c := range map[string]struct {
		f   func(*change.Policy)
		why string
	}{
		"not listed": {func(p *change.Policy) { p.Tables = []string{"carts"} }, "does not list orders"},
		"protected":  {func(p *change.Policy) { p.Tables, p.Protected = []string{"orders"}, []string{"orders"} }, "protects orders"},
		"tags":       {func(p *change.Policy) { p.ProtectedTags = map[string]string{"a": ""} }, "cannot be read"},
		"kind":       {func(p *change.Policy) { p.Kinds = []string{"lever"} }, "no change of the kind table.write"},
		"frozen": {func(p *change.Policy) {
			p.Freeze = []change.Window{{From: now.Add(-time.Hour), To: now.Add(time.Hour), Why: "a sale"}}
		}, "frozen until 2026-03-03 15:00Z: a sale"},
		"weekly": {func(p *change.Policy) {
			p.Freeze = []change.Window{{Days: []time.Weekday{time.Monday}, Start: 20 * time.Hour, Length: 30 * time.Hour, Zone: time.UTC, Why: "week"}}
		}, "frozen until 2026-03-04 02:00Z"},
		"account":   {func(p *change.Policy) { p.Account = "123456789012" }, "cannot be told"},
		"region":    {func(p *change.Policy) { p.Region = "eu-west-1" }, "this is us-east-1"},
		"in flight": {func(p *change.Policy) { p.InFlight = 0 }, "under way"},
		"price":     {func(p *change.Policy) { p.CostStep = 0.001 }, "more than the policy's"},
	} {
		s := full(20)
		c.f(&s.Policy)
		if _, err := s.Plan(write); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %q", name, err, c.why)
		}
		if name == "account" || name == "region" {
			continue
		}
		first := s.done(history.ChangePlanned{ID: "E1", What: "table.write", Target: "orders", Inverse: []history.Setting{{Name: "write", Before: "100", After: "80"}}})
		if _, err := s.Plan(change.Request{What: "table.write", Target: "orders", Undo: first}); err != nil {
			t.Errorf("%s: an undo is held back: %v", name, err)
		}
	}
	held := full(20)
	held.State.Session.Region = "mars-north-1"
	if _, err := held.Plan(write); err == nil || !strings.Contains(err.Error(), "held: no price known for mars-north-1") {
		t.Errorf("a price that is not known does not hold: %v", err)
	}
	if !reflect.DeepEqual(change.Wider(change.Careful), []string(nil)) {
		t.Errorf("the built-in policy is wider than itself: %v", change.Wider(change.Careful))
	}
}
