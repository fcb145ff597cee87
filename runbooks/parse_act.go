package runbooks

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// capacityKinds are the changes that set units per second; "side" is the runbook's side.
var capacityKinds = []string{"table.write", "table.read", "table.side", "index.write", "index.read", "index.side"}

// leverWords say what kind of help a lever is; a team's configuration uses the same words.
var leverWords = []string{
	"limit_key", "limit_client", "stop_job", "roll_back", "cut_retries", "spread_keys", "scale_consumer", "fail_over",
	"fix_client", "other",
}

// on returns the change kind as requests name it, for a side.
func (c Change) on(side string) string {
	if head, ok := strings.CutSuffix(c.Kind, ".side"); ok && side != "" {
		return head + "." + side
	}
	return c.Kind
}

func readAct(f *fields, words cond.Words) *Act {
	a := &Act{
		Change:     readChange(f, words),
		Guard:      f.expr("guard", false, words, cond.Condition),
		Approve:    f.whole("approve", false, 1, 1),
		Undo:       f.text("undo", false),
		Idempotent: f.truth("idempotent"),
		Expect:     readExpect(f),
		OnEffect:   f.target("on_effect", false),
		OnRefused:  f.target("on_refused", false),
	}
	a.Risk = f.oneOf("risk", true, Reversible, Limited, Irreversible)
	if n := f.get("on_no_effect", false); n != nil {
		if nf, ok := nested(f.rep, "on_no_effect", n, f.line); ok {
			a.OnNoEffect = Fallback{Undo: nf.truth("undo"), Goto: nf.target("goto", true)}
			nf.done()
		}
	}
	return a
}

func readChange(f *fields, words cond.Words) Change {
	n := f.get("change", true)
	if n == nil {
		return Change{}
	}
	const want = "one of {kind, to}, {lever}, {escalate}, {wait}"
	c, ok := nested(f.rep, "change", n, f.line)
	if !ok {
		return Change{}
	}
	defer c.done()
	_, isKind := c.m["kind"]
	if isKind {
		return Change{Kind: c.oneOf("kind", true, capacityKinds...), To: c.expr("to", true, words, cond.Number)}
	}
	var found []string
	for _, word := range []string{kindLever, Escalate, kindWait} {
		if _, has := c.m[word]; has {
			found = append(found, word)
		}
	}
	if len(found) != 1 {
		f.wrong(n, "change", want)
		c.used = map[string]bool{"kind": true, "to": true, kindLever: true, Escalate: true, kindWait: true}
		return Change{}
	}
	if found[0] == kindLever {
		return Change{Kind: kindLever, Does: c.oneOf(kindLever, true, leverWords...)}
	}
	return Change{Kind: found[0], Does: c.text(found[0], true)}
}

func readExpect(f *fields) *Expect {
	n := f.get("expect", false)
	if n == nil {
		return nil
	}
	e, ok := nested(f.rep, "expect", n, f.line)
	if !ok {
		return nil
	}
	defer e.done()
	x := &Expect{
		Direction: e.oneOf("direction", true, "down", "up"),
		By:        e.share("by"),
		Within:    e.length("within", true, time.Second),
	}
	if sn := e.get("signal", true); sn != nil {
		ref, err := cond.Reference(sn.Value)
		if err == nil && ref.Of == "any_index" {
			err = &cond.Error{Found: "any_index", Want: "one target: the effect of a change is measured on it"}
		}
		if err != nil {
			e.rep.expr(e.line+sn.Line, column(sn), err)
		}
		x.Signal = ref
	}
	if hn := e.get("harm", false); hn != nil {
		if hn.Kind != yaml.SequenceNode {
			e.wrong(hn, "harm", "a list of {signal, factor}")
		}
		for _, c := range hn.Content {
			if h, ok := nested(e.rep, "harm", c, e.line); ok {
				x.Harm = append(x.Harm, Harm{Signal: h.text("signal", true), Factor: h.share("factor")})
				h.done()
			}
		}
	}
	return x
}
