package main

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// teamMetric names a metric in CloudWatch.
type teamMetric struct {
	Namespace  string            `yaml:"namespace"`
	Metric     string            `yaml:"metric"`
	Dimensions map[string]string `yaml:"dimensions"`
}

// teamSignal is a metric of the team's own under a name that runbooks can use.
type teamSignal struct {
	teamMetric `yaml:",inline"`
	Name       string        `yaml:"name"`
	Table      string        `yaml:"table"`
	Index      string        `yaml:"index"`
	Stat       string        `yaml:"stat"`
	Unit       string        `yaml:"unit"`
	Period     time.Duration `yaml:"period"`
	Zero       bool          `yaml:"zero"` // nothing is published for nothing
	line       int
}

// teamPublish is what a client publishes about itself.
type teamPublish struct {
	teamMetric `yaml:",inline"`
	What       string `yaml:"what"`
	line       int
}

// Limits of GetMetricData's MetricStat (CloudWatch API reference, Metric and Dimension), and ours.
const (
	maxDimensions = 30
	maxOwnSignals = 50
)

// ownUnits are the units that a team's signal may have, as the catalogue writes them, with the factor from CloudWatch's.
var ownUnits = map[string]struct {
	unit  string
	times float64
}{
	"": {"", 0}, "ms": {"ms", 0}, "s": {"ms", 1000}, "/s": {"/s", 0}, "%": {"", 0.01}, "units": {"units", 0}, "units/s": {"units/s", 0},
	"items": {"items", 0}, "bytes": {"bytes", 0},
}

var (
	signalName = regexp.MustCompile(`^[a-z][a-z0-9_]{2,39}$`)
	ownStat    = regexp.MustCompile(`^(Sum|Average|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d{1,3})?|p100)$`)
)

// UnmarshalYAML implements yaml.Unmarshaler; it keeps the line for messages.
func (s *teamSignal) UnmarshalYAML(n *yaml.Node) error {
	type plain teamSignal
	s.line = n.Line
	return strictly(n, (*plain)(s), "name table index namespace metric dimensions stat unit period zero")
}

// UnmarshalYAML implements yaml.Unmarshaler; it keeps the line for messages.
func (p *teamPublish) UnmarshalYAML(n *yaml.Node) error {
	type plain teamPublish
	p.line = n.Line
	return strictly(n, (*plain)(p), "what namespace metric dimensions")
}

// strictly decodes a mapping that holds nothing but the fields it may.
func strictly(n *yaml.Node, into any, fields string) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: found a plain value, expected the fields %s", n.Line, fields)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; !slices.Contains(strings.Fields(fields), k.Value) {
			return fmt.Errorf("line %d: %q is none of the fields %s", k.Line, k.Value, fields)
		}
	}
	return n.Decode(into)
}

// check says what of a metric CloudWatch would refuse.
func (m teamMetric) check() error {
	if m.Namespace == "" || len(m.Namespace) > 255 || strings.HasPrefix(m.Namespace, ":") {
		return fmt.Errorf("namespace is 1 to 255 characters and does not begin with a colon, e.g. Shop")
	}
	if m.Metric == "" || len(m.Metric) > 255 {
		return fmt.Errorf("metric is the metric's name, 1 to 255 characters")
	}
	if len(m.Dimensions) > maxDimensions {
		return fmt.Errorf("%d dimensions: CloudWatch knows %d at most", len(m.Dimensions), maxDimensions)
	}
	for name, value := range m.Dimensions {
		if name == "" || len(name) > 255 || strings.HasPrefix(name, ":") || value == "" || len(value) > 1024 {
			return fmt.Errorf("dimension %q: a name of 1 to 255 characters and a value of 1 to 1024", name)
		}
	}
	return nil
}

func (s teamSignal) check() error {
	_, taken := signal.Find(s.Name)
	_, odd := cond.Condition(s.Name+" > 0", cond.Builtin())
	_, unit := ownUnits[s.Unit]
	switch {
	case !signalName.MatchString(s.Name) || odd != nil:
		return fmt.Errorf("signal %q: name is 3 to 40 lower-case letters, digits and _, and no word of the conditions", s.Name)
	case taken:
		return fmt.Errorf("signal %s: the catalogue has a signal of that name: choose another", s.Name)
	case s.Table == "":
		return fmt.Errorf("signal %s: needs the table that it tells of", s.Name)
	case !ownStat.MatchString(s.Stat):
		return fmt.Errorf("signal %s: stat is Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p99, not %q", s.Name, s.Stat)
	case !unit:
		return fmt.Errorf("signal %s: unit is ms, s, /s, %%, units, units/s, items, bytes or left out, not %q", s.Name, s.Unit)
	case s.Unit == "/s" && s.Stat != "Sum" && s.Stat != "SampleCount":
		return fmt.Errorf("signal %s: only a Sum or SampleCount can be told per second", s.Name)
	case s.Period != 0 && s.Period != time.Minute && s.Period != 5*time.Minute:
		return fmt.Errorf("signal %s: period is 1m or 5m", s.Name)
	}
	if err := s.teamMetric.check(); err != nil {
		return fmt.Errorf("signal %s: %w", s.Name, err)
	}
	return nil
}

// checkSignals says what is wrong with the team's own metrics, and on which line.
func (t team) checkSignals() error {
	if len(t.Signals) > maxOwnSignals {
		return fmt.Errorf("line %d: %d signals: %d at most, each costs a request a minute", t.Signals[maxOwnSignals].line, len(t.Signals), maxOwnSignals)
	}
	seen := map[string]bool{}
	for _, s := range t.Signals {
		if err := s.check(); err != nil {
			return fmt.Errorf("line %d: %w", s.line, err)
		}
		if seen[s.Name] {
			return fmt.Errorf("line %d: signal %s is there twice", s.line, s.Name)
		}
		seen[s.Name] = true
	}
	for _, c := range t.Clients {
		for _, p := range c.Publishes {
			err := p.check()
			if !contains(strings.Fields("latency calls attempts errors"), p.What) {
				err = fmt.Errorf("what is latency, calls, attempts or errors, not %q", p.What)
			}
			if err != nil {
				return fmt.Errorf("line %d: client %s: %w", p.line, c.Name, err)
			}
		}
	}
	if math.IsNaN(t.Budget) || math.IsInf(t.Budget, 0) || t.Budget < 0 {
		return errors.New("cloudwatch_budget is in USD an hour, e.g. 0.50")
	}
	return nil
}

// own lists the metrics that concern the tables which are watched.
func (t team) own(tables []string) []engine.OwnMetric {
	var out []engine.OwnMetric
	for _, s := range t.Signals {
		if contains(tables, s.Table) {
			u := ownUnits[s.Unit]
			out = append(out, engine.OwnMetric{
				Signal: s.Name, Table: s.Table, Index: s.Index, Namespace: s.Namespace, Metric: s.Metric, Dimensions: s.Dimensions,
				Stat: s.Stat, Unit: u.unit, Times: u.times, Zero: s.Zero, Period: s.Period,
			})
		}
	}
	for _, c := range t.Clients {
		for _, p := range c.Publishes {
			if contains(tables, c.Table) {
				out = append(out, engine.Published(p.What, engine.OwnMetric{
					Client: string(c.Name), Table: c.Table, Index: c.Index, Namespace: p.Namespace, Metric: p.Metric, Dimensions: p.Dimensions,
				})...)
			}
		}
	}
	return out
}
