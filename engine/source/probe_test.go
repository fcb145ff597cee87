package source

import (
	"context"
	"testing"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

type reads struct {
	w      *world
	answer func(at time.Duration) (took time.Duration, err error)
	calls  []time.Duration
}

func (f *reads) Read(ctx context.Context, _ *ddbaws.Read) (ddbaws.Reading, error) {
	at := f.w.Now().Sub(start)
	f.calls = append(f.calls, at)
	took, err := f.answer(at)
	if end, ok := f.w.Deadline(ctx); ok && f.w.Now().Add(took).After(end) {
		_ = f.w.Sleep(ctx, end.Sub(f.w.Now()))
		return ddbaws.Reading{}, context.DeadlineExceeded
	}
	_ = f.w.Sleep(ctx, took)
	return ddbaws.Reading{Units: 0.5, Pages: 1, Examined: 1, Returned: 1, Request: "R", Phases: ddbaws.Phases{Wait: took}}, err
}

func probing(w *world, answer func(time.Duration) (time.Duration, error)) (*Probe, *reads) {
	f := &reads{w: w, answer: answer}
	r := &ddbaws.Read{Op: "GetItem", Table: "orders"}
	return NewProbe(ProbeConfig{Clock: w, From: f, To: w, Name: "p", Request: r}), f
}

// TestProbeKeepsTheBeat: answers that outlast the beat leave ticks out; none are made up for in a burst.
func TestProbeKeepsTheBeat(t *testing.T) {
	w := newWorld()
	p, f := probing(w, func(at time.Duration) (time.Duration, error) {
		if at >= 5*time.Second && at < 6*time.Second {
			return 1700 * time.Millisecond, nil
		}
		return 3 * time.Millisecond, nil
	})
	w.run(t, p.Run, 9*time.Second)
	want := []time.Duration{0, 1, 2, 3, 4, 5, 7, 8, 9}
	if len(f.calls) != len(want) {
		t.Fatalf("probed at %v", f.calls)
	}
	for i, at := range f.calls {
		if at != want[i]*time.Second {
			t.Fatalf("probed at %v, want whole seconds %v", f.calls, want)
		}
	}
	got := of[history.ProbeAnswered](w)[5]
	if !got.OK || got.Total != 1700*time.Millisecond || got.Wait != got.Total || got.Units != 0.5 || got.Every != time.Second || got.Table != "orders" {
		t.Fatalf("%+v", got)
	}
}

func TestProbeFailures(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		took  time.Duration
		code  string
		state string // of the source; "" = no word of it
	}{
		"throttled": {slow, 0, "ThrottlingException", ""},
		"dns":       {noDNS, 0, "dns", ""},
		"broken":    {broken, 0, "reset", ""},
		"timeout":   {nil, time.Hour, "timeout", ""},
		"missing":   {missing, 0, "ResourceNotFoundException", "down"},
		"denied":    {denied, 0, "AccessDeniedException", "denied"},
		"expired":   {expired, 0, "ExpiredTokenException", "expired"},
		"invalid":   {api("ValidationException"), 0, "ValidationException", "down"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			p, _ := probing(w, func(at time.Duration) (time.Duration, error) {
				if at < 60*time.Second {
					return c.took, c.err
				}
				return time.Millisecond, nil
			})
			w.run(t, p.Run, 90*time.Second)
			answers := of[history.ProbeAnswered](w)
			if first := answers[0]; first.OK || first.Code != c.code || first.Text == "" || name == "timeout" && first.Total != 2*time.Second {
				t.Fatalf("%+v", first)
			}
			if last := answers[len(answers)-1]; !last.OK || len(answers) < 50 {
				t.Fatalf("%d answers, the last %+v: a probe never stops", len(answers), last)
			}
			changes := of[history.SourceChanged](w)
			if c.state == "" && len(changes) != 0 || c.state != "" && (len(changes) != 2 || changes[0].State != c.state || changes[1].State != "ok") {
				t.Fatalf("said of itself: %+v", changes)
			}
		})
	}
}
