package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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

// server is the far side: it counts what arrives, and looks into the journal's files when it does.
type server struct {
	table   history.TableSnapshot
	at      func(point string) // called at each point of a change
	arrived func(write int64)
	lost    bool // answers never arrive
}

func newServer() *server {
	return &server{
		table: history.TableSnapshot{Name: "orders", ID: "id-1", Status: "ACTIVE", Mode: "provisioned", Throughput: history.Throughput{Read: 5, Write: 10}},
		at:    func(string) {}, arrived: func(int64) {},
	}
}

func (s *server) Describe(context.Context, string) (history.TableSnapshot, error) {
	s.at("describe")
	return s.table, nil
}

func (s *server) Scaling(context.Context, []string) ([]history.ScalingDescribed, error) {
	return nil, nil
}

func (s *server) Insights(context.Context, string) (string, error) { return history.Off, nil }

func (s *server) Tags(context.Context, string) (map[string]string, error) { return nil, nil }

func (s *server) Send(_ context.Context, _ string, set []history.Setting) engine.Answer {
	read, _ := strconv.ParseInt(set[0].After, 10, 64)
	write, _ := strconv.ParseInt(set[1].After, 10, 64)
	s.at("request")
	s.arrived(write)
	s.table.Throughput.Read, s.table.Throughput.Write, s.table.Status = read, write, "UPDATING"
	s.at("applied")
	if s.lost {
		return engine.Answer{Unsure: true, Text: "timeout"}
	}
	return engine.Answer{OK: true, Request: "r-1"}
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
}

func newSession(j engine.Journal, s *server) (*session, error) {
	x := &session{clk: &clock.Real{}, server: s}
	var err error
	x.eng, err = engine.New(engine.Options{
		Clock: x.clk, Journal: j, Describer: s, Writer: s, Limits: diagnose.Defaults, Policy: change.Careful, Actor: history.Actor{Name: "ana"},
		Session: history.SessionStarted{ID: "s1", Mode: "watch", Tables: []string{"orders"}, Region: "us-east-1", Armed: true},
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
	for _, status := range []string{"UPDATING", "ACTIVE"} {
		x.server.table.Status = status
		snap := x.server.table
		x.eng.Emit(history.TableDescribed{Name: "orders", Table: &snap})
		x.eng.Tick()
	}
}

// play raises the table's writes, takes them back, and approves each twice.
func (x *session) play() error {
	ctx := context.Background()
	raise := engine.PlanChange{What: "table.write", Target: "orders", To: 20}
	if err := errors.Join(x.eng.Do(ctx, raise), x.approve("E1")); err != nil {
		return err
	}
	if x.approve("E1") == nil {
		return errors.New("E1 was approved twice")
	}
	x.settle()
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

// intended reports whether the change that sets this value is in the journal as sent, or about to be.
func intended(s *history.State, write int64) bool {
	return slices.ContainsFunc(s.Changes, func(c *history.Change) bool { return c.Plan.AfterN == write && !c.Intended.IsZero() })
}

// TestPowerCutAtEveryPoint is C4: at whatever operation of the disk the power goes, the disk holds every event that was
// acknowledged, and the intent of every request that has left; there are never more requests than approvals.
// Mutants: acknowledge before the write; leave out the sync; send before the intent.
func TestPowerCutAtEveryPoint(t *testing.T) {
	disk := &cutFS{shadow: filepath.Join(t.TempDir(), "shadow")}
	dir := filepath.Join(t.TempDir(), "s1")
	w, err := journal.Create(disk, dir, journal.Meta{Session: "s1"})
	if err != nil {
		t.Fatal(err)
	}
	var acked []uint64
	var sent []int64
	seen := map[string]bool{}
	n := 0
	at := func(point string) {
		seen[point] = true
		n++
		left := disk.afterCut(t, dir, n)
		s := kept(t, point, left)
		for _, seq := range acked {
			if s.Seq < seq {
				t.Errorf("%s: event %d was acknowledged, and %d is the last on the disk", point, seq, s.Seq)
			}
		}
		for _, write := range sent {
			if !intended(s, write) {
				t.Errorf("%s: a request for %d has left, and the disk knows of no intent", point, write)
			}
		}
	}
	far := newServer()
	far.at = at
	far.arrived = func(write int64) { sent = append(sent, write); at("arrived") }
	j := points{Writer: w, at: at, acked: func(seq uint64) { acked = append(acked, seq) }}
	x, err := newSession(j, far)
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
	if fmt.Sprint(sent) != "[20 10]" {
		t.Errorf("requests %v, want one of each approval", sent)
	}
	for _, p := range []string{"before change.intended", "after change.intended", "request", "applied", "before change.answered", "before change.settled", "sync", "write"} {
		if !seen[p] {
			t.Errorf("no cut at %q: the test says less than it should", p)
		}
	}
	t.Logf("%d cuts", n)
}
