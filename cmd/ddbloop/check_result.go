package main

import (
	"sort"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// checkResult is one line of `ddbloop check --format json`. A missing value is null, never 0.
type checkResult struct {
	Table       string           `json:"table"`
	At          time.Time        `json:"at"`
	Layer       checkLayer       `json:"layer"`
	Diagnosis   []checkDiagnosis `json:"diagnosis"`
	Disposition checkDisposition `json:"disposition"`
	Signals     []checkSignal    `json:"signals"`
	Sources     []checkSource    `json:"sources"`
	Exit        int              `json:"exit"`

	onset time.Time // for people
	grain time.Duration
	moved []history.Moved
}

type checkLayer struct {
	Verdict string `json:"verdict"`
	Why     string `json:"why"`
}

type checkDiagnosis struct {
	Kind    string   `json:"kind"`
	Target  string   `json:"target"`
	P       float64  `json:"p"`
	For     []string `json:"for"`
	Against []string `json:"against"`
	Rival   string   `json:"rival,omitempty"`   // of the first: what it could be taken for
	Decider string   `json:"decider,omitempty"` // and what tells them apart
}

type checkDisposition struct {
	Verdict string `json:"verdict"`
	Rule    string `json:"rule"`
}

type checkSignal struct {
	Name   string     `json:"name"`
	Target string     `json:"target"` // table or table/index, with #operation, probe or client where it is split
	Value  *float64   `json:"value"`
	Unit   string     `json:"unit"`
	At     *time.Time `json:"at"`
	Age    *string    `json:"age"`
	State  string     `json:"state"` // ok | stale | missing
}

type checkSource struct {
	Name  string  `json:"name"`
	State string  `json:"state"`
	Age   *string `json:"age"`
	Error string  `json:"error"`
}

func resultOf(s *history.State, table string, now time.Time, limits diagnose.Thresholds) checkResult {
	a := diagnose.Assess(s, now, limits)
	r := checkResult{
		onset: a.Onset, grain: a.Grain, moved: a.Moved,
		Table: table, At: now, Layer: checkLayer{a.Layer.Verdict, a.Layer.Why}, Diagnosis: []checkDiagnosis{},
		Disposition: checkDisposition{a.Disposition.Verdict, a.Disposition.Rule}, Signals: signalsOf(s, table, now),
		Sources: sourcesOf(s, now), Exit: exitOf(a.Layer.Verdict),
	}
	for _, h := range a.Ranked {
		r.Diagnosis = append(r.Diagnosis, checkDiagnosis{h.Kind, h.Target, h.P, h.For, h.Against, h.Rival, h.Decider})
	}
	return r
}

func exitOf(layer string) int {
	switch layer {
	case history.LayerHealthy:
		return 0
	case history.LayerTail, history.LayerSlow, history.LayerClient:
		return 1
	case history.LayerThrottled, history.LayerService:
		return 2
	}
	return 3
}

// derivedOf works the catalogue's derived signals out for a table, its indexes and the clients that feed it.
func derivedOf(s *history.State, table string) (list []*history.Series) {
	places := map[history.SeriesKey]bool{{Target: table}: true}
	for _, sr := range s.Series {
		if own, _, _ := strings.Cut(sr.Key.Target, "/"); own == table {
			places[history.SeriesKey{Target: sr.Key.Target}] = true
			if sr.Key.Signal == history.FeedCalls {
				places[history.SeriesKey{Target: sr.Key.Target, Op: sr.Key.Op}] = true
			}
		}
	}
	for _, sig := range signal.All {
		if sig.Source != signal.Derived {
			continue
		}
		for at := range places {
			ofClient := strings.HasPrefix(sig.Name, "feed_") || sig.Name == "retry_factor"
			if sr := signal.Series(s, sig.Name, at.Target, at.Op); sr != nil && ofClient == (at.Op != "") {
				list = append(list, sr)
			}
		}
	}
	return list
}

// signalsOf lists every series of a table, and those of the catalogue's signals of which nothing is known.
func signalsOf(s *history.State, table string, now time.Time) []checkSignal {
	out := []checkSignal{}
	seen := map[string]bool{}
	list := derivedOf(s, table)
	for _, sr := range s.Series {
		list = append(list, sr)
	}
	for _, sr := range list {
		goal := sr.Key.Target
		if own, _, _ := strings.Cut(goal, "/"); own != table && goal != "" {
			continue
		}
		seen[sr.Key.Signal] = true
		if sr.Key.Op != "" {
			goal += "#" + sr.Key.Op
		}
		c := checkSignal{Name: sr.Key.Signal, Target: goal, Unit: sr.Unit, State: "missing"}
		if p, ok := sr.Last(); ok {
			at := time.Unix(p.T, 0).UTC()
			end := at.Add(time.Duration(sr.Period) * time.Second)
			c.Value, c.At, c.Age, c.State = &p.V, &at, age(now, end), "ok"
			if sig, _ := signal.In(s, sr.Key.Signal); sig.Source != signal.Describe && now.Sub(end) > signal.Stale(time.Duration(sr.Period)*time.Second) {
				c.State = "stale"
			}
		}
		out = append(out, c)
	}
	for _, sig := range signal.All {
		if !seen[sig.Name] {
			out = append(out, checkSignal{Name: sig.Name, Target: table, Unit: sig.Unit, State: "missing"})
		}
	}
	for _, sig := range s.Session.Signals {
		if own, _, _ := strings.Cut(sig.Target, "/"); own == table && !seen[sig.Name] {
			out = append(out, checkSignal{Name: sig.Name, Target: sig.Target, Unit: sig.Unit, State: "missing"})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Name != out[j].Name {
			return out[i].Name < out[j].Name
		}
		return out[i].Target < out[j].Target
	})
	return out
}

func sourcesOf(s *history.State, now time.Time) []checkSource {
	out := []checkSource{}
	for _, src := range s.Sources {
		c := checkSource{Name: src.Name, State: src.State, Error: src.Text}
		if !src.LastOK.IsZero() {
			c.Age = age(now, src.LastOK)
		}
		out = append(out, c)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

func age(now, at time.Time) *string {
	text := max(0, now.Sub(at)).Round(time.Millisecond).String()
	return &text
}
