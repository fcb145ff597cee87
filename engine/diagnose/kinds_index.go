package diagnose

import (
	"fmt"

	"github.com/ddbloop/ddbloop/history"
)

// indexKinds are those of a global secondary index that holds writes back: every write of the table waits for it.
func (f *facts) indexKinds(string) []weighed {
	var out []weighed
	for i := range f.resources {
		r := &f.resources[i]
		if !r.index {
			continue
		}
		d := &r.sides[1]
		short, hot := f.refusal(GSIBackpressure, r, d, 0), f.refusal(GSIHotKey, r, d, 1)
		if p := f.policyOf(r, d); !p.none() {
			short.con(2*clear, p.text)
		}
		if c := f.loweredOf(r, d); c.cut() && c.was >= d.demand() {
			short.con(2*clear, c.text)
		}
		f.keysSpeak(&hot, r, d, true)
		read := f.refusal(GSIHotKey, r, &r.sides[0], 1)
		f.keysSpeak(&read, r, &r.sides[0], true)
		if f.scanning(r.table).times > 0 {
			read.con(clear, "a scan is running: it meets one partition after the other")
		}
		if r.building {
			short.con(strong, r.target+" is being built: its back-fill takes the capacity")
			hot.con(strong, r.target+" is being built: its back-fill takes the capacity")
		}
		out = append(out, short, hot, read, f.backfill(r, d))
	}
	return out
}

// backfill is an index under construction in the way of live writes.
func (f *facts) backfill(r *resource, d *side) weighed {
	w := newWeighed(GSIBackfill, r.target, prior)
	if !r.building {
		w.con(strong, r.target+" is not being built")
		return w
	}
	progress := f.s.Get("index_progress", r.target, "")
	text := r.target + " is being built"
	if p, ok := progress.Last(); ok {
		text += fmt.Sprintf(", %.0f %% done", p.V)
	}
	t := f.side("write", r.table)
	switch {
	case d.bad > 0 || t.bad > 0 && t.cause[0]+t.cause[1] < 0.5*t.throttles:
		w.pro(strong, fmt.Sprintf("%s, and %s writes are refused meanwhile", text, rate(max(d.throttles, t.throttles))))
		w.Reason = reasonName(r, d, 0)
		if d.cause[1] > d.cause[0] {
			w.Reason = reasonName(r, d, 1)
		}
	case f.refusedByFeed(r.table):
		w.pro(2*clear, text+", and a caller's writes are refused; the cause is not published yet")
	default:
		w.con(clear, text+", but nothing is refused")
	}
	f.reasonsSeen(&w, r, d, 0)
	return w
}

func (f *facts) refusedByFeed(table string) bool {
	n, of := f.errorsOf(table, history.CodeThrottled)
	return n >= f.th.ThrottleMin && n >= f.th.Of(table).ThrottleShare*of
}
