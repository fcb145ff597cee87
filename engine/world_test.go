package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

// world is a session on a simulated clock, and the table, levers and journal that it meets. The table
// "orders" refuses 20 of 119 write units a second for its own capacity of 100.
type world struct {
	t   testing.TB
	clk *clock.Virtual
	eng *Engine

	mu        sync.Mutex
	table     history.TableSnapshot
	scaling   []history.ScalingDescribed
	insights  string
	tags      map[string]string
	noTags    error
	noScaling error
	becomes   *history.TableSnapshot // what the table is going to be
	moving    time.Time              // when it is
	sent      []string               // requests and levers, as they arrived
	answer    func(apply func()) Answer
	lever     func(name string, on bool) error
	reading   func() error // before each DescribeTable
	deaf      bool         // DescribeTable is not asked for by itself
	kept      []history.Event
	full      error               // what the journal says to an append
	atAppend  func(history.Event) // sees each event before it is kept
}

// shelf is the library, read once for all worlds.
var shelf = sync.OnceValues(runbooks.Library)

type option func(*Options)

func readOnly(o *Options) { o.Session.Armed, o.Writer, o.Levers = false, nil, nil }

func newWorld(t testing.TB, opts ...option) *world {
	t.Helper()
	w := &world{t: t, insights: history.Off, clk: clock.NewVirtual(start), table: history.TableSnapshot{
		Name: "orders", ID: "id-1", Status: "ACTIVE", Mode: "provisioned", Throughput: history.Throughput{Read: 100, Write: 100},
		Indexes: []history.IndexSnapshot{{Name: "by-status", Status: "ACTIVE", Throughput: history.Throughput{Read: 50, Write: 50}}},
	}}
	w.answer = func(apply func()) Answer { apply(); return Answer{OK: true, Request: "r-1"} }
	w.lever = func(string, bool) error { return nil }
	library, err := shelf()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Clock: w.clk, Journal: w, Describer: w, Writer: w, Levers: leversOf{w}, Library: library, Limits: diagnose.Defaults, Policy: change.Careful,
		Actor: history.Actor{Name: "ana"},
		Session: history.SessionStarted{
			ID: "s", Mode: "watch", Tables: []string{"orders"}, Region: "us-east-1", Armed: true,
			Levers: []history.Lever{{Name: "cap", Title: "cap the hot tenant", Does: "limit_key"}, {Name: "spread", Title: "spread the key", Does: "spread_keys"}},
		},
	}
	for _, f := range opts {
		f(&o)
	}
	if w.eng, err = New(o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w.eng.Run(ctx, w)
	t.Cleanup(func() { cancel(); w.clk.Stop() })
	return w
}

// Run is the world's DescribeTable source: once a second.
func (w *world) Run(ctx context.Context) {
	for {
		if snap := w.look(); !w.deaf {
			w.eng.Emit(history.TableDescribed{Name: "orders", Table: &snap})
		}
		if w.clk.Sleep(ctx, time.Second) != nil {
			return
		}
	}
}

func (w *world) look() history.TableSnapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.becomes != nil {
		w.table.Status = "UPDATING"
		if !w.clk.Now().Before(w.moving) {
			w.table, w.becomes = *w.becomes, nil
		}
	}
	snap := w.table
	snap.Indexes = append([]history.IndexSnapshot(nil), w.table.Indexes...)
	return snap
}

// Describe implements Describer.
func (w *world) Describe(context.Context, string) (history.TableSnapshot, error) {
	if w.reading != nil {
		if err := w.reading(); err != nil {
			return history.TableSnapshot{}, err
		}
	}
	return w.look(), nil
}

// Scaling implements Describer.
func (w *world) Scaling(context.Context, []string) ([]history.ScalingDescribed, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.scaling), w.noScaling
}

// Insights implements Describer.
func (w *world) Insights(context.Context, string) (string, error) { return w.insights, nil }

