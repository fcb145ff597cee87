package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// summary is what many runs say together: of each kind how often it was right, and how soon.
type summary struct {
	kinds      []kindSummary
	confusions []confusion
	runs       int
	passed     int
	falseOnes  int

	accuracy    string // figures over all runs, in markdown
	calibration calibration
	tries       []tried
}

type kindSummary struct {
	kind                                         string
	runs, passed, first, two, layer, disposition int
	detected, diagnosed                          []time.Duration // from begins
	failed                                       map[string]int
}

// confusion is a kind that was taken for another.
type confusion struct {
	truth, said string
	n           int
}

func summarise(results []drillResult) summary {
	s := summary{accuracy: accuracy(results), calibration: calibrate(results), tries: countTries(results)}
	byKind := map[string]*kindSummary{}
	wrong := map[confusion]int{}
	for _, r := range results {
		k := byKind[r.Truth.Kind]
		if k == nil {
			k = &kindSummary{kind: r.Truth.Kind, failed: map[string]int{}}
			byKind[r.Truth.Kind] = k
		}
		s.runs++
		s.falseOnes += r.FalseAlarms
		k.add(r)
		if r.Passed {
			s.passed++
		}
		if r.Diagnosis.Kind != r.Truth.Kind {
			wrong[confusion{truth: r.Truth.Kind, said: r.Diagnosis.Kind}]++
		}
	}
	for _, k := range byKind {
		s.kinds = append(s.kinds, *k)
	}
	slices.SortFunc(s.kinds, func(a, b kindSummary) int { return cmp.Compare(a.kind, b.kind) })
	for c, n := range wrong {
		c.n = n
		s.confusions = append(s.confusions, c)
	}
	slices.SortFunc(s.confusions, func(a, b confusion) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.truth, b.truth), cmp.Compare(a.said, b.said))
	})
	return s
}

func (k *kindSummary) add(r drillResult) {
	k.runs++
	if r.Passed {
		k.passed++
	}
	t := r.Truth
	right := func(kind, target string) bool { return kind == t.Kind && target == t.Target }
	if right(r.Diagnosis.Kind, r.Diagnosis.Target) {
		k.first++
		k.two++
	} else if len(r.Ranked) > 1 && right(r.Ranked[1].Kind, r.Ranked[1].Target) {
		k.two++
	}
	if r.Layer.Verdict == t.Layer {
		k.layer++
	}
	if t.Disposition == "" || r.Disposition == t.Disposition {
		k.disposition++
	}
	for _, f := range r.Failed {
		k.failed[f]++
	}
	begins, err := time.ParseDuration(r.Begins)
	if err != nil {
		return // calm: nothing begins
	}
	if at, err := time.ParseDuration(r.DetectedAt); err == nil {
		k.detected = append(k.detected, at-begins)
	}
	if at, err := time.ParseDuration(r.Diagnosis.At); err == nil && right(r.Diagnosis.Kind, r.Diagnosis.Target) {
		k.diagnosed = append(k.diagnosed, at-begins)
	}
}

var summaryHeads = []string{"kind", "runs", "passed", "first", "of two", "layer", "disposition", "detected after", "diagnosed after (median, p90)", "failed"}

func (k kindSummary) cells() []string {
	share := func(n int) string { return fmt.Sprintf("%.0f %%", 100*float64(n)/float64(max(1, k.runs))) }
	var failed []string
	for f, n := range k.failed {
		failed = append(failed, fmt.Sprintf("%s %d", f, n))
	}
	slices.Sort(failed)
	diagnosed := quantileOf(k.diagnosed, 0.5)
	if diagnosed != "" {
		diagnosed += ", " + quantileOf(k.diagnosed, 0.9)
	}
	return []string{
		k.kind, fmt.Sprint(k.runs), share(k.passed), share(k.first), share(k.two), share(k.layer), share(k.disposition),
		quantileOf(k.detected, 0.5), diagnosed, strings.Join(failed, ", "),
	}
}

// quantileOf is a quantile of spans, to the second; "" of none.
func quantileOf(list []time.Duration, q float64) string {
	if len(list) == 0 {
		return ""
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return list[min(len(list)-1, int(q*float64(len(list))))].Round(time.Second).String()
}

func (s summary) lines() []string {
	out := []string{fmt.Sprintf("%d of %d runs passed; %d false alarms.", s.passed, s.runs, s.falseOnes)}
	for _, c := range s.confusions {
		said := c.said
		if said == "" {
			said = "nothing"
		}
		out = append(out, fmt.Sprintf("%s was taken for %s %d times.", c.truth, said, c.n))
	}
	return out
}

func (s summary) text() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, strings.ToUpper(strings.Join(summaryHeads, "\t")))
	for _, k := range s.kinds {
		fmt.Fprintln(w, strings.Join(k.cells(), "\t"))
	}
	_ = w.Flush() // a builder takes everything
	b.WriteString(triesTable(s.tries))
	b.WriteString("\n" + strings.Join(s.lines(), "\n") + "\n")
	return b.String()
}

func (s summary) markdown() string {
	var b strings.Builder
	row := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	row(summaryHeads)
	row(slices.Repeat([]string{"---"}, len(summaryHeads)))
	for _, k := range s.kinds {
		row(k.cells())
	}
	b.WriteString("\n")
	for _, l := range s.lines() {
		b.WriteString("- " + l + "\n")
	}
	b.WriteString(triesTable(s.tries))
	b.WriteString("\n" + s.accuracy + "\n" + s.calibration.markdown())
	return b.String()
}
