package scenario

import (
	"strings"
	"testing"
)

func TestChangeTargets(t *testing.T) {
	const file = `
scenario: changes
tables: [{name: t, key: {partition: id}, indexes: [{name: x, key: {partition: k}}], replicas: [{region: us-east-1}]}]
traffic: [{name: c, table: t, operation: PutItem, rate: 1}]
levers: [{name: l, title: l, does: other, set: {traffic.c.rate: 0}}]
truth: {kind: gsi_hot_key, target: TARGET, layer: throttled, begins: 1m, disposition: optimize, cures: [CHANGE]}
`
	for _, c := range []struct {
		target, change string
		want           Change
	}{
		{"t", "table.write", Change{Kind: "table.write", Table: "t"}},
		{"t", "table.write.down", Change{Kind: "table.write", Table: "t", Down: true}},
		{"t/x", "table.write", Change{Kind: "table.write", Table: "t"}},
		{"t/x", "mode.on_demand", Change{Kind: "mode.on_demand", Table: "t"}},
		{"t/x", "index.write", Change{Kind: "index.write", Table: "t", Index: "x"}},
		{"t/x", "warm.write", Change{Kind: "warm.write", Table: "t", Index: "x"}},
		{"t/x", "warm.write@t", Change{Kind: "warm.write", Table: "t"}},
		{"t", "index.write.down@t/x", Change{Kind: "index.write", Table: "t", Index: "x", Down: true}},
		{"t/x", "autoscaling.max", Change{Kind: "autoscaling.max", Table: "t", Index: "x"}},
		{"t", "autoscaling.max@write", Change{Kind: "autoscaling.max", Table: "t", Side: "write"}},
		{"t/x", "lever:l", Change{Kind: "lever:l", Table: "t", Index: "x"}},
		{"client", "lever:l", Change{Kind: "lever:l"}},
		{"client", "table.read", Change{Kind: "table.read", Table: "t"}},
		{"us-east-1", "table.write", Change{Kind: "table.write", Table: "t"}},
	} {
		s, err := Parse("changes", []byte(strings.NewReplacer("TARGET", c.target, "CHANGE", c.change).Replace(file)), Options{})
		if err != nil {
			t.Errorf("%s on %s: %v", c.change, c.target, err)
			continue
		}
		c.want.text = c.change
		if got := s.Truth.Cures[0]; got != c.want {
			t.Errorf("%s on %s: %+v", c.change, c.target, got)
		}
	}
}

// What only callers feel must reach ddbloop somehow, or nobody could be asked to find it.
func TestHiddenKindsNeedEvidence(t *testing.T) {
	const file = `
scenario: hidden
tables: [{name: t, key: {partition: id}}, {name: u, key: {partition: id}}]
here: {probes: PROBES}
traffic: [{name: c, table: t, operation: PutItem, rate: 1, CLIENT}, {name: d, table: u, operation: GetItem, rate: 1, OTHER}]
events: [{at: 1m, EVENT}]
truth: {kind: KIND, target: t, layer: client, begins: 1m, disposition: escalate}
`
	publish := func(what string) string { return "publishes: {namespace: Shop, metric: M, what: " + what + "}" }
	const wait, denied, probe = "set: {traffic.c.network.wait: 9ms}", "fault: {access: denied}", "[{table: t}]"
	for name, c := range map[string]struct {
		kind, probes, client, other, event string
		ok                                 bool
	}{
		"nothing":               {"client_latency", "[]", "feed: off", "feed: off", wait, false},
		"feed":                  {"client_latency", "[]", "feed: 1s", "feed: off", wait, true},
		"feed of another table": {"client_latency", "[]", "feed: off", "feed: 1s", wait, false},
		"fitting metric":        {"client_latency", "[]", publish("latency"), "feed: off", wait, true},
		"metric of calls":       {"client_latency", "[]", publish("calls"), "feed: off", wait, false},
		"probe elsewhere":       {"client_latency", probe, "feed: off", "feed: off", wait, false},
		"report":                {"client_latency", "[]", "feed: off", "feed: off", "report: {text: slow, about: latency}", true},
		"probe denied too":      {"access_denied", probe, "feed: off", "feed: off", denied, true},
		"no probe":              {"access_denied", "[]", "feed: off", "feed: off", denied, false},
		"probe not denied":      {"access_denied", probe, "feed: off", "feed: off", "fault: {access: denied, where: app}", false},
		"visible kind":          {"large_items", "[]", "feed: off", "feed: off", wait, true},
	} {
		data := strings.NewReplacer("KIND", c.kind, "PROBES", c.probes, "CLIENT", c.client, "OTHER", c.other, "EVENT", c.event).Replace(file)
		_, err := Parse("hidden", []byte(data), Options{})
		if (err == nil) != c.ok || (err != nil && !strings.Contains(err.Error(), "nobody could know")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The vocabulary is a promise to runbooks and to the loop: nothing leaves it unnoticed.
func TestVocabulary(t *testing.T) {
	for name, c := range map[string]struct{ got, want int }{
		"kinds": {len(Kinds()), 32}, "levers": {len(LeverKinds()), 10}, "changes": {len(ChangeKinds()), 16}, "operations": {len(Operations()), 11},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", name, c.got, c.want)
		}
	}
	for op, want := range map[string][2]bool{
		"GetItem": {false, false}, "PutItem": {true, false}, "TransactGetItems": {false, true}, "TransactWriteItems": {true, true},
	} {
		if Writes(op) != want[0] || Transactional(op) != want[1] {
			t.Errorf("%s: writes %v, transactional %v", op, Writes(op), Transactional(op))
		}
	}
}
