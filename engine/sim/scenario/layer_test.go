package scenario

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const layered = `
scenario: layered
tables:
  - name: t
    mode: provisioned
    read: 10
    write: 10
    key: {partition: id}
    stream: {consumer: f, records_per_s: 100}
    replicas: [{region: us-east-1, write: 50}]
    indexes: [{name: x, key: {partition: k}}]
traffic:
  - {name: c, table: t, operation: PutItem, rate: 100, index_writes: {x: 2}}
truth: {kind: calm, layer: healthy}
`

// layerOf returns the set of one event as a layer.
func layerOf(t testing.TB, s *Scenario, from, over time.Duration, set string) Layer {
	t.Helper()
	e, err := s.ParseEvent("layer", []byte("set: {"+set+"}"), from)
	if err != nil {
		t.Fatal(err)
	}
	return Layer{Sets: e.Sets, From: from, Over: over}
}

func parsed(t testing.TB, data string) *Scenario {
	t.Helper()
	s, err := Parse("layered", []byte(data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNewestLayerWinsAndTheOneBelowReturns(t *testing.T) {
	s := parsed(t, layered)
	slow := layerOf(t, s, 0, 0, "traffic.c.rate: 200, traffic.c.network.wait: 5ms")
	fast := layerOf(t, s, 0, 0, "traffic.c.rate: 300")
	for _, c := range []struct {
		layers []Layer
		want   float64
	}{
		{nil, 100},
		{[]Layer{slow}, 200},
		{[]Layer{slow, fast}, 300},
		{[]Layer{fast, slow}, 200},
		{[]Layer{fast}, 300},
	} {
		if got := s.State(c.layers, time.Minute).Traffic[0].Demand.At(time.Minute); got != c.want {
			t.Errorf("%d layers: rate %v, want %v", len(c.layers), got, c.want)
		}
	}
}

func TestOverIsLinearFromTheValueBefore(t *testing.T) {
	s := parsed(t, layered)
	layers := []Layer{
		layerOf(t, s, 0, 0, "traffic.c.shape: [[0s, 100], [20m, 300]]"),
		layerOf(t, s, 10*time.Minute, 10*time.Minute, "traffic.c.rate: 0, traffic.c.pages: 11, traffic.c.network.rtt: 22ms, traffic.c.sdk.attempts: 10, traffic.c.index_writes.x: 0, tables.t.replicas.us-east-1.write: 0, tables.t.stream.records_per_s: 0"),
	}
	st := s.State(layers, 15*time.Minute) // the shape stands at 250
	c, table := st.Traffic[0], st.Tables[0]
	got := []float64{
		c.Demand.At(15 * time.Minute), c.Pages, c.Network.RTT.Seconds(), float64(c.SDK.Attempts),
		c.WritesTo("x"), table.Replicas[0].Write, table.Stream.RecordsPerS,
	}
	if want := []float64{125, 6, 0.012, 7, 1, 25, 50}; !reflect.DeepEqual(got, want) {
		t.Errorf("half way %v, want %v", got, want)
	}
	if !layers[1].Moving(15*time.Minute) || layers[1].Moving(20*time.Minute) {
		t.Error("the layer moves until 20m")
	}
	if rate := s.State(layers, 25*time.Minute).Traffic[0].Demand.At(25 * time.Minute); rate != 0 {
		t.Errorf("after the move: %v", rate)
	}
}

func TestSettingADemandDropsTheOtherForms(t *testing.T) {
	s := parsed(t, layered)
	shape := layerOf(t, s, 5*time.Minute, 0, "traffic.c.shape: [[0s, 10], [2m, 30]]")
	for at, want := range map[time.Duration]float64{5 * time.Minute: 10, 6 * time.Minute: 20, time.Hour: 30} {
		if got := s.State([]Layer{shape}, at).Traffic[0].Demand.At(at); got != want {
			t.Errorf("shape at %s: %v, want %v", at, got, want)
		}
	}
	rate := layerOf(t, s, 6*time.Minute, 0, "traffic.c.rate: 7")
	if got := s.State([]Layer{shape, rate}, time.Hour).Traffic[0].Demand; !reflect.DeepEqual(got, Demand{Rate: 7}) {
		t.Errorf("rate over shape: %+v", got)
	}
}

func TestWholeMembersTakeDefaults(t *testing.T) {
	s := parsed(t, layered)
	st := s.State([]Layer{
		layerOf(t, s, 0, 0, "traffic.c.sdk.timeout: 50ms"),
		layerOf(t, s, 0, 0, "traffic.c.sdk: {attempts: 9}, traffic.c.keys.hot.share: 0.5"),
	}, 0)
	if got := st.Traffic[0].SDK; got != (SDK{9, 25 * time.Millisecond, time.Second, 500}) {
		t.Errorf("sdk %+v", got)
	}
	if got := st.Traffic[0].Keys; got != (Keys{Kind: Hot, Share: 0.5, Keys: 1}) {
		t.Errorf("keys %+v", got)
	}
}

// Whatever layers are in force, the scenario itself must not change, and none left means as before.
func TestStateNeverChangesTheScenario(t *testing.T) {
	s, fresh := parsed(t, layered), parsed(t, layered)
	var pool []Layer
	for _, set := range []string{
		"traffic.c.index_writes.x: 7", "traffic.c.index_keys.x: {rising: true}", "traffic.c.keys.zipf: 2",
		"tables.t.stream.shards: 9", "tables.t.replicas.us-east-1.write: 1", "tables.t.items: 5",
		"here.network.rtt: 1s", "here.deny: [sts:GetCallerIdentity]", "here.probes: []", "traffic.c.daily.swing: 1",
		"tables.t.stream: {consumer: g, records_per_s: 1}", "traffic.c.index_writes: {}",
		"traffic.c.operation: UpdateItem, traffic.c.noise.cv: 0",
	} {
		pool = append(pool, layerOf(t, s, time.Minute, 0, set))
	}
	rapid.Check(t, func(t *rapid.T) {
		layers := rapid.SliceOfN(rapid.SampledFrom(pool), 0, 6).Draw(t, "layers")
		for i := range layers {
			layers[i].Over = time.Duration(rapid.IntRange(0, 120).Draw(t, "over")) * time.Second
		}
		s.State(layers, time.Duration(rapid.IntRange(0, 300).Draw(t, "at"))*time.Second)
		if !reflect.DeepEqual(s, fresh) {
			t.Fatalf("the scenario changed to %+v", s)
		}
	})
	if st := s.State(nil, 0); !reflect.DeepEqual(st, State{fresh.Tables, fresh.Traffic, fresh.Here}) {
		t.Errorf("no layers: %+v", st)
	}
}

func TestParseEventHappensNow(t *testing.T) {
	s := parsed(t, layered)
	e, err := s.ParseEvent("event", []byte(`{"set": {"traffic.c.rate": 5}, "until": "9m"}`), 5*time.Minute)
	if err != nil || e.At != 5*time.Minute || e.Until != 9*time.Minute {
		t.Errorf("%+v, %v", e, err)
	}
	for _, bad := range []string{`{"at": "5m", "set": {"traffic.c.rate": 5}}`, `{"set": {"traffic.c.rate": 5}, "until": "4m"}`, `{}`, `[]`, ``} {
		if _, err := s.ParseEvent("event", []byte(bad), 5*time.Minute); err == nil {
			t.Errorf("%s: no error", bad)
		} else {
			checkLines(t, bad, err)
		}
	}
}

func TestDemandStepsAndHolds(t *testing.T) {
	points := []Point{{0, 10}, {time.Minute, 20}, {time.Minute, 50}, {2 * time.Minute, 70}}
	for _, c := range []struct {
		d    Demand
		at   time.Duration
		want float64
	}{
		{Demand{Rate: 3}, time.Hour, 3},
		{Demand{Points: points}, -time.Hour, 10},
		{Demand{Points: points}, 30 * time.Second, 15},
		{Demand{Points: points}, time.Minute, 50},
		{Demand{Points: points}, 90 * time.Second, 60},
		{Demand{Points: points}, time.Hour, 70},
		{Demand{Points: points, Held: true}, 30 * time.Second, 10},
		{Demand{Points: points, Held: true}, 119 * time.Second, 50},
		{Demand{Points: points, Held: true}, time.Hour, 70},
	} {
		if got := c.d.At(c.at); got != c.want {
			t.Errorf("%+v at %s: %v, want %v", c.d, c.at, got, c.want)
		}
	}
}
