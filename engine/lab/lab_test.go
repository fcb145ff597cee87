package lab

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
)

var start = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

// table answers reads on a virtual clock: side says which variant was asked.
type table struct {
	v      *clock.Virtual
	sent   []int // 0 = A, 1 = B
	at     []time.Time
	answer func(n, side int) (time.Duration, ddbaws.Reading, error)
}

func (f *table) Read(ctx context.Context, r *ddbaws.Read) (ddbaws.Reading, error) {
	side := 0
	if r.Op == "GetItem" {
		side = 1
	}
	n := len(f.sent)
	f.sent, f.at = append(f.sent, side), append(f.at, f.v.Now())
	took, got, err := f.answer(n, side)
	if end, ok := f.v.Deadline(ctx); ok && f.v.Now().Add(took).After(end) {
		took, got, err = end.Sub(f.v.Now()), ddbaws.Reading{}, context.DeadlineExceeded
	}
	_ = f.v.Sleep(ctx, took) // its end is the caller's to see
	return got, err
}

func reading(units float64) ddbaws.Reading {
	return ddbaws.Reading{Units: units, Pages: 1, Examined: 1, Returned: 1, Answer: ddbaws.Answer{Items: 1, Known: true, Sum: [2]uint64{1, 2}}}
}

// plain answers A in 10 ms for 4 units and B in 5 ms for 1.
func plain(_, side int) (time.Duration, ddbaws.Reading, error) {
	if side == 1 {
		return 5 * time.Millisecond, reading(1), nil
	}
	return 10 * time.Millisecond, reading(4), nil
}

func bench(t *testing.T) Bench {
	t.Helper()
	b, err := NewBench(
		Variant{Name: "a.json", Input: []byte(`{"TableName":"orders","KeyConditionExpression":"pk = :k","ExpressionAttributeValues":{":k":{"S":"x"}}}`)},
		Variant{Name: "b.json", Input: []byte(`{"TableName":"orders","Key":{"pk":{"S":"x"}}}`)},
	)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// play runs a lab on a virtual clock, edited by with.
func play(t *testing.T, answer func(n, side int) (time.Duration, ddbaws.Reading, error), with func(*Config)) (history.LabResult, *table) {
	t.Helper()
	v := clock.NewVirtual(start)
	f := &table{v: v, answer: answer}
	c := Config{Clock: v, From: f, Chance: rand.New(rand.NewPCG(7, 7)).Float64, Bench: bench(t), Region: "us-east-1"}
	if with != nil {
		with(&c)
	}
	var out history.LabResult
	v.Go(func() { out = Run(context.Background(), c) })
	v.Run(start.Add(time.Hour), nil)
	return out, f
}

func TestWinner(t *testing.T) {
	r, f := play(t, plain, nil)
	if r.Verdict != history.LabWinner || r.Winner != "b" || r.Latency.Word != history.LabFaster || r.Units.Word != history.LabFewer || r.Answer != history.AnswerSame {
		t.Fatalf("%+v", r)
	}
	if r.Pairs != 60 || r.Lost != 0 || r.Ended != "" || r.Failed || len(f.sent) != 2*61 || r.Spent != 61*5 {
		t.Fatalf("%d pairs, %d requests, %v units, ended %q", r.Pairs, len(f.sent), r.Spent, r.Ended)
	}
	for _, w := range []string{"B is better", "50 % faster", "75 % fewer read units, 4 → 1 a call"} {
		if !strings.Contains(r.Why, w) {
			t.Errorf("%q does not say %q", r.Why, w)
		}
	}
	if r.A.Million == nil || *r.A.Million != 0.5 || !strings.Contains(r.Priced, "us-east-1") {
		t.Errorf("4 units a call cost %v per million, %s", r.A.Million, r.Priced)
	}
}

// TestACoinDecidesWhoGoesFirst: promise L2. What hits the second request of every pair is held against neither variant. Mutant: send
// A first each time.
func TestACoinDecidesWhoGoesFirst(t *testing.T) {
	r, f := play(t, func(n, _ int) (time.Duration, ddbaws.Reading, error) {
		return time.Duration(5+5*(n%2)) * time.Millisecond, reading(1), nil
	}, func(c *Config) { c.Rounds = 300; c.Within = time.Hour })
	if r.Latency.Word != history.LabUnproven && r.Latency.Word != history.LabSame || r.Winner != "" {
		t.Fatalf("%+v: %s", r.Latency, r.Why)
	}
	first := 0
	for i := 0; i < len(f.sent); i += 2 {
		if f.sent[i] == f.sent[i+1] {
			t.Fatalf("pair %d asked one variant twice", i/2)
		}
		first += f.sent[i]
	}
	if first < 110 || first > 190 {
		t.Errorf("B went first in %d of 301 pairs", first)
	}
}

// TestBudget is promise L3: over any time, no more is used than the budget allows and one pair; and no more altogether than the total,
// the pair under way aside. Mutants: pause for the beat only; leave out the total.
func TestBudget(t *testing.T) {
	for _, c := range []struct {
		units, perSecond, total float64
	}{{1, 25, 0}, {40, 25, 0}, {3, 1, 0}, {10, 100, 200}, {128, 5, 300}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			limits := Limits{Units: c.perSecond, Total: c.total, Rounds: 40, Within: time.Hour}
			r, f := play(t, func(int, int) (time.Duration, ddbaws.Reading, error) { return time.Millisecond, reading(c.units), nil },
				func(g *Config) { g.Limits = limits })
			used := 0.0
			for i, at := range f.at {
				if allowed := at.Sub(start).Seconds()*c.perSecond + 2*c.units; used > allowed+1e-9 {
					t.Fatalf("request %d at %s: %v units used, %v allowed", i, at.Sub(start), used, allowed)
				}
				used += c.units
			}
			if total := limits.Defaults().Total; r.Spent > total+2*c.units || r.Spent != used {
				t.Fatalf("spent %v of %v, the table counted %v", r.Spent, total, used)
			}
			if r.Spent < 40*2*c.units && r.Ended == "" {
				t.Error("ended early without a reason")
			}
		})
	}
}

