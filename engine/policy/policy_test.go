package policy

import (
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/price"
)

const whole = `
tables: [orders, carts]
protected:
  tables: [ledger]
  tags: {protected: "true", team: ""}
account: "123456789012"
region: eu-west-1
lab: true
kinds: [table.write, lever, "lever:shed"]
capacity: {headroom: 1.3, step: 3, session: 5, quota_share: 0.5, quota: 80000, cuts: false}
on_demand: {unlimited: true, mode_switches: 2}
auto_scaling: allow
insights_with_kms: with_reason
cost: {per_change: 9, per_session: 30, unknown_price: allow, prices: {checked: 2026-11-01, provisioned-write: 0.000735}}
spacing: 1m
in_flight: 2
credentials_life: 5m
calendar: closed.yaml
hold_file: hold
timer_undo: apply
freeze:
  - {from: 2026-12-24T00:00:00Z, to: 2026-12-27T00:00:00Z, why: Christmas}
`

const closed = `freeze: [{days: [fri], at: "17:00", for: 63h, zone: Europe/Berlin, why: weekend}]`

func files(m map[string]string) func(string) ([]byte, error) {
	f := fstest.MapFS{}
	for k, v := range m {
		f[k] = &fstest.MapFile{Data: []byte(v)}
	}
	return func(name string) ([]byte, error) { return fs.ReadFile(f, name) }
}

func TestWhole(t *testing.T) {
	p, err := Load("etc/policy.yaml", files(map[string]string{"etc/policy.yaml": whole, "etc/closed.yaml": closed}))
	if err != nil {
		t.Fatal(err)
	}
	berlin, _ := time.LoadLocation("Europe/Berlin")
	want := change.Policy{
		Name: "etc/policy.yaml", Hash: p.Hash, Tables: []string{"orders", "carts"}, Protected: []string{"ledger"},
		ProtectedTags: map[string]string{"protected": "true", "team": ""}, Account: "123456789012", Region: "eu-west-1", Lab: true,
		Kinds: []string{"table.write", "lever", "lever:shed"}, Headroom: 1.3, StepFactor: 3, SessionFactor: 5, QuotaShare: 0.5, Quota: 80000,
		Unlimited: true, ModeSwitches: 2, AutoScaling: change.AllowManual, KMSInsights: change.WithReason,
		CostStep: 9, CostSession: 30, UnknownPrice: change.Allow, Prices: price.List{Checked: "2026-11-01", Own: map[price.Item]float64{price.ProvisionedWrite: 0.000735}},
		Spacing: time.Minute, InFlight: 2, Life: 5 * time.Minute, HoldFile: "etc/hold", TimerUndo: change.Apply,
		Freeze: []change.Window{
			{From: time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 12, 27, 0, 0, 0, 0, time.UTC), Zone: time.UTC, Why: "Christmas"},
			{Days: []time.Weekday{time.Friday}, Start: 17 * time.Hour, Length: 63 * time.Hour, Zone: berlin, Why: "weekend"},
		},
	}
	if len(p.Hash) != 16 || !reflect.DeepEqual(p, want) {
		t.Errorf("got\n%+v, want\n%+v", p, want)
	}
	again, _ := Load("etc/policy.yaml", files(map[string]string{"etc/policy.yaml": whole, "etc/closed.yaml": closed + "\n"}))
	if again.Hash == p.Hash {
		t.Error("another calendar has the same hash")
	}
}

// What is left out is as careful as without a file. Mutant: start from a zero policy.
func TestEmptyIsCareful(t *testing.T) {
	for _, text := range []string{"", "# nothing yet\n", "tables: [orders]\n"} {
		p, err := Load("p", files(map[string]string{"p": text}))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		p.Tables, p.Name, p.Hash = nil, change.Careful.Name, change.Careful.Hash
		if !reflect.DeepEqual(p, change.Careful) {
			t.Errorf("%q: %+v", text, p)
		}
	}
}

