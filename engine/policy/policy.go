// Package policy reads the file in which a team says what may be changed: guards, factors, ceilings and times. Whatever is wrong
// with it, in any part, means that nothing may be changed. ddbloop only ever reads it.
package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ddbloop/ddbloop/engine/change"
)

// Problem is one thing that is wrong with a file, where it stands, and what is wanted.
type Problem struct {
	Line, Column int
	Text         string
}

// Problems is all that is wrong with a file.
type Problems struct {
	File string
	List []Problem
}

// Error is the first problem in one line, with how many more there are.
func (p *Problems) Error() string {
	first := p.List[0]
	text := fmt.Sprintf("policy %s:%d:%d: %s", p.File, first.Line, first.Column, first.Text)
	if n := len(p.List) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more: ddbloop policy lint)", n)
	}
	return text
}

// Load reads a policy file and the calendar that it names. Every error means that nothing may be changed; of a file that can be
// read but not understood it is a *Problems. read is os.ReadFile.
func Load(path string, read func(string) ([]byte, error)) (change.Policy, error) {
	raw, err := read(path)
	if err != nil {
		return change.Policy{}, fmt.Errorf("policy %s: %s", path, reason(err))
	}
	p, calendar, problems := parse(raw)
	if len(problems) > 0 {
		return change.Policy{}, &Problems{path, problems}
	}
	hash := sha256.New()
	hash.Write(raw)
	if calendar != "" {
		if !filepath.IsAbs(calendar) {
			calendar = filepath.Join(filepath.Dir(path), calendar)
		}
		more, err := read(calendar)
		if err != nil {
			return change.Policy{}, fmt.Errorf("policy %s: its calendar %s: %s: closed", path, calendar, reason(err))
		}
		windows, problems := parseCalendar(more)
		if len(problems) > 0 {
			return change.Policy{}, &Problems{calendar, problems}
		}
		p.Freeze = append(p.Freeze, windows...)
		hash.Write(more)
	}
	if p.HoldFile != "" && !filepath.IsAbs(p.HoldFile) {
		p.HoldFile = filepath.Join(filepath.Dir(path), p.HoldFile)
	}
	p.Name, p.Hash = path, hex.EncodeToString(hash.Sum(nil)[:8])
	return p, nil
}

func reason(err error) string {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// parse reads a policy on top of the built-in one. What is left out is as careful as that.
func parse(raw []byte) (p change.Policy, calendar string, problems []Problem) {
	p = change.Careful
	root, bad := document(raw)
	if bad != nil {
		return p, "", []Problem{*bad}
	}
	if root == nil {
		return p, "", nil
	}
	d := &decoder{}
	d.fields(root, map[string]func(*yaml.Node){
		"tables":            d.names(&p.Tables),
		"protected":         d.section(map[string]func(*yaml.Node){"tables": d.names(&p.Protected), "tags": d.pairs(&p.ProtectedTags)}),
		"account":           d.match(&p.Account, `^\d{12}$`, "twelve digits in quotes"),
		"region":            d.match(&p.Region, `^[a-z]{2,}(-[a-z]+)+-\d+$`, "a Region such as eu-west-1"),
		"lab":               d.truth(&p.Lab),
		"kinds":             d.kinds(&p.Kinds),
		"auto_scaling":      d.oneOf(&p.AutoScaling, change.RefuseFight, change.RefuseManual, change.AllowManual),
		"insights_with_kms": d.oneOf(&p.KMSInsights, change.Never, change.WithReason),
		"spacing":           d.length(&p.Spacing),
		"in_flight":         d.count(&p.InFlight, 1, 10),
		"credentials_life":  d.length(&p.Life),
		"freeze":            d.windows(&p.Freeze),
		"calendar":          d.text(&calendar),
		"hold_file":         d.text(&p.HoldFile),
		"timer_undo":        d.oneOf(&p.TimerUndo, change.Propose, change.Apply),
		"capacity": d.section(map[string]func(*yaml.Node){
			"headroom": d.number(&p.Headroom, 1, 10), "step": d.number(&p.StepFactor, 1, 100), "session": d.number(&p.SessionFactor, 1, 1000),
			"quota_share": d.number(&p.QuotaShare, 0, 1), "quota": d.units(&p.Quota), "cuts": d.truth(&p.Cuts),
		}),
		"on_demand": d.section(map[string]func(*yaml.Node){"unlimited": d.truth(&p.Unlimited), "mode_switches": d.switches(&p.ModeSwitches)}),
		"cost": d.section(map[string]func(*yaml.Node){
			"per_change": d.number(&p.CostStep, 0, 1e6), "per_session": d.number(&p.CostSession, 0, 1e6),
			"unknown_price": d.oneOf(&p.UnknownPrice, change.Hold, change.Allow), "prices": d.prices(&p.Prices),
		}),
	})
	return p, calendar, d.problems
}

func parseCalendar(raw []byte) ([]change.Window, []Problem) {
	root, bad := document(raw)
	if bad != nil {
		return nil, []Problem{*bad}
	}
	d := &decoder{}
	var list []change.Window
	if root != nil {
		d.fields(root, map[string]func(*yaml.Node){"freeze": d.windows(&list)})
	}
	return list, d.problems
}

// document reads the one YAML document of a file down to the root mapping; nil of an empty file. A second one is refused: what it
// protects would not be protected.
func document(raw []byte) (*yaml.Node, *Problem) {
	d := yaml.NewDecoder(bytes.NewReader(raw))
	var doc, rest yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, syntax(err)
	}
	if err := d.Decode(&rest); err == nil {
		return nil, &Problem{rest.Line, rest.Column, "a file is one document: take out this --- line, or what follows it"}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntax(err)
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, &Problem{root.Line, root.Column, "a policy is a mapping of fields"}
	}
	return root, nil
}

// syntax is an error of the YAML parser where it stands.
func syntax(err error) *Problem {
	text, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if where, what, found := strings.Cut(text, ": "); found {
		if n, err := strconv.Atoi(strings.TrimPrefix(where, "line ")); err == nil {
			text, line = what, n
		}
	}
	return &Problem{line, 1, "this is not YAML: " + text}
}
