package history

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// fill sets every exported field of v to something that JSON can carry, zero now and then.
func fill(t *rapid.T, v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.ValueOf(time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()))
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(rapid.String().Draw(t, "string"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, "uint"))
	case reflect.Float64:
		v.SetFloat(rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "float"))
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem())
		}
	case reflect.Slice:
		for range rapid.IntRange(0, 2).Draw(t, "len") {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(t, e)
			v.Set(reflect.Append(v, e))
		}
	case reflect.Map:
		for range rapid.IntRange(0, 2).Draw(t, "len") {
			key, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(t, key)
			fill(t, e)
			if v.IsNil() {
				v.Set(reflect.MakeMap(v.Type()))
			}
			v.SetMapIndex(key, e)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	default:
		t.Fatalf("an event holds a %s, which this test cannot make", v.Type())
	}
}

func kindNames() []string {
	var names []string
	for name := range kinds {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func randomEvent(t *rapid.T) Event {
	name := rapid.SampledFrom(kindNames()).Draw(t, "kind")
	zero, err := kinds[name].decode([]byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	body := reflect.New(reflect.TypeOf(zero)).Elem()
	fill(t, body)
	e := Event{Body: body.Interface().(Body)}
	fill(t, reflect.ValueOf(&e.Seq).Elem())
	fill(t, reflect.ValueOf(&e.At).Elem())
	fill(t, reflect.ValueOf(&e.Mono).Elem())
	fill(t, reflect.ValueOf(&e.Actor).Elem())
	return e
}

// TestEncodeDecode: what was written reads back the same, for every kind. Mutant: drop a json tag's field.
func TestEncodeDecode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := randomEvent(t)
		raw, err := Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(e.Seq, raw)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, e) {
			t.Fatalf("wrote %#v\nread  %#v", e, got)
		}
		if ClassOf(got.Body) != kinds[e.Body.Kind()].class {
			t.Fatal("the class changed")
		}
	})
}

// TestFoldTakesAnything: no order of events, known or not, makes the fold panic or its JSON differ.
func TestFoldTakesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var events []Event
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			e := randomEvent(t)
			if p, ok := e.Body.(ProbeAnswered); ok { // the probe loop writes real durations only
				p.Every, p.Total = p.Every.Abs()%time.Hour, p.Total.Abs()%time.Hour
				e.Body = p
			}
			events = append(events, e)
		}
		one, err := json.Marshal(NewState().Fold(events...))
		if err != nil {
			t.Fatal(err)
		}
		two, _ := json.Marshal(NewState().Fold(events...))
		if string(one) != string(two) {
			t.Fatal("the same events gave two States")
		}
	})
}

func TestUnknownEventsAreKept(t *testing.T) {
	for name, payload := range map[string]string{
		"a newer kind":          `{"kind":"table.teleported","at":"2026-03-03T14:07:00Z","mono":5,"actor":{"name":"ana"},"body":{"to":"eu-west-9","n":[1,2]}}`,
		"a newer body":          `{"kind":"noted","at":"2026-03-03T14:07:00Z","mono":5,"body":{"text":{"html":"x"}}}`,
		"a newer kind, no body": `{"kind":"table.blinked","at":"2026-03-03T14:07:00Z","mono":0,"body":null}`,
	} {
		e, err := Decode(7, []byte(payload))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, ok := e.Body.(Unknown); !ok {
			t.Fatalf("%s: %T", name, e.Body)
		}
		if again, err := Encode(e); err != nil || string(again) != payload {
			t.Errorf("%s: written back as %s, %v", name, again, err)
		}
		s := NewState().Fold(e)
		if len(s.Timeline) != 1 || !strings.Contains(s.Timeline[0].Text, "unknown event "+e.Body.Kind()) {
			t.Errorf("%s: timeline %v", name, s.Timeline)
		}
	}
	if ClassOf(Unknown{Name: "x"}) != Must {
		t.Error("an unknown event may be lost")
	}
}

func TestEncodeRefusesWhatCannotBeRead(t *testing.T) {
	for name, e := range map[string]Event{
		"no body":      {},
		"no kind":      {Body: Unknown{}},
		"not a number": {Body: MetricsPolled{Series: []SeriesUpdate{{Points: []Point{{T: 1, V: math.NaN()}}}}}},
		"infinite":     {Body: EffectJudged{Change: math.Inf(1)}},
	} {
		if raw, err := Encode(e); err == nil {
			t.Errorf("%s: encoded as %s", name, raw)
		}
	}
	for _, payload := range []string{"", "{}", "[]", `{"kind":""}`, `{"kind":"noted","at":"yesterday"}`} {
		if e, err := Decode(1, []byte(payload)); err == nil {
			t.Errorf("%q decoded as %v", payload, e)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"kind":"noted","at":"2026-03-03T14:07:00Z","mono":5,"actor":{"name":"ana"},"body":{"text":"x"}}`))
	f.Add([]byte(`{"kind":"metrics.polled","at":"2026-03-03T14:07:00Z","mono":5,"body":{"series":[{"key":{"signal":"x"},"period":60,"points":[[60,1.5]]}]}}`))
	f.Add([]byte(`{"kind":"new","body":[1]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := Decode(1, raw)
		if err != nil {
			return
		}
		once, err := Encode(e)
		if err != nil {
			return // a year beyond 9999
		}
		again, err := Decode(1, once)
		if err != nil {
			t.Fatalf("cannot read back %s: %v", once, err)
		}
		if twice, _ := Encode(again); !slices.Equal(once, twice) {
			t.Fatalf("%s\n%s", once, twice)
		}
	})
}
