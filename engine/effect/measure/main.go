// Command measure prints how often first looks and verdicts are right and
// wrong over many simulated changes whose truth is known:
//
//	go run ./engine/effect/measure -n 10000
//
// The tables in docs/effects-measured.md are its output. It is a function of -n alone.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect/trial"
)

func main() {
	n := flag.Int("n", 10000, "simulated changes per cell of the first table")
	only := flag.Int("only", 0, "print this table alone, counted from 1")
	flag.Parse()
	var all []func(io.Writer, int)
	for _, s := range sections() {
		all = append(all, s.print)
	}
	all = append(all, refusals, latencies)
	if *n < 1 || *only < 0 || *only > len(all) {
		fmt.Fprintf(os.Stderr, "measure: -n must be at least 1 and -only from 1 to %d\n", len(all))
		os.Exit(64)
	}
	if *only > 0 {
		all = all[*only-1 : *only]
	}
	for _, table := range all {
		table(os.Stdout, *n)
	}
}

// section is one table: the same kind of signal in many worlds.
type section struct {
	title  string
	part   int // trials are n/part
	worlds []trial.World
}

func sections() []section {
	base := trial.World{Sigma: 0.3, Step: time.Second, After: 2 * time.Minute}
	feed, probe, slow := base, base, base
	feed.Share, feed.Attempts = 0.41, 500
	probe.Share, probe.Attempts = 0.41, 1
	slow.Step = 2 * time.Second
	stuck, wander := base, base
	stuck.Stuck, wander.Jitter = 0.02, 0.3
	loud, tails, gaps, drift, slower := base, base, base, base, base
	loud.Sigma, tails.Tails, gaps.Missing, drift.Drift, slower.Jitter = 0.5, true, 0.2, 1, 0.3
	long, short, none := 30*time.Minute, 5*time.Minute, time.Minute
	calm := []trial.Spike{trial.Calm, trial.Noise}
	every := []float64{1, 0.5, 2}
	return []section{
		{"probe latency, 1 s, no effect", 1, grid(base, []time.Duration{long, short}, calm, []float64{1})},
		{"probe latency, 1 s, true effects", 1, grid(base, []time.Duration{long, short}, calm, []float64{0.5, 2})},
		{"probe latency, 1 s, one minute before", 25, grid(base, []time.Duration{none}, calm, every)},
		{"probe latency, 1 s, inside a burst that ends by itself", 25, grid(base, []time.Duration{long, short}, []trial.Spike{trial.Burst}, []float64{1})},
		{"probe latency, 2 s", 25, grid(slow, []time.Duration{long, short}, calm, every)},
		{"throttled share from a feed, 500 attempts a second, no effect", 1, grid(feed, []time.Duration{long, short}, calm, []float64{1})},
		{"throttled share from a feed, 500 attempts a second, true effects", 5, grid(feed, []time.Duration{long, short}, calm, []float64{0.5, 0, 2})},
		{"probe latency, 1 s, one probe in fifty takes eight times as long", 25, grid(stuck, []time.Duration{long, short}, calm, every)},
		{"probe latency, 1 s, as much independent jitter on top of the noise", 25, grid(wander, []time.Duration{long, short}, calm, every)},
		{"probe latency, 1 s, deviation 0.5", 25, grid(loud, []time.Duration{long, short}, calm, every)},
		{"probe latency, 1 s, heavy tails (Student's t, three degrees of freedom)", 25, grid(tails, []time.Duration{long, short}, calm, every)},
		{"probe latency, 1 s, one sample in five missing", 25, grid(gaps, []time.Duration{long, short}, calm, every)},
		{"probe latency, 1 s, a level that grows to 2.7 times within an hour", 25, grid(drift, []time.Duration{long, short}, calm, every)},
		{"probe latency, 1 s, a wander of minutes below jitter of the same size", 25, slowly(grid(slower, []time.Duration{long, short}, calm, every))},
		{"throttled share from the probe alone, one attempt a second, no effect", 1, grid(probe, []time.Duration{long, short}, calm, []float64{1})},
		{"throttled share from the probe alone, one attempt a second, true effects", 5, grid(probe, []time.Duration{long, short}, calm, []float64{0.5, 0, 2})},
	}
}

func grid(w trial.World, before []time.Duration, spikes []trial.Spike, factors []float64) []trial.World {
	var out []trial.World
	for _, f := range factors {
		for _, b := range before {
			for _, s := range spikes {
				for _, phi := range []float64{0, 0.3, 0.6, 0.8} {
					c := w
					c.Factor, c.Before, c.Spike, c.Phi = f, b, s, phi
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// slowly replaces the persistences by those of a wander that takes a minute and more.
func slowly(in []trial.World) []trial.World {
	var out []trial.World
	for _, w := range in {
		switch w.Phi {
		case 0:
			w.Phi = 0.95
		case 0.3:
			w.Phi = 0.98
		default:
			continue
		}
		out = append(out, w)
	}
	return out
}

func (s section) print(to io.Writer, n int) {
	n = max(1, n/s.part)
	fmt.Fprintf(to, "\n### %s (%d changes a row)\n\n", s.title, n)
	fmt.Fprintln(to, "| change | before | applied | φ | better | worse | worked or helped | median to first word | naive test says better |")
	fmt.Fprintln(to, "|---|---|---|---|---|---|---|---|---|")
	for i, t := range runAll(s.worlds, n) {
		w := s.worlds[i]
		fmt.Fprintf(to, "| %s | %s | %s | %.2g | %s | %s | %s | %s | %.1f %% |\n",
			change(w.Factor), minutes(w.Before), applied(w.Spike), w.Phi,
			rate(t.Better, n), rate(t.Worse, n), rate(t.Claims, n), median(t), 100*float64(t.Naive)/float64(n))
	}
}

// runAll spreads the worlds over the processors; the order of results is that
// of the worlds, and each trial depends on its own seed only.
func runAll(worlds []trial.World, n int) []trial.Tally {
	out := make([]trial.Tally, len(worlds))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, w := range worlds {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			out[i] = trial.Run(w, 1, n)
		})
	}
	wg.Wait()
	return out
}

func change(f float64) string {
	switch f {
	case 1:
		return "none"
	case 0.5:
		return "halving"
	case 0:
		return "to zero"
	}
	return "doubling"
}

func applied(s trial.Spike) string {
	return [...]string{"any time", "at a peak", "in a burst"}[s]
}

func minutes(d time.Duration) string { return fmt.Sprintf("%.0f min", d.Minutes()) }

func median(t trial.Tally) string {
	if t.N < 1 || t.Better+t.Worse < t.N/20 {
		return "–"
	}
	return t.Median().String()
}

// rate prints a share with its 95 % upper bound when it is small, and with its
// lower bound when it is large.
func rate(k, n int) string {
	p := float64(k) / float64(n)
	if p > 0.5 {
		return fmt.Sprintf("%.1f %% (≥ %.1f)", 100*p, 100*(1-trial.Upper(n-k, n)))
	}
	return fmt.Sprintf("%.2f %% (≤ %.2f)", 100*p, 100*trial.Upper(k, n))
}
