package source

import (
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// perEvent bounds the points of one event, so that a backfill stays well below the journal's limit for a record.
const perEvent = 10_000

// hand turns the answer to a batch that was asked for at a moment of CloudWatch's clock into events: only what is new or has
// changed, the account of what is missing, and up to where a gap means that nothing happened.
func (m *Metrics) hand(b batch, ans *answer, failure ddbaws.Failure, now time.Time) {
	if failure.Reason != "" && len(ans.status) == 0 {
		return
	}
	body := history.MetricsPolled{Source: "cloudwatch", From: b.from.Unix(), To: b.to.Unix(), Resting: m.resting}
	if m.stretch > 1 {
		body.Every = m.stretch * int(beat/time.Second)
	}
	for _, q := range b.list {
		m.learn(q, ans.points[q.query.ID], now)
		if failure.Reason == "" {
			m.note(&body, q, ans)
		}
		switch {
		case failure.Reason != "":
		case ans.complete(q.query.ID):
			m.tried[q.key], m.covered[q.key] = true, b.to.Unix()
		case ans.status[q.query.ID] == "Forbidden" && !m.told[q.key]: // not ours to see: do not ask for hours of it each minute
			m.tried[q.key], m.covered[q.key] = true, b.to.Unix()
		default:
			m.tried[q.key] = true
		}
		for t := range ans.points[q.query.ID] {
			if !q.slow() {
				m.newest = max(m.newest, t+q.period())
			}
			m.active[history.SeriesKey{Target: q.key.Target, Op: q.key.Op}] = true
		}
		m.asked[q.key] = now
	}
	updates := m.updates(b, ans)
	if b.last && failure.Reason == "" {
		m.answered = b.to.Unix()
		m.settle()
		m.memory.forget(b.to.Add(-2 * rereadOf * reread).Unix())
	}
	body.SettledTo = m.settled
	points := 0
	var bodies []history.Body
	for _, u := range updates {
		if points += len(u.Points); points > perEvent && len(body.Series) > 0 {
			full := body
			full.SettledTo, full.Status = 0, nil
			bodies, body.Series, points = append(bodies, full), nil, len(u.Points)
		}
		body.Series = append(body.Series, u)
	}
	// A page that is asked for names its metrics again: we take it that AWS bills them again.
	body.Queries, body.Took = billed(b.list)*ans.pages, m.c.Clock.Now().Add(m.skew).Sub(now)
	if body.Partial = ans.missing(b.list); failure.Reason != "" {
		body.Partial = failure.Text
	}
	m.c.To.Emit(append(bodies, body)...)
}

// note keeps the status of a series, and tells it when it has changed.
func (m *Metrics) note(body *history.MetricsPolled, q asked, ans *answer) {
	status := ans.status[q.query.ID]
	switch status {
	case "":
		status = "absent"
	case "Complete":
		status = ""
	}
	if status == m.status[q.key] {
		return
	}
	if m.status[q.key] = status; status == "" {
		delete(m.status, q.key)
	}
	if body.Status == nil {
		body.Status = map[string]string{}
	}
	body.Status[q.key.String()] = status
}

// learn tells how late the points are that show for the first time. Nothing is learnt from a first ask, nor from one after a pause:
// when a point showed in it is not known.
func (m *Metrics) learn(q asked, points map[int64]float64, now time.Time) {
	before, known := m.asked[q.key]
	if !known || m.status[q.key] != "" || now.Sub(before) > q.signal.Period+beat {
		return
	}
	grid := m.minutes
	if q.slow() {
		grid = m.fives
	}
	for t := range points {
		if _, had := m.memory[q.key][t]; had {
			continue
		}
		end := time.Unix(t+q.period(), 0)
		grid.first(now.Sub(end), before.Sub(end))
	}
}

// updates lists the series with something new. A series in which a gap means zero is handed on once without points, so that
// it is known to be watched; of an operation only when somebody uses it.
func (m *Metrics) updates(b batch, ans *answer) []history.SeriesUpdate {
	var out []history.SeriesUpdate
	for _, q := range b.list {
		if _, known := m.since[q.key]; !known && ans.complete(q.query.ID) {
			m.since[q.key] = b.from.Unix()
		}
		points := m.memory.changed(q, ans.points[q.query.ID])
		used := q.signal.Scope != signal.TableOp || m.active[history.SeriesKey{Target: q.key.Target, Op: q.key.Op}]
		watched := q.signal.Zero && used && ans.complete(q.query.ID) && !m.told[q.key]
		if len(points) == 0 && !watched {
			continue
		}
		u := history.SeriesUpdate{Key: q.key, Unit: q.signal.Unit, Period: int(q.period()), Zero: q.signal.Zero, Points: points}
		if since, known := m.since[q.key]; known && !m.told[q.key] && since < b.from.Unix() {
			u.From = since // it was asked for all the while, and there was nothing
		}
		m.told[q.key] = true
		out = append(out, u)
	}
	return out
}

// settle moves on the instant up to which a gap means zero. It goes no further than every watched series has been read
// completely, and no further than the newest data of any series: a CloudWatch that is late, or answers with nothing, is not
// a table that is well.
func (m *Metrics) settle() {
	to := min(m.newest, m.c.Clock.Now().Add(m.skew-settle).Unix())
	for _, q := range m.plan {
		if q.signal.Zero && m.told[q.key] {
			to = min(to, m.covered[q.key])
		}
	}
	to -= to % int64(beat/time.Second)
	m.settled = max(m.settled, to)
}
