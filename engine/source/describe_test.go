package source

import (
	"context"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// tables answers DescribeTable by a script and counts the calls.
type tables struct {
	w      *world
	answer func(table string, at time.Duration) (history.TableSnapshot, error)
	calls  []time.Duration
}

func (f *tables) DescribeTable(ctx context.Context, table string) (history.TableSnapshot, error) {
	f.calls = append(f.calls, f.w.Now().Sub(start))
	_ = f.w.Sleep(ctx, 20*time.Millisecond)
	return f.answer(table, f.w.Now().Sub(start))
}

func describing(w *world, names []string, answer func(string, time.Duration) (history.TableSnapshot, error)) (*Describe, *tables) {
	f := &tables{w: w, answer: answer}
	return NewDescribe(DescribeConfig{Clock: w, From: f, To: w, Rand: half, Tables: names}), f
}

func within(calls []time.Duration, from, to time.Duration) (n int) {
	for _, c := range calls {
		if c >= from && c < to {
			n++
		}
	}
	return n
}

func active(name string) history.TableSnapshot {
	return history.TableSnapshot{Name: name, Status: "ACTIVE", Throughput: history.Throughput{Read: 10, Write: 10}}
}

func TestDescribeQuickensWhileSomethingMoves(t *testing.T) {
	w := newWorld()
	d, f := describing(w, []string{"orders"}, func(name string, at time.Duration) (history.TableSnapshot, error) {
		s := active(name)
		if at > time.Minute && at < 2*time.Minute {
			s.Indexes = []history.IndexSnapshot{{Name: "i", Status: "UPDATING"}}
		}
		return s, nil
	})
	w.run(t, d.Run, 3*time.Minute)
	calm, busy := within(f.calls, 0, time.Minute), within(f.calls, 65*time.Second, 115*time.Second)
	if calm < 11 || calm > 13 || busy < 45 || busy > 51 {
		t.Fatalf("%d reads in a calm minute (want 12), %d in 50 busy seconds (want 49)", calm, busy)
	}
	var full int
	for _, b := range of[history.TableDescribed](w) {
		if b.Table != nil {
			full++
		}
	}
	if full != 3 {
		t.Fatalf("%d snapshots were kept, want 3: the first and each change", full)
	}
	if snap, ok := d.Snapshot("orders"); !ok || snap.Status != "ACTIVE" {
		t.Fatalf("latest %+v %v", snap, ok)
	}
}

func TestDescribeHurries(t *testing.T) {
	w := newWorld()
	d, f := describing(w, []string{"orders"}, func(name string, _ time.Duration) (history.TableSnapshot, error) { return active(name), nil })
	w.Go(func() {
		_ = w.Sleep(context.Background(), 62*time.Second)
		d.Hurry()
	})
	w.run(t, d.Run, 4*time.Minute)
	if n := within(f.calls, 62*time.Second, 62*time.Second+100*time.Millisecond); n != 1 {
		t.Fatalf("%d reads at the ring, want 1", n)
	}
	if n := within(f.calls, 63*time.Second, 123*time.Second); n < 55 {
		t.Fatalf("%d reads in the minute after the ring", n)
	}
	if n := within(f.calls, 130*time.Second, 190*time.Second); n > 13 {
		t.Fatalf("%d reads in a minute long after the ring", n)
	}
}

// TestDescribeOutage: three hours without DNS. At most two calls a minute, never an exit, and data within a minute of the end.
func TestDescribeOutage(t *testing.T) {
	w := newWorld()
	const from, to = 10 * time.Minute, 190 * time.Minute
	d, f := describing(w, []string{"orders", "users"}, func(name string, at time.Duration) (history.TableSnapshot, error) {
		if at > from && at < to {
			return history.TableSnapshot{}, noDNS
		}
		return active(name), nil
	})
	w.run(t, d.Run, 200*time.Minute)
	for m := from + 3*time.Minute; m < to; m += time.Minute {
		if n := within(f.calls, m, m+time.Minute); n > 2 {
			t.Fatalf("%d calls in minute %s of the outage", n, m)
		}
	}
	s := w.state()
	if src := s.Sources["describe"]; src.State != "ok" || src.LastOK.Sub(start) < 199*time.Minute {
		t.Fatalf("after the outage: %+v", src)
	}
	for _, e := range w.events {
		if c, ok := e.Body.(history.SourceChanged); ok && c.State == "ok" {
			if late := e.At.Sub(start) - to; late < 0 || late > time.Minute {
				t.Fatalf("recovered %s after the end", late)
			}
			return
		}
		if c, ok := e.Body.(history.SourceChanged); ok && (c.Reason != "dns" || c.State != "down" || c.Retry <= 0) {
			t.Fatalf("%+v", c)
		}
	}
	t.Fatal("no word of the recovery")
}

func TestDescribeOneBadTable(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		names  []string
		state  string
		reason string
	}{
		"one of two": {missing, []string{"orders", "ghost"}, "degraded", "missing"},
		"the only":   {denied, []string{"ghost"}, "denied", "denied"},
		"keys":       {expired, []string{"orders", "ghost"}, "expired", "expired"},
		"cold start": {noDNS, []string{"ghost"}, "down", "dns"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			d, f := describing(w, c.names, func(name string, _ time.Duration) (history.TableSnapshot, error) {
				if name == "ghost" {
					return history.TableSnapshot{}, c.err
				}
				return active(name), nil
			})
			w.run(t, d.Run, 10*time.Minute)
			if src := w.state().Sources["describe"]; src.State != c.state || src.Reason != c.reason {
				t.Fatalf("got %+v, want %s (%s)", src, c.state, c.reason)
			}
			if name == "one of two" && within(f.calls, 5*time.Minute, 6*time.Minute) < 11 {
				t.Fatal("the good table is no longer read")
			}
		})
	}
}
