package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ddbloop/ddbloop/engine/signal"
)

const ownConfig = `
cloudwatch_budget: 0.25
signals:
  - {name: checkout_p99, namespace: Shop, metric: Latency, dimensions: {Service: checkout, Stage: prod}, stat: p99, unit: s, table: orders}
  - name: carts_left
    table: orders
    index: by-status
    namespace: Shop
    metric: CartsAbandoned
    stat: Sum
    unit: /s
    zero: true
    period: 5m
  - {name: elsewhere, namespace: Shop, metric: M, stat: Average, table: others}
clients:
  - name: web
    table: orders
    publishes:
      - {what: latency, namespace: Shop, metric: Latency, dimensions: {Service: web}}
      - {what: errors, namespace: Shop, metric: Errors}
`

// One mechanism asks for the team's signals and for what clients publish. Mutants: forget the factor; read every gap as a zero.
func TestOwnMetrics(t *testing.T) {
	team, err := parseTeam([]byte(ownConfig))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := team.config([]string{"orders"}, nil)
	if err != nil || cfg.Budget != 0.25 {
		t.Fatal(err, cfg.Budget)
	}
	var got []string
	for _, m := range ownMetrics(cfg.Own) {
		s := m.Signal
		got = append(got, fmt.Sprintf("%s@%s#%s %s/%s%v %s %s ×%g %s zero=%v rate=%v", s.Name, m.Target, m.Op, s.Namespace, s.Metric, m.Dimensions, s.Stat, s.Unit, s.Times, s.Period, s.Zero, s.PerSecond))
	}
	want := []string{
		"checkout_p99@orders# Shop/Latency[{Service checkout} {Stage prod}] p99 ms ×1000 1m0s zero=false rate=false",
		"carts_left@orders/by-status# Shop/CartsAbandoned[] Sum /s ×0 5m0s zero=true rate=true",
		"client_latency_p50@orders#web Shop/Latency[{Service web}] p50 ms ×0 1m0s zero=false rate=false",
		"client_latency_p99@orders#web Shop/Latency[{Service web}] p99 ms ×0 1m0s zero=false rate=false",
		"client_errors@orders#web Shop/Errors[] Sum /s ×0 1m0s zero=true rate=true",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	own := named(cfg.Own)
	if len(own) != 2 || own[0].Name != "checkout_p99" || own[1].Target != "orders/by-status" {
		t.Errorf("the journal is told of %+v", own)
	}
	if u, ok := signal.Units(own).Unit("carts_left"); !ok || u != "/s" {
		t.Errorf("conditions see %q %v", u, ok)
	}
}

func TestOwnMetricsThatCannotBe(t *testing.T) {
	const good = "{name: a_b, namespace: Shop, metric: M, stat: Sum, table: orders}"
	with := func(old, changed string) string {
		return "actor: ana\nsignals:\n  - " + strings.Replace(good, old, changed, 1) + "\n"
	}
	var many strings.Builder
	for i := range 31 {
		fmt.Fprintf(&many, "d%d: x, ", i)
	}
	for name, c := range map[string]struct{ in, want string }{
		"name":             {with("a_b", "Checkout"), `line 3: signal "Checkout": name is`},
		"word":             {with("a_b", "layer"), `line 3: signal "layer": name is`},
		"taken":            {with("a_b", "latency_p99"), "line 3: signal latency_p99: the catalogue has"},
		"no table":         {with(", table: orders", ""), "line 3: signal a_b: needs the table"},
		"stat":             {with("Sum", "median"), "line 3: signal a_b: stat is"},
		"unit":             {with("metric", "unit: furlong, metric"), `line 3: signal a_b: unit is`},
		"rate":             {with("stat: Sum", "unit: /s, stat: p99"), "line 3: signal a_b: only a Sum"},
		"period":           {with("metric", "period: 10s, metric"), "line 3: signal a_b: period is 1m or 5m"},
		"field":            {with("metric", "metrics"), `line 3: "metrics" is none of the fields`},
		"namespace":        {with("Shop", "':x'"), "line 3: signal a_b: namespace is"},
		"dimensions":       {with("stat", "dimensions: {"+strings.TrimSuffix(many.String(), ", ")+"}, stat"), "31 dimensions: CloudWatch knows 30"},
		"twice":            {"signals:\n  - " + good + "\n  - " + good + "\n", "line 3: signal a_b is there twice"},
		"too many":         {"signals:\n" + strings.Repeat("  - "+good+"\n", 51), "line 52: 51 signals: 50 at most"},
		"not a mapping":    {"signals:\n  - latency\n", "line 2: found a plain value"},
		"publishes nought": {"clients:\n  - name: web\n    table: orders\n    publishes:\n      - {what: mood, namespace: Shop, metric: M}\n", "line 5: client web: what is latency"},
		"budget":           {"cloudwatch_budget: -1\n", "cloudwatch_budget is in USD an hour"},
	} {
		_, err := parseTeam([]byte(c.in))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
