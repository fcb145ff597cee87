package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ddbloop/ddbloop/history"
)

// Row is one line of the table that shows both variants side by side.
type Row struct{ What, A, B string }

// Rows says what was measured of each variant, for people.
func Rows(r history.LabResult) []Row {
	var list []Row
	add := func(what string, f func(history.LabSide) string) { list = append(list, Row{what, f(r.A), f(r.B)}) }
	measured := func(f func(history.LabSide) string) func(history.LabSide) string {
		return func(s history.LabSide) string {
			if s.N == 0 {
				return "–"
			}
			return f(s)
		}
	}
	add("p50", measured(func(s history.LabSide) string { return quantileWords(s.P50) }))
	add("p90", measured(func(s history.LabSide) string { return quantileWords(s.P90) }))
	add("p99", measured(func(s history.LabSide) string { return quantileWords(s.P99) }))
	add("calls", func(s history.LabSide) string {
		if s.Worth < s.N {
			return fmt.Sprintf("%d, worth %d independent", s.N, s.Worth)
		}
		return fmt.Sprint(s.N)
	})
	add("server + body", measured(func(s history.LabSide) string { return ms(s.Phases.Wait) + " + " + ms(s.Phases.Body) }))
	add("connecting", measured(func(s history.LabSide) string {
		if s.Phases.New == 0 {
			return "reused"
		}
		return fmt.Sprintf("%s, %d new", ms(s.Phases.Pool+s.Phases.DNS+s.Phases.Connect+s.Phases.TLS), s.Phases.New)
	}))
	add("read units a call", measured(func(s history.LabSide) string { return units(s.Units) }))
	add("per item returned", measured(func(s history.LabSide) string {
		if s.PerItem == nil {
			return "no item"
		}
		return fmt.Sprintf("%.3g", *s.PerItem)
	}))
	add("examined → returned", measured(func(s history.LabSide) string {
		examined := "?"
		if s.Examined != nil {
			examined = units(*s.Examined)
		}
		return examined + " → " + units(s.Returned)
	}))
	add("pages", measured(func(s history.LabSide) string {
		if s.Cut > 0 {
			return fmt.Sprintf("%s, more in %d", units(s.Pages), s.Cut)
		}
		return units(s.Pages)
	}))
	add("cost per million", measured(func(s history.LabSide) string {
		if s.Million == nil {
			return "unknown"
		}
		return fmt.Sprintf("$%.2f", *s.Million)
	}))
	add("errors", func(s history.LabSide) string { return errorWords(s) })
	return list
}

// AnswerWords says whether both variants answer the same, and what the cost rests on.
func AnswerWords(r history.LabResult) string {
	var answer string
	switch r.Answer {
	case history.AnswerSame, history.AnswerMoved, history.AnswerDifferent:
		answer = fmt.Sprintf("answers: %s in %d of %d pairs (items compared by a hash of their keys)", history.AnswerSame, r.Agreed, r.Alike)
		if r.Alike == 0 {
			answer = "answers: different in number"
		}
	default:
		answer = "answers: not compared"
	}
	return answer + "; cost: " + r.Priced
}

func quantileWords(q history.LabQuantile) string {
	end := func(v *float64) string {
		if v == nil {
			return "?"
		}
		return short(*v)
	}
	return fmt.Sprintf("%s ms (%s – %s)", short(q.Value), end(q.Low), end(q.High))
}

func ms(v float64) string { return short(v) + " ms" }

func short(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func errorWords(s history.LabSide) string {
	if s.Errors == 0 {
		return "none"
	}
	var list []string
	for _, code := range slices.Sorted(maps.Keys(s.Codes)) {
		list = append(list, fmt.Sprintf("%s %d", code, s.Codes[code]))
	}
	return strings.Join(list, ", ")
}
