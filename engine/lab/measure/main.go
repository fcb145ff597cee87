// Command measure prints how often a lab is right and wrong about two variants whose truth is known:
//
//	go run ./engine/lab/measure -n 10000
//
// The table in docs/lab.md is its output. It is a function of -n alone.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"

	effecttrial "github.com/ddbloop/ddbloop/engine/effect/trial"
	"github.com/ddbloop/ddbloop/engine/lab/trial"
)

func main() {
	n := flag.Int("n", 10000, "labs per row")
	flag.Parse()
	if *n < 1 {
		fmt.Fprintln(os.Stderr, "measure: -n must be at least 1")
		os.Exit(64)
	}
	worlds := worlds()
	fmt.Printf("%d labs a row, looked at after every pair\n\n", *n)
	fmt.Println("| noise | φ | B takes | rounds | \"B is faster\" | \"B is slower\" | half / 95 % had a word after |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for i, t := range runAll(worlds, *n) {
		w := worlds[i]
		fmt.Printf("| %s | %.1f | %s | %d | %s | %s | %s / %s |\n", noise(w), w.Phi, takes(w.Change), w.Rounds,
			rate(t.Faster, t.N), rate(t.Slower, t.N), rounds(t.Within(0.5)), rounds(t.Within(0.95)))
	}
}

func worlds() (list []trial.World) {
	base := trial.World{Sigma: 0.3}
	own, tail := base, base
	own.Own, tail.Tail = true, 0.02
	for _, w := range []trial.World{base, own, tail} {
		for _, c := range []struct {
			change float64
			rounds int
		}{{1, 50}, {1, 500}, {0.7, 200}, {1 / 0.7, 200}, {0.9, 500}} {
			for _, phi := range []float64{0, 0.3, 0.6, 0.8} {
				w.Phi, w.Change, w.Rounds = phi, c.change, c.rounds
				list = append(list, w)
			}
		}
	}
	return list
}

// runAll spreads the worlds over the processors; each trial depends on its own seed only.
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

func noise(w trial.World) string {
	switch {
	case w.Own:
		return "each its own"
	case w.Tail > 0:
		return "shared, 2 % take 8 times as long"
	}
	return "shared"
}

func takes(change float64) string {
	if change == 1 {
		return "the same"
	}
	return fmt.Sprintf("%+.0f %%", 100*(change-1))
}

func rounds(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

// rate is a share with the upper end of its 95 % interval, or the lower one where it is large.
func rate(k, n int) string {
	p := float64(k) / float64(n)
	if p > 0.5 {
		return fmt.Sprintf("%.1f %% (≥ %.1f)", 100*p, 100*(1-effecttrial.Upper(n-k, n)))
	}
	return fmt.Sprintf("%.2f %% (≤ %.2f)", 100*p, 100*effecttrial.Upper(k, n))
}
