package effect_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect"
	"github.com/ddbloop/ddbloop/engine/effect/trial"
)

// The bounds here are loose, because a few hundred trials are few. The full
// table is printed by the measuring command and kept in docs/effects.md.
const trials = 100

func latency(phi, factor float64, spike trial.Spike) trial.World {
	return trial.World{
		Phi: phi, Sigma: 0.3, Step: time.Second, Before: 30 * time.Minute, After: 2 * time.Minute,
		Spike: spike, Factor: factor,
	}
}

func TestFalseClaims(t *testing.T) {
	for _, phi := range []float64{0, 0.3, 0.6, 0.8} {
		for _, spike := range []trial.Spike{trial.Calm, trial.Noise, trial.Burst} {
			t.Run(fmt.Sprintf("phi %.1f spike %d", phi, spike), func(t *testing.T) {
				t.Parallel()
				got := trial.Run(latency(phi, 1, spike), 7_000_000, trials)
				if got.Better > trials*7/100 {
					t.Errorf("%d of %d changes without an effect look better", got.Better, trials)
				}
				if got.Claims > trials*3/100 {
					t.Errorf("%d of %d changes without an effect are judged worked or helped", got.Claims, trials)
				}
			})
		}
	}
}

func TestNaiveTestMakesFalseClaims(t *testing.T) {
	got := trial.Run(latency(0.6, 1, trial.Calm), 7_000_000, trials)
	if got.Naive < trials/4 {
		t.Errorf("the repeated Mann–Whitney test claims only %d of %d: the trials have lost their teeth", got.Naive, trials)
	}
}

func TestDetection(t *testing.T) {
	for _, c := range []struct {
		phi, factor float64
		within      time.Duration
	}{
		{0, 0.5, 5 * time.Second},
		{0.3, 0.5, 5 * time.Second},
		{0.8, 0.5, 15 * time.Second},
		{0, 2, 5 * time.Second},
		{0.8, 2, 15 * time.Second},
	} {
		t.Run(fmt.Sprintf("phi %.1f times %.1f", c.phi, c.factor), func(t *testing.T) {
			t.Parallel()
			got := trial.Run(latency(c.phi, c.factor, trial.Noise), 8_000_000, trials)
			right := got.Better
			if c.factor > 1 {
				right = got.Worse
			}
			if right < trials*97/100 {
				t.Errorf("found in %d of %d", right, trials)
			}
			if m := got.Median(); m > c.within {
				t.Errorf("median to the first word is %s, want at most %s", m, c.within)
			}
		})
	}
}

func TestShortPastIsOnlyUnproven(t *testing.T) {
	w := latency(0.3, 0.5, trial.Calm)
	w.Before = time.Minute
	if got := trial.Run(w, 1, 50); got.Better+got.Worse+got.Claims != 0 {
		t.Errorf("one minute of history led to words: %+v", got)
	}
}

func TestShares(t *testing.T) {
	feed := latency(0.3, 0, trial.Calm)
	feed.Share, feed.Attempts = 0.41, 500
	probe := feed
	probe.Attempts = 1
	for name, c := range map[string]struct {
		w      trial.World
		within time.Duration
	}{"feed": {feed, 5 * time.Second}, "probe alone": {probe, 45 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			got := trial.Run(c.w, 1, 60)
			if got.Claims < 57 || got.Median() > c.within {
				t.Errorf("throttling that ended was judged so in %d of 60, median %s", got.Claims, got.Median())
			}
			none := c.w
			none.Factor = 1
			if got := trial.Run(none, 1, 60); got.Claims > 1 || got.Better > 4 {
				t.Errorf("throttling that went on: %+v", got)
			}
		})
	}
}

