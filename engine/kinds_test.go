package engine

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// kindCase is one kind of change where it helps, with what leaves for it and for its undo.
type kindCase struct {
	what    string
	target  string // "" = orders
	set     func(w *world)
	poll    map[string]float64
	sent    string
	undo    string // "" = impossible
	settles time.Duration
}

func onDemand(w *world) {
	w.table.Mode, w.table.Indexes = history.OnDemand, nil
	w.table.Throughput = history.Throughput{MaxWrite: 500, WarmRead: 12000, WarmWrite: 4000}
}

func registered(w *world) {
	w.scaling = []history.ScalingDescribed{{Target: "orders", Side: "write", Min: 50, Max: 400, Percent: 70, Policy: "p"}}
}

var kindCases = []kindCase{
	{what: "mode.on_demand", poll: troubledTable, sent: "orders mode=on_demand", undo: "orders mode=provisioned read=100 write=100 by-statusread=50 by-statuswrite=50"},
	{what: "autoscaling.min", set: registered, poll: troubledTable, sent: "orders write_scaling_min=179 write_scaling_max=400", undo: "orders write_scaling_min=50 write_scaling_max=400", settles: 20 * time.Second},
	{
		what: "autoscaling.target", set: registered, poll: troubledTable, settles: 11 * time.Minute,
		sent: "orders write_scaling_percent=50 write_scaling_policy=p write_scaling_out=0 write_scaling_in=0",
		undo: "orders write_scaling_percent=70 write_scaling_policy=p write_scaling_out=0 write_scaling_in=0",
	},
	{what: "insights", poll: troubledTable, sent: "orders insights=throttled", undo: "orders insights=off"},
	{
		what: "cap.write", set: onDemand, sent: "orders max_write=780", undo: "orders max_write=500",
		poll: map[string]float64{"consumed_write@orders": 480, "write_throttles@orders": 40, "write_cap_throttles@orders": 40, "read_throttles@orders": 0},
	},
	{
		what: "warm.write", set: onDemand, sent: "orders warm_write=5910",
		poll: map[string]float64{"consumed_write@orders": 3900, "write_throttles@orders": 40, "write_keyrange_throttles@orders": 40, "read_throttles@orders": 0},
	},
}

func (c kindCase) at() string {
	if c.target != "" {
		return c.target
	}
	return "orders"
}

// world brings one into the state that a kind helps in.
func (c kindCase) world(t *testing.T) *world {
	w := newWorld(t, func(o *Options) { o.Policy = o.Policy.Unbilled() })
	if c.set != nil {
		c.set(w)
	}
	w.pass(10 * time.Minute)
	w.poll(c.poll)
	w.pass(2 * time.Second)
	return w
}

// Each kind sends one request, is in force when the table shows it, and goes back to what it was in one more. A lost answer ends as
// what the table shows. Mutants: settle on the answer; compare one setting only; believe a first look.
func TestEveryKind(t *testing.T) {
	for _, c := range kindCases {
		t.Run(c.what, func(t *testing.T) {
			w := c.world(t)
			was, scaling, insights := w.look(), append([]history.ScalingDescribed(nil), w.scaling...), w.insights
			w.must(PlanChange{What: c.what, Target: "orders"})
			w.must(w.consent("E1"))
			w.state("E1", history.ChangeSentOK)
			if c.what == "autoscaling.min" { // auto scaling raises the capacity to the new minimum
				w.mu.Lock()
				w.becomes.Throughput.Write = 179
				w.mu.Unlock()
			}
			if c.what != "insights" { // which is in force at once here
				w.pass(time.Second)
				w.state("E1", history.ChangeSentOK)
			}
			w.pass(max(c.settles, 10*time.Second))
			w.state("E1", history.ChangeInForce)
			w.wantSent(c.sent)
			if c.undo == "" {
				w.wantErr(Undo{ID: "E1"}, "cannot be undone")
				return
			}
			w.pass(time.Minute)
			w.must(Undo{ID: "E1"})
			w.must(w.consent("E2"))
			w.pass(10 * time.Second)
			w.state("E1", history.ChangeUndoneWord)
			w.wantSent(c.sent, c.undo)
			is := w.look()
			if c.what != "autoscaling.min" && (is.Mode != was.Mode || is.Throughput != was.Throughput) || len(w.scaling) > 0 && w.scaling[0] != scaling[0] || w.insights != insights {
				t.Errorf("%+v %+v %s, it was %+v %+v %s", is, w.scaling, w.insights, was, scaling, insights)
			}
		})
		t.Run(c.what+" lost", func(t *testing.T) {
			w := c.world(t)
			w.answer = func(func()) Answer { return Answer{Unsure: true, Text: "timeout"} }
			w.must(PlanChange{What: c.what, Target: "orders"})
			w.must(w.consent("E1"))
			w.pass(10 * time.Second)
			w.state("E1", history.ChangeUnsure)
			w.pass(lookFor)
			w.state("E1", history.ChangeNot)
			w = c.world(t)
			w.answer = func(apply func()) Answer { apply(); return Answer{Unsure: true, Text: "timeout"} }
			w.must(PlanChange{What: c.what, Target: "orders"})
			w.must(w.consent("E1"))
			if c.what == "autoscaling.min" {
				w.mu.Lock()
				w.becomes.Throughput.Write = 179
				w.mu.Unlock()
			}
			w.pass(max(c.settles, 10*time.Second))
			w.state("E1", history.ChangeInForce)
			w.wantSent(c.sent)
		})
	}
}

