package source

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// How far a baseline reaches before and after the session's own time of day: the widest window of the screen, and a long incident.
const (
	baseBefore = 3 * time.Hour
	baseAfter  = 6 * time.Hour
	baseMost   = 200 // series
	baseTries  = 3
)

// based are the signals whose past is worth its price.
var based = []string{"consumed_read", "consumed_write", "read_throttles", "write_throttles", "requests", "latency_p50", "latency_p99"}

// lookBack asks once a session how things stood at this time yesterday and a week ago, after a poll, so that it delays none. It
// is a pleasure, not a need: a refusal is tried again a few times and then let be, and it rests when the budget is spent.
func (m *Metrics) lookBack(ctx context.Context, now time.Time) {
	if !m.c.Baselines || m.backTries >= baseTries || m.rounds < 1 || m.resting > 0 {
		return
	}
	list := m.basedOn()
	if len(list) == 0 {
		return
	}
	m.backTries++
	for _, ago := range []time.Duration{history.Yesterday, history.LastWeek} {
		if m.backDone[ago] {
			continue
		}
		if m.c.Clock.Sleep(ctx, time.Second) != nil {
			return
		}
		mid := now.Add(-ago).Truncate(slowGrid)
		b := batch{list: list, from: mid.Add(-baseBefore), to: mid.Add(min(baseAfter, ago))}
		ans, failure := m.ask(ctx, b)
		if failure.Reason != "" || ctx.Err() != nil {
			return
		}
		m.backDone[ago] = true
		m.c.To.Emit(baseline(b, ans, ago))
	}
	m.backTries = baseTries
}

// basedOn lists what is in use now, on the slow grid.
func (m *Metrics) basedOn() []asked {
	var out []asked
	for _, q := range m.plan {
		used := m.active[history.SeriesKey{Target: q.key.Target, Op: q.key.Op}]
		if !used || !slices.Contains(based, q.key.Signal) || len(out) == baseMost {
			continue
		}
		q.signal.Period, q.query.Period = slowGrid, slowGrid
		q.query.ID, q.bill = "b"+strconv.Itoa(len(out)), billOf(q.query)
		out = append(out, q)
	}
	return out
}

func baseline(b batch, ans *answer, ago time.Duration) history.BaselinesRead {
	out := history.BaselinesRead{Ago: ago, From: b.from.Unix(), To: b.to.Unix(), Queries: billed(b.list) * ans.pages}
	for _, q := range b.list {
		points := memory{}.changed(q, ans.points[q.query.ID])
		if len(points) > 0 {
			out.Series = append(out.Series, history.SeriesUpdate{Key: q.key, Unit: q.signal.Unit, Period: int(q.period()), Zero: q.signal.Zero && ans.complete(q.query.ID), Points: points})
		}
	}
	return out
}
