// Package sample makes the journal of one believable incident, for tests and goldens: an index runs out of
// write capacity, the table above it is raised first (no effect), then the index (worked), and the first change is
// taken back. CloudWatch is unreadable for a while in between.
package sample

import (
	"math"
	"strconv"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// Start is the first instant of the session.
var Start = time.Date(2026, 3, 3, 14, 12, 40, 0, time.UTC)

const (
	table = "orders"
	index = "orders/by-status"
)

// People and the program.
var (
	ana     = history.Actor{Name: "ana", AWS: "arn:aws:sts::123456789012:assumed-role/oncall/ana"}
	ben     = history.Actor{Name: "ben", AWS: "arn:aws:sts::123456789012:assumed-role/oncall/ben"}
	program = history.Actor{}
)

type journal struct {
	events []history.Event
	now    time.Time
}

// at moves the clock to a time of day.
func (j *journal) at(clock string) *journal {
	t, err := time.Parse("15:04:05", clock)
	if err != nil {
		panic(err)
	}
	j.now = time.Date(2026, 3, 3, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	return j
}

func (j *journal) put(who history.Actor, bodies ...history.Body) {
	for _, b := range bodies {
		j.events = append(j.events, history.Event{
			Seq: uint64(len(j.events) + 1), At: j.now, Mono: j.now.Sub(Start), Actor: who, Body: b,
		})
	}
}

// Incident returns the events of the incident, in order.
func Incident() []history.Event {
	j := &journal{}
	j.open()
	j.firstTry()
	j.secondTry()
	j.end()
	return j.events
}

func (j *journal) open() {
	j.at("14:12:40").put(ana, history.SessionStarted{
		ID: "20260303-141240-orders-3f9c", Version: "1.0.0", Mode: "watch", Tables: []string{table}, Account: "123456789012",
		Region: "eu-west-1", Armed: true,
		Clients: []history.Client{{Name: "checkout", Table: table, Op: "PutItem", P99: 150 * time.Millisecond, Success: .999, Feed: 15 * time.Second}},
		Levers:  []history.Lever{{Name: "pause-export", Title: "pause the nightly export", Does: "shed"}},
	})
	j.put(program, history.TableDescribed{Name: table, Table: snapshot(400, 200), Took: 41 * time.Millisecond})
	j.poll("13:42:00", "14:12:00", "")
	j.at("14:12:55").put(ana, history.Reported{Text: "page: checkout p99 above 150 ms", About: "latency", Client: "checkout"})
	j.at("14:13:05").put(program, j.assess("throttled", "write throttles on orders for 6 of 7 min",
		history.Hypothesis{Kind: "table.capacity", Target: table, P: .58, For: []string{"table writes at 92 % of 400/s"}, Reason: "TableWriteProvisionedThroughputExceeded"}),
		history.IncidentDetected{Onset: clock("14:06:00"), Why: "throttled: 46 writes/s of orders are refused"})
}

func (j *journal) assess(layer, why string, h ...history.Hypothesis) history.Assessed {
	do := history.Disposition{Verdict: "optimize", Rule: "the same limit for 5 minutes or more"}
	if layer == history.LayerHealthy {
		do = history.Disposition{Verdict: "retry", Rule: "nothing is refused any more"}
	}
	return history.Assessed{Layer: history.Layer{Verdict: layer, Why: why}, Ranked: h, Disposition: do, Onset: clock("14:06:00")}
}

func (j *journal) firstTry() {
	j.at("14:13:20").put(ana, history.RunbookOpened{
		Runbook: "write-throttling", Version: 3, Title: "Writes are throttled", Hash: "9a1c55e0", Target: table, Side: "write", Why: "table.capacity 58 %",
		Steps: []history.StepInfo{
			{ID: "layer", Type: "check", Say: "Is it DynamoDB that refuses?", Section: "Is it DynamoDB?"},
			{ID: "whose", Type: "decide", Say: "Whose limit is it?", Choices: []history.Choice{
				{Goto: "raise-table", Because: "the table is at its limit", When: "write_utilisation > 0.9"},
				{Goto: "raise-index", Because: "an index is at its limit", When: "index_write_utilisation > 0.9"},
			}},
			{ID: "raise-table", Type: "act", Say: "Raise the table's write capacity", Change: "table.write"},
			{ID: "raise-index", Type: "act", Say: "Raise the index's write capacity", Change: "index.write"},
			{ID: "surprise", Type: "note", Say: "Why were we surprised?", To: "lessons.why_surprised"},
		},
	})
	j.at("14:13:21").put(program, history.CheckEvaluated{Step: "layer", Verdict: "pass", Why: "write_throttles 46/s > 0 for 6 of 7 min"})
	j.at("14:14:02").put(ana, history.DecisionTaken{Step: "whose", Choice: "raise-table", Because: "the table is at its limit", Override: true, Reason: "it was the table last month"})
	j.at("14:14:30").change(planned("E1", "table.write", table, "raise write capacity", 400, 800, .26), true)
	j.put(ana, history.StepFinished{Step: "raise-table", Result: "done"})
	j.at("14:15:52").put(program, history.TableDescribed{Name: table, Table: snapshot(800, 200)}, history.ChangeSettled{ID: "E1"})
	j.poll("14:06:00", "14:18:00", "")
	j.at("14:18:30").put(program, effect("E1", history.NoEffect, 47.5, 46.1, -.03, -.11, .06, 3,
		"write_throttles@orders 47.5 → 46.1/s (−3 %, 95 % interval −11 … +6 %): at least half of the expected −90 % is ruled out"))
}

func (j *journal) secondTry() {
	j.at("14:18:40").put(program, j.assess("throttled", "write throttles on orders/by-status for 12 of 13 min",
		history.Hypothesis{Kind: "index.backpressure", Target: index, P: .86, For: []string{"orders/by-status writes at 100 % of 200/s", "raising the table changed nothing"}}))
	j.at("14:19:05").put(ben, history.Noted{Text: "release 412 <b>added</b> status updates, see https://wiki.example/r/412 @ana"})
	j.at("14:19:40").put(program, history.SourceChanged{Name: "cloudwatch", State: "down", Reason: "timeout", Text: "GetMetricData timed out after 10s", Retry: 4 * time.Second})
	j.at("14:20:10").change(planned("E2", "index.write", index, "raise write capacity of by-status", 200, 600, .26), true)
	j.put(ana, history.StepFinished{Step: "raise-index", Result: "done"})
	j.at("14:21:18").put(program, history.TableDescribed{Name: table, Table: snapshot(800, 600)}, history.ChangeSettled{ID: "E2"})
	first := effect("E2", "better", 212, 61, -.71, -.78, -.6, 15, "checkout p99 212 → 61 ms within 15 s")
	first.Stage, first.Signal, first.Unit, first.Took = history.FirstLook, "feed_p99", "ms", 22*time.Second
	j.at("14:21:40").put(program, first)
	j.at("14:24:10").put(program, history.SourceChanged{Name: "cloudwatch", State: "ok"})
	j.poll("14:14:00", "14:24:00", "page 2 of 3 failed: InternalError")
	last := effect("E2", history.Worked, 46.2, 0, -1, -1, -.94, 3,
		"write_throttles@orders 46.2 → 0/s (−100 %, 95 % interval −100 … −94 %), expected −90 % within 3m")
	last.Against = &history.Untouched{Where: "carts", Moved: -.01, Net: -.99}
	j.at("14:25:30").put(program, last)
}

func (j *journal) end() {
	j.poll("14:15:00", "14:28:00", "")
	j.at("14:29:00").put(program, j.assess("healthy", "no write refused for 6 min"),
		history.IncidentRecovered{Why: "no write refused for 6 min, checkout p99 58 ms"})
	j.at("14:30:10").put(ana, history.ChangeRefused{What: "table.write", Target: table, Why: "no capacity decrease during an incident"})
	undo := planned("E3", "table.write", table, "undo E1", 800, 400, -.26)
	undo.UndoOf, undo.Expect = "E1", nil
	j.at("14:31:00").change(undo, true)
	j.at("14:32:05").put(program, history.TableDescribed{Name: table, Table: snapshot(400, 600)}, history.ChangeSettled{ID: "E3"})
	j.at("14:34:00").put(ana, history.Noted{Text: "we looked at the table only; the index has its own limit", About: "lessons.why_surprised"})
	j.poll("14:20:00", "14:34:00", "")
	j.at("14:35:00").put(ana, history.IncidentClosed{Reason: "stable for 10 min"}, history.SessionClosed{Reason: "quit"})
}

func (j *journal) change(plan history.ChangePlanned, ok bool) {
	j.put(ana, plan)
	j.now = j.now.Add(25 * time.Second)
	j.put(ana, history.ChangeApproved{ID: plan.ID, Hash: plan.Hash})
	j.put(program, history.ChangeIntended{ID: plan.ID, Request: "UpdateTable " + plan.Target + " write " + plan.After, Undo: "write " + plan.Before})
	j.now = j.now.Add(time.Second)
	j.put(program, history.ChangeAnswered{ID: plan.ID, OK: ok, Request: "R3Q7" + plan.ID})
}

func planned(id, what, target, title string, before, after int64, cost float64) history.ChangePlanned {
	return history.ChangePlanned{
		ID: id, What: what, Target: target, Title: title, Before: units(before), After: units(after), BeforeN: before, AfterN: after,
		TableID: "4e1f", CostHour: &cost, Shows: 2 * time.Minute, UndoClass: history.UndoLimited, UndoText: "4 decreases in the first hour of the day, then one an hour",
		Blast: "nothing else", Token: table, Hash: "h" + id,
		Expect: &history.Expectation{Signal: "write_throttles", Target: table, Direction: "down", By: .9, Within: 3 * time.Minute},
	}
}

func effect(id, word string, before, after, change, low, high float64, n int, reason string) history.EffectJudged {
	return history.EffectJudged{
		ID: id, Stage: history.Verdict, Word: word, Signal: "write_throttles", Unit: "/s", Before: before, After: after,
		Change: change, Low: low, High: high, N: n, Took: 2*time.Minute + 38*time.Second, Source: "cloudwatch",
		Mechanism: "the limit was raised", Reason: reason,
	}
}

func units(n int64) string { return strconv.FormatInt(n, 10) + " units/s" }

func clock(s string) time.Time { return (&journal{}).at(s).now }

func snapshot(write, indexWrite int64) *history.TableSnapshot {
	return &history.TableSnapshot{
		Name: table, ID: "4e1f", Status: "ACTIVE", Mode: "provisioned", Throughput: history.Throughput{Read: 500, Write: write},
		Indexes: []history.IndexSnapshot{{Name: "by-status", Status: "ACTIVE", Throughput: history.Throughput{Read: 100, Write: indexWrite}, PartitionKey: "status"}},
		Items:   1_800_000, Bytes: 900_000_000, PartitionKey: "id",
	}
}

// poll writes one answered poll with every point of the window.
func (j *journal) poll(from, to, partial string) {
	f, t := clock(from).Unix(), clock(to).Unix()
	b := history.MetricsPolled{Source: "cloudwatch", From: f, To: t, SettledTo: t - 120, Partial: partial, Queries: 6, Took: 180 * time.Millisecond}
	add := func(signal, target, op, unit string, zero bool, value func(m float64) float64) {
		u := history.SeriesUpdate{Key: history.SeriesKey{Signal: signal, Target: target, Op: op}, Unit: unit, Period: 60, Zero: zero}
		for s := f; s < t; s += 60 {
			if v := value(float64(s-clock("14:06:00").Unix()) / 60); !zero || v > 0 {
				u.Points = append(u.Points, history.Point{T: s, V: math.Round(v*100) / 100})
			}
		}
		b.Series = append(b.Series, u)
	}
	hurt := func(m float64) float64 { return math.Max(0, math.Min(1, m/4)) * math.Max(0, math.Min(1, 16-m)) }
	add("write_throttles", table, "", "/s", true, func(m float64) float64 { return 46.6 * hurt(m) * (1 + .03*math.Sin(m)) })
	add("write_throttles", index, "", "/s", true, func(m float64) float64 { return 46.6 * hurt(m) * (1 + .03*math.Sin(m)) })
	add("consumed_write", table, "", "units/s", false, func(m float64) float64 { return 368 - 150*hurt(m) + 6*math.Sin(m) })
	add("consumed_write", index, "", "units/s", false, func(m float64) float64 { return 150 + 50*hurt(m) + 3*math.Sin(m) })
	add("latency_p50", table, "PutItem", "ms", false, func(m float64) float64 { return 4.1 + .2*math.Sin(m) })
	add("feed_p99", table, "checkout", "ms", false, func(m float64) float64 { return 58 + 154*hurt(m) + 2*math.Sin(m) })
	j.put(program, b)
}
