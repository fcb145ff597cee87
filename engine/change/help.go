package change

import (
	"fmt"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// limit is what refuses the requests of one side of a table or index.
type limit string

const (
	own       limit = "own"       // its provisioned capacity, or nearly
	partition limit = "partition" // one partition, or an on-demand ceiling: CloudWatch gives both one name
	ceiling   limit = "ceiling"   // the same, where the table serves all that it is warm for
	maximum   limit = "maximum"   // the configured on-demand maximum
	account   limit = "account"   // the account's quota
	unnamed   limit = "unnamed"   // something is refused, and CloudWatch has not said for what
	nothing   limit = "nothing"
	dark      limit = "dark" // CloudWatch is not to be had
)

// finding is what refuses, and the numbers that say so.
type finding struct {
	limit limit
	used  string // "orders uses 99 % of its 100 write units/s"
	d     diagnose.Pressure
	key   string // one key that holds most of the throttles, as Contributor Insights counts
}

// find says what refuses on a side of a target. What lives on its burst is counted as its own limit: that one is next.
func (sc Scene) find(target, side string) finding {
	f := finding{d: diagnose.PressureOn(sc.State, sc.Now, sc.Limits, target, side)}
	d := f.d
	named := d.Provisioned + d.KeyRange + d.Cap + d.Account
	minor := d.Provisioned < named/11 // a tenth of the rest
	f.used = fmt.Sprintf("%s uses %.0f %% of its %.0f %s units/s", target, 100*d.Utilisation, d.Limit, side)
	if d.Peak > 1.05 {
		f.used = fmt.Sprintf("%s used %.0f %% of its %.0f %s units/s in a minute", target, 100*d.Peak, d.Limit, side)
	}
	if d.Limit <= 0 {
		f.used = fmt.Sprintf("%s serves %.0f %s units/s", target, d.Consumed, side)
	}
	f.key = sc.hotKey(target)
	switch {
	case !d.Known:
		f.limit = dark
	case d.Peak > 1.05:
		f.limit = own
	case d.Cap > 0 && d.Cap >= named/2:
		f.limit = maximum
	case minor && d.KeyRange > 0 && d.KeyRange >= d.Account:
		f.limit = partition
		if full := sc.fullness(target, side, max(d.Served, d.Consumed)); full >= ceilingFull && f.key == "" {
			f.limit = ceiling
			f.used = fmt.Sprintf("%s serves %.0f %s units/s, %.0f %% of what it is warm for", target, max(d.Served, d.Consumed), side, 100*full)
		}
	case minor && d.Account > 0:
		f.limit = account
	case d.Utilisation >= 0.8 || d.Provisioned > 0:
		f.limit = own
	case d.Refused > 0 || d.Seen != "":
		f.limit = unnamed
	default:
		f.limit = nothing
	}
	return f
}

// ceilingFull is the share of its warm throughput that an on-demand table must serve for its own ceiling to be what refuses.
// The newest minutes of CloudWatch may lack a third.
const ceilingFull = 0.7

func (sc Scene) fullness(target, side string, served float64) float64 {
	res, ok := sc.Seen.resource(indexOf(target))
	warm := warmth(res.Throughput, side)
	if !ok || sc.Seen.Snap.Mode != history.OnDemand || warm <= 0 {
		return 0
	}
	return served / float64(warm)
}

func warmth(t history.Throughput, side string) int64 {
	if side == "read" {
		return t.WarmRead
	}
	return t.WarmWrite
}

// hotKey names a key that holds much of a target's throttles, as Contributor Insights counted them lately.
func (sc Scene) hotKey(target string) string {
	k := sc.State.Keys[target+"#throttled"]
	if k == nil || len(k.Keys) == 0 || k.Sum <= 0 || sc.Now.Sub(time.Unix(k.To, 0)) > 15*time.Minute || k.Keys[0].Share < 0.3 {
		return ""
	}
	return fmt.Sprintf("; key %s holds %.0f %% of the throttles", k.Keys[0].Tag, 100*k.Keys[0].Share)
}

// why says of what refuses why a change of some sort cannot help; "" = it can. The words after the numbers, by sort of change
// and limit. What is not listed is said by common.
var why = map[string]map[limit]string{
	"capacity": {own: "", dark: "", maximum: "no capacity lifts it", ceiling: "capacity cannot help"},
	"on_demand": {
		own: "", dark: "", partition: "an on-demand table has the same limit for each partition: the switch does nothing",
		account: "only AWS can raise it",
	},
	"maximum": {
		maximum: "", dark: "", own: "it is not the on-demand maximum", partition: "no maximum lifts it", ceiling: "no maximum lifts it",
		nothing: "nothing is refused for the configured maximum: another one changes nothing",
	},
	"warm": {
		ceiling: "", dark: "", own: "warm throughput does not lift provisioned capacity: raise the capacity itself",
		maximum:   "warm throughput does not lift it: raise the maximum",
		partition: "warm throughput does not lift it: it adds partitions, and what is hot stays in one",
		nothing:   "no limit of its own refuses anything: what it is warm for is not what is short",
	},
	"build": {own: "", dark: "", partition: "", ceiling: "", maximum: "", nothing: "the build hurts nobody: let it finish"},
}

// canHelp refuses a change where another limit does the refusing, or where it is not known yet which one
// does: CloudWatch names the cause a minute or two after the first refusal, and a guess would cost money
// and time. Where CloudWatch is dark a person may know better: the plan is made and says what it lacks.
func (sc Scene) canHelp(p *history.ChangePlanned, sort, target, side string) error {
	f := sc.find(target, side)
	text, listed := why[sort][f.limit]
	switch {
	case f.limit == dark:
		p.Blast += "; which limit refuses is not known: " + f.d.Why
		return nil
	case listed && text == "":
		return nil
	case sort == "warm" && f.limit == partition && f.key == "" && f.d.Served <= 0 && sc.Seen.Snap.Mode == history.OnDemand:
		return notYet("%s refuses, for one partition's limit or for its on-demand ceiling: CloudWatch gives both one name, and has no whole minute of it yet; %s: plan again in a minute or two", target, f.used)
	case !listed:
		text = "capacity cannot help"
		if sort == "warm" {
			text = "warm throughput cannot help"
		}
	}
	switch d := f.d; f.limit {
	case own:
		return refuse("%s's own capacity refuses %.0f/s; %s: %s", target, d.Provisioned, f.used, text)
	case partition, ceiling:
		what := "one partition's own limit"
		if f.limit == ceiling {
			what = "the on-demand ceiling"
		}
		return refuse("%s refuses %.0f/s%s; %s: %s", what, d.KeyRange, f.key, f.used, text)
	case maximum:
		return refuse("the configured on-demand maximum refuses %.0f/s; %s: %s", d.Cap, f.used, text)
	case account:
		return refuse("the account's quota refuses %.0f/s; %s: only AWS can raise it", d.Account, f.used)
	case unnamed:
		who := d.Seen
		if who == "" {
			who = "CloudWatch"
		}
		return notYet("%s sees refusals, but CloudWatch has not named their cause yet; %s: plan again in a minute or two", who, f.used)
	}
	if listed {
		return refuse("%s; %s", text, f.used)
	}
	return refuse("nothing is refused for %s's own capacity; %s: %s", target, f.used, text)
}

// troubled is the side of a target that is refused most, among those that a condition lets through; "write" when neither is.
func (sc Scene) troubled(r Request, target string, fits func(side string) bool) string {
	if r.Side != "" {
		return r.Side
	}
	best, most := "", -1.0
	for _, side := range [2]string{"write", "read"} {
		d := diagnose.PressureOn(sc.State, sc.Now, sc.Limits, target, side)
		if weight := d.Refused + d.Utilisation; fits(side) && weight > most {
			best, most = side, weight
		}
	}
	if best == "" {
		return "write"
	}
	return best
}
