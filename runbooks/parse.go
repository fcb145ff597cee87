package runbooks

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// Bounds of a document.
const (
	maxSource = 256 << 10 // bytes
	maxSteps  = 64
)

// Parse reads a runbook. Its error is Problems: every fault, each with its place. file is only named.
func Parse(file string, src []byte) (*Runbook, error) {
	rep := &report{file: file}
	if len(src) > maxSource {
		rep.add(1, 1, "found %d bytes, expected at most %d", len(src), maxSource)
		return nil, rep.sorted()
	}
	source := strings.ReplaceAll(string(src), "\r\n", "\n")
	if !clean(source, rep) {
		return nil, rep.sorted()
	}
	sum := sha256.Sum256(src)
	r := &Runbook{File: file, Hash: hex.EncodeToString(sum[:]), Source: source}
	matter, rest := front(source, rep)
	if len(rep.list) == 0 {
		r.matter(matter, rep)
		r.read(blocks(rest, rep), rep)
	}
	if len(rep.list) > 0 {
		return nil, rep.sorted()
	}
	return r, nil
}

// matter reads the front matter, which starts on the file's second line.
func (r *Runbook) matter(text string, rep *report) {
	f, ok := mapping(rep, "the front matter", text, 1)
	if !ok {
		return
	}
	r.Name = f.id("runbook", true, "a name such as hot-partition")
	r.Version = f.whole("version", true, 1, 0)
	r.Title, r.Owner = f.text("title", true), f.text("owner", true)
	if n := f.get("review_by", true); n != nil {
		day, err := time.Parse(time.DateOnly, n.Value)
		if err != nil {
			f.wrong(n, "review_by", "a day such as 2027-06-30")
		}
		r.ReviewBy = day
	}
	if n := f.get("kinds", true); n != nil {
		if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
			f.wrong(n, "kinds", "a list of incident kinds such as [hot_partition]")
		}
		for _, k := range n.Content {
			if k.Kind != yaml.ScalarNode || strings.Trim(k.Value, "abcdefghijklmnopqrstuvwxyz_") != "" || k.Value == "" {
				f.wrong(k, "a kind", "a word such as hot_partition")
				continue
			}
			r.Kinds = append(r.Kinds, k.Value)
		}
	}
	f.done()
}

// read turns blocks into steps. A condition may speak of the steps above its own, which keeps every
// evaluation a single pass.
func (r *Runbook) read(list []block, rep *report) {
	if len(list) == 0 {
		rep.add(1, 0, "found no step, expected a fenced block such as yaml check id=limit")
		return
	}
	if len(list) > maxSteps {
		rep.add(list[maxSteps].line, 0, "found more than %d steps", maxSteps)
		return
	}
	words := cond.Builtin()
	seen := map[string]int{}
	for _, b := range list {
		if line, twice := seen[b.id]; twice {
			rep.add(b.line, 0, "found the id %q again, expected another: it is taken on line %d", b.id, line)
			continue
		}
		if _, taken := cond.Builtin()[b.id]; taken {
			rep.add(b.line, 0, "found the id %q, expected another: it is a word of the conditions", b.id)
			continue
		}
		seen[b.id] = b.line
		s := &Step{ID: b.id, Type: b.kind, Section: b.section, Prose: b.prose, Line: b.line}
		if f, ok := mapping(rep, b.kind+" "+b.id, b.body, b.line); ok {
			s.fill(f, words)
			f.done()
		}
		words[b.id] = s.words()
		r.Steps = append(r.Steps, s)
	}
	if r.Step(Escalate) == nil {
		r.Steps = append(r.Steps, &Step{
			ID: Escalate, Type: "act", Say: "Hand the incident over", Line: list[len(list)-1].line,
			Act: &Act{Change: Change{Kind: Escalate, Does: "the runbook has no more to offer"}, Risk: Reversible, Approve: 1, OnEffect: End},
		})
	}
}

// words lists what a later condition may compare a step with.
func (s *Step) words() []string {
	switch {
	case s.Check != nil:
		return []string{history.Pass, history.Fail, history.NoVerdict}
	case s.Decide != nil:
		list := []string{history.NoVerdict}
		for _, rule := range append(s.Decide.Rules, s.Decide.Otherwise) {
			list = append(list, rule.Goto)
		}
		return list
	}
	return []string{
		history.Worked, history.Helped, "no_effect", history.Worse, history.Unproven, history.Confounded,
		"done", "skipped", history.NoVerdict,
	}
}

func (s *Step) fill(f *fields, words cond.Words) {
	switch s.Type {
	case "check":
		s.Say = f.text("ask", true)
		s.Check = readCheck(f, words)
	case "decide":
		s.Say = "Choose"
		if _, ok := f.m["ask"]; ok {
			s.Say = f.text("ask", false)
		}
		s.Decide = readDecide(f, words)
	case "act":
		s.Say = f.text("say", true)
		s.Act = readAct(f, words)
	case "note":
		s.Say = f.text("ask", true)
		s.Note = &Note{To: f.text("to", true)}
	}
}

func readCheck(f *fields, words cond.Words) *Check {
	c := &Check{
		Pass:     f.expr("pass", true, words, cond.Condition),
		Required: f.oneOf("required", true, RequiredNo, RequiredYes, RequiredSuccess),
		Hold:     f.length("hold", false, time.Minute),
		OnPass:   f.target("on_pass", false),
		OnFail:   f.target("on_fail", false),
	}
	if c.Hold > 0 && c.Pass != nil {
		held, err := cond.Held(c.Pass, int(c.Hold/time.Minute))
		if err != nil {
			n := f.m["hold"]
			f.rep.expr(f.line+n.Line, 0, err)
			return c
		}
		c.Pass = held
	}
	return c
}

func readDecide(f *fields, words cond.Words) *Decide {
	d := &Decide{}
	if n := f.get("rules", true); n != nil {
		if n.Kind != yaml.SequenceNode {
			f.wrong(n, "rules", "a list of {when, goto, because}")
			n = &yaml.Node{}
		}
		for i, c := range n.Content {
			if rf, ok := nested(f.rep, "rule "+strconv.Itoa(i+1), c, f.line); ok {
				rule := Rule{When: rf.expr("when", true, words, cond.Condition), Line: f.line + c.Line}
				rule.Goto, rule.Because = rf.target("goto", true), rf.text("because", true)
				rf.done()
				d.Rules = append(d.Rules, rule)
			}
		}
	}
	if n := f.get("otherwise", true); n != nil {
		if of, ok := nested(f.rep, "otherwise", n, f.line); ok {
			d.Otherwise = Rule{Goto: of.target("goto", true), Because: of.text("because", true), Line: f.line + n.Line}
			of.done()
		}
	}
	return d
}
