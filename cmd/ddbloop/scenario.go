package main

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/scenario/random"
	"github.com/ddbloop/ddbloop/engine/sim/scenarios"
)

// loadScenario reads an embedded scenario by its name, or a file: what has a slash in it or ends in .yaml
// or .yml.
func loadScenario(arg, magnitude string) (*scenario.Scenario, error) {
	if magnitude != "" && magnitude != "low" && magnitude != "base" && magnitude != "high" {
		return nil, usage("--magnitude is low, base or high, not %q", magnitude)
	}
	if kind, seed, dark, is, err := madeUp(arg); err != nil {
		return nil, err
	} else if is {
		raw, err := random.Scenario(kind, seed, dark)
		if err != nil {
			return nil, usage("scenario %q: %v", arg, err)
		}
		return scenario.Parse(random.ID(kind, seed, dark), raw, scenario.Options{Magnitude: magnitude})
	}
	if !isFile(arg) {
		raw, err := scenarios.Open(arg)
		if err != nil {
			return nil, usage("%v", err)
		}
		return scenario.Parse(arg+".yaml", raw, scenario.Options{Magnitude: magnitude})
	}
	raw, err := readFile(arg)
	if err != nil {
		return nil, usage("scenario %q: %v", arg, reason(err))
	}
	beside := filepath.Dir(arg)
	sc, err := scenario.Parse(arg, raw, scenario.Options{Magnitude: magnitude, OpenFile: func(name string) ([]byte, error) {
		if !filepath.IsLocal(name) {
			return nil, errors.New("the file must lie beside the scenario")
		}
		return readFile(filepath.Join(beside, name))
	}})
	if err != nil {
		return nil, usage("%v", err)
	}
	return sc, nil
}

// madeUp takes a name such as random:hot_partition:17 or random:calm:3:dark apart.
func madeUp(arg string) (kind string, seed int64, dark, is bool, err error) {
	rest, is := strings.CutPrefix(arg, "random:")
	if !is {
		return "", 0, false, false, nil
	}
	rest, dark = strings.CutSuffix(rest, ":dark")
	kind, number, _ := strings.Cut(rest, ":")
	seed, err = strconv.ParseInt(number, 10, 64)
	if err != nil || seed < 0 {
		return "", 0, false, true, usage("scenario %q: expected random:KIND:SEED or random:KIND:SEED:dark, such as random:hot_partition:17", arg)
	}
	return kind, seed, dark, true, nil
}

func isFile(arg string) bool {
	return strings.ContainsRune(arg, '/') || strings.HasSuffix(arg, ".yaml") || strings.HasSuffix(arg, ".yml")
}

// within refuses a time at which a scenario has not begun or is over.
func within(sc *scenario.Scenario, from time.Duration) error {
	if from < 0 || from > sc.Duration {
		return usage("--from is between 0s and the scenario's end at %s, not %s", sc.Duration, from)
	}
	return nil
}
