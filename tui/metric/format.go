package metric

import (
	"fmt"
	"math"
	"time"
)

// Value writes a number with its unit in at most seven cells.
func Value(v float64, unit string) string {
	switch unit {
	case "ms":
		if v >= 999.5 {
			return Number(v/1000) + "s"
		}
		return Number(v) + "ms"
	case "/s":
		return Number(v) + "/s"
	case "%":
		if v > 0.9 && v < 1 {
			return fmt.Sprintf("%.1f%%", math.Floor(v*1000)/10)
		}
		return Number(v*100) + "%"
	}
	return Number(v)
}

// Number writes a number in at most five cells: 0.42, 7.5, 412, 3.9k, 12k, 1.2M.
func Number(v float64) string {
	a := math.Abs(v)
	switch {
	case a == 0:
		return "0"
	case a < 0.01:
		return "<.01"
	case a < 1:
		return fmt.Sprintf("%.2f", v)
	case a < 9.95 && a != math.Trunc(a):
		return fmt.Sprintf("%.1f", v)
	case a < 999.5:
		return fmt.Sprintf("%.0f", v)
	}
	for _, u := range []string{"k", "M", "G", "T"} {
		v, a = v/1000, a/1000
		if a < 9.95 && u != "T" {
			return fmt.Sprintf("%.1f%s", v, u)
		}
		if a < 999.5 {
			return fmt.Sprintf("%.0f%s", v, u)
		}
	}
	return fmt.Sprintf("%.1e", v)
}

// Age writes how long ago something was: 41s, 6m, 3h, 2d. Below zero is now.
func Age(d time.Duration) string {
	switch {
	case d < 0:
		return "0s"
	case d < 100*time.Second:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 100*time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dd", d/(24*time.Hour))
}
