package source

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/sim"
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/scenarios"
	simworld "github.com/ddbloop/ddbloop/engine/sim/world"
	"github.com/ddbloop/ddbloop/history"
)

// gauge stands between a poller and CloudWatch and notes, of every series, when a point showed first and whether an ask brought one.
type gauge struct {
	clk  clock.Clock
	to   MetricReader
	from time.Time // what comes before is learning
	seen map[string]map[int64]bool
	ages map[bool][]time.Duration // of points at arrival; true = the slow grid
	asks map[bool]int
	vain map[bool]int
	slow int // asks of any series of the slow grid
}

func newGauge(clk clock.Clock, to MetricReader, from time.Time) *gauge {
	return &gauge{clk: clk, to: to, from: from, seen: map[string]map[int64]bool{}, ages: map[bool][]time.Duration{}, asks: map[bool]int{}, vain: map[bool]int{}}
}

func (g *gauge) MetricData(ctx context.Context, r ddbaws.MetricRequest) (ddbaws.MetricPage, error) {
	page, err := g.to.MetricData(ctx, r)
	now := g.clk.Now()
	for _, res := range page.Results {
		q := r.Queries[at(r.Queries, res.ID)]
		name, slow := billOf(q)+q.Stat, q.Period > beat
		if slow && now.After(g.from) {
			g.slow++
		}
		if slow && (len(q.Dimensions) == 0 || strings.HasPrefix(q.Metric, "Provisioned") || q.Metric == "ConsumedChangeDataCaptureUnits") {
			continue // what no verdict waits for has its turn once in five minutes, or in thirty
		}
		before, known := g.seen[name]
		if !known {
			before = map[int64]bool{}
			g.seen[name] = before
		}
		news := false
		for _, p := range res.Points {
			if before[p.T] {
				continue
			}
			news, before[p.T] = true, true
			if known && now.After(g.from) {
				g.ages[slow] = append(g.ages[slow], now.Sub(time.Unix(p.T, 0).Add(q.Period)))
			}
		}
		if len(before) > 0 && now.After(g.from) { // of what is never published nothing can be learnt
			g.asks[slow]++
			if !news {
				g.vain[slow]++
			}
		}
	}
	return page, err
}

func (g *gauge) median(slow bool) time.Duration {
	slices.Sort(g.ages[slow])
	return g.ages[slow][len(g.ages[slow])/2]
}

func (g *gauge) mean(slow bool) time.Duration {
	sum := time.Duration(0)
	for _, a := range g.ages[slow] {
		sum += a
	}
	return sum / time.Duration(len(g.ages[slow]))
}

func (g *gauge) vainShare(slow bool) float64 { return float64(g.vain[slow]) / float64(g.asks[slow]) }

