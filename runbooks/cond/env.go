package cond

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// Env is what conditions are evaluated in: the State, the signals, the runbook's target and side, and now.
// It keeps the series it has looked up, so it must not outlive the State it was made for.
type Env struct {
	State  *history.State
	Sig    Signals
	Target string // table or table/index
	Side   string // read | write, "" when not known
	Now    time.Time

	steps  map[string]string
	series map[Ref][]group
	ops    map[string][]string
}

// group holds the series of one target: one for each operation, probe or client.
type group []*history.Series

// newest stands for the newest value, where other instants are the first second of a minute.
const newest int64 = -1

// How old a value may be before it counts as no data, from the end of the interval it speaks for.
const (
	staleMinute = 4 * time.Minute  // CloudWatch publishes one to two minutes late
	staleFive   = 12 * time.Minute // 300 s signals, five to ten minutes late
	staleSecond = 15 * time.Second // probes and feeds, or three of their periods
)

// worstIsLow names the signals of which the smallest is the worst of several; of all others it is the largest.
var worstIsLow = map[string]bool{history.ProbeOK: true, "feed_success": true}

// SetStep gives a step's verdict or result before the State knows of it.
func (v *Env) SetStep(id, word string) {
	if v.steps == nil {
		v.steps = map[string]string{}
	}
	v.steps[id] = word
}

// Sided resolves names that stand for the runbook's side: side_throttles is write_throttles in a runbook
// opened on the write side, consumed_side is consumed_write. Without a side they stand for nothing.
func Sided(name, side string) (string, bool) {
	rest, front := strings.CutPrefix(name, "side_")
	head, back := strings.CutSuffix(name, "_side")
	switch {
	case !front && !back:
		return name, true
	case side != "read" && side != "write":
		return "", false
	case front:
		return side + "_" + rest, true
	}
	return head + "_" + side, true
}

// targets lists whose signal a reference means. None, and known false, when that cannot be said.
func (v *Env) targets(of string) (list []string, known bool) {
	table, index, indexed := strings.Cut(v.Target, "/")
	if v.wide() && (of == "" || of == "table") {
		return v.watched(), true
	}
	switch of {
	case "":
		return []string{v.Target}, v.Target != ""
	case "table":
		return []string{table}, table != ""
	case "index":
		return []string{v.Target}, indexed && index != ""
	}
	t := v.State.Tables[table]
	if t == nil || t.Snap == nil {
		return nil, false
	}
	for _, i := range t.Snap.Indexes {
		list = append(list, table+"/"+i.Name)
	}
	return list, true
}

// wide reports whether the runbook stands on no table but on the callers' side or a region: then a signal means that of every
// table of the session, as far as it is known.
func (v *Env) wide() bool {
	table, _, _ := strings.Cut(v.Target, "/")
	return len(v.State.Session.Tables) > 0 && v.State.Tables[table] == nil && !slices.Contains(v.State.Session.Tables, table)
}

// watched lists the session's tables and their indexes.
func (v *Env) watched() []string {
	var list []string
	for _, name := range v.State.Session.Tables {
		list = append(list, name)
		if t := v.State.Tables[name]; t != nil && t.Snap != nil {
			for _, i := range t.Snap.Indexes {
				list = append(list, name+"/"+i.Name)
			}
		}
	}
	return list
}

// groups looks a reference up, once. A nil result is unknown; an empty one is a table without indexes.
func (v *Env) groups(r Ref) []group {
	if g, ok := v.series[r]; ok {
		return g
	}
	var out []group
	name, ok := Sided(r.Name, v.Side)
	list, known := v.targets(r.Of)
	if ok && known {
		out = make([]group, 0, len(list))
		for _, t := range list {
			out = append(out, v.lookUp(name, t, r.Op))
		}
	}
	if v.series == nil {
		v.series = map[Ref][]group{}
	}
	v.series[r] = out
	return out
}

func (v *Env) lookUp(name, target, op string) group {
	if sr := v.Sig.Series(name, target, op); sr != nil {
		return group{sr}
	}
	if op != "" {
		return nil
	}
	var g group
	for _, op := range v.opsOf(target) {
		if sr := v.Sig.Series(name, target, op); sr != nil {
			g = append(g, sr)
		}
	}
	if len(g) > 0 {
		return g
	}
	if sr := v.Sig.Series(name, "", ""); sr != nil { // account-wide signals have no target
		return group{sr}
	}
	for _, op := range v.opsOf("") {
		if sr := v.Sig.Series(name, "", op); sr != nil {
			g = append(g, sr)
		}
	}
	return g
}

// opsOf lists, sorted, every operation, probe and client by which some signal of a target is split.
func (v *Env) opsOf(target string) []string {
	if list, ok := v.ops[target]; ok {
		return list
	}
	seen := map[string]bool{}
	for _, sr := range v.State.Series {
		if sr != nil && sr.Key.Target == target && sr.Key.Op != "" {
			seen[sr.Key.Op] = true
		}
	}
	list := make([]string, 0, len(seen))
	for op := range seen {
		list = append(list, op)
	}
	sort.Strings(list)
	if v.ops == nil {
		v.ops = map[string][]string{}
	}
	v.ops[target] = list
	return list
}

// word returns what a word stands at; history.NoVerdict when that is not known.
func (v *Env) word(name string, at int64) string {
	w := ""
	switch name {
	case "layer", "diagnosis", "disposition":
		w = v.believed(name, at)
	case "side":
		w = v.Side
	default:
		w = v.step(name)
	}
	if w == "" {
		return history.NoVerdict
	}
	return w
}

func (v *Env) believed(name string, at int64) string {
	var b history.Belief
	if at == newest {
		a := v.State.Assessed
		b.Layer, b.Do = a.Layer.Verdict, a.Disposition.Verdict
		if len(a.Ranked) > 0 {
			b.Kind = a.Ranked[0].Kind
		}
	} else {
		list := v.State.Beliefs
		i := sort.Search(len(list), func(i int) bool { return list[i].At.Unix() >= at+60 })
		if i == 0 {
			return ""
		}
		b = list[i-1]
	}
	return map[string]string{"layer": b.Layer, "diagnosis": b.Kind, "disposition": b.Do}[name]
}

// step returns a check's verdict, a decision's branch, or an act's effect (else how it was finished).
func (v *Env) step(id string) string {
	if w, ok := v.steps[id]; ok {
		return w
	}
	st := v.State.Run.Step(id)
	if st == nil {
		return ""
	}
	if st.Type == "check" {
		return st.Verdict
	}
	return st.Result
}
