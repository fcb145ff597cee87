package main

import (
	"fmt"
	"io"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect/trial"
)

// refusals and latencies print how long CloudWatch's minutes take to confirm a drop to zero, and how often they confirm one that no change made.
func refusals(to io.Writer, n int) {
	confirmation(to, "refusals a minute", max(1, n/10), minutesWorlds(false, [][2]float64{{0, 0}, {0.3, 0}, {0.3, 0.6}}))
}

func latencies(to io.Writer, n int) {
	confirmation(to, "a latency that has trebled", max(1, n/10), minutesWorlds(true, [][2]float64{{0.1, 0}, {0.1, 0.6}, {0.1, 0.9}, {0.3, 0.6}}))
}

func confirmation(to io.Writer, what string, n int, worlds []trial.Minutes) {
	fmt.Fprintf(to, "\n### %s, by CloudWatch alone, published 60 to 120 s after each minute's end (%d changes a row)\n\n", what, n)
	fmt.Fprintln(to, "| trouble | before | noise | confirmed | with the first two complete minutes | worked or helped | worse | median, 95 % from the change to it |")
	fmt.Fprintln(to, "|---|---|---|---|---|---|---|---|")
	for _, w := range worlds {
		t := trial.RunMinutes(w, 1, n)
		counts := "even"
		if w.Sigma > 0 {
			counts = fmt.Sprintf("σ %.1f, φ %.1f", w.Sigma, w.Phi)
		}
		fmt.Fprintf(to, "| %s | %s | %s | %s | %s | %s | %s | %s |\n",
			ending(w.Ends), map[bool]string{false: "never before", true: "once an hour"}[w.Habit], counts,
			rate(t.Confirmed, n), ofThose(t.First, t.Confirmed), rate(t.Claims, n), rate(t.Worse, n), times(t.Took))
	}
}

func minutesWorlds(slow bool, noises [][2]float64) (out []trial.Minutes) {
	for _, ends := range []trial.Ending{trial.WithChange, trial.Halves, trial.Never, trial.ByItself, trial.ByDemand} {
		for _, habit := range []bool{false, true} {
			for _, noise := range noises {
				out = append(out, trial.Minutes{Ends: ends, Habit: habit, Slow: slow, Sigma: noise[0], Phi: noise[1]})
			}
		}
	}
	return out
}

func ending(e trial.Ending) string {
	return [...]string{"ends with the change", "goes on", "goes on at half", "ends by itself later", "ends with demand later"}[e]
}

func ofThose(k, n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %% of them", 100*float64(k)/float64(n))
}

// times prints the median and the 95th percentile of sorted times.
func times(took []time.Duration) string {
	if len(took) == 0 {
		return "–"
	}
	at := func(q float64) time.Duration { return took[int(q*float64(len(took)-1))].Round(time.Second) }
	return fmt.Sprintf("%s, %s", at(0.5), at(0.95))
}
