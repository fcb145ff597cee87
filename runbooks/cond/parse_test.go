package cond

import (
	"errors"
	"strings"
	"testing"
)

func TestParseKeepsWhatWasWritten(t *testing.T) {
	for _, src := range []string{
		"write_throttles > 0", "not write_throttles@table >= 5/s", "layer == throttled for 5 min", "limit != pass and one-key == unknown",
		"(write_throttles > 0 or missing(latency_avg)) for 2 of 5 min", "latency_avg#GetItem > max(10 ms, 3 * base(latency_avg#GetItem))",
		"age(latency_avg) > 4 min", "peak(consumed_write + as_units(write_throttles@any_index), 15 min) > 1_000 units/s",
		"slope(write_throttles, 1 h) < 0", "-write_throttles < - 3/s", "write_utilisation < 90%", "probe_latency#my-probe.v2 > 0.5 s",
		"side_throttles > 0 and consumed_side > 10 units/s", "((write_throttles)) > 0", "(write_throttles - 1/s) * 2 > 0",
	} {
		e, err := Condition(src, words())
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if e.String() != src {
			t.Errorf("%q became %q", src, e)
		}
	}
}

func TestParseErrorsSayWhereAndWhat(t *testing.T) {
	for src, want := range map[string]string{
		"":                                `column 1: found the end, expected a signal, a word, a number or a bracket`,
		"write_throttles":                 `column 1: found a number, expected a condition such as x > 0`,
		"write_throttles >":               `column 18: found the end, expected a signal, a word, a number or a bracket`,
		"write_throttles = 3":             `column 17: found '=', expected "=="`,
		"1 < 2 < 3":                       `column 7: found "<", expected and, or, for or the end: comparisons do not chain`,
		"layer > 3":                       `column 7: found ">", expected == or != after layer`,
		"layer == broken":                 `column 10: found "broken", expected a value of layer: unknown, service, throttled, slow, tail, client, healthy`,
		"route == wait":                   `column 10: found "wait", expected a value of route: slow-key, spread`,
		"later == pass":                   `column 7: found "later", expected an earlier step or one of: diagnosis, disposition, layer, limit, one-key, route, side`,
		"peak(write_throttles) > 0":       `column 6: found "write_throttles", expected a window last: peak(x, 15 min)`,
		"max(write_throttles, 5 min) > 0": `column 22: found the window "5 min", expected numbers; windows belong to peak, lowest, avg, base and slope`,
		"peak(a, 4 h) > 0":                `column 9: found "4 h", expected a window of at most 180 min`,
		"max(a) > 0":                      `column 1: found 1 numbers for max, expected as in max(a, b)`,
		"missing(1)":                      `column 9: found "1", expected the name of a signal`,
		"median(a) > 0":                   `column 1: found the function "median", expected age, as_units, avg, base, lowest, max, min, missing, peak or slope`,
		"a > 0 for 6 of 5 min":            `column 11: found "6", expected a whole number from 1 to the length of the window`,
		"a > 0 for 5":                     `column 12: found the end, expected "of"`,
		"a > 0 for 5 ms":                  `column 11: found "5 ms", expected a window such as 2 of 5 min, of 1 to 60 min`,
		"(a > 0 for 5 min) for 5 min":     `column 19: found a window in a window, expected one window`,
		"limit == pass for 5 min":         `column 1: found a step's word or age() in a window, expected signals, layer, diagnosis or disposition: only these have a past`,
		"a@orders > 0":                    `column 3: found "orders", expected table, index or any_index after @`,
		"a# > 0":                          `column 2: found "#", expected the name of an operation, probe or client after it`,
		"a > 3 furlongs":                  `column 7: found "furlongs", expected an operator or the end`,
		"a > 3furlongs":                   `column 6: found "furlongs", expected a unit: ms, s, min, h, %, /s, units, units/s`,
		"a > 1.2.3":                       `column 5: found "1.2.3", expected a number such as 0.5 or 10_000`,
		"a > 0 and b":                     `column 11: found the number "b", expected a condition such as x > 0`,
		"(a > 0) + 1 > 0":                 `column 1: found the condition "(a > 0)", expected a number`,
		"a > 0 § b":                       `column 7: found '\u00a7', expected a signal, a word, a number or an operator`,
		"--a > 0":                         `column 2: found "-", expected a number after one minus`,
		"and > 0":                         `column 1: found "and", expected a signal, a word, a number or a bracket`,
		strings.Repeat("(", 50) + "a":     `column 41: found more brackets, expected at most 40 levels`,
		"peak(peak(peak(a, 180 min), 180 min), 180 min) > 0": `column 6: found windows within windows, expected less to look up: shorter windows`,
	} {
		_, err := Condition(src, words())
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", src, err, want)
		}
	}
	if _, err := Condition(strings.Repeat("a ", MaxSource), nil); err == nil {
		t.Error("a source over the limit was read")
	}
	if _, err := Number("a > 0", nil); err == nil {
		t.Error("a condition was taken for a number")
	}
	if _, err := Reference("a + b"); err == nil {
		t.Error("a sum was taken for a signal's name")
	}
}