// Controls whose own slow noise has nothing to do with a change seldom cost it a halving that it made, and a halving that came
// everywhere is seldom credited. Mutants: no interval; a block of one second.
func TestUntouchedRates(t *testing.T) {
	for _, n := range []int{1, 5} {
		for _, everywhere := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d controls everywhere %v", n, everywhere), func(t *testing.T) {
				t.Parallel()
				w := latency(0.8, 0.5, trial.Calm)
				w.After = time.Minute
				there := w
				if !everywhere {
					there.Factor = 1
				}
				claims, confounded := 0, 0
				for i := range uint64(trials) {
					c := trial.Make(w, i)
					l := effect.FirstLook(c.At, c.Before, c.After, w.Expect().Options())
					in := c.Input(w, l)
					if v := effect.Judge(in); v.Word != effect.Worked && v.Word != effect.Helped {
						continue
					}
					claims++
					var list []effect.Control
					for k := range n {
						o := trial.Make(there, 1000*(i+1)+uint64(k))
						list = append(list, effect.Control{Name: "carts", Samples: append(o.Before, o.After...)})
					}
					in.Untouched = []*effect.Untouched{effect.Compare(w.Expect().Options(), l.Move, list, i)}
					if effect.Judge(in).Word == effect.Confounded {
						confounded++
					}
				}
				t.Logf("%d of %d claims confounded", confounded, claims)
				if claims < trials*9/10 || !everywhere && confounded > claims*4/100 || everywhere && confounded < claims*90/100 {
					t.Errorf("%d of %d", confounded, claims)
				}
			})
		}
	}
}

// CloudWatch's minutes alone: refusals that go on are not confirmed to have ended, however their counts wander; a drop to zero is, with the
// first two complete minutes; what ends later because demand does is not credited. Mutants: rank counts against the calm before the
// trouble; forget that minutes resemble each other; look at demand right after the change only; any lateness may rest on a coincidence; do
// not date the move of a level; take any rank for a move.
func TestMinutesRates(t *testing.T) {
	for _, c := range []struct {
		w           trial.Minutes
		least, most int // claims
	}{
		{trial.Minutes{Ends: trial.WithChange, Sigma: 0.3, Phi: 0.6}, trials, trials},
		{trial.Minutes{Ends: trial.Never, Sigma: 0.3}, 0, 1},
		{trial.Minutes{Ends: trial.Never, Sigma: 0.3, Phi: 0.6}, 0, 3},
		{trial.Minutes{Ends: trial.Halves}, trials * 2 / 3, trials},
		{trial.Minutes{Ends: trial.ByItself, Sigma: 0.3}, 0, trials * 18 / 100},
		{trial.Minutes{Ends: trial.ByDemand, Sigma: 0.3}, 0, 1},
		{trial.Minutes{Slow: true, Ends: trial.WithChange, Sigma: 0.1, Phi: 0.6}, trials, trials},
		{trial.Minutes{Slow: true, Ends: trial.Halves, Sigma: 0.1, Phi: 0.6}, trials * 95 / 100, trials},
		{trial.Minutes{Slow: true, Ends: trial.Never, Sigma: 0.1, Phi: 0.6}, 0, 3},
		{trial.Minutes{Slow: true, Ends: trial.ByItself, Sigma: 0.1, Phi: 0.6}, 0, trials * 18 / 100},
		{trial.Minutes{Slow: true, Ends: trial.ByDemand, Sigma: 0.1, Phi: 0.6}, 0, trials * 4 / 100},
	} {
		t.Run(fmt.Sprintf("%+v", c.w), func(t *testing.T) {
			t.Parallel()
			got := trial.RunMinutes(c.w, 1, trials)
			if got.Claims < c.least || got.Claims > c.most || got.Worse > 2 {
				t.Errorf("%d of %d judged worked or helped, %d worse; want %d to %d, and 2", got.Claims, trials, got.Worse, c.least, c.most)
			}
			if c.w.Ends == trial.WithChange && (got.First != trials || got.Took[trials-1] > 5*time.Minute) {
				t.Errorf("%d of %d confirmed with their first two minutes, the last after %s", got.First, trials, got.Took[len(got.Took)-1])
			}
		})
	}
}

// Trouble that grows all the time is not made worse by whatever was done last. Mutant: look back for five minutes only.
func TestSlowGrowthIsNotHarm(t *testing.T) {
	w := latency(0.6, 1, trial.Calm)
	w.Drift = 1
	if got := trial.Run(w, 1, trials); got.Worse > trials*5/100 {
		t.Errorf("%d of %d changes that did nothing look worse while the level grows to 2.7 times within an hour", got.Worse, trials)
	}
}
