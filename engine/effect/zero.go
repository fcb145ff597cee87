package effect

import (
	"fmt"
	"math"
	"time"
)

// zeros is how many minutes it took until two in a row were zero, the newest two where they are; 0 where there are none.
func zeros(a []Sample) int {
	if n := len(a); a[n-1].V == 0 && a[n-2].V == 0 {
		return n
	}
	for i := 1; i < len(a); i++ {
		if a[i-1].V == 0 && a[i].V == 0 {
			return i + 1
		}
	}
	return 0
}

// fellToZero asks how often trouble like this ended by itself: each troubled
// minute of the history was one chance to end.
func fellToZero(c Confirmation, b, a []Sample, period time.Duration) Confirmation {
	lag := lagOf(a)
	c.Lag = time.Duration(lag) * period
	steady := 0
	for steady < len(b) && b[len(b)-1-steady].V > 0 {
		steady++
	}
	if steady < minTrouble {
		c.State = NoHistory
		c.Why = fmt.Sprintf("it had lasted only %d minutes before the change", steady)
		return c
	}
	if last, ref := b[len(b)-1].V, mean(values(b[max(0, len(b)-6):len(b)-1])); last < ref/3 {
		c.State = NoHistory
		c.Why = fmt.Sprintf("it was falling before the change already, from %.0f to %.0f a minute", ref, last)
		return c
	}
	troubled, ended := 0, 0
	for i, s := range b {
		if s.V > 0 {
			troubled++
			if i+2 < len(b) && b[i+1].V == 0 && b[i+2].V == 0 {
				ended++
			}
		}
	}
	c.P = endsWithin(lag+1, troubled, ended)
	if limit := map[bool]float64{true: maxPNever, false: maxP}[ended == 0]; c.P > limit {
		c.State = NoHistory
		c.Why = fmt.Sprintf("zero for %d minutes, but it ends by itself often enough (chance %s)", len(a)-lag, percent(c.P))
		return c
	}
	c.State = Confirmed
	c.Why = fmt.Sprintf("zero for %d complete minutes after %d minutes of trouble", len(a)-lag, steady)
	return c
}

// endsWithin is the chance that trouble ends by itself within so many minutes, where it did ended times in so many minutes of trouble.
func endsWithin(minutes, troubled, ended int) float64 {
	rate := (float64(ended) + 0.5) / float64(troubled+1)
	return 1 - math.Pow(1-rate, float64(minutes))
}

// lagOf is how many minutes came before the last run of zeros.
func lagOf(a []Sample) int {
	lag := len(a)
	for lag > 0 && a[lag-1].V == 0 {
		lag--
	}
	return lag
}
