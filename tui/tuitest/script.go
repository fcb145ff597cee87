// Package tuitest makes sessions for the tests of the screen: hand-made events, a loop that only takes
// notes, and a feed that hands the events on.
package tuitest

import (
	"sort"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// Start is when every script begins.
var Start = time.Date(2026, 3, 3, 13, 30, 0, 0, time.UTC)

// Script collects events with rising numbers and times.
type Script struct {
	Events []history.Event
	at     time.Duration
	by     history.Actor
}

// At sets the time of the events that follow, as an offset from Start.
func (s *Script) At(d time.Duration) *Script { s.at = d; return s }

// By sets who causes the events that follow; "" is the program itself.
func (s *Script) By(name string) *Script { s.by = history.Actor{Name: name}; return s }

// Add appends events.
func (s *Script) Add(bodies ...history.Body) *Script {
	for _, b := range bodies {
		s.Events = append(s.Events, history.Event{Seq: uint64(len(s.Events) + 1), At: Start.Add(s.at), Mono: s.at, Actor: s.by, Body: b})
	}
	return s
}

// sorted puts the events into the order of their times and numbers them anew.
func (s *Script) sorted() *Script {
	sort.SliceStable(s.Events, func(i, j int) bool { return s.Events[i].At.Before(s.Events[j].At) })
	for i := range s.Events {
		s.Events[i].Seq = uint64(i + 1)
	}
	return s
}

// Now is the time of the newest event.
func (s *Script) Now() time.Time { return Start.Add(s.at) }

// Session starts a session on orders with an index, a client and a lever.
func Session(armed bool) *Script {
	s := &Script{}
	s.Add(history.SessionStarted{
		ID: "s-1", Version: "test", Mode: "watch", Tables: []string{"orders"}, Account: "447112340032", Region: "eu-west-1", Armed: armed,
		Clients: []history.Client{{Name: "checkout", Table: "orders", Op: "PutItem", P99: 60 * time.Millisecond, Success: 0.999, Feed: time.Second}},
	}, history.TableDescribed{Name: "orders", Table: &history.TableSnapshot{
		Name: "orders", Status: "ACTIVE", Mode: "provisioned", Throughput: history.Throughput{Read: 4000, Write: 2000},
		Indexes: []history.IndexSnapshot{{Name: "by-status", Status: "ACTIVE", Throughput: history.Throughput{Read: 500, Write: 800}}},
	}})
	return s
}

// Key is short for a series key.
func Key(signal, target, op string) history.SeriesKey {
	return history.SeriesKey{Signal: signal, Target: target, Op: op}
}

// wave is a value that moves a little, the same every time.
func wave(base float64, i int) float64 {
	steps := [...]float64{0, 0.04, 0.07, 0.03, -0.02, -0.06, -0.03, 0.02}
	return base * (1 + steps[i%len(steps)])
}

// Metrics adds one poll a minute up to until; trouble starts at onset (an offset; 0 = never). Minutes
// 24 to 27 of the latency are missing.
func (s *Script) Metrics(until, onset time.Duration) *Script {
	for i := 0; time.Duration(i)*time.Minute < until; i++ {
		m := time.Duration(i) * time.Minute
		bad := 0.0
		if onset > 0 && m >= onset {
			bad = min(1, float64(m-onset)/float64(8*time.Minute)+0.3)
		}
		s.Minutes(i, i+1, bad)
	}
	return s
}

// Minutes adds the polls of the minutes from a up to b, with one share of trouble.
func (s *Script) Minutes(a, b int, bad float64) *Script {
	for i := a; i < b; i++ {
		m := time.Duration(i) * time.Minute
		s.At(m + 2*time.Minute)
		t := Start.Add(m).Unix()
		put := func(signal, target, op, unit string, zero bool, v float64) history.SeriesUpdate {
			u := history.SeriesUpdate{Key: Key(signal, target, op), Unit: unit, Period: 60, Zero: zero}
			if v > 0 || !zero {
				u.Points = []history.Point{{T: t, V: v}}
			}
			return u
		}
		poll := history.MetricsPolled{Source: "cloudwatch", From: Start.Unix(), To: t + 60, SettledTo: t + 60, Queries: 20, Took: 80 * time.Millisecond}
		poll.Series = []history.SeriesUpdate{
			put("consumed_write", "orders", "", "units/s", true, wave(900+1000*bad, i)),
			put("consumed_read", "orders", "", "units/s", true, wave(1500, i+3)),
			put("consumed_write", "orders/by-status", "", "units/s", true, wave(300+200*bad, i)),
			put("write_throttles", "orders", "", "/s", true, 420*bad),
			put("write_keyrange_throttles", "orders", "", "/s", true, 420*bad),
			put("read_throttles", "orders", "", "/s", true, 0),
			put("write_throttles", "orders/by-status", "", "/s", true, 0),
			put("read_throttles", "orders/by-status", "", "/s", true, 0),
			put("latency_p50", "orders", "GetItem", "ms", false, wave(2.4, i)),
			put("latency_p99", "orders", "GetItem", "ms", false, wave(9, i)),
			put("system_errors", "orders", "PutItem", "/s", true, 0),
			put("system_errors", "orders", "GetItem", "/s", true, 0),
			put("conditional_failures", "orders", "", "/s", true, 0),
		}
		if i < 24 || i > 27 {
			poll.Series = append(poll.Series, put("latency_p50", "orders", "PutItem", "ms", false, wave(4, i)),
				put("latency_p99", "orders", "PutItem", "ms", false, wave(14+160*bad, i)))
		}
		s.Add(poll)
	}
	return s
}

// Seconds adds a probe answer and a feed scrape every two seconds between two offsets; bad is the share of
// the feed's attempts that are throttled.
func (s *Script) Seconds(from, to time.Duration, bad float64) *Script {
	for i, d := 0, from; d < to; i, d = i+1, d+2*time.Second {
		s.At(d).Add(
			history.ProbeAnswered{
				Probe: "get-order", Table: "orders", Op: "GetItem", Every: 2 * time.Second, OK: true,
				Total: time.Duration(wave(7e6, i)), Units: 0.5, Returned: 1,
			},
			history.FeedScraped{
				Feed: "checkout", Table: "orders", Seconds: 2, Calls: 2400, Attempts: 2400 * (1 + bad), Failed: 300 * bad,
				Errors: map[string]float64{"ProvisionedThroughputExceededException": 2400 * bad}, P50: wave(6, i), P99: wave(18+150*bad, i),
			})
	}
	s.At(to).Add(history.TableDescribed{Name: "orders"})
	return s
}
