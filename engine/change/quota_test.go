package change_test

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

// amazon is AWS's side of the quotas, told by the developer guide: four decreases of a capacity a UTC day, one more banked each hour up
// to four, at most 27; four switches to on-demand in any 24 hours.
type amazon struct {
	snap     history.TableSnapshot
	day      int64
	saved    float64
	at       time.Time
	switches []time.Time
}

func (a *amazon) pass(now time.Time) {
	if day := now.Unix() / 86400; day != a.day || a.at.IsZero() {
		a.day, a.saved, a.snap.DecreasesToday = day, 4, 0
	} else {
		a.saved = min(4, a.saved+now.Sub(a.at).Hours())
	}
	a.at = now
}

// take carries out a plan's request, or refuses it as AWS would.
func (a *amazon) take(p history.ChangePlanned, now time.Time) (ok bool) {
	next := a.snap
	lowered := false
	for _, x := range p.Set {
		n, _ := strconv.ParseInt(x.After, 10, 64)
		switch x.Name {
		case history.SetMode:
			if x.After == history.OnDemand && x.Changed() {
				recent := 0
				for _, s := range a.switches {
					if now.Sub(s) < 24*time.Hour {
						recent++
					}
				}
				if recent >= 4 {
					return false
				}
				a.switches = append(a.switches, now)
				next.ModeSince, next.Throughput = now, history.Throughput{}
			}
			next.Mode = x.After
		case history.SetRead:
			lowered = lowered || a.snap.Mode == history.Provisioned && n < a.snap.Throughput.Read
			next.Throughput.Read = n
		case history.SetWrite:
			lowered = lowered || a.snap.Mode == history.Provisioned && n < a.snap.Throughput.Write
			next.Throughput.Write = n
		}
	}
	if lowered {
		if a.saved < 1 || a.snap.DecreasesToday >= 27 {
			return false
		}
		a.saved--
		next.DecreasesToday, next.LastDecrease = a.snap.DecreasesToday+1, now
	}
	a.snap = next
	return true
}

// TestQuotaModel is P11: in 10,000 random sequences of changes and undoings against a model of AWS's quotas, an undo that AWS takes
// leaves the table as it was before; a cut that was planned is never refused by AWS, and one decrease is left for its undo's sake; no
// capacity below 1 is ever sent, nor one below 1.2 times what was used, but to a recorded value. Mutants: undo from present values; let
// the last decrease go; count a day's decreases only.
func TestQuotaModel(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 27))
	undone, refusedByAWS, cuts := 0, 0, 0
	for range 10_000 {
		at := now.Add(time.Duration(r.IntN(86400)) * time.Second)
		far := &amazon{snap: history.TableSnapshot{Name: "orders", ID: "id-1", Status: "ACTIVE", Mode: history.Provisioned, Throughput: history.Throughput{Read: 100, Write: 100 + int64(r.IntN(300))}}}
		if r.IntN(3) == 0 { // others have used most of the day's decreases
			far.day, far.at, far.saved = at.Unix()/86400, at, 1.5*r.Float64()
			far.snap.DecreasesToday, far.snap.LastDecrease = 4+int64(r.IntN(24)), at.Add(-time.Duration(r.IntN(30))*time.Minute)
			if far.snap.LastDecrease.Unix()/86400 != far.day {
				far.snap.LastDecrease = at
			}
		}
		used := float64(20 + r.IntN(60))
		s := quotaScene(far, at, used)
		for range 3 {
			at = at.Add(time.Duration(r.IntN(40)) * time.Minute)
			far.pass(at)
			s.Now, s.Seen = at, change.Seen{Snap: &far.snap}
			s.State.Series = quotaScene(far, at, used).State.Series
			before := far.snap
			req := change.Request{What: "table.write", Target: "orders"}
			switch r.IntN(3) {
			case 0:
				req.Cut = true
			case 1:
				req.What = "mode.on_demand"
			}
			p, err := s.Plan(req)
			if err != nil {
				continue
			}
			check(t, p, used)
			if req.Cut {
				cuts++
			}
			if !far.take(p, at) {
				t.Fatalf("AWS refuses what was planned at %s: %s (%s), %d used, the last at %s, %.2f left", at, p.Title, p.UndoText, before.DecreasesToday, before.LastDecrease, far.saved)
			}
			done := s.finish(p)
			at = at.Add(time.Duration(1+r.IntN(60)) * time.Minute)
			far.pass(at)
			s.Now = at
			u, err := s.Plan(change.Request{What: p.What, Target: p.Target, Undo: done})
			if err != nil {
				t.Fatalf("no undo of %s: %v", p.Title, err)
			}
			if !far.take(u, at) {
				refusedByAWS++
				continue
			}
			s.finish(u)
			undone++
			if far.snap.Mode != before.Mode || far.snap.Throughput != before.Throughput {
				t.Fatalf("%s and its undo leave %+v, it was %+v", p.Title, far.snap, before)
			}
		}
	}
	t.Logf("%d undone, %d undoings refused by AWS's quota, %d cuts", undone, refusedByAWS, cuts)
	if undone < 8_000 || refusedByAWS == 0 || cuts < 1000 {
		t.Error("the test says little")
	}
}

func check(t *testing.T, p history.ChangePlanned, used float64) {
	t.Helper()
	for _, x := range p.Set {
		n, err := strconv.ParseInt(x.After, 10, 64)
		if err == nil && (n < 1 || x.Name == history.SetWrite && x.Changed() && float64(n) < 1.2*used) {
			t.Fatalf("%s of %d is sent, with a use of %.0f", x.Name, n, used)
		}
	}
	if len(p.Inverse) == 0 {
		t.Fatalf("no inverse is recorded for %s", p.Title)
	}
}

// quotaScene is a calm table whose last hour is known, now and then short of its own capacity.
func quotaScene(far *amazon, at time.Time, used float64) *scene {
	c := &scene{Scene: change.Scene{State: history.NewState(), Now: at, Policy: change.Careful.Unbilled(), Limits: newScene().Limits}}
	c.Policy.ModeSwitches, c.Policy.SessionFactor = 4, 1000
	c.put(0, history.SessionStarted{ID: "s", Mode: "watch", Tables: []string{"orders"}, Region: "us-east-1", Armed: true}, history.TableDescribed{Name: "orders", Table: &far.snap})
	end := at.Unix()/60*60 - 60
	p := history.MetricsPolled{Source: "cloudwatch", From: end - 3600, SettledTo: end}
	for name, v := range map[string]float64{"consumed_write": used, "consumed_read": 10, "write_throttles": 30, "write_provisioned_throttles": 30} {
		u := history.SeriesUpdate{Key: history.SeriesKey{Signal: name, Target: "orders"}, Period: 60, Zero: name[0] == 'w'}
		for i := int64(1); i <= 55 && !(u.Zero && i > 4); i++ {
			u.Points = append(u.Points, history.Point{T: end - 60*i, V: v})
		}
		p.Series = append(p.Series, u)
	}
	c.State.Apply(history.Event{Seq: c.State.Seq + 1, At: at, Body: p})
	return c
}

// finish is a change that is in force, sent and settled at the scene's time.
func (c *scene) finish(p history.ChangePlanned) *history.Change {
	for _, b := range []history.Body{p, history.ChangeIntended{ID: p.ID}, history.ChangeAnswered{ID: p.ID, OK: true}, history.ChangeSettled{ID: p.ID}} {
		c.State.Apply(history.Event{Seq: c.State.Seq + 1, At: c.Now, Body: b})
	}
	return c.State.Change(p.ID)
}
