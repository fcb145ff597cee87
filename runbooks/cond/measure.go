package cond

import (
	"math"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// stepped reports whether a series is a setting that holds from each point to the next.
func stepped(sr *history.Series) bool {
	return sr.Key.Signal == history.ReadLimit || sr.Key.Signal == history.WriteLimit
}

// last returns a series' newest value, when its interval ended, and whether there is one.
func (v *Env) last(sr *history.Series) (val float64, end time.Time, ok bool) {
	p, ok := sr.Last()
	if !ok || math.IsNaN(p.V) || math.IsInf(p.V, 0) {
		return 0, time.Time{}, false
	}
	end = time.Unix(p.T+max(1, sr.Period), 0)
	if stepped(sr) {
		table, _, _ := strings.Cut(sr.Key.Target, "/")
		if t := v.State.Tables[table]; t != nil && t.Described.After(end) {
			end = t.Described
		}
	}
	return p.V, end, true
}

func stale(sr *history.Series) time.Duration {
	switch {
	case stepped(sr):
		return staleMinute
	case sr.Period >= 300:
		return staleFive
	case sr.Period >= 60:
		return staleMinute
	}
	return max(staleSecond, 3*time.Duration(sr.Period)*time.Second)
}

// one returns a series' value: the newest when it is fresh, or that of the minute that starts at at.
func (v *Env) one(sr *history.Series, at int64) (float64, bool) {
	switch {
	case at == newest:
		val, end, ok := v.last(sr)
		return val, ok && v.Now.Sub(end) <= stale(sr)
	case stepped(sr):
		val, ok := 0.0, false
		for _, p := range sr.Points {
			if p.T >= at+60 {
				break
			}
			val, ok = p.V, true
		}
		return val, ok
	case sr.Period >= 60:
		return sr.At(at - at%sr.Period)
	}
	sum, n := 0.0, 0
	for _, p := range sr.Window(at, at+60) {
		sum, n = sum+p.V, n+1
	}
	return sum / float64(max(1, n)), n > 0
}

// worst returns the worst value of a group's operations, probes or clients that is known.
func (v *Env) worst(r Ref, g group, at int64) (float64, bool) {
	val, ok := 0.0, false
	for _, sr := range g {
		x, known := v.one(sr, at)
		if !known {
			continue
		}
		if !ok || worstIsLow[r.Name] == (x < val) {
			val, ok = x, true
		}
	}
	return val, ok
}

// signal returns a reference's value. Of several indexes it is the worst, and unknown when one is unknown;
// a table that has none has nothing bad: 0. Of all tables together it is the worst that is known.
func (v *Env) signal(r Ref, at int64) (float64, bool) {
	groups, wide := v.groups(r), r.Of != "any_index" && v.wide()
	val, found := 0.0, false
	for _, g := range groups {
		x, ok := v.worst(r, g, at)
		switch {
		case !ok && wide:
			continue
		case !ok:
			return 0, false
		}
		if !found || worstIsLow[r.Name] == (x < val) {
			val, found = x, true
		}
	}
	return val, found || groups != nil && !wide
}

// age returns the age of a reference's newest value, the oldest one's where it means several indexes.
func (v *Env) age(r Ref) (time.Duration, bool) {
	var oldest time.Duration
	groups := v.groups(r)
	for _, g := range groups {
		found := false
		var youngest time.Duration
		for _, sr := range g {
			if _, end, ok := v.last(sr); ok && (!found || v.Now.Sub(end) < youngest) {
				youngest, found = max(0, v.Now.Sub(end)), true
			}
		}
		if !found {
			return 0, false
		}
		oldest = max(oldest, youngest)
	}
	return oldest, len(groups) > 0
}

func minuteOf(t time.Time) int64 { return floor(t.Unix(), 60) }

func floor(t, unit int64) int64 {
	if t < 0 {
		return 0
	}
	return t - t%unit
}

// anchor returns the minute at which windows over e end: the newest one that every fresh signal of e
// knows. Metrics arrive minutes late, so a window that ended at the clock's minute would never be full.
func (v *Env) anchor(e *Expr) int64 {
	if len(e.presence) == 0 {
		return minuteOf(v.Now)
	}
	end, known := int64(math.MaxInt64), false
	for _, r := range e.presence {
		for _, g := range v.groups(r) {
			newestMinute, fresh := int64(0), false
			for _, sr := range g {
				_, till, ok := v.last(sr)
				if !ok || v.Now.Sub(till) > stale(sr) {
					continue
				}
				newestMinute, fresh = max(newestMinute, floor(min(till.Unix(), v.Now.Unix()), 60)-60), true
			}
			if fresh {
				end, known = min(end, newestMinute), true
			}
		}
	}
	if !known {
		return minuteOf(v.Now) - 60
	}
	return end
}
