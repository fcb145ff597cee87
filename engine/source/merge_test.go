package source

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

// hostile answers with everything that CloudWatch may do: results in pieces over pages, ids repeated and out of order, values
// that grow after they first show, late minutes, incomplete and failed pages.
type hostile struct {
	w     *world
	rng   *rand.Rand
	truth map[string]map[int64]float64 // by query id: the final values
	pages map[string][]ddbaws.MetricPage
	calm  time.Duration // from here on nothing goes wrong any more
	sent  map[string]map[int64]bool
}

func (h *hostile) MetricData(_ context.Context, r ddbaws.MetricRequest) (ddbaws.MetricPage, error) {
	now := h.w.Now()
	rough := now.Sub(start) < h.calm
	if rough && h.rng.IntN(8) == 0 {
		return ddbaws.MetricPage{}, broken
	}
	if r.Token == "" {
		h.pages = map[string][]ddbaws.MetricPage{"": h.script(r, now, rough)}
	}
	page := h.pages[""][0]
	h.pages[""] = h.pages[""][1:]
	if len(h.pages[""]) > 0 {
		page.Next = "more"
	}
	for _, res := range page.Results {
		q := r.Queries[at(r.Queries, res.ID)]
		for _, p := range res.Points {
			if h.sent[q.ID] == nil {
				h.sent[q.ID] = map[int64]bool{}
			}
			h.sent[q.ID][p.T] = true
		}
	}
	return page, nil
}

func at(queries []ddbaws.MetricQuery, id string) int {
	for i, q := range queries {
		if q.ID == id {
			return i
		}
	}
	return 0
}

func (h *hostile) script(r ddbaws.MetricRequest, now time.Time, rough bool) []ddbaws.MetricPage {
	pages := make([]ddbaws.MetricPage, 1+h.rng.IntN(4))
	for _, q := range r.Queries {
		values := h.truth[q.ID]
		var points []history.Point
		for m := r.From; m.Before(r.To); m = m.Add(time.Minute) {
			v, has := values[m.Unix()]
			age := now.Sub(m.Add(time.Minute))
			if !has || age < time.Minute || rough && age < 6*time.Minute && h.rng.IntN(4) == 0 {
				continue
			}
			if age < 4*time.Minute {
				v *= 0.8 // the newest points read low at first
			}
			points = append(points, history.Point{T: m.Unix(), V: v})
		}
		h.rng.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
		for i := range pages {
			n := len(points)
			if i < len(pages)-1 {
				n = h.rng.IntN(len(points) + 1)
			}
			res := ddbaws.MetricResult{ID: q.ID, Status: "PartialData", Points: points[:n]}
			points = points[n:]
			if i == len(pages)-1 {
				res.Status = "Complete"
				if rough && h.rng.IntN(10) == 0 {
					res.Status = "InternalError"
				}
			}
			if rough && n == 0 && h.rng.IntN(10) == 0 {
				continue // the id is not there at all
			}
			pages[i].Results = append(pages[i].Results, res)
		}
	}
	for _, p := range pages {
		h.rng.Shuffle(len(p.Results), func(i, j int) { p.Results[i], p.Results[j] = p.Results[j], p.Results[i] })
	}
	return pages
}

// TestMergeEqualsTheTruth is the promise that the final series is the truth: nothing that was received is lost, late values
// overwrite, and a minute without a value is never a zero unless it is known that nothing happened in it.
func TestMergeEqualsTheTruth(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		w := newWorld()
		h := &hostile{w: w, rng: rng, calm: 20 * time.Minute, truth: map[string]map[int64]float64{}, sent: map[string]map[int64]bool{}}
		nothing := func(string) (history.TableSnapshot, bool) { return history.TableSnapshot{}, false }
		list := plan(wanted{tables: []string{"orders"}, snapshot: nothing, ops: []string{"GetItem"}})
		for _, q := range list {
			values := map[int64]float64{}
			for m := -60; m < 40; m++ {
				if rng.IntN(3) > 0 {
					values[start.Add(time.Duration(m)*time.Minute).Unix()] = float64(1 + rng.IntN(1000))
				}
			}
			h.truth[q.query.ID] = values
		}
		m := NewMetrics(MetricsConfig{Clock: w, From: h, To: w, Rand: half, Tables: []string{"orders"}, Snapshot: nothing, Ops: []string{"GetItem"}})
		w.Go(func() { m.Run(context.Background()) })
		w.Run(start.Add(40*time.Minute), nil)
		w.Stop()

		s := w.state()
		for _, q := range list {
			sr := s.Series[q.key.String()]
			until := 28
			if q.slow() { // read again every five or thirty minutes only
				until = 5
			}
			for minute := -60; minute < until; minute++ {
				at := start.Add(time.Duration(minute) * time.Minute).Unix()
				want, has := h.truth[q.query.ID][at]
				got, known := sr.At(at)
				switch {
				case has && (!known || got != q.measured(want)):
					rt.Fatalf("%s minute %d: %v (known %v), the truth is %v", q.key, minute, got, known, q.measured(want))
				case !has && known && (got != 0 || !q.signal.Zero):
					rt.Fatalf("%s minute %d: %v was never sent", q.key, minute, got)
				}
			}
			for at := range h.sent[q.query.ID] {
				if _, known := sr.At(at); !known {
					rt.Fatalf("%s: the point at %d was received and dropped", q.key, at)
				}
			}
		}
		for _, e := range w.events { // at no time is a zero claimed where there is a value
			b, ok := e.Body.(history.MetricsPolled)
			if ok && b.SettledTo > e.At.Add(-2*time.Minute).Unix() {
				rt.Fatalf("settled up to %d at %s", b.SettledTo, e.At)
			}
		}
	})
}
