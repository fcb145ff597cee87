package tuitest

import (
	"time"

	"github.com/ddbloop/ddbloop/history"
)

const min1 = time.Minute

// Calm is an hour in which nothing happens.
func Calm() *Script {
	s := Session(false).Metrics(60*min1, 0).Seconds(58*min1, 62*min1, 0)
	return s.At(10 * min1).Add(history.Assessed{
		Layer:  history.Layer{Verdict: history.LayerHealthy, Why: "no refusals, latencies within 1.2 times their median", Since: Start},
		Ranked: []history.Hypothesis{{Kind: "calm", P: 0.98}},
	}).At(62 * min1).sorted()
}

// Usual is the calm hour with what was yesterday and a week ago: the evening before had half the writes, and a peak.
func Usual() *Script {
	s := Calm()
	for day, ago := range []time.Duration{history.Yesterday, history.LastWeek} {
		b := history.BaselinesRead{Ago: ago, From: Start.Add(-ago).Unix(), To: Start.Add(time.Hour - ago).Unix(), Queries: 2}
		for _, sig := range []string{"consumed_write", "consumed_read"} {
			u := history.SeriesUpdate{Key: Key(sig, "orders", ""), Unit: "units/s", Period: 300}
			for i := range 12 {
				v := 450 + 700*float64(day) + 60*float64(i)
				u.Points = append(u.Points, history.Point{T: b.From + int64(i)*300, V: v})
			}
			b.Series = append(b.Series, u)
		}
		s.At(9 * min1).Add(b)
	}
	return s.At(62 * min1).sorted()
}

// Incident is a hot partition that started 29 minutes ago, with its runbook at a decision.
func Incident(armed bool) *Script {
	s := Session(armed).Metrics(60*min1, 33*min1).Seconds(57*min1, 62*min1, 0.32)
	onset := Start.Add(33 * min1)
	s.At(20 * min1).By("ci").Add(history.Marked{Text: "deploy #881"}).By("")
	s.At(36*min1).Add(
		history.IncidentDetected{Onset: onset, Why: "write throttles 126/s on orders, 3 of 3 min"},
		history.Assessed{
			Layer: history.Layer{Verdict: history.LayerThrottled, Why: "checkout: 24 % of attempts refused; write throttles 412/s on orders", Since: onset},
			Ranked: []history.Hypothesis{
				{
					Kind: "hot_partition", Target: "orders", P: 0.94, For: []string{"key range throttles 412/s", "the table uses 900 of its 2,000 units/s"}, Reason: "TableWriteKeyRangeThroughputExceeded",
					Against: []string{"no single key is named: Contributor Insights is off"}, Rival: "under_provisioned",
					Decider: "KeyRange against Provisioned throttle events in CloudWatch, or the reason that a refused probe is given",
				},
				{Kind: "under_provisioned", Target: "orders", P: 0.05, For: []string{"write throttles 412/s"}, Against: []string{"45 % of the capacity is used"}},
				{Kind: "scan_storm", Target: "orders", P: 0.01, For: []string{"scans"}},
			},
			Disposition: history.Disposition{Verdict: history.Optimize, Rule: "one key range is at its limit: retries cannot help, spread or shed the writes"},
			Onset:       onset, Grain: time.Minute,
			Moved: []history.Moved{
				{At: Start.Add(20 * min1), Grain: time.Second, Text: "deploy #881"},
				{At: onset, Grain: time.Minute, Text: "the trouble itself"},
				{At: onset.Add(min1), Grain: time.Minute, Text: "requests of orders PutItem: 1900, usually 900"},
			},
		},
		history.RunbookOpened{
			Runbook: "hot-partition", Version: 3, Title: "One key takes too much", Hash: "abc", Target: "orders", Side: "write",
			Why: "hot_partition on orders, p 0.94", Steps: steps(),
		},
		history.StepEntered{Step: "keyrange"},
		history.CheckEvaluated{Step: "keyrange", Verdict: history.Pass, Why: "write_keyrange_throttles 412/s > 0 for 3 of 5 min"},
		history.StepEntered{Step: "deploy"},
		history.CheckEvaluated{Step: "deploy", Verdict: history.Fail, Why: "deploy #881 was 13 min before the start"},
		history.StepEntered{Step: "relief"},
		history.DecisionOffered{Step: "relief", Favoured: "shed", Because: "checkout is 61 % of the writes and has a lever; raising capacity does not help one key"},
	)
	s.At(41 * min1).By("bo").Add(history.Noted{Text: "checkout retries doubling in the web tier"}).By("")
	return s.At(62 * min1).sorted()
}