// Tags implements Describer.
func (w *world) Tags(context.Context, string) (map[string]string, error) { return w.tags, w.noTags }

// Send implements Writer: a capacity takes two seconds until it is in force.
func (w *world) Send(_ context.Context, table string, set []history.Setting) Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, sentAs(table, set))
	return w.answer(func() {
		next := w.table
		next.Status, next.Indexes = "ACTIVE", slices.Clone(w.table.Indexes)
		w.becomes, w.moving = &next, w.clk.Now().Add(2*time.Second)
		for _, x := range set {
			w.put(&next, x)
		}
	})
}

// put carries one setting out.
func (w *world) put(t *history.TableSnapshot, x history.Setting) {
	n, _ := strconv.ParseInt(x.After, 10, 64)
	th := &t.Throughput
	for i := range t.Indexes {
		if t.Indexes[i].Name == x.Index {
			th = &t.Indexes[i].Throughput
		}
	}
	if side, what, ok := strings.Cut(x.Name, "_scaling_"); ok {
		for i := range w.scaling {
			if d := &w.scaling[i]; d.Side == side {
				*map[string]*int64{"min": &d.Min, "max": &d.Max, "percent": new(int64), "policy": new(int64), "in": &d.In, "out": &d.Out}[what] = n
				if what == "percent" {
					d.Percent = float64(n)
				}
			}
		}
		return
	}
	switch x.Name {
	case history.SetMode:
		t.Mode = x.After
	case history.SetInsights:
		w.insights = x.After
	case history.SetIndex:
		t.Indexes = slices.DeleteFunc(t.Indexes, func(i history.IndexSnapshot) bool { return i.Name == x.Index })
	default:
		*map[string]*int64{
			history.SetRead: &th.Read, history.SetWrite: &th.Write, history.SetMaxRead: &th.MaxRead, history.SetMaxWrite: &th.MaxWrite,
			history.SetWarmRead: &th.WarmRead, history.SetWarmWrite: &th.WarmWrite,
		}[x.Name] = n
	}
}

// sentAs writes a request down: capacities as table/index read/write, all else by name.
func sentAs(table string, set []history.Setting) string {
	if len(set) == 2 && set[0].Name == history.SetRead && set[1].Name == history.SetWrite {
		return fmt.Sprintf("%s/%s %s/%s", table, set[0].Index, set[0].After, set[1].After)
	}
	var parts []string
	for _, x := range set {
		parts = append(parts, fmt.Sprintf("%s%s=%s", x.Index, x.Name, x.After))
	}
	return table + " " + strings.Join(parts, " ")
}

type leversOf struct{ w *world }

// Set implements Levers.
func (l leversOf) Set(_ context.Context, name string, on bool) error {
	l.w.mu.Lock()
	l.w.sent = append(l.w.sent, fmt.Sprintf("lever %s %v", name, on))
	l.w.mu.Unlock()
	return l.w.lever(name, on)
}

// Append implements Journal.
func (w *world) Append(events ...history.Event) ([]history.Event, error) {
	for _, e := range events {
		if w.atAppend != nil {
			w.atAppend(e)
		}
	}
	if w.full != nil {
		return nil, w.full
	}
	w.kept = append(w.kept, events...)
	return events, nil
}

// Flush implements Journal.
func (w *world) Flush() error { return w.full }

func (w *world) pass(d time.Duration) { w.clk.Run(w.clk.Now().Add(d), nil) }

// do carries out a command. A plan that is refused is no error of it: the event says so.
func (w *world) do(c Command) error {
	err := w.eng.Do(w.t.Context(), c)
	w.clk.Run(w.clk.Now(), nil) // let what it started begin
	if _, refused := errors.AsType[*change.Refusal](err); refused {
		return nil
	}
	return err
}

