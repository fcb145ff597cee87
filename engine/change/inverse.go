package change

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// inverse takes a change back: the settings that it changed get their recorded values again, whatever they are now; what the
// request has to name besides stays as it is now.
func (sc Scene) inverse(p *history.ChangePlanned, r Request) error {
	was := r.Undo.Plan
	back := was.Inverse
	if len(back) == 0 {
		back = sc.unrecorded(was)
	}
	if was.UndoClass == history.UndoImpossible || len(back) == 0 {
		return refuse("%s cannot be undone: %s", was.ID, was.UndoText)
	}
	p.Token, p.Side, p.BeforeN, p.AfterN = was.Token, was.Side, was.AfterN, was.BeforeN
	p.Shows, p.UndoClass = was.Shows, history.UndoReady
	p.Blast = was.Target + ": back to what was recorded before " + was.ID
	if err := sc.takeBack(p, back); err != nil {
		return err
	}
	changed := false
	for _, x := range p.Set {
		changed = changed || x.Changed()
	}
	if !changed {
		return refuse("%s has its values of before %s already: nothing to do", was.Target, was.ID)
	}
	about, _, _ := strings.Cut(was.What, ".")
	if n, err := strconv.ParseInt(sideValue(p), 10, 64); err == nil && (about == "table" || about == "index") {
		p.BeforeN = n
	}
	return sc.allowed(p)
}

// takeBack makes the settings of the request.
func (sc Scene) takeBack(p *history.ChangePlanned, back []history.Setting) error {
	mode := back[0].Name == history.SetMode
	for _, x := range back {
		if in := inMode[x.Name]; !mode && in != "" && sc.Seen.Snap.Mode != in {
			return refuse("%s is %s now: it has no %s to set back", sc.Seen.Snap.Name, value(sc.Seen.Snap.Mode, ""), words[x.Name][0])
		}
		now, ok := sc.Seen.Value(x)
		if !ok {
			return refuse("what %s is now cannot be read: it is not undone blindly", strings.Trim(x.Index+" "+x.Name, " "))
		}
		p.Set = append(p.Set, history.Setting{Index: x.Index, Name: x.Name, Before: now, After: x.After})
		if side, other, ok := otherHalf(x.Name); ok && !mode {
			kept := history.Setting{Index: x.Index, Name: side + other}
			if slices.ContainsFunc(back, func(y history.Setting) bool { return y.Index == kept.Index && y.Name == kept.Name }) {
				continue
			}
			kept.Before, _ = sc.Seen.Value(kept)
			kept.After = kept.Before
			p.Set = append(p.Set, kept)
		}
	}
	if mode && back[0].After == history.Provisioned {
		return sc.everyIndex(p)
	}
	sc.policyParts(p, back[0])
	slices.SortStableFunc(p.Set, func(a, b history.Setting) int { return cmp.Compare(order[a.Name], order[b.Name]) })
	return nil
}

// inMode is the mode in which a table has a setting; in the other it has none, and AWS takes none.
var inMode = map[string]string{
	history.SetRead: history.Provisioned, history.SetWrite: history.Provisioned,
	history.SetMaxRead: history.OnDemand, history.SetMaxWrite: history.OnDemand,
}

// order is the one in which the halves of a pair are shown.
var order = map[string]int{history.SetRead: -2, history.SetWrite: -1}

// otherHalf names the setting that a request has to carry beside another one.
func otherHalf(name string) (side, rest string, ok bool) {
	switch name {
	case history.SetRead:
		return "", history.SetWrite, true
	case history.SetWrite:
		return "", history.SetRead, true
	}
	if s, yes := strings.CutSuffix(name, history.SetScalingMin); yes {
		return s, history.SetScalingMax, true
	}
	if s, yes := strings.CutSuffix(name, history.SetScalingMax); yes {
		return s, history.SetScalingMin, true
	}
	return "", "", false
}

// policyParts adds what a scaling policy's request has to repeat.
func (sc Scene) policyParts(p *history.ChangePlanned, x history.Setting) {
	side, ok := strings.CutSuffix(x.Name, history.SetScalingPercent)
	if !ok {
		return
	}
	for _, part := range [3]string{history.SetScalingPolicy, history.SetScalingOut, history.SetScalingIn} {
		kept := history.Setting{Index: x.Index, Name: side + part}
		kept.Before, _ = sc.Seen.Value(kept)
		kept.After = kept.Before
		p.Set = append(p.Set, kept)
	}
}

// everyIndex makes sure that each index has a recorded capacity to go back to.
func (sc Scene) everyIndex(p *history.ChangePlanned) error {
	for _, index := range sc.resources() {
		found := false
		for _, x := range p.Set {
			found = found || x.Index == index && x.Name == history.SetWrite
		}
		if !found {
			return refuse("index %s was created since: no capacity is recorded for it", index)
		}
	}
	return nil
}

// unrecorded is the inverse of a change that an older version planned: of one side's capacity.
func (sc Scene) unrecorded(was history.ChangePlanned) []history.Setting {
	level, side, ok := strings.Cut(was.What, ".")
	if !ok || (level != "table" && level != "index") || was.BeforeN < 1 {
		return nil
	}
	return []history.Setting{{
		Index: indexOf(was.Target), Name: side, Before: strconv.FormatInt(was.AfterN, 10), After: strconv.FormatInt(was.BeforeN, 10),
	}}
}

// sideValue is the present value of the side that a capacity change is about.
func sideValue(p *history.ChangePlanned) string {
	for _, x := range p.Set {
		if x.Changed() && (x.Name == history.SetRead || x.Name == history.SetWrite) {
			return x.Before
		}
	}
	return ""
}

// allowed says what AWS's quotas leave of an undo. None of them holds it back here: AWS has the last word, and a request that
// it refuses changes nothing.
func (sc Scene) allowed(p *history.ChangePlanned) error {
	for _, x := range p.Set {
		before, e1 := strconv.ParseInt(x.Before, 10, 64)
		after, e2 := strconv.ParseInt(x.After, 10, 64)
		if capacity := x.Name == history.SetRead || x.Name == history.SetWrite; !capacity || e1 != nil || e2 != nil || after >= before {
			continue
		}
		p.UndoClass = history.UndoReady
		p.Blast += "; " + sc.decreases(x.Index).words
	}
	for _, x := range p.Set {
		if x.Name == history.SetMode && x.After == history.OnDemand {
			known, _ := sc.switches()
			p.Blast += fmt.Sprintf("; AWS takes 4 switches to on-demand in 24 hours, %d known", known)
		}
	}
	p.Shows = max(p.Shows, time.Minute)
	return nil
}
