package source

import (
	"context"
	"testing"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

// The earlier days are asked for once, after a poll, of what is in use, and their price is counted; a refusal is tried three times. Mutants: ask at every poll; ask for all operations;
// ask in the first seconds.
func TestBaselinesAreAskedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		fails, budget float64
		days, calls   int
	}{"well": {0, 0, 2, 2}, "fails once": {1, 0, 2, 3}, "refused": {9, 0, 0, 3}, "no money": {0, 0.00001, 0, 0}} {
		w, cl := newWorld(), &cloud{lag: time.Minute}
		calls := 0
		past := reading(func(ctx context.Context, r ddbaws.MetricRequest) (ddbaws.MetricPage, error) {
			if start.Sub(r.To) < 12*time.Hour {
				return cl.MetricData(ctx, r)
			}
			if calls++; float64(calls) <= c.fails {
				return ddbaws.MetricPage{}, denied
			}
			if at := w.Now().Sub(start); at < 30*time.Second || len(r.Queries) > 20 {
				t.Errorf("%s: %d series at %s", name, len(r.Queries), at)
			}
			page := ddbaws.MetricPage{}
			for _, q := range r.Queries {
				page.Results = append(page.Results, ddbaws.MetricResult{ID: q.ID, Status: "Complete", Points: []history.Point{{T: r.From.Unix(), V: 600}}})
			}
			return page, nil
		})
		m := polling(w, cl)
		m.c.From, m.c.Baselines = past, true
		if c.budget > 0 {
			m.c.Budget = c.budget
		}
		w.run(t, m.Run, 20*time.Minute)
		got := of[history.BaselinesRead](w)
		if len(got) != c.days || calls != c.calls {
			t.Errorf("%s: %d days from %d calls, want %d from %d", name, len(got), calls, c.days, c.calls)
		}
		for _, b := range got {
			if b.Queries == 0 || w.state().Baseline("consumed_read", "orders", "", b.Ago) == nil {
				t.Errorf("%s: %+v", name, b)
			}
			if p := w.state().Baseline("consumed_read", "orders", "", b.Ago).Points[0]; p.V != 2 {
				t.Errorf("%s: 600 units in five minutes are %v per second", name, p.V)
			}
		}
	}
}

type reading func(context.Context, ddbaws.MetricRequest) (ddbaws.MetricPage, error)

func (f reading) MetricData(ctx context.Context, r ddbaws.MetricRequest) (ddbaws.MetricPage, error) {
	return f(ctx, r)
}
