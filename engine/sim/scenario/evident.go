package scenario

import (
	"slices"
	"strings"
)

// evidence says which of the application's own metrics shows a kind that AWS's metrics do not.
var evidence = map[string][]string{
	"pagination_blowup": {"latency"},
	"client_latency":    {"latency"},
	"dns_failure":       {"latency", "errors", "attempts"},
	"retry_storm":       {"latency", "errors", "attempts"},
	"request_errors":    {"errors", "attempts"},
	"access_denied":     {"errors", "attempts"},
}

// evident reports whether ddbloop can know of the truth: these kinds show on the callers'
// side alone, so one caller must be heard or a probe must meet the same trouble.
func (d *decoder) evident() bool {
	shows, hidden := evidence[d.s.Truth.Kind]
	if !hidden {
		return true
	}
	for _, e := range d.s.Events {
		if e.Report != nil {
			return true
		}
	}
	for _, t := range d.s.Traffic {
		if !d.concerns(t.Table) {
			continue
		}
		fits := func(p Publish) bool { return slices.Contains(shows, p.What) }
		if t.Feed > 0 || slices.ContainsFunc(t.Publishes, fits) {
			return true
		}
	}
	return d.probeHit()
}

// concerns reports whether a table is the truth's, or the truth's target is no table.
func (d *decoder) concerns(table string) bool {
	target, _, _ := strings.Cut(d.s.Truth.Target, "/")
	return !d.hasTable(target) || target == table
}

// probeHit reports whether a probe of the target's meets the trouble itself.
func (d *decoder) probeHit() bool {
	if !slices.ContainsFunc(d.s.Here.Probes, func(p Probe) bool { return d.concerns(p.Table) }) {
		return false
	}
	if d.s.Truth.Kind == "retry_storm" && d.s.Truth.Layer == "throttled" {
		return true
	}
	return slices.ContainsFunc(d.s.Events, func(e Event) bool {
		if f := e.Fault; f != nil && f.Where.Here() && (f.Network != nil || f.Access != "" || f.KMS) {
			return true
		}
		return slices.ContainsFunc(e.Sets, func(s Set) bool { return s.Path.Scope == ScopeHere })
	})
}
