package change

import (
	"fmt"
	"net"
	"net/url"
	"slices"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/plain"
)

// permitted holds a request against the policy's scope and times. What cannot be told is not permitted. An undo of one's own
// change is bound to the account, the Region and the endpoint, and to nothing else: what was allowed may be taken back.
func (sc Scene) permitted(r Request) error {
	if err := Reachable(sc.Policy, sc.State.Session); err != nil {
		return err
	}
	if r.Undo != nil {
		return nil
	}
	if err := sc.tableAllowed(r); err != nil {
		return err
	}
	kind := r.What
	if isLever(kind) && !slices.Contains(sc.Policy.Kinds, kind) {
		kind = "lever"
	}
	if k := sc.Policy.Kinds; len(k) > 0 && !slices.Contains(k, kind) {
		return refuse("the policy makes no change of the kind %s", r.What)
	}
	for _, w := range sc.Policy.Freeze {
		if until, in := w.Holds(sc.Now); in {
			return refuse("frozen until %s: %s", until.UTC().Format("2006-01-02 15:04Z"), w.Why)
		}
	}
	n := 0
	for _, c := range sc.State.Changes {
		if underWay(c) {
			n++
		}
	}
	if n >= sc.Policy.InFlight {
		return refuse("%d changes are under way: the policy allows %d at a time", n, sc.Policy.InFlight)
	}
	return nil
}

// tableAllowed holds a table against the policy's lists. Protection always wins.
func (sc Scene) tableAllowed(r Request) error {
	table := tableOf(r.Target)
	allowed := sc.Policy.Tables
	if len(allowed) == 0 {
		allowed = sc.State.Session.Tables
	}
	local := Local(r.What)
	switch {
	case slices.Contains(sc.Policy.Protected, table):
		return refuse("the policy protects %s", table)
	case !local && !slices.Contains(allowed, table):
		return refuse("the policy does not list %s among the tables that may be changed", table)
	case local || len(sc.Policy.ProtectedTags) == 0:
		return nil
	case sc.Seen.NoTags != "" || sc.Seen.Tags == nil:
		return refuse("the policy protects tables by tag, and the tags of %s cannot be read: %s", table, sc.Seen.NoTags)
	}
	for key, want := range sc.Policy.ProtectedTags {
		if got, has := sc.Seen.Tags[key]; has && (want == "" || got == want) {
			return refuse("the policy protects %s: it is tagged %s", table, plain.Cap(key+"="+got, 80))
		}
	}
	return nil
}

// Reachable reports whether a policy allows changes at all where a session looks: in its account, its Region and at its
// endpoint. The embedded AWS is always allowed.
func Reachable(p Policy, s history.SessionStarted) error {
	if s.Mode == "demo" || s.Mode == "drill" {
		return nil
	}
	switch {
	case p.Account != "" && s.Account == "":
		return refuse("the policy is for account %s, and which account this is cannot be told", masked(p.Account))
	case p.Account != "" && s.Account != p.Account:
		return refuse("the policy is for account %s, and this is %s", masked(p.Account), masked(s.Account))
	case p.Region != "" && s.Region != p.Region:
		return refuse("the policy is for Region %s, and this is %s", p.Region, s.Region)
	}
	for _, at := range s.Endpoints {
		if !p.Lab && !OnThisMachine(at) {
			return refuse("requests go to %s, which is not AWS: the policy needs lab: true for that", at)
		}
	}
	return nil
}

// OnThisMachine reports whether a URL's host is a loopback address.
func OnThisMachine(at string) bool {
	u, err := url.Parse(at)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

func masked(account string) string {
	if len(account) > 4 {
		return "…" + account[len(account)-4:]
	}
	return account
}

// AnyTable reports whether a policy lets any of a session's tables be changed.
func AnyTable(p Policy, s history.SessionStarted) bool {
	return slices.ContainsFunc(s.Tables, func(t string) bool {
		return !slices.Contains(p.Protected, t) && (len(p.Tables) == 0 || slices.Contains(p.Tables, t))
	})
}

// Wider lists what a policy allows beyond the built-in one.
func Wider(p Policy) []string {
	var out []string
	c := Careful
	more := func(name string, is, was float64) {
		if is > was {
			out = append(out, fmt.Sprintf("%s %g, not %g", name, is, was))
		}
	}
	more("capacity.headroom", p.Headroom, c.Headroom)
	more("capacity.step", p.StepFactor, c.StepFactor)
	more("capacity.session", p.SessionFactor, c.SessionFactor)
	more("capacity.quota_share", p.QuotaShare, c.QuotaShare)
	more("capacity.quota", float64(p.Quota), float64(c.Quota))
	more("on_demand.mode_switches", float64(p.ModeSwitches), float64(c.ModeSwitches))
	more("cost.per_change", p.CostStep, c.CostStep)
	more("cost.per_session", p.CostSession, c.CostSession)
	more("in_flight", float64(p.InFlight), float64(c.InFlight))
	if p.Spacing < c.Spacing {
		out = append(out, fmt.Sprintf("spacing %s, not %s", p.Spacing, c.Spacing))
	}
	for name, set := range map[string]bool{
		"lab: another endpoint than AWS's may be changed":               p.Lab,
		"on_demand.unlimited: a maximum may be removed":                 p.Unlimited,
		"auto_scaling: capacity may be set against a scaling policy":    p.AutoScaling == AllowManual,
		"insights_with_kms: key values may be kept in clear":            p.KMSInsights == WithReason,
		"cost.unknown_price: a change without a price may be made":      p.UnknownPrice == Allow,
		"timer_undo: a timer may take a change back without a new word": p.TimerUndo == Apply,
	} {
		if set {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