// throttled is what DynamoDB answers when a table refuses.
var throttled = &types.ProvisionedThroughputExceededException{}

// TestTroubleEndsIt is promise L4: a throttle, a refusal, silence and time each end a lab with a reason, and what was measured until
// then is kept. Mutant: go on after a throttle.
func TestTroubleEndsIt(t *testing.T) {
	fails := func(after, side int, err error) func(n, s int) (time.Duration, ddbaws.Reading, error) {
		return func(n, s int) (time.Duration, ddbaws.Reading, error) {
			if n >= after && (side < 0 || s == side) {
				return time.Millisecond, ddbaws.Reading{}, err
			}
			return plain(n, s)
		}
	}
	for _, c := range []struct {
		name    string
		answer  func(n, s int) (time.Duration, ddbaws.Reading, error)
		with    func(*Config)
		ended   string
		failed  bool
		atMost  int
		verdict string
	}{
		{"throttled", fails(20, 0, throttled), nil, "A was throttled", true, 22, ""},
		{"throttled, and told to go on", fails(20, 0, throttled), func(c *Config) { c.Throttled = true }, "", false, 122, history.LabFailing},
		{"denied", fails(0, 1, &types.ResourceNotFoundException{}), nil, "B is refused", true, 2, history.LabFailing},
		{"nothing is answered", fails(40, -1, errors.New("no route")), nil, "nothing was answered three times in a row", true, 46, ""},
		{"one side times out", func(n, s int) (time.Duration, ddbaws.Reading, error) {
			if s == 1 {
				return 6 * time.Second, ddbaws.Reading{}, nil
			}
			return plain(n, s)
		}, func(c *Config) { c.Within = time.Hour }, "", false, 122, history.LabFailing},
		{"time is over", plain, func(c *Config) { c.Within = 5 * time.Second }, "the time allowed is over", false, 60, ""},
		{"told to stop", plain, func(c *Config) { c.Stopped = func() string { return "the table refuses reads" } }, "the table refuses reads", false, 2, history.LabUnproven},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, f := play(t, c.answer, c.with)
			if !strings.HasPrefix(r.Ended, c.ended) || c.ended == "" && r.Ended != "" || r.Failed != c.failed || len(f.sent) > c.atMost {
				t.Fatalf("ended %q (failed %v) after %d requests", r.Ended, r.Failed, len(f.sent))
			}
			if c.verdict != "" && r.Verdict != c.verdict {
				t.Errorf("verdict %q: %s", r.Verdict, r.Why)
			}
			if r.Verdict == history.LabFailing && r.Winner != "" {
				t.Errorf("winner %q", r.Winner)
			}
		})
	}
}