// TestCrashTruth is P8: a process dies at each of the six boundaries of a change, 200 times each, while the far side has its own
// truth: the request arrived or not, is still being carried out, or somebody else set something, or the table was replaced. The next
// process says what is true, within three seconds of its first good look where the table shows it, and sends nothing.
// Mutants: send what was intended; call silence a failure; skip the table's identity.
func TestCrashTruth(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 200))
	seen := map[string]int{}
	plan := history.ChangePlanned{
		ID: "E1", What: "table.write", Target: "orders", Title: "set orders write capacity to 150", Before: "100 units/s", After: "150 units/s", BeforeN: 100, AfterN: 150,
		TableID: "id-1", Token: "orders", UndoClass: history.UndoLimited, Side: "write",
		Set:     []history.Setting{{Name: "read", Before: "100", After: "100"}, {Name: "write", Before: "100", After: "150"}},
		Inverse: []history.Setting{{Name: "write", Before: "150", After: "100"}},
	}
	steps := [][]history.Body{
		{plan, history.ChangeApproved{ID: "E1"}, history.ChangeIntended{ID: "E1"}}, // 1 intent kept
		nil, nil, nil, // 2 ready to send, 3 sent, 4 answer read: the journal is the same
		{history.ChangeAnswered{ID: "E1", OK: true}}, // 5 outcome kept
		{history.ChangeSettled{ID: "E1"}},            // 6 seen in force
	}
	crashes := 200
	if testing.Short() {
		crashes = 20
	}
	for boundary := range steps {
		for range crashes {
			s := history.NewState()
			for _, bodies := range steps[:boundary+1] {
				for _, b := range bodies {
					s.Apply(history.Event{Seq: s.Seq + 1, At: start.Add(-time.Minute), Body: b})
				}
			}
			c := s.Change("E1")
			state := c.State
			if state != history.ChangeInForce {
				state = history.ChangeUnsure
			}
			truth := []string{"untouched", "applied", "moving", "other", "replaced"}[r.IntN(5)]
			switch {
			case boundary < 2:
				truth = []string{"untouched", "other", "replaced"}[r.IntN(3)]
			case boundary >= 4 && truth == "untouched":
				truth = "applied"
			}
			w := newWorld(t, func(o *Options) {
				o.Earlier = []history.ChangeCarried{{Plan: c.Plan, Session: "dead", ID: "E1", State: state, Intended: c.Intended, Answered: c.Answered, Settled: c.Settled}}
			})
			want, within := map[string]string{
				"untouched": history.ChangeNot, "applied": history.ChangeInForce, "moving": history.ChangeInForce, "other": history.ChangeOvertaken, "replaced": history.ChangeOvertaken,
			}[truth], 3*time.Second
			switch truth {
			case "untouched":
				within = lookFor + 3*time.Second
			case "applied":
				w.table.Throughput.Write = 150
			case "moving":
				next := w.table
				next.Throughput.Write = 150
				w.becomes, w.moving = &next, w.clk.Now().Add(8*time.Second)
				within = 12 * time.Second
				if boundary == 5 {
					want = "" // it was in force: whatever moves now is another change
				}
			case "other":
				w.table.Throughput.Write = 333
			case "replaced":
				w.table.ID = "id-2"
			}
			w.pass(within)
			if want != "" {
				w.state("E1", want)
			}
			w.wantSent()
			if t.Failed() {
				t.Fatalf("boundary %d, truth %s", boundary+1, truth)
			}
			seen[truth]++
			w.clk.Stop()
		}
	}
	t.Logf("%v", seen)
}
