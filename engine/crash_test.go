package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/journal"
	"github.com/ddbloop/ddbloop/history/postmortem"
)

// These tests carry out a change and its undo on a journal in real files, and lose the process or the power at every point on
// the way. Promises C4 and C5 of docs/promises.md.

// crashCase is a kind of change that is lost on its way.
type crashCase struct {
	plan engine.PlanChange
	set  func(*server) // how the far side is before
	sent string        // what leaves for it
	undo string        // and for taking it back; "" = impossible
}

var crashCases = map[string]crashCase{
	"capacity": {plan: engine.PlanChange{What: "table.write", Target: "orders", To: 20}, sent: "read=5 write=20", undo: "read=5 write=10"},
	"lever":    {plan: engine.PlanChange{What: "lever:cap", Target: "orders"}, sent: "cap on", undo: "cap off"},
	"mode":     {plan: engine.PlanChange{What: "mode.on_demand", Target: "orders"}, sent: "mode=on_demand", undo: "mode=provisioned read=5 write=10"},
	"auto scaling": {
		plan: engine.PlanChange{What: "autoscaling.target", Target: "orders", Side: "write", To: 50},
		set: func(s *server) {
			s.scaling = []history.ScalingDescribed{{Target: "orders", Side: "write", Min: 5, Max: 400, Percent: 70, Policy: "p"}}
		},
		sent: "write_scaling_percent=50 write_scaling_policy=p write_scaling_out=0 write_scaling_in=0",
		undo: "write_scaling_percent=70 write_scaling_policy=p write_scaling_out=0 write_scaling_in=0",
	},
	"index": {
		plan: engine.PlanChange{What: "index.delete_backfilling", Target: "orders/by-day"},
		set: func(s *server) {
			s.table.Status = "UPDATING"
			s.table.Indexes = []history.IndexSnapshot{{Name: "by-day", Status: "CREATING", Backfilling: true, Throughput: history.Throughput{Read: 5, Write: 5}}}
		},
		sent: "by-day index=gone",
	},
}

// server is the far side, levers included: it counts what arrives, and looks into the journal's files when it does.
type server struct {
	table   history.TableSnapshot
	scaling []history.ScalingDescribed
	at      func(point string) // called at each point of a change
	arrived func(what string)
}

func newServer(c crashCase) *server {
	s := &server{
		table: history.TableSnapshot{Name: "orders", ID: "id-1", Status: "ACTIVE", Mode: "provisioned", Throughput: history.Throughput{Read: 5, Write: 10}},
		at:    func(string) {}, arrived: func(string) {},
	}
	if c.set != nil {
		c.set(s)
	}
	return s
}

func (s *server) Describe(context.Context, string) (history.TableSnapshot, error) {
	s.at("describe")
	snap := s.table
	snap.Indexes = slices.Clone(s.table.Indexes)
	return snap, nil
}

func (s *server) Scaling(context.Context, []string) ([]history.ScalingDescribed, error) {
	return slices.Clone(s.scaling), nil
}

func (s *server) Insights(context.Context, string) (string, error) { return history.Off, nil }

func (s *server) Tags(context.Context, string) (map[string]string, error) { return nil, nil }

// asSent writes settings down as they leave.
func asSent(set []history.Setting) string {
	var parts []string
	for _, x := range set {
		parts = append(parts, strings.TrimSpace(x.Index+" "+x.Name+"="+x.After))
	}
	return strings.Join(parts, " ")
}

func (s *server) Send(_ context.Context, _ string, set []history.Setting) engine.Answer {
	s.at("request")
	s.arrived(asSent(set))
	for _, x := range set {
		n, _ := strconv.ParseInt(x.After, 10, 64)
		switch x.Name {
		case history.SetMode:
			s.table.Mode = x.After
		case history.SetRead:
			s.table.Throughput.Read = n
		case history.SetWrite:
			s.table.Throughput.Write = n
		case history.SetIndex:
			s.table.Indexes = nil
		case "write_scaling_percent": // and the policy acts on it
			s.scaling[0].Percent, s.table.Throughput.Write = float64(n), 20
		}
	}
	s.at("applied")
	return engine.Answer{OK: true, Request: "r-1"}
}

// Set implements engine.Levers.
func (s *server) Set(_ context.Context, name string, on bool) error {
	s.at("request")
	s.arrived(name + map[bool]string{true: " on", false: " off"}[on])
	s.at("applied")
	return nil
}

// points calls at around each append of the journal it wraps, and acked with what was acknowledged as durable.
type points struct {
	*journal.Writer
	at    func(point string)
	acked func(seq uint64)
}

func (p points) Append(events ...history.Event) ([]history.Event, error) {
	name := events[len(events)-1].Body.Kind()
	p.at("before " + name)
	kept, err := p.Writer.Append(events...)
	if err == nil {
		for _, e := range kept {
			if history.ClassOf(e.Body) == history.Must {
				p.acked(e.Seq)
			}
		}
		p.at("after " + name)
	}
	return kept, err
}

// session is one engine on one journal.
type session struct {
	clk    *clock.Real
	eng    *engine.Engine
	server *server
	what   crashCase
}

func newSession(j engine.Journal, s *server, c crashCase) (*session, error) {
	x := &session{clk: &clock.Real{}, server: s, what: c}
	var err error
	x.eng, err = engine.New(engine.Options{
		Clock: x.clk, Journal: j, Describer: s, Writer: s, Levers: s, Limits: diagnose.Defaults, Policy: change.Careful, Actor: history.Actor{Name: "ana"},
		Session: history.SessionStarted{
			ID: "s1", Mode: "watch", Tables: []string{"orders"}, Region: "us-east-1", Armed: true,
			Levers: []history.Lever{{Name: "cap", Title: "cap the hot tenant", Does: "limit_key"}},
		},
	})
	return x, err
}

