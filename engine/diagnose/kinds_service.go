package diagnose

import (
	"fmt"

	"github.com/ddbloop/ddbloop/history"
)

// serviceKinds are those of the service itself: its errors, and its slowness.
func (f *facts) serviceKinds(layer string) []weighed {
	errs := newWeighed(ServiceErrors, f.region(), prior)
	if why := f.service(); why != "" {
		errs.pro(strong+clear, why)
	} else {
		errs.con(strong, "no HTTP 500 answers worth mentioning")
	}
	return []weighed{errs, f.serviceLatency(layer)}
}

// serviceLatency is the service answering late what it used to answer in time: the same requests, the same units.
func (f *facts) serviceLatency(layer string) weighed {
	w := newWeighed(ServiceLatency, f.region(), prior)
	slow, known := 0, 0
	for i := range f.tables {
		for _, o := range f.tables[i].ops {
			if !o.p50.known() || o.rate.now <= 0 || layer == history.LayerTail && o.rate.now < 1 {
				continue // a tail of fewer than sixty requests a minute is a matter of chance
			}
			known++
			if o.p50.quick(slowTimes, 0) || layer == history.LayerTail && o.p99.quick(slowTimes, 0) {
				slow++
			}
		}
	}
	for i := range f.probes {
		p := &f.probes[i]
		if p.fresh && p.server.risen(slowTimes, probeFloor) && !p.units.risen(1.2, 0.1) && !p.pages.risen(1.2, 1) {
			w.pro(2*clear, fmt.Sprintf("probe %s waits %.1f ms for the same answer, usually %.1f", p.name, p.server.now, p.server.usual))
			break
		}
	}
	if why := f.hungProbe(); why != "" {
		w.pro(strong, why)
	}
	switch {
	case layer == history.LayerTail && slow == 0 && f.sideUnknown():
		w.pro(2*clear, "callers' slowest calls are slow, and CloudWatch has yet to say whether the server is")
	case layer != history.LayerSlow && layer != history.LayerTail:
		w.con(clear, "layer is "+layer)
	case slow > 0:
		w.pro(2*clear, fmt.Sprintf("%d of %d operations are slower at the server than usual", slow, known))
	}
	if slow > 1 && slow == known {
		w.pro(clear, "all of them: not one query or one item")
	} else if slow > 0 && slow < known {
		w.con(slight, fmt.Sprintf("%d of %d operations are as fast as ever", known-slow, known))
	}
	if slow > 0 && layer == history.LayerTail && len(f.clients) > 0 && f.hurts() {
		w.pro(clear, "and callers miss their objectives")
	}
	for i := range f.resources {
		for _, side := range [2]string{"read", "write"} {
			if l, more := f.heavier(&f.resources[i], side); more {
				w.con(2*clear, fmt.Sprintf("a %s of %s takes %.1f units, usually %.1f: the requests have grown", side, f.resources[i].target, l.now, l.usual))
			}
		}
		if s := f.scanning(f.resources[i].table); s.times > 0 && !f.resources[i].index {
			w.con(clear, s.text)
		}
	}
	return w
}