func steps() []history.StepInfo {
	return []history.StepInfo{
		{ID: "keyrange", Type: "check", Say: "Is one key range throttled, not the whole table?", Required: "yes"},
		{ID: "deploy", Type: "check", Say: "Did a deploy come right before?", Required: "no"},
		{ID: "relief", Type: "decide", Say: "Which relief fits?", Choices: []history.Choice{
			{Goto: "shed", Because: "a lever for the loudest client exists", When: "lever"},
			{Goto: "raise", Because: "the table itself is short of capacity", When: "write_utilisation > 0.9"},
			{Goto: "wait", Because: "adaptive capacity may absorb it"},
		}},
		{ID: "shed", Type: "act", Say: "Shed the loudest writer", Change: "lever:shed"},
		{ID: "raise", Type: "act", Say: "Raise the table's write capacity", Change: "table.write"},
		{ID: "watch", Type: "check", Say: "Throttles gone for 10 minutes?", Required: "success"},
		{ID: "why", Type: "note", Say: "Why did nobody see it coming?", To: "lessons.why_surprised"},
	}
}

// Planned is the incident with a change that waits for approval.
func Planned(armed bool) *Script {
	cost := 3.10
	s := Incident(armed).At(62 * min1).By("ana")
	return s.Add(
		history.DecisionTaken{Step: "relief", Choice: "raise", Because: "the table itself is short of capacity", Override: true, Reason: "lever is broken"},
		history.StepEntered{Step: "raise"},
		history.ChangePlanned{
			ID: "E1", What: "table.write", Target: "orders", Title: "raise orders write capacity", Before: "2,000 WCU", After: "4,000 WCU",
			BeforeN: 2000, AfterN: 4000, CostHour: &cost, Shows: 2 * min1, UndoClass: history.UndoLimited, UndoText: "lower to 2,000 WCU (4 decreases left today)",
			Blast: "table orders only; by-status keeps its own", Token: "E1-orders", Step: "raise", Hash: "h1",
			Expect: &history.Expectation{Signal: "write_throttles", Target: "orders", Direction: "down", By: 0.9, Within: 5 * min1},
		},
	).By("")
}

// Settling is the planned change on its way.
func Settling() *Script {
	return Planned(true).By("ana").At(62*min1+5*time.Second).Add(
		history.ChangeApproved{ID: "E1", Hash: "h1"},
		history.ChangeIntended{ID: "E1", Request: "UpdateTable orders write 4,000", Undo: "UpdateTable orders write 2,000"},
		history.ChangeAnswered{ID: "E1", OK: true},
	).By("")
}

// Judged is the change in force, with a first look and a confirmation, and the incident recovered.
func Judged() *Script {
	s := Settling().At(63*min1).Add(history.ChangeSettled{ID: "E1"}, history.StepFinished{Step: "raise", Result: "done"}, history.StepEntered{Step: "watch"})
	s.At(63*min1 + 14*time.Second).Add(history.EffectJudged{
		ID: "E1", Stage: history.FirstLook, Word: "better", Signal: "feed_throttled", Unit: "/s", Before: 384, After: 8,
		Change: -0.98, Low: -0.99, High: -0.95, N: 7, Took: 14 * time.Second, Source: "feed", Reason: "checkout's refusals fell from 384/s to 8/s in 14 s, nothing else moved",
	})
	s.Minutes(60, 67, 0).Seconds(63*min1+15*time.Second, 68*min1, 0)
	return s.At(68*min1).Add(
		history.EffectJudged{
			ID: "E1", Stage: history.Verdict, Word: history.Worked, Signal: "write_throttles", Unit: "/s", Before: 420, After: 3,
			Change: -0.99, Low: -1, High: -0.96, N: 5, Took: 5 * min1, Source: "cloudwatch", Reason: "write throttles fell by 99 % while the load stayed at 1,900 units/s",
			Against: &history.Untouched{Where: "carts", Moved: -0.02, Net: -0.97},
		},
		history.CheckEvaluated{Step: "watch", Verdict: history.NoVerdict, Why: "5 of 10 min without throttles so far"},
		history.Assessed{
			Layer:  history.Layer{Verdict: history.LayerHealthy, Why: "no refusals for 4 min", Since: Start.Add(64 * min1)},
			Ranked: []history.Hypothesis{{Kind: "calm", P: 0.9}, {Kind: "hot_partition", Target: "orders", P: 0.1}},
		},
		history.IncidentRecovered{Why: "no refusals for 4 min after E1"},
	).sorted()
}

// Stale is the incident with CloudWatch down and the probe refused for want of rights.
func Stale() *Script {
	return Incident(false).At(62*min1).Add(
		history.SourceChanged{Name: "cloudwatch", State: "down", Reason: "timeout", Text: "GetMetricData timed out 3 times", Retry: 20 * time.Second},
		history.SourceChanged{Name: "probe:get-order", State: "denied", Reason: "denied", Text: "no right to GetItem on orders"},
	).At(71*min1).Add(history.TableDescribed{Name: "orders"}, history.Assessed{
		Layer: history.Layer{Verdict: history.LayerUnknown, Why: "CloudWatch is down for 9 min and no probe answers", Since: Start.Add(66 * min1)},
	})
}

// Fresh is a session that has just started: nothing is known.
func Fresh() *Script { return Session(true) }