// approve approves the plan of that id as a person would who sees it, and waits for the answer.
func (x *session) approve(id string) error {
	var a engine.Approve
	x.eng.View(func(s *history.State) {
		if c := s.Change(id); c != nil {
			a = engine.Approve{ID: id, Hash: c.Plan.Hash, Token: c.Plan.Token}
		}
	})
	err := x.eng.Do(context.Background(), a)
	x.clk.Join()
	return err
}

// settle shows the table as it is, until nothing moves.
func (x *session) settle() {
	statuses := []string{"UPDATING", "ACTIVE"}
	if len(x.server.scaling) > 0 { // the table itself is not updated
		statuses = statuses[1:]
	}
	for _, status := range statuses {
		x.server.table.Status = status
		snap := x.server.table
		x.eng.Emit(history.TableDescribed{Name: "orders", Table: &snap})
		x.eng.Tick()
		x.clk.Join() // a look at what DescribeTable does not show
	}
}

// play makes the change, takes it back where that is possible, and approves each twice.
func (x *session) play() error {
	ctx := context.Background()
	if err := errors.Join(x.eng.Do(ctx, x.what.plan), x.approve("E1")); err != nil {
		return err
	}
	if x.approve("E1") == nil {
		return errors.New("E1 was approved twice")
	}
	x.settle()
	if x.what.undo == "" {
		return x.eng.Do(ctx, engine.Note{Text: "the last word"})
	}
	if err := errors.Join(x.eng.Do(ctx, engine.Undo{ID: "E1"}), x.approve("E2")); err != nil {
		return err
	}
	x.settle()
	return x.eng.Do(ctx, engine.Note{Text: "the last word"})
}

// kept is what a journal's files hold, as a later process reads them, and that the postmortem made of them tells all of it.
func kept(t *testing.T, point, dir string) *history.State {
	t.Helper()
	r, err := journal.Read(journal.OS{}, dir)
	if err != nil || r.Damage.Broken {
		t.Fatalf("%s: %v %v", point, err, r.Damage)
	}
	s := history.NewState()
	s.Fold(r.Events...)
	path, err := postmortem.File(journal.OS{}, dir, t.TempDir())
	if err != nil {
		t.Fatalf("%s: no postmortem: %v", point, err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Changes {
		if !strings.Contains(string(raw), c.Plan.ID) || !strings.Contains(string(raw), c.Plan.Title) {
			t.Errorf("%s: the postmortem does not tell of %s", point, c.Plan.ID)
		}
	}
	return s
}

// intended reports whether the change that sends this is in the journal as sent, or about to be.
func intended(s *history.State, what string) bool {
	return slices.ContainsFunc(s.Changes, func(c *history.Change) bool {
		sends := asSent(c.Plan.Set)
		if name, ok := strings.CutPrefix(c.Plan.What, "lever:"); ok {
			sends = name + " " + c.Plan.After
		}
		return sends == what && !c.Intended.IsZero()
	})
}

// TestPowerCutAtEveryPoint is C4: at whatever operation of the disk the power goes, the disk holds every event that was
// acknowledged, and the intent of every request that has left; there are never more requests than approvals.
// Mutants: acknowledge before the write; leave out the sync; send before the intent.
func TestPowerCutAtEveryPoint(t *testing.T) {
	for name, c := range crashCases {
		t.Run(name, func(t *testing.T) { cutAtEveryPoint(t, c) })
	}
}

func cutAtEveryPoint(t *testing.T, c crashCase) {
	disk := &cutFS{shadow: filepath.Join(t.TempDir(), "shadow")}
	dir := filepath.Join(t.TempDir(), "s1")
	w, err := journal.Create(disk, dir, journal.Meta{Session: "s1"})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex // the engine looks at the table from a goroutine of its own
	var acked []uint64
	var sent []string
	seen := map[string]bool{}
	n := 0
	at := func(point string) {
		mu.Lock()
		defer mu.Unlock()
		seen[point] = true
		n++
		left := disk.afterCut(t, dir, n)
		s := kept(t, point, left)
		for _, seq := range acked {
			if s.Seq < seq {
				t.Errorf("%s: event %d was acknowledged, and %d is the last on the disk", point, seq, s.Seq)
			}
		}
		for _, what := range sent {
			if !intended(s, what) {
				t.Errorf("%s: %q has left, and the disk knows of no intent", point, what)
			}
		}
	}
	far := newServer(c)
	far.at = at
	note := func(f func()) {
		mu.Lock()
		defer mu.Unlock()
		f()
	}
	far.arrived = func(what string) { note(func() { sent = append(sent, what) }); at("arrived") }
	j := points{Writer: w, at: at, acked: func(seq uint64) { note(func() { acked = append(acked, seq) }) }}
	x, err := newSession(j, far, c)
	if err != nil {
		t.Fatal(err)
	}
	disk.each = func(op string) { at(op) }
	if err := x.play(); err != nil {
		t.Fatal(err)
	}
	disk.each = nil
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{c.sent, c.undo}
	if c.undo == "" {
		want = want[:1]
	}
	if !slices.Equal(sent, want) {
		t.Errorf("sent %q, want one of each approval: %q", sent, want)
	}
	for _, p := range []string{"before change.intended", "after change.intended", "request", "applied", "before change.settled", "sync", "write"} {
		if !seen[p] {
			t.Errorf("no cut at %q: the test says less than it should", p)
		}
	}
	t.Logf("%d cuts", n)
}