func TestCheckFindsUnitsAndUnknownSignals(t *testing.T) {
	for src, want := range map[string]string{
		"write_throttles > 0":                                            "",
		"write_throttles > 5/s":                                          "",
		"write_throttles > 5":                                            `found /s and no unit in "write_throttles > 5", expected the same unit on both sides`,
		"feed_p99 > 2 s and feed_p99 < 5 /s":                             `found ms or s and /s in "feed_p99 < 5 /s", expected the same unit on both sides`,
		"consumed_write + write_throttles > 0":                           `found units/s and /s in "consumed_write + write_throttles", expected the same unit on both sides`,
		"consumed_write + as_units(write_throttles) > 0":                 "",
		"as_units(consumed_write) > 0":                                   `found a signal in units/s, expected events per second such as write_throttles`,
		"write_throttles < 1% * requests":                                "",
		"consumed_write / write_limit > 90%":                             "",
		"consumed_write * write_limit > 0":                               `found units/s * units/s, expected a factor without a unit, or a quotient of one unit`,
		"slope(feed_p99) < 0":                                            "",
		"slope(feed_p99) < 5 ms":                                         `found ms a minute and ms or s in "slope(feed_p99) < 5 ms", expected the same unit on both sides`,
		"age(feed_p99) > 4 min":                                          "",
		"feed_p98 > 0":                                                   `found the signal "feed_p98", expected a signal of the catalogue`,
		"side_throttles > 0 and consumed_side > 0":                       "",
		"side_keyrange_throttles > 0":                                    `found the signal "side_keyrange_throttles", expected a signal of the catalogue`,
		"missing(nothing)":                                               `found the signal "nothing", expected a signal of the catalogue`,
		"max(10 ms, 3 * base(latency_avg)) < latency_avg for 3 of 3 min": "",
	} {
		got := ""
		for _, e := range Check(must(t, src), newWorld(), "") {
			got += "found " + e.Found + ", expected " + e.Want
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", src, got, want)
		}
	}
	n, err := Number("2 * feed_p99", nil)
	if err != nil {
		t.Fatal(err)
	}
	if errs := Check(n, newWorld(), "units/s"); len(errs) != 1 {
		t.Errorf("a latency passed for units: %v", errs)
	}
}

func TestHeldWrapsOnlyWhatHasAPast(t *testing.T) {
	if _, err := Held(must(t, "write_throttles > 0"), 10); err != nil {
		t.Error(err)
	}
	for src, n := range map[string]int{"limit == pass": 5, "age(feed_p99) > 1 s": 5, "write_throttles > 0": 61, "write_throttles == 0": 0} {
		var e *Error
		if _, err := Held(must(t, src), n); !errors.As(err, &e) {
			t.Errorf("%s held for %d min: %v", src, n, err)
		}
	}
}
