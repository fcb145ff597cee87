package postmortem

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

const (
	calm      = 30 * time.Minute // before the incident, for the "before" level
	margin    = 10 * time.Minute // drawn on both sides of it
	sparkLen  = 28
	maxSeries = 20

	settled = 5 * time.Minute // before the end, when recovery was already being watched
)

// burn is how long one client missed its objective.
type burn struct {
	client  history.Client
	what    string
	minutes float64
	last    time.Time // end of the last interval that missed it
	open    bool      // the newest interval misses it
}

// burns returns one entry per client objective that was measured.
func (d *draft) burns() []burn {
	var out []burn
	for _, c := range d.s.Session.Clients {
		goal := c.Table
		if c.Index != "" {
			goal += "/" + c.Index
		}
		get := func(signal string) *history.Series { return d.s.Get(signal, goal, c.Name) }
		if p99 := get(history.FeedP99); p99 != nil && c.P99 > 0 {
			b := burn{client: c, what: "p99 above " + c.P99.String()}
			d.count(&b, p99, func(p history.Point) bool { return p.V > history.Millis(c.P99) })
			out = append(out, b)
		}
		failed, calls := get(history.FeedFailed), get(history.FeedCalls)
		if failed != nil && calls != nil && c.Success > 0 {
			b := burn{client: c, what: "success below " + number(c.Success*100) + " %"}
			d.count(&b, failed, func(p history.Point) bool {
				n, ok := calls.At(p.T)
				return ok && n > 0 && p.V/n > 1-c.Success
			})
			out = append(out, b)
		}
	}
	return out
}

func (d *draft) count(b *burn, s *history.Series, missed func(history.Point) bool) {
	for _, p := range s.Window(d.from.Unix(), d.s.Now.Unix()+1) {
		if b.open = missed(p); b.open {
			b.minutes += float64(s.Period) / 60
			b.last = time.Unix(p.T+s.Period, 0).UTC()
		}
	}
}

func (d *draft) impact() {
	d.section("Impact")
	t := table{head: []string{"what", "how much", "from"}}
	for _, name := range d.names() {
		s := d.s.Series[name]
		if s.Key.Signal != "write_throttles" && s.Key.Signal != "read_throttles" {
			continue
		}
		side := strings.TrimSuffix(s.Key.Signal, "_throttles")
		events, peak := d.sum(s)
		if events == 0 {
			continue
		}
		row := fmt.Sprintf("%.0f throttle events, at most %s/s", events, number(peak))
		if used, _ := d.sum(d.s.Get("consumed_"+side, s.Key.Target, "")); used > 0 {
			row += fmt.Sprintf("; %.1f %% of the %s units asked for", 100*events/(events+used), side)
		}
		t.add(side+"s refused on "+inert(s.Key.Target), row, literal(name))
	}
	for _, b := range d.burns() {
		if b.minutes > 0 {
			t.add("objective of "+inert(b.client.Name)+" missed", fmt.Sprintf("%s min with %s", number(b.minutes), b.what), "its feed")
		}
	}
	if extra, unknown := d.cost(); extra != 0 || unknown {
		text := fmt.Sprintf("%+.2f USD per hour", extra)
		if unknown {
			text += " and changes of unknown price"
		}
		if extra == 0 {
			text = "unknown"
		}
		t.add("cost of the changes still in force", strings.Replace(text, "-", "−", 1), "plans")
	}
	d.table(t, "No refusal and no missed objective was measured.")
	d.printf("\n")
	if n := d.s.Queries + d.s.Rankings; n > 0 {
		price := "their price in this Region is not known"
		if usd, ok := d.s.Cost(); ok {
			price = fmt.Sprintf("%.3f USD at list prices", usd)
		}
		d.printf("Measuring asked CloudWatch for %d metrics: %s.\n\n", n, price)
	}
	d.ask(impactKey, "Which users were affected, and how did they notice? Tickets, money?")
}

func (d *draft) cost() (usd float64, unknown bool) {
	for _, c := range d.s.Changes {
		if c.State != history.ChangeInForce || c.Plan.UndoOf != "" {
			continue
		}
		if c.Plan.CostHour == nil {
			unknown = true
			continue
		}
		usd += *c.Plan.CostHour
	}
	return usd, unknown
}

