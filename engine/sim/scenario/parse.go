package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Options say how to read a file.
type Options struct {
	Magnitude string                            // low, base or high; "" is base
	OpenFile  func(path string) ([]byte, error) // reads a file beside the scenario; nil: there is none
}

// Parse reads a scenario file. The name is its path or its embedded name, for messages
// and to compare with the id. What is wrong with the file, at whatever magnitude, comes back as *Error.
func Parse(name string, data []byte, opt Options) (*Scenario, error) {
	picked := cmp.Or(opt.Magnitude, "base")
	s, varies, err := parseAt(name, data, picked, opt)
	if err != nil || !varies {
		return s, err
	}
	for _, m := range magnitudes {
		if m == picked {
			continue
		}
		if _, _, err := parseAt(name, data, m, opt); err != nil {
			if e, ok := errors.AsType[*Error](err); ok {
				for i := range e.Problems {
					e.Problems[i].Text += " at magnitude " + m
				}
			}
			return nil, err
		}
	}
	return s, nil
}

// parseAt reads a file at one magnitude, and reports whether another one would make it another scenario.
func parseAt(name string, data []byte, magnitude string, opt Options) (*Scenario, bool, error) {
	d, err := newDecoder(&Scenario{Name: "", Magnitude: magnitude})
	if err != nil {
		return nil, false, err
	}
	d.open = opt.OpenFile
	if root := d.document(data); root != nil {
		d.scenario(root)
		if id := d.s.Name; id != "" && id != idOf(name) {
			d.add(root.Line, root.Column, fmt.Sprintf("scenario %s must be in a file of that name, not in %s", id, clip(filepath.Base(name))))
		}
	}
	if err := d.err(name); err != nil {
		return nil, false, err
	}
	return d.s, d.varies, nil
}

// ParseEvent reads one event, without at, that happens in a scenario at the given time.
func (s *Scenario) ParseEvent(name string, data []byte, at time.Duration) (Event, error) {
	d, err := newDecoder(s)
	if err != nil {
		return Event{}, err
	}
	e := Event{At: at}
	if root := d.document(data); root != nil {
		d.event(root, &e, false)
		d.runChecks()
	}
	return e, d.err(name)
}

func newDecoder(s *Scenario) (*decoder, error) {
	pick := slices.Index(magnitudes, s.Magnitude)
	if pick < 0 {
		return nil, fmt.Errorf("magnitude %q: expected low, base or high", s.Magnitude)
	}
	d := &decoder{pick: pick, s: s, created: map[string][]string{}}
	for _, e := range s.Events {
		if e.Call != nil && e.Call.CreateIndex != nil {
			d.created[e.Call.Table] = append(d.created[e.Call.Table], e.Call.CreateIndex.Index.Name)
		}
	}
	return d, nil
}

// idOf returns the id that a file's name stands for.
func idOf(name string) string {
	base := filepath.Base(name)
	for _, ext := range []string{".yaml", ".yml"} {
		if id, ok := strings.CutSuffix(base, ext); ok {
			return id
		}
	}
	return base
}

// scenario reads the whole file: first what others name, then what names them.
func (d *decoder) scenario(n *yaml.Node) {
	s := d.s
	s.Seed = 1
	s.Start = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	s.History, s.Duration = 25*time.Hour, 40*time.Minute
	s.Region, s.Account = "eu-west-1", "123456789012"
	s.Quotas = Quotas{TableRead: 40000, TableWrite: 40000, AccountRead: 80000, AccountWrite: 80000}
	seed := int(s.Seed)
	wait := func(*yaml.Node) {}
	seen := d.object(n, fields{
		"scenario": d.name(&s.Name),
		"title":    d.text(&s.Title, 200),
		"seed":     d.count(&seed, 0, 1<<53),
		"start":    d.timestamp(&s.Start),
		"history":  d.duration(&s.History, 0, 35*24*time.Hour),
		"duration": d.duration(&s.Duration, time.Minute, 14*24*time.Hour),
		"region":   d.match(&s.Region, regionPattern, "a region such as eu-west-1"),
		"account":  d.match(&s.Account, accountPattern, "an account number of twelve digits"),
		"quotas":   d.quotas,
		"tables":   wait, "traffic": wait, "here": wait, "alarms": wait, "levers": wait, "events": wait, "truth": wait,
	}, "scenario", "tables", "truth")
	s.Seed = int64(seed)
	s.Title = cmp.Or(s.Title, s.Name)
	s.Here.Network = defaultNetwork
	for _, part := range []struct {
		name string
		read func(n *yaml.Node)
	}{
		{"tables", d.tables},
		{"traffic", d.clients},
		{"here", d.here},
		{"alarms", d.alarms},
		{"levers", d.levers},
		{"events", d.events},
	} {
		if node := seen[part.name]; node != nil {
			part.read(node)
		}
	}
	if s.Here.Probes == nil {
		for _, t := range s.Tables {
			s.Here.Probes = append(s.Here.Probes, Probe{Table: t.Name, Operation: "GetItem", Every: time.Second})
		}
	}
	d.runChecks()
	if node := seen["truth"]; node != nil {
		d.truth(node)
	}
}

func (d *decoder) timestamp(dst *time.Time) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		v, err := time.Parse(time.RFC3339, n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || v.Year() < 2000 || v.Year() > 2100 {
			d.fail(n, "expected a time such as 2026-03-03T14:00:00Z, got %s", describe(n))
			return
		}
		*dst = v.UTC()
	}
}

func (d *decoder) quotas(n *yaml.Node) {
	q := &d.s.Quotas
	d.object(n, fields{
		"table_read": d.number(&q.TableRead, 1, maxNumber), "table_write": d.number(&q.TableWrite, 1, maxNumber),
		"account_read": d.number(&q.AccountRead, 1, maxNumber), "account_write": d.number(&q.AccountWrite, 1, maxNumber),
	})
}
