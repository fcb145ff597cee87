package world

import (
	"math"
	"time"
)

// Advance moves the clock to t and computes every second that has passed. A t before Now changes nothing.
func (w *World) Advance(t time.Duration) {
	w.now = max(w.now, t)
	for left := int64(t/time.Second) - w.sec; left > 0; left = int64(t/time.Second) - w.sec {
		w.step(1, left)
	}
}

// computeHistory runs up to t = 0, a minute at a time where a whole one is left.
func (w *World) computeHistory() {
	for w.sec < 0 {
		if w.sec+minute <= 0 && (w.unix+w.sec)%minute == 0 {
			w.step(minute, 1)
		} else {
			w.step(1, 1)
		}
	}
	for _, c := range w.clients {
		times := c.past.times(max(1, c.now.Pages))
		if times.count() == 0 {
			times = c.first
		}
		c.calm = seconds(times.quantile(0.99))
		c.past = tally{}
		if c.feed != nil {
			c.feed.on = true
		}
	}
	for _, t := range w.tables {
		if t.mode != OnDemand {
			continue
		}
		for _, r := range t.resources {
			r.openCeilings(Throughput{r.spec.PeakRead, r.spec.PeakWrite})
		}
	}
}

// step computes at most so many steps of dt seconds, as far as the next thing that concerns more than one table: what begins, what
// flows, what closes. Until then no table knows of another, so each takes all its steps in one go, while the processor has it at hand.
func (w *World) step(dt, most int64) {
	for _, t := range w.tables {
		t.settleControl()
	}
	w.playEvents()
	w.refresh()
	n := w.stride(most)
	for _, t := range w.tables {
		for i := range n {
			t.advance(w.sec+i*dt, float64(dt))
		}
	}
	w.sec += n * dt
	unix := w.unix + w.sec
	if unix%minute == 0 {
		w.closeMinute(unix - minute)
		w.evaluateAlarms()
		for _, g := range w.gauges {
			g.read()
		}
		if unix%fiveMinute == 0 {
			for _, g := range w.gauges {
				g.close(unix - fiveMinute)
			}
		}
	}
	w.scale(unix%minute == 0)
}

// stride is for how many seconds, at most, nothing begins, ends, settles or closes.
func (w *World) stride(most int64) int64 {
	n := min(most, minute-(w.unix+w.sec)%minute)
	if n == 1 || w.moving || w.unsettled() {
		return 1
	}
	edge := func(at time.Duration) {
		if s := int64(math.Ceil(at.Seconds())); s > w.sec {
			n = min(n, s-w.sec)
		}
	}
	for _, e := range w.events {
		edge(e.At)
		if e.Fault != nil {
			edge(e.Until)
		}
	}
	for _, l := range w.layers {
		edge(l.From)
		edge(l.until)
	}
	return n
}

// unsettled reports whether something is under way that looks at the clock each second.
func (w *World) unsettled() bool {
	for _, t := range w.tables {
		if t.pending != nil || t.building != nil || t.deleting != nil {
			return true
		}
		for _, r := range t.resources {
			if r.admin.warmTo != nil {
				return true
			}
		}
		for _, r := range t.replicas {
			if r.pending != nil {
				return true
			}
		}
	}
	for _, p := range w.policies {
		if p.due > 0 || p.acting != nil {
			return true
		}
	}
	return false
}

// closeMinute publishes the minute that began at Unix second at and moves on whatever moves by the minute.
func (w *World) closeMinute(at int64) {
	users := w.invalid
	w.invalid = 0
	met := true
	from := at - w.unix
	for _, c := range w.clients {
		users += c.invalid
		c.invalid = 0
		r := c.closeMinute(from)
		if from >= 0 {
			met = met && c.meets(r)
		}
		c.drift()
	}
	w.users.count(at, users)
	for _, t := range w.tables {
		t.closeMinute(at)
		for _, r := range t.resources {
			r.ripen()
		}
		if (at+minute)%(6*3600) == 0 {
			t.items, t.bytes = t.spec.Items, t.spec.Items*t.spec.ItemBytes
		}
	}
	if time.Duration(from)*time.Second < w.sc.Truth.Begins || from < 0 {
		return
	}
	if !met {
		w.hurt = true
	} else if (w.hurt || w.sc.Truth.Layer == "healthy" && w.sc.Truth.Kind != "calm") && !w.isMitigated { // what hurts nobody is mitigated as it is
		w.isMitigated, w.mitigated = true, time.Duration(from)*time.Second
	}
}
