package effect

import (
	"fmt"
	"math"
	"time"
)

var logSay = math.Log(1 / alphaSay)

// short prints a duration the way a person says it: 4s, 2m30s, 1h5m.
func short(d time.Duration) string {
	d = d.Round(time.Second)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0 && m > 0:
		return fmt.Sprintf("%dh%dm", h, m)
	case h > 0:
		return fmt.Sprintf("%dh", h)
	case m > 0 && s > 0:
		return fmt.Sprintf("%dm%ds", m, s)
	case m > 0:
		return fmt.Sprintf("%dm", m)
	}
	return fmt.Sprintf("%ds", s)
}

// percent prints a fraction with the digits it deserves.
func percent(f float64) string {
	if a := math.Abs(f * 100); a < 0.05 {
		return "0.0 %"
	} else if a < 9.95 {
		return fmt.Sprintf("%.1f %%", f*100)
	}
	return fmt.Sprintf("%.0f %%", f*100)
}

// signedPercent keeps the sign of a change, with a real minus.
func signedPercent(f float64) string {
	switch s := percent(math.Abs(f)); {
	case s == "0.0 %":
		return s
	case f < 0:
		return "−" + s
	default:
		return "+" + s
	}
}

// level prints a value in the signal's unit.
func level(e Expectation, v float64) string {
	if e.Kind == Share {
		return percent(v)
	}
	number := fmt.Sprintf("%.0f", v)
	if math.Abs(v) < 9.95 {
		number = fmt.Sprintf("%.1f", v)
	}
	if e.Unit == "" {
		return number
	}
	return number + " " + e.Unit
}