// sum integrates a rate over the incident.
func (d *draft) sum(s *history.Series) (total, peak float64) {
	if s == nil {
		return 0, 0
	}
	for _, p := range s.Window(d.from.Unix(), d.to.Unix()) {
		total, peak = total+p.V*float64(s.Period), max(peak, p.V)
	}
	return total, peak
}

func (d *draft) names() []string {
	names := make([]string, 0, len(d.s.Series))
	for name := range d.s.Series {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func (d *draft) signals() {
	d.section("Signals")
	type row struct {
		cells []string
		swing float64
	}
	var rows []row
	from, to := d.from.Add(-margin), d.to.Add(margin)
	if d.s.Now.Before(to) {
		to = d.s.Now
	}
	for _, name := range d.names() {
		s := d.s.Series[name]
		if s.Key.Signal == history.ReadLimit || s.Key.Signal == history.WriteLimit || s.Key.Signal == history.ProbeOK {
			continue
		}
		before, hasB := median(s.Window(d.from.Add(-calm).Unix(), d.from.Unix()))
		peak, hasP := highest(s.Window(d.from.Unix(), d.to.Unix()))
		after, hasA := median(s.Window(d.to.Add(-settled).Unix(), to.Unix()+1))
		if !hasP || peak == 0 {
			continue
		}
		swing := math.Abs(math.Log((peak + .01) / (before + .01)))
		unit := s.Unit
		if unit == "" {
			unit = "share"
		}
		rows = append(rows, row{swing: swing, cells: []string{literal(name), inert(unit), known(before, hasB), known(peak, hasP), known(after, hasA), spark(s, from, to, d.acted())}})
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].swing > rows[j].swing })
	t := table{head: []string{"signal", "unit", "before", "peak", "after", from.UTC().Format("15:04") + " … " + to.UTC().Format("15:04")}}
	for _, r := range rows[:min(len(rows), maxSeries)] {
		t.add(r.cells...)
	}
	d.table(t, "No signal was measured during the incident.")
	if len(t.rows) > 0 {
		d.printf("\nThe biggest swings first. Before: median of the %s before the start; after: median from %s before the end on. "+
			"Each stroke is the highest value of its time, scaled from 0; `·` is time without data, never a zero; "+
			"`│` stands where a change came into force.\n", short(calm), short(settled))
	}
	if n := len(rows) - maxSeries; n > 0 {
		d.printf("\n%d more signals with smaller swings are in the journal.\n", n)
	}
}

func known(v float64, ok bool) string {
	if !ok {
		return "no data"
	}
	return number(v)
}

func median(points []history.Point) (float64, bool) {
	if len(points) == 0 {
		return 0, false
	}
	v := make([]float64, len(points))
	for i, p := range points {
		v[i] = p.V
	}
	sort.Float64s(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2, true
}

func highest(points []history.Point) (peak float64, ok bool) {
	for i, p := range points {
		if i == 0 || p.V > peak {
			peak = p.V
		}
	}
	return peak, len(points) > 0
}

// acted are the instants from which changes were in force.
func (d *draft) acted() []time.Time {
	var out []time.Time
	for _, c := range d.s.Changes {
		if !c.Settled.IsZero() {
			out = append(out, c.Settled)
		}
	}
	return out
}

// spark draws a series in sparkLen strokes, with a mark in front of the stroke during which a change came into force.
func spark(s *history.Series, from, to time.Time, acted []time.Time) string {
	step := max(s.Period, (to.Unix()-from.Unix()+sparkLen-1)/sparkLen)
	top, _ := highest(s.Window(from.Unix(), to.Unix()))
	var b strings.Builder
	for t := from.Unix(); t < to.Unix(); t += step {
		if slices.ContainsFunc(acted, func(at time.Time) bool { return at.Unix() >= t && at.Unix() < t+step }) {
			b.WriteRune('│')
		}
		v, ok := highest(s.Window(t, t+step))
		switch {
		case !ok:
			b.WriteRune('·')
		case top <= 0 || v <= 0:
			b.WriteRune('▁')
		default:
			b.WriteRune([]rune("▁▂▃▄▅▆▇█")[min(7, int(v/top*7.999))])
		}
	}
	return b.String()
}
