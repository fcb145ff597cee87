package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// tried is what became of one change that a truth names, over all scenarios and seeds: how often it was refused, and what was said
// of its effect where it was made.
type tried struct {
	role, change string
	runs, right  int
	words        map[string]int
}

// countTries counts the runs that made a given change; none for runs without one.
func countTries(results []drillResult) []tried {
	rows := map[[2]string]*tried{}
	for _, r := range results {
		role := roleOf(r)
		if role == "" {
			continue
		}
		sort, _, _ := strings.Cut(r.Try, "@")
		if strings.HasPrefix(sort, "lever:") {
			sort = "lever"
		}
		key := [2]string{role, sort}
		if rows[key] == nil {
			rows[key] = &tried{role: role, change: sort, words: map[string]int{}}
		}
		row := rows[key]
		row.runs++
		row.words[wordOf(r)]++
		if !slices.ContainsFunc(r.Failed, func(f string) bool { return f == "ending" || f == "futile" || f == "harmful" }) {
			row.right++
		}
	}
	out := make([]tried, 0, len(rows))
	for _, row := range rows {
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b tried) int { return cmp.Or(cmp.Compare(a.role, b.role), cmp.Compare(a.change, b.change)) })
	return out
}

// roleOf is what the truth says of the change that a run made; "" for none.
func roleOf(r drillResult) string {
	switch {
	case r.Try == "":
		return ""
	case slices.Contains(r.Truth.Cures, r.Try):
		return "cure"
	case slices.Contains(r.Truth.Futile, r.Try):
		return "futile"
	case slices.Contains(r.Truth.Harmful, r.Try):
		return "harmful"
	}
	return ""
}

// wordOf is what was said of the change that a run made: the verdict of the first of its kind that was sent, or that it was refused.
func wordOf(r drillResult) string {
	kind, _, _ := strings.Cut(r.Try, "@")
	kind = strings.TrimSuffix(kind, ".down")
	for _, c := range r.Changes {
		if c.Kind == kind && c.AppliedAt != "" {
			word := cmp.Or(c.Verdict, "no verdict")
			if c.Undone {
				word += ", undone"
			}
			return word
		}
	}
	if len(r.Refused) > 0 {
		return "refused"
	}
	return "not made"
}

// triesTable is the table of the changes that were tried, in markdown; "" where none were.
func triesTable(list []tried) string {
	if len(list) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n| the truth calls it | change | runs | as the truth says | what became of it |\n| --- | --- | --- | --- | --- |\n")
	runs, right := 0, 0
	for _, t := range list {
		words := make([]string, 0, len(t.words))
		for w := range t.words {
			words = append(words, w)
		}
		slices.SortFunc(words, func(a, c string) int { return cmp.Or(cmp.Compare(t.words[c], t.words[a]), cmp.Compare(a, c)) })
		for i, w := range words {
			words[i] = fmt.Sprintf("%s %d", w, t.words[w])
		}
		fmt.Fprintf(&b, "| %s | `%s` | %d | %.1f %% | %s |\n", t.role, t.change, t.runs, 100*float64(t.right)/float64(t.runs), strings.Join(words, ", "))
		runs, right = runs+t.runs, right+t.right
	}
	fmt.Fprintf(&b, "| **all** | | %d | %.1f %% | |\n", runs, 100*float64(right)/float64(runs))
	return b.String()
}
