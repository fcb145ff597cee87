package runbooks

import (
	"path/filepath"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// leverWords say what kind of help a lever is; a team's configuration uses the same words.
var leverWords = []string{
	"limit_key", "limit_client", "stop_job", "roll_back", "cut_retries", "spread_keys", "scale_consumer", "fail_over",
	"fix_client", "other",
}

// variantField names the file of a lab's variant B.
const variantField = "variant"

// beside is a file that a runbook names: one without a folder of its own lies beside the runbook.
func beside(runbook, file string) string {
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(filepath.Dir(runbook), file)
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
	const want = "one of {kind, to}, {lever}, {variant}, {escalate}, {wait}"
	c, ok := nested(f.rep, "change", n, f.line)
	if !ok {
		return Change{}
	}
	defer c.done()
	_, isKind := c.m["kind"]
	if isKind {
		kind := c.oneOf("kind", true, kindWords()...)
		if !changeKinds[kind] {
			return Change{Kind: kind}
		}
		return Change{Kind: kind, To: c.expr("to", true, words, cond.Number)}
	}
	var found []string
	for _, word := range []string{kindLever, variantField, Escalate, Wait} {
		if _, has := c.m[word]; has {
			found = append(found, word)
		}
	}
	if len(found) != 1 {
		f.wrong(n, "change", want)
		c.used = map[string]bool{"kind": true, "to": true, kindLever: true, variantField: true, "probe": true, Escalate: true, Wait: true}
		return Change{}
	}
	switch found[0] {
	case kindLever:
		return Change{Kind: kindLever, Levers: c.words(kindLever, leverWords)}
	case variantField:
		return Change{Kind: kindVariant, File: beside(f.rep.file, c.text(variantField, true)), Probe: c.text("probe", false)}
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
	x := &Expect{Within: e.length("within", true, time.Second)}
	if sn := e.get("signal", true); sn != nil {
		ref, err := cond.Reference(sn.Value)
		if err == nil && ref.Of == "any_index" {
			err = &cond.Error{Found: "any_index", Want: "one target: the effect of a change is measured on it"}
		}
		if err == nil && ref.Name == Trouble && (ref.Of != "" || ref.Op != "") {
			err = &cond.Error{Found: strconv.Quote(sn.Value), Want: "plain trouble: where it hurts, the diagnosis says"}
		}
		if err != nil {
			e.rep.expr(e.line+sn.Line, column(sn), err)
		}
		x.Signal = ref
	}
	if x.Signal.Name != Trouble {
		x.Direction, x.By = e.oneOf("direction", true, "down", "up"), e.share("by")
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
