package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

// TestEverySortOfSignalGoesStale is M3 for each sort of signal: when everything has fallen silent, each chart of the metrics pane, of the table,
// of an index, of minutes, of five minutes, of a probe and of a feed, says stale from two of its own periods on, beyond what CloudWatch
// takes to publish it, and not a second before. Mutants: judge all by a minute's age; let what comes by the second be fresh for ever.
func TestEverySortOfSignalGoesStale(t *testing.T) {
	s := tuitest.Incident(false).At(62 * time.Minute)
	own := history.OwnSignal{Name: "queue_age", Target: "orders", Unit: "ms"}
	for i, e := range s.Events {
		if b, ok := e.Body.(history.SessionStarted); ok {
			b.Signals = append(b.Signals, own)
			s.Events[i].Body = b
		}
	}
	five := history.SeriesUpdate{Key: tuitest.Key(own.Name, own.Target, ""), Unit: own.Unit, Period: 300}
	end := tuitest.Start.Add(60 * time.Minute).Unix()
	for i := range int64(12) {
		five.Points = append(five.Points, history.Point{T: end - 300*(i+1), V: 900 + float64(i)})
	}
	s.Add(history.MetricsPolled{Source: "cloudwatch", From: end - 3600, SettledTo: end, Series: []history.SeriesUpdate{five}})
	d := sit(t, s, 240, 80)
	d.press(time.Second, "f")

	type row struct {
		name string
		end  time.Time
		from time.Duration // age from which it is stale
	}
	rows := map[string]row{}
	sorts := map[string]bool{}
	lines, _ := d.m.shown(true)
	for _, l := range lines {
		last, ok := l.Series.Last()
		if !ok {
			continue
		}
		period := time.Duration(l.Series.Period) * time.Second
		rows[l.Key] = row{d.m.lineName(l), time.Unix(last.T, 0).Add(period), signal.Stale(period)}
		sort := period.String()
		if strings.Contains(l.Target, "/") {
			sorts["index"] = true
		}
		if name, _, _ := strings.Cut(l.Key, "_"); name == "probe" || name == "feed" {
			sort = name
		}
		sorts[sort] = true
	}
	for _, want := range []string{"1m0s", "5m0s", "probe", "feed"} {
		if !sorts[want] {
			t.Errorf("no row of the sort %s: %v", want, sorts)
		}
	}
	seen := map[string]int{}
	for _, r := range rows {
		for _, at := range []time.Duration{-2 * time.Second, -time.Second, time.Second, 2 * time.Second, time.Minute} {
			d.now = r.end.Add(r.from + at)
			if !d.now.After(s.Now()) {
				continue
			}
			d.m.Update(clockTicked{})
			for title := range strings.SplitSeq(d.screen(), "╭─ ") {
				title, _, _ = strings.Cut(title, "╮")
				for key, x := range rows {
					if !strings.HasPrefix(title, x.name+" ─") {
						continue
					}
					if stale := d.now.Sub(x.end) > x.from; strings.Contains(title, " stale ") != stale {
						t.Fatalf("%s is %s old, stale from %s: %q", key, d.now.Sub(x.end), x.from, title)
					}
					seen[key]++
				}
			}
		}
	}
	for key := range rows {
		if seen[key] == 0 {
			t.Errorf("no chart shows %s (%q)", key, rows[key].name)
		}
	}
	t.Logf("%d rows, %v", len(rows), sorts)
}
