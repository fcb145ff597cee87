package effect

import (
	"fmt"
	"math"
	"time"
)

// byPlacebo ranks the observed move among the moves at every other moment of the history, with windows of the same length. Where the calm
// before the trouble is zero, that is the history of the trouble: no refusals say nothing about the noise of refusals.
func byPlacebo(c Confirmation, b, a []Sample, opts ConfirmOptions) Confirmation {
	run := troubled(b, opts)
	if calm := b[:len(b)-len(run)]; len(calm) > 0 && median(values(calm)) == 0 {
		if len(run) < 2*baseline+int(1/alphaLook) {
			return byRanks(c, run, a, opts)
		}
		b = run
	}
	hist, post := onScale(b, opts), onScale(a, opts)
	met := min(baseline, len(run))
	if len(hist) < met+looks[0] {
		c.State, c.Why = NoHistory, fmt.Sprintf("only %d minutes of history", len(hist))
		return c
	}
	base, drift := median(hist[len(hist)-met:]), trend(hist[len(hist)-met:])
	enough := false
	for _, m := range looks {
		if m > len(post) {
			break
		}
		// What was under way already is not the change's doing: a claim has to go beyond where it was heading.
		seen, ahead := median(post[:m])-base, drift*float64(met+m)/2
		n, low, high := 0, 0, 0
		for i := met; i+m <= len(hist); i++ {
			d := median(hist[i:i+m]) - median(hist[i-met:i])
			n++
			if d <= seen-math.Min(0, ahead) {
				low++
			}
			if d >= seen-math.Max(0, ahead) {
				high++
			}
		}
		if float64(n) < 1/alphaLook-1 {
			continue
		}
		enough = true
		if opts.Direction == Up {
			low, high = high, low
		}
		c.P = float64(low+1) / float64(n+1)
		switch {
		case drift == 0 && !beyond(hist[len(hist)-met:], seen, m):
		case c.P <= alphaLook:
			c.State, c.Minutes = Confirmed, m
			c.date(run, a[:m], opts.Period)
			c.Why = fmt.Sprintf("a move like this over %d minutes came %d times in %d windows without a change", m, low, n)
			return c
		case float64(high+1)/float64(n+1) <= alphaLook:
			c.State, c.Minutes = Contrary, m
			c.date(run, a[:m], opts.Period)
			c.Why = fmt.Sprintf("it moved the wrong way, as in only %d of %d windows without a change", high, n)
			return c
		}
	}
	switch {
	case !enough:
		c.State, c.Why = NoHistory, fmt.Sprintf("%d minutes of history are too few to rank against", len(hist))
	case len(post) >= looks[len(looks)-1]:
		c.State, c.Why = NotConfirmed, fmt.Sprintf("after %d minutes the move is one that the history shows by itself (p %.2f)", len(post), c.P)
	default:
		c.Why = fmt.Sprintf("%d complete minutes, p %.3f so far", len(post), c.P)
	}
	return c
}

// trend is the median slope per point of a short series, where its ranks rise or fall beyond chance
// (Mann–Kendall, 5 %); else 0.
func trend(x []float64) float64 {
	var slopes []float64
	rank := 0.0
	for i := range x {
		for j := i + 1; j < len(x); j++ {
			d := x[j] - x[i]
			slopes = append(slopes, d/float64(j-i))
			switch {
			case d > 0:
				rank++
			case d < 0:
				rank--
			}
		}
	}
	n := float64(len(x))
	if math.Abs(rank) <= 1.96*math.Sqrt(n*(n-1)*(2*n+5)/18) {
		return 0
	}
	return median(slopes)
}

// beyond reports whether a move of m minutes is more than what the noise of the minutes right before it can do.
func beyond(met []float64, move float64, m int) bool {
	mu := mean(met)
	phi := lagOne(met, mu)
	n := float64(len(met))
	dev := sd(met, mu) * math.Sqrt(n/(n-1)*(1/n+1/float64(m))*(1+phi)/(1-phi))
	return math.Abs(move) > beyondNoise*dev
}

const beyondNoise = 3.5

// date finds when the move began: from which minute on a third of the way was made for good, from where the signal stood or was heading, and how
// likely trouble that had lasted so long would have ended by itself up to then. A backlog that drains has begun to when it stops growing.
func (c *Confirmation) date(run, a []Sample, period time.Duration) {
	met, post := values(run[max(0, len(run)-baseline):]), values(a)
	old, last, drift, now := median(met), met[len(met)-1], trend(met), median(post[len(post)/2:])
	if drift == 0 && math.Abs(last-now) > math.Abs(old-now) {
		old = last
	}
	lag := len(post)
	for ; lag > 0; lag-- {
		was := old + drift*(float64(len(met))/2+float64(lag))
		if (was-post[lag-1])*(was-now) < (was-now)*(was-now)/3 {
			break
		}
	}
	c.Lag = time.Duration(lag) * period
	c.P = math.Max(c.P, endsWithin(lag+1, len(run), 0))
}

// alphaRanks is the chance of a false word of one look by ranks: those who look have chosen the moment.
const alphaRanks = 0.002

// byRanks compares the minutes of the trouble that the change met with those since (Mann–Whitney). That needs no history, but minutes
// that resemble each other are fewer than they seem: the deviation is widened by the persistence that so few of them may hide.
func byRanks(c Confirmation, run, a []Sample, opts ConfirmOptions) Confirmation {
	met, post := onScale(run, opts), onScale(a, opts)
	drift := trend(met[max(0, len(met)-baseline):])
	n := float64(len(met))
	phi := clamp(lagOne(met, mean(met))+1/math.Sqrt(n), 0, 0.9)
	for _, m := range looks {
		if m > len(post) {
			break
		}
		k := float64(m)
		low, high := 0.0, 0.0 // pairs in which a minute since the change is the lower one, and the higher one
		for j, y := range post[:m] {
			// What was under way already is not the change's doing: a claim has to go beyond where it was heading.
			ahead := drift * (float64(min(len(met), baseline))/2 + float64(j+1))
			for _, x := range met {
				if y-math.Min(0, ahead) < x {
					low++
				}
				if y-math.Max(0, ahead) > x {
					high++
				}
			}
		}
		dev := math.Sqrt(n * k * (n + k + 1) / 12 * (1 + phi) / (1 - phi))
		p := func(pairs float64) float64 { return math.Erfc((pairs-0.5-n*k/2)/dev/math.Sqrt2) / 2 }
		good, bad := p(low), p(high)
		if opts.Direction == Up {
			good, bad = bad, good
		}
		c.P = good
		switch {
		case good <= alphaRanks:
			c.State, c.Minutes = Confirmed, m
			c.date(run, a[:m], opts.Period)
			c.Why = fmt.Sprintf("%d minutes since the change against the %d of trouble before it (p %.4f)", m, len(met), good)
			return c
		case bad <= alphaRanks:
			c.State, c.Minutes = Contrary, m
			c.date(run, a[:m], opts.Period)
			c.Why = fmt.Sprintf("it moved the wrong way: %d minutes since the change against the %d of trouble before it (p %.4f)", m, len(met), bad)
			return c
		}
	}
	if len(post) >= looks[len(looks)-1] {
		c.State, c.Why = NotConfirmed, fmt.Sprintf("after %d minutes the move is one that %d minutes of trouble show by themselves (p %.2f)", len(post), len(met), c.P)
		return c
	}
	c.Why = fmt.Sprintf("%d complete minutes, p %.3f so far", len(post), c.P)
	return c
}
