package world

import "time"

// Advance moves the clock to t and computes every second that has passed. A t before Now changes nothing.
func (w *World) Advance(t time.Duration) {
	w.now = max(w.now, t)
	for time.Duration(w.sec+1)*time.Second <= t {
		w.step(1)
	}
}

// computeHistory runs up to t = 0, a minute at a time where a whole one is left.
func (w *World) computeHistory() {
	for w.sec < 0 {
		if w.sec+minute <= 0 && (w.unix+w.sec)%minute == 0 {
			w.step(minute)
		} else {
			w.step(1)
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

// step computes dt seconds: what begins, what flows, what closes.
func (w *World) step(dt int64) {
	for _, t := range w.tables {
		t.settleControl()
	}
	w.playEvents()
	w.refresh()
	for _, t := range w.tables {
		t.advance(w.sec, float64(dt))
	}
	w.sec += dt
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