// embeddedCloud is two and a half hours of the embedded AWS, whose minutes show 60 to 120 s after their end and whose five minutes 5 to 10 min after
// it, and a poller on it.
func embeddedCloud(t *testing.T, poll func(clk *clock.Virtual, g *gauge, sc *scenario.Scenario) func(context.Context)) *gauge {
	t.Helper()
	raw, err := scenarios.Open("kinesis-capture")
	if err != nil {
		t.Fatal(err)
	}
	sc, err := scenario.Parse("kinesis-capture", raw, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(sc)
	if err != nil {
		t.Fatal(err)
	}
	clk := clock.NewVirtual(sc.Start)
	account, err := ddbaws.Connect(context.Background(), ddbaws.Options{
		Region: sc.Region, Clock: clk, HTTPClient: s.Client(clk, simworld.FromHere), Keys: &ddbaws.Keys{ID: "AKIDEMBEDDED", Secret: "embedded"},
	})
	if err != nil {
		t.Fatal(err)
	}
	g := newGauge(clk, account, sc.Start.Add(20*time.Minute))
	run := poll(clk, g, sc)
	clk.Go(func() { run(context.Background()) })
	clk.Run(sc.Start.Add(90*time.Minute), nil)
	clk.Stop()
	return g
}

// The poller that has learnt CloudWatch's lags against one that asks for everything at each full minute, on the same embedded AWS. Mutants: ask for the slow
// grid at every poll; keep the first place in the minute for ever.
func TestLearntLags(t *testing.T) {
	config := func(clk *clock.Virtual, g *gauge, sc *scenario.Scenario) MetricsConfig {
		snap := history.TableSnapshot{Name: sc.Tables[0].Name, Kinesis: "changes"}
		return MetricsConfig{
			Clock: clk, From: g, List: g.to.(MetricLister), To: &nobody{}, Rand: half, Tables: []string{sc.Tables[0].Name},
			Snapshot: func(string) (history.TableSnapshot, bool) { return snap, true },
		}
	}
	learnt := embeddedCloud(t, func(clk *clock.Virtual, g *gauge, sc *scenario.Scenario) func(context.Context) {
		return NewMetrics(config(clk, g, sc)).Run
	})
	naive := embeddedCloud(t, func(clk *clock.Virtual, g *gauge, sc *scenario.Scenario) func(context.Context) {
		m := NewMetrics(config(clk, g, sc))
		return func(ctx context.Context) {
			for {
				now := clk.Now()
				m.look(ctx)
				for _, b := range m.batches(plan(m.wanted()), now.Truncate(beat)) {
					m.ask(ctx, b)
				}
				if clk.Sleep(ctx, now.Truncate(beat).Add(beat+2*time.Second).Sub(clk.Now())) != nil {
					return
				}
			}
		}
	})
	t.Logf("grid of a minute: median age at arrival %s → %s, asked in vain %.2f → %.2f", naive.median(false), learnt.median(false), naive.vainShare(false), learnt.vainShare(false))
	t.Logf("grid of five: mean age %s → %s, asked in vain %.2f → %.2f; asks of all its series %d → %d", naive.mean(true), learnt.mean(true), naive.vainShare(true), learnt.vainShare(true), naive.slow, learnt.slow)
	if before, after := naive.median(false), learnt.median(false); after > before {
		t.Errorf("minutes arrive at %s instead of %s", after, before)
	}
	if before, after := naive.mean(true), learnt.mean(true); after > before+15*time.Second {
		t.Errorf("five minutes arrive at %s on average instead of %s", after, before)
	}
	if learnt.vainShare(false) > 0.15 || learnt.vainShare(true) >= naive.vainShare(true)-0.02 {
		t.Errorf("asked in vain: %.2f on the grid of a minute, %.2f on that of five", learnt.vainShare(false), learnt.vainShare(true))
	}
	if learnt.slow*2 > naive.slow {
		t.Errorf("%d asks of the slow grid instead of %d", learnt.slow, naive.slow)
	}
}

type nobody struct{}

func (*nobody) Emit(...history.Body) {}

// A CloudWatch that is always just as late is asked just then. Mutant: swap the two ages that a first sight tells.
func TestLagsFindThePlace(t *testing.T) {
	for _, lag := range []time.Duration{3 * time.Second, 62 * time.Second, 89 * time.Second, 118 * time.Second} {
		l, now := newLags(beat, step), start
		for round := range 40 {
			now = now.Truncate(beat).Add(beat + time.Duration(l.next(5, round))*step + 2*time.Second)
			l.ask(now)
			for end := now.Truncate(beat).Add(-3 * beat); !end.After(now); end = end.Add(beat) {
				if age, before := now.Sub(end), now.Sub(end)-beat; age >= lag && before < lag {
					l.first(age, before)
				}
			}
		}
		late := time.Duration(l.place())*step + 2*time.Second - lag
		if late = (late + 2*beat) % beat; late >= step {
			t.Errorf("lag %s: asks %s after it", lag, late)
		}
	}
}