func TestInterruptedKeepsWhatItHas(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	v := clock.NewVirtual(start)
	f := &table{v: v, answer: func(n, s int) (time.Duration, ddbaws.Reading, error) {
		if n == 61 {
			cancel()
		}
		return plain(n, s)
	}}
	c := Config{Clock: v, From: f, Chance: rand.New(rand.NewPCG(7, 7)).Float64, Bench: bench(t), Region: "mars-north-1"}
	var r history.LabResult
	v.Go(func() { r = Run(ctx, c) })
	v.Run(start.Add(time.Hour), nil)
	if r.Ended != interrupted || r.Pairs != 29 || r.Winner != "b" {
		t.Fatalf("%q after %d pairs: %s", r.Ended, r.Pairs, r.Why)
	}
	if r.A.Million != nil || !strings.Contains(r.Priced, "not known") {
		t.Errorf("a price for mars: %v, %s", r.A.Million, r.Priced)
	}
}

// TestVerdicts: what is said of time, units and answers together. Mutants: let a winner answer something else; call less time for more
// units a winner.
func TestVerdicts(t *testing.T) {
	answer := func(b time.Duration, units float64, other func(n int) ddbaws.Answer) func(n, s int) (time.Duration, ddbaws.Reading, error) {
		return func(n, s int) (time.Duration, ddbaws.Reading, error) {
			took, got, _ := plain(n, 0)
			if s == 1 {
				took, got.Units = b, units
				if other != nil {
					got.Answer = other(n)
				}
			}
			return took, got, nil
		}
	}
	const same = 10 * time.Millisecond
	for _, c := range []struct {
		name            string
		answer          func(n, s int) (time.Duration, ddbaws.Reading, error)
		verdict, winner string
		answers         string
	}{
		{"the same", answer(same, 4, nil), history.LabNone, "", history.AnswerSame},
		{"faster for the same", answer(same/2, 4, nil), history.LabWinner, "b", history.AnswerSame},
		{"slower for the same", answer(same*2, 4, nil), history.LabWinner, "a", history.AnswerSame},
		{"cheaper in the same time", answer(same, 2, nil), history.LabWinner, "b", history.AnswerSame},
		{"dearer in the same time", answer(same, 8, nil), history.LabWinner, "a", history.AnswerSame},
		{"faster for more", answer(same/2, 8, nil), history.LabTrade, "", history.AnswerSame},
		{"another answer", answer(same/2, 2, func(int) ddbaws.Answer { return ddbaws.Answer{Items: 1, Known: true, Sum: [2]uint64{9, 9}} }), history.LabDifferent, "", history.AnswerDifferent},
		{"no keys to compare", answer(same/2, 2, func(int) ddbaws.Answer { return ddbaws.Answer{Items: 1} }), history.LabWinner, "b", history.AnswerUnknown},
		{"a write in between", answer(same/2, 2, func(n int) ddbaws.Answer {
			if n > 60 && n < 64 {
				return ddbaws.Answer{Items: 1, Known: true, Sum: [2]uint64{9, 9}}
			}
			return ddbaws.Answer{Items: 1, Known: true, Sum: [2]uint64{1, 2}}
		}), history.LabWinner, "b", history.AnswerMoved},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _ := play(t, c.answer, nil)
			if r.Verdict != c.verdict || r.Winner != c.winner || r.Answer != c.answers {
				t.Fatalf("%s, winner %q, answers %s: %s", r.Verdict, r.Winner, r.Answer, r.Why)
			}
		})
	}
}

// TestSay: how it stands is told once a second at most, and holds what was measured until then.
func TestSay(t *testing.T) {
	var said []history.LabResult
	r, _ := play(t, plain, func(c *Config) { c.Say = func(r history.LabResult) { said = append(said, r) } })
	if len(said) < 5 || len(said) > int(r.Took/time.Second)+1 {
		t.Fatalf("told %d times in %s", len(said), r.Took)
	}
	for i := 1; i < len(said); i++ {
		if said[i].Pairs <= said[i-1].Pairs {
			t.Fatalf("pairs %d after %d", said[i].Pairs, said[i-1].Pairs)
		}
	}
}