// Whatever is wrong anywhere allows nothing, and says where. Mutants: skip unknown fields; keep going without the calendar; let a later
// tag of the same name replace the first; take an alias for its name.
func TestWrongMeansNothing(t *testing.T) {
	for text, want := range map[string]string{
		"table: [orders]":       "p:1:1: no field \"table\"",
		"tables: []":            "p:1:9: wanted: a list of table names, with at least one",
		"tables:":               "wanted: a list of table names",
		"tables: ['ord*']":      "p:1:10: \"ord*\" is no table name",
		"tables: orders":        "wanted: a list of table names",
		"protected: {tag: x}":   "no field \"tag\"",
		"protected: {tags: {}}": "wanted: tags",
		"protected: {tags: {env: prod, env: stage}}":                       "p:1:31: tag env is given twice",
		"protected: {tags: {env: null}}":                                   "a tag's value is a text in quotes",
		"protected: {tags: {env: [prod]}}":                                 "a tag's value is a text in quotes",
		"protected: {tags: {? {a: b} : c}}":                                "a tag's key is a text",
		"protected: {tags: {a: &x b}}":                                     "anchors",
		"freeze: [{days: [&mon sun, *mon], at: '17:00', for: 1h, why: x}]": "anchors",
		"kinds: ['lever:']":                                                "\"lever:\" is no kind of change",
		"cost: {prices: {checked: 2026-13-45}}":                            "prices need checked",
		"account: 123":                                                     "\"123\" is not twelve digits in quotes",
		"region: Ireland":                                                  "\"Ireland\" is not a Region",
		"lab: yes please":                                                  "neither true nor false",
		"kinds: [table.delete]":                                            "\"table.delete\" is no kind of change",
		"capacity: {step: 0.5}":                                            "p:1:18: \"0.5\" is not a number from 1 to 100",
		"capacity: {step: .nan}":                                           "is not a number",
		"capacity: {step: 2}\ncapacity: {step: 3}":                         "p:2:1",
		"cost: {per_change: -1}":                                           "is not a number from 0",
		"cost: {unknown_price: guess}":                                     "is not one of hold, allow",
		"cost: {prices: {provisioned-write: 0.1}}":                         "prices need checked",
		"auto_scaling: fight":                                              "is not one of refuse_fight",
		"spacing: 30":                                                      "is not a length of time",
		"in_flight: 2.5":                                                   "is not a whole number",
		"in_flight: 0":                                                     "is not a number from 1 to 10",
		"freeze: [{from: now, to: then, why: x}]":                          "no instant",
		"freeze: [{days: [someday], at: '17:00', for: 1h, why: x}]":        "\"someday\" is no day",
		"freeze: [{days: [fri], at: '25:00', for: 1h, why: x}]":            "is not a time of day",
		"freeze: [{days: [fri], at: '17:00', for: 1h, zone: Mars/Olympus, why: x}]":             "no time zone",
		"freeze: [{days: [fri], why: x}]":                                                       "needs at and for",
		"freeze: [{from: 2026-12-24T00:00:00Z, to: 2026-12-23T00:00:00Z, why: x}]":              "ends before it begins",
		"freeze: [{from: 2026-12-24T00:00:00Z, to: 2026-12-25T00:00:00Z}]":                      "needs why",
		"freeze: [{from: 2026-12-24T00:00:00Z, to: 2026-12-25T00:00:00Z, days: [fri], why: x}]": "a window is",
		"calendar: nowhere.yaml":           "its calendar nowhere.yaml: file does not exist: closed",
		"calendar: bad.yaml":               "bad.yaml:1:1: no field \"days\"",
		"lab: &a true\ntables: [orders]\n": "anchors",
		"- orders":                         "a policy is a mapping",
		"tables: [a]\n---\nlab: true\n":    "p:2:1: a file is one document",
		"tables: [a]\n---\nlab: [\n":       "p:3:1: this is not YAML",
		"calendar: two.yaml":               "two.yaml:2:1: a file is one document",
		"tables: [":                        "p:1:1: this is not YAML: did not find expected node content",
		"lab: true\n\ttables: [a]":         "p:2:1: this is not YAML: found a tab character that violates indentation",
	} {
		p, err := Load("p", files(map[string]string{"p": text, "bad.yaml": "days: [fri]", "two.yaml": "freeze: []\n---\nfreeze: []"}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if !reflect.DeepEqual(p, change.Policy{}) {
			t.Errorf("%q: a policy came with the error", text)
		}
	}
	if _, err := Load("p", files(map[string]string{"p": "region: eusc-de-east-1"})); err != nil {
		t.Error(err)
	}
	if _, err := Load("q", files(nil)); err == nil {
		t.Error("a missing file is a policy")
	}
}

func TestProblemsAreCounted(t *testing.T) {
	_, err := Load("p", files(map[string]string{"p": "tables: [x]\nlab: maybe\nspacing: soon\n"}))
	var all *Problems
	if !errors.As(err, &all) || len(all.List) != 3 || !strings.Contains(err.Error(), "and 2 more: ddbloop policy lint") {
		t.Errorf("%v", err)
	}
	if !slices.IsSortedFunc(all.List, func(a, b Problem) int { return a.Line - b.Line }) {
		t.Errorf("not in the file's order: %+v", all.List)
	}
}

func FuzzLoad(f *testing.F) {
	for _, text := range []string{whole, closed, "tables: [", "a: &a [*a]", "cost: {prices: {checked: 2026-01-01}}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Load("p", files(map[string]string{"p": text}))
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		// Whatever was read is within what a policy can be.
		if p.StepFactor < 1 || p.Headroom < 1 || p.QuotaShare < 0 || p.QuotaShare > 1 || p.Spacing < 0 || p.InFlight < 1 || p.CostStep < 0 || p.ModeSwitches < 0 {
			t.Errorf("%+v", p)
		}
		for _, w := range p.Freeze {
			if w.Why == "" || len(w.Days) == 0 && !w.From.Before(w.To) {
				t.Errorf("%+v", w)
			}
		}
	})
}
