package source_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/engine/source"
	"github.com/ddbloop/ddbloop/history"
)

type counted struct {
	clk   clock.Clock
	calls int
}

func (c *counted) MetricData(_ context.Context, r ddbaws.MetricRequest) (ddbaws.MetricPage, error) {
	c.calls++
	page := ddbaws.MetricPage{Server: c.clk.Now()}
	for _, q := range r.Queries {
		page.Results = append(page.Results, ddbaws.MetricResult{ID: q.ID, Status: "Complete"})
	}
	return page, nil
}

type kept struct{ seq uint64 }

func (k *kept) Append(events ...history.Event) ([]history.Event, error) {
	for i := range events {
		k.seq++
		events[i].Seq = k.seq
	}
	return events, nil
}
func (*kept) Flush() error { return nil }

// M6: eight people who watch cost what one does: they read the events of one poller, all of them the same. Mutant: a poller for each subscription.
func TestViewersShareOnePoller(t *testing.T) {
	run := func(viewers int) (calls int, read []int) {
		start := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
		clk := clock.NewVirtual(start)
		from := &counted{clk: clk}
		eng, err := engine.New(engine.Options{
			Clock: clk, Journal: &kept{}, Session: history.SessionStarted{Tables: []string{"orders"}}, Limits: diagnose.Defaults, Watched: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		read = make([]int, viewers)
		subs := make([]*engine.Subscription, viewers)
		for i := range subs { // all before the first one reads: what every reader has had is let go of
			subs[i] = eng.Subscribe()
		}
		var wg sync.WaitGroup
		for i, sub := range subs {
			wg.Go(func() {
				defer sub.Close()
				for {
					events, err := sub.Next(ctx)
					if err != nil {
						return
					}
					read[i] += len(events)
					if _, last := events[len(events)-1].Body.(history.SessionClosed); last {
						return
					}
				}
			})
		}
		eng.Run(ctx, source.NewMetrics(source.MetricsConfig{
			Clock: clk, From: from, To: eng, Rand: func() float64 { return 0.5 }, Tables: []string{"orders"},
			Snapshot: func(string) (history.TableSnapshot, bool) { return history.TableSnapshot{}, false },
		}))
		clk.Run(start.Add(30*time.Minute), nil)
		clk.Stop()
		eng.Emit(history.SessionClosed{})
		wg.Wait()
		return from.calls, read
	}
	one, _ := run(1)
	eight, read := run(8)
	if one != eight || one == 0 {
		t.Errorf("one viewer: %d calls, eight: %d", one, eight)
	}
	for _, n := range read {
		if n != read[0] || n < eight {
			t.Errorf("viewers have read %v events", read)
		}
	}
}
