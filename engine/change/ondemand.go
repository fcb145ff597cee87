package change

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// maximum raises or removes one side's configured on-demand maximum of a table or an index.
func (sc Scene) maximum(p *history.ChangePlanned, r Request) error {
	_, side, _ := strings.Cut(r.What, ".")
	name := map[string]string{"read": history.SetMaxRead, "write": history.SetMaxWrite}[side]
	res, _ := sc.Seen.resource(indexOf(r.Target))
	now := map[string]int64{"read": res.Throughput.MaxRead, "write": res.Throughput.MaxWrite}[side]
	switch {
	case name == "":
		return refuse("%s is not a change that this version can make", r.What)
	case sc.Seen.Snap.Mode != history.OnDemand:
		return refuse("%s is provisioned: it has no on-demand maximum", sc.Seen.Snap.Name)
	case r.Cut:
		return refuse("an on-demand maximum is not lowered from here")
	case now == 0:
		return refuse("%s has no %s maximum: nothing to raise", r.Target, side)
	case r.To == Unlimited && !sc.Policy.Unlimited:
		return refuse("the policy removes no on-demand maximum: raise it instead")
	}
	if err := sc.canHelp(p, "maximum", r.Target, side); err != nil {
		return err
	}
	to := history.NoLimit
	if r.To != Unlimited {
		n, err := sc.raise(p, side, r, now)
		if err != nil {
			return err
		}
		if n == now {
			return refuse("the %s maximum of %s is %d already: nothing to do", side, r.Target, now)
		}
		p.AfterN, to = n, strconv.FormatInt(n, 10)
	} else {
		p.AfterN = Unlimited
	}
	p.Side, p.BeforeN = side, now
	p.Title = fmt.Sprintf("set the on-demand %s maximum of %s to %s", side, r.Target, to)
	p.Set = []history.Setting{{Index: indexOf(r.Target), Name: name, Before: strconv.FormatInt(now, 10), After: to}}
	p.Inverse = reversed(p.Set)
	p.Shows = 3 * time.Minute
	p.UndoClass, p.UndoText = history.UndoReady, fmt.Sprintf("set the maximum back to %d, at any time", now)
	p.Blast = r.Target + " only; what was refused is served, and billed" + p.Blast
	if n := len(sc.Seen.Snap.Replicas); n > 0 {
		p.Blast += fmt.Sprintf("; the table's %d replicas take it over", n)
	}
	return nil
}

// warm raises what one side of a table or an index serves at once. It is never lowered again.
func (sc Scene) warm(p *history.ChangePlanned, r Request) error {
	_, side, _ := strings.Cut(r.What, ".")
	name := map[string]string{"read": history.SetWarmRead, "write": history.SetWarmWrite}[side]
	res, _ := sc.Seen.resource(indexOf(r.Target))
	now := warmth(res.Throughput, side)
	switch {
	case name == "":
		return refuse("%s is not a change that this version can make", r.What)
	case r.Cut:
		return refuse("warm throughput is never lowered, AWS says")
	case now == 0:
		return refuse("what %s is warm for is not told by DescribeTable here: no raise from an unknown value", r.Target)
	case res.Throughput.Warming:
		return refuse("the warm throughput of %s is still rising", r.Target)
	}
	if err := sc.canHelp(p, "warm", r.Target, side); err != nil {
		return err
	}
	to, err := sc.raise(p, side, r, now)
	if err != nil {
		return err
	}
	if to == now {
		return refuse("%s is warm for %d %s units/s already: nothing to do", r.Target, now, side)
	}
	p.Side, p.BeforeN, p.AfterN = side, now, to
	p.Title = fmt.Sprintf("warm %s for %d %s units/s", r.Target, to, side)
	p.Set = []history.Setting{{Index: indexOf(r.Target), Name: name, Before: strconv.FormatInt(now, 10), After: strconv.FormatInt(to, 10)}}
	p.Shows = 10 * time.Minute
	p.UndoClass, p.UndoText = history.UndoImpossible, "warm throughput cannot be lowered again, and is paid once"
	p.Blast = fmt.Sprintf("%s only; the table stays usable; it ends what a ramp up to %d %s units/s is refused, not one key's or one partition's limit%s", r.Target, to, side, p.Blast)
	return nil
}