// wantRefused gives a command and wants both its answer and the session's event to say why not.
func (w *world) wantRefused(c Command, why string) {
	w.t.Helper()
	r, _ := errors.AsType[*change.Refusal](w.eng.Do(w.t.Context(), c))
	w.eng.View(func(s *history.State) {
		if n := len(s.Refused); r == nil || !strings.Contains(r.Why, why) || n == 0 || s.Refused[n-1].Why != r.Why || s.Refused[n-1].Later != r.Later {
			w.t.Errorf("%T: answered %v, told %+v, want %q", c, r, s.Refused, why)
		}
	})
}

// must is do without an error.
func (w *world) must(c Command) {
	w.t.Helper()
	if err := w.do(c); err != nil {
		w.t.Fatalf("%T: %v", c, err)
	}
}

func (w *world) change(id string) history.Change {
	w.t.Helper()
	var c history.Change
	w.eng.View(func(s *history.State) {
		if p := s.Change(id); p != nil {
			c = *p
		} else {
			w.t.Fatalf("no change %s: %v", id, s.Refused)
		}
	})
	return c
}

func (w *world) state(id, want string) {
	w.t.Helper()
	if c := w.change(id); c.State != want {
		w.t.Errorf("%s is %s (%s), want %s", id, c.State, c.Error, want)
	}
}

func (w *world) consent(id string) Approve {
	p := w.change(id).Plan
	return Approve{ID: id, Hash: p.Hash, Token: p.Token}
}

// wantSent compares everything that has left.
func (w *world) wantSent(want ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := strings.Join(w.sent, "; "); got != strings.Join(want, "; ") {
		w.t.Errorf("sent %q, want %q", got, strings.Join(want, "; "))
	}
}

// poll lets CloudWatch speak: the last minutes of each signal@target are v, an hour of a use and five of
// a count of events.
func (w *world) poll(m map[string]float64) {
	end := w.clk.Now().Unix() / 60 * 60
	p := history.MetricsPolled{Source: "cloudwatch", From: end - 600, SettledTo: end}
	for k, v := range m {
		name, goal, _ := strings.Cut(k, "@")
		u := history.SeriesUpdate{Key: history.SeriesKey{Signal: name, Target: goal}, Period: 60, Zero: strings.Contains(name, "throttles")}
		for i := int64(1); i <= 61 && !(u.Zero && i > 5); i++ {
			u.Points = append(u.Points, history.Point{T: end - 60*i, V: v})
		}
		p.Series = append(p.Series, u)
	}
	w.eng.Emit(p)
}

// troubled is what CloudWatch says of a table that is too small.
var troubledTable = map[string]float64{
	"consumed_write@orders": 99, "write_throttles@orders": 20, "write_provisioned_throttles@orders": 20, "write_keyrange_throttles@orders": 0, "read_throttles@orders": 0,
}

// calmTable is what CloudWatch says when nothing is refused.
var calmTable = map[string]float64{
	"consumed_write@orders": 30, "write_throttles@orders": 0, "write_provisioned_throttles@orders": 0, "read_throttles@orders": 0,
	"write_throttles@orders/by-status": 0, "read_throttles@orders/by-status": 0,
}

// inTrouble is a world whose table is measured to be too small.
func inTrouble(t testing.TB, opts ...option) *world {
	w := newWorld(t, opts...)
	w.pass(10 * time.Minute)
	w.poll(troubledTable)
	w.pass(2 * time.Second)
	return w
}

var errLost = errors.New("the connection was reset")

// wantErr checks that a command is refused in words that say why.
func (w *world) wantErr(c Command, why string) {
	w.t.Helper()
	if err := w.do(c); err == nil || !strings.Contains(err.Error(), why) {
		w.t.Errorf("%T: %v, want %q", c, err, why)
	}
}

// texts are the timeline's lines that contain a word.
func (w *world) texts(word string) (out []string) {
	w.eng.View(func(s *history.State) {
		for _, e := range s.Timeline {
			if strings.Contains(e.Text, word) {
				out = append(out, e.Text)
			}
		}
	})
	return out
}
