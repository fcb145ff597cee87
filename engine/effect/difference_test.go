package effect

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// halved is a lever after which a latency fell from 20 to 10 ms at once, looked at for a minute.
func halved() Input {
	in := good()
	in.Expect = Expectation{Signal: "probe latency", Unit: "ms", Kind: Latency, By: 0.5, Within: time.Minute}
	in.Look.Size = Estimate{Value: 0.5, Low: 0.45, High: 0.55, Before: 20, After: 10}
	in.Look.Move = Move{From: t0.Add(-2 * time.Minute), To: t0, Since: t0, Until: t0.Add(time.Minute), Way: 1, Size: in.Look.Size}
	return in
}

// elsewhere is a control that is at one level before the lever and at another since; it is named after its number.
func elsewhere(n int, before, after float64) Control {
	return Control{Name: []string{"carts", "users", "stock", "mails", "bills"}[n%5], Samples: series(uint64(100+n), -300, 300, 0.1, steps(0, before, after))}
}

func judgedAgainst(in Input, controls ...Control) Verdict {
	in.Untouched = []*Untouched{nil, Compare(in.Expect.Options(), in.Look.Move, controls, 1)}
	return Judge(in)
}

// Mutants: take controls that move the other way for an explanation (drop the sign); no least of samples; the mean instead
// of the median; let a control at zero count; let those that were well outvote those that were in trouble.
func TestAgainstUntouched(t *testing.T) {
	worse := func(in *Input) {
		in.Look.State, in.Look.Size = Worse, Estimate{Value: -1, Low: -1.2, High: -0.8, Before: 20, After: 40}
		in.Look.Move.Way, in.Look.Move.Size = -1, in.Look.Size
	}
	same := func(in *Input) {
		in.Look.State, in.Look.Why, in.Look.Size = Same, "same", Estimate{Value: 0.02, Low: -0.05, High: 0.09, Before: 20, After: 19.6}
		in.Look.Move.Way, in.Look.Move.Size = 0, in.Look.Size
	}
	share := func(in *Input) {
		in.Expect.Kind = Share
		in.Look.Size = Estimate{Value: 1, Low: 0.97, High: 1, Before: 0.4, After: 0}
		in.Look.Move.Size = in.Look.Size
	}
	short := elsewhere(0, 20, 10)
	short.Samples = short.Samples[292:309] // eight before, nine after
	fellow := elsewhere(4, 40, 20)
	fellow.Troubled = true
	rough := Control{Name: "carts", Samples: series(5, -300, 300, 2.5, steps(0, 20, 12))}
	for _, c := range []struct {
		name     string
		change   func(*Input)
		controls []Control
		want     Word
		says     string // in the reason; "" = nothing of the untouched
	}{
		{"no control", nil, nil, Worked, ""},
		{"it fell along", nil, []Control{elsewhere(0, 30, 16)}, Confounded, "; but the untouched carts fell by 4"},
		{"a third of the way", nil, []Control{elsewhere(0, 30, 26)}, Worked, "; the untouched carts fell by 1"},
		{"it held", nil, []Control{elsewhere(0, 30, 30)}, Worked, "; the untouched carts held ("},
		{"it rose", nil, []Control{elsewhere(0, 30, 60)}, Worked, "; the untouched carts rose by "},
		{"too rough to tell", nil, []Control{rough}, Worked, ""},
		{"too few samples", nil, []Control{short}, Worked, ""},
		{"one wild one among five", nil, []Control{elsewhere(0, 30, 30), elsewhere(1, 5, 5), elsewhere(2, 30, 0.1), elsewhere(3, 9, 9), elsewhere(4, 7, 7)}, Worked, "the untouched carts, users and 3 more held"},
		{"one of two", nil, []Control{elsewhere(0, 30, 30), elsewhere(1, 30, 10)}, Worked, ""},
		{"three of five", nil, []Control{elsewhere(0, 30, 30), elsewhere(1, 5, 5), elsewhere(2, 30, 15), elsewhere(3, 9, 4), elsewhere(4, 7, 3)}, Confounded, "(median)"},
		{"the only other one in trouble", nil, []Control{elsewhere(0, 30, 30), fellow, elsewhere(1, 5, 5)}, Confounded, "the untouched bills fell"},
		{"refusals ended there too", share, []Control{elsewhere(0, 0.3, 0)}, Confounded, "the untouched carts fell by 100 %"},
		{"it had no refusals to end", share, []Control{elsewhere(0, 0, 0)}, Worked, ""},
		{"one had none and one went on", share, []Control{elsewhere(0, 0, 0), elsewhere(1, 0.3, 0.3)}, Worked, "the untouched users held"},
		{"worse", worse, nil, Harmed, ""},
		{"worse, and there as well", worse, []Control{elsewhere(0, 10, 18)}, Confounded, "the untouched carts rose by"},
		{"worse, and held there", worse, []Control{elsewhere(0, 10, 10)}, Harmed, "the untouched carts held"},
		{"worse, and better there", worse, []Control{elsewhere(0, 10, 5)}, Harmed, "the untouched carts fell by"},
		{"no effect", same, []Control{elsewhere(0, 10, 10)}, NoEffect, ""},
		{"no effect, and better there", same, []Control{elsewhere(0, 10, 5)}, NoEffect, ""},
		{"no effect where others got worse", same, []Control{elsewhere(0, 10, 20)}, Confounded, "may have kept that away"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := halved()
			if c.change != nil {
				c.change(&in)
			}
			v := judgedAgainst(in, c.controls...)
			if v.Word != c.want || !strings.Contains(v.Reason, c.says) || c.says == "" && strings.Contains(v.Reason, "untouched") {
				t.Errorf("%s: %s; want %s with %q", v.Word, v.Reason, c.want, c.says)
			}
		})
	}
}

// What is left of a move once the others' is taken off. Mutant: subtract ratios of latencies.
func TestNetOfUntouched(t *testing.T) {
	for _, c := range []struct {
		kind          Kind
		value         float64
		before, after float64
		net           float64
	}{
		{Latency, 0.5, 10, 10, -0.5},
		{Latency, 0.5, 10, 5, 0},
		{Latency, 0.75, 10, 5, -0.5},
		{Count, 1, 10, 10, -1},
		{Count, 1, 10, 0, 0},
		{Count, 1, 10, 4, -0.4},
	} {
		m := halved().Look.Move
		m.Size = Estimate{Value: c.value, Low: c.value, High: c.value}
		still := Control{Name: "carts", Samples: series(1, -300, 300, 0, steps(0, c.before, c.after))}
		u := Compare(Options{Kind: c.kind}, m, []Control{still}, 1)
		if u == nil || u.Net < c.net-0.001 || u.Net > c.net+0.001 {
			t.Errorf("%+v: %+v", c, u)
		}
	}
}

// Whatever the controls did, they make no claim of what is none, and take none away but for "confounded". Without any, nothing
// is different. Mutants: judge against them before demand has its say; leave a word that is no claim to them.
func TestUntouchedMakeNoClaim(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	seen := map[Word]int{}
	for range 4000 {
		in := halved()
		in.Look.State = []State{TooEarly, Better, Worse, Same, Unproven}[r.IntN(5)]
		in.Look.Proven, in.Look.Faded, in.Look.Coincidence = r.IntN(3) > 0, r.IntN(6) == 0, r.Float64()*0.1
		in.Look.Move.Way = r.IntN(3) - 1
		if r.IntN(4) == 0 {
			in.Demand = demand(steps(0, 1700, 3000*r.Float64()))
		}
		if r.IntN(6) == 0 {
			in.Others = []Act{{At: t0, What: "deploy"}}
		}
		if r.IntN(3) == 0 {
			in.Minutes = &Confirmation{State: []ConfirmState{Pending, Confirmed, NotConfirmed, Contrary, NoHistory}[r.IntN(5)], Minutes: 3, P: 0.3 * r.Float64(), Size: in.Look.Size}
		}
		want := Judge(in)
		if got := judgedAgainst(in); !reflect.DeepEqual(got, want) {
			t.Fatalf("no controls: %+v, want %+v", got, want)
		}
		in.Untouched = []*Untouched{{Names: []string{"carts"}, Says: []Says{Along, Apart}[r.IntN(2)], Way: r.IntN(3) - 1, Moved: r.NormFloat64()}}
		got := Judge(in)
		claim := want.Word != Open && want.Word != Confounded && !want.Faded
		if !claim && !reflect.DeepEqual(got, want) || claim && got.Word != want.Word && got.Word != Confounded {
			t.Fatalf("%+v\nbecame %+v", want, got)
		}
		if got.Word != want.Word {
			seen[want.Word]++
		}
	}
	for _, w := range []Word{Worked, Harmed, NoEffect} {
		if seen[w] == 0 {
			t.Errorf("%s was never taken back: %v", w, seen)
		}
	}
}

// A trouble that ends elsewhere minutes later, by itself or by hand, takes nothing from what ended here with the lever; one that
// ends elsewhere with it does, in seconds as in minutes. Mutants: compare with all that came since; compare from the lever on
// where the effect came later.
func TestUntouchedInTheSameTime(t *testing.T) {
	here := steps(30, 20, 10) // with a delay
	l := FirstLook(t0, series(1, -1800, 0, 0.2, here), series(2, 0, 900, 0.2, here), Options{})
	if l.Move.Way != 1 || l.Move.To != t0 || l.Move.Since.Sub(t0) < 15*time.Second || l.Move.Until.Sub(l.Move.Since) != sideWindow {
		t.Fatalf("%+v", l)
	}
	zero := func(at int) (out []Sample) {
		for m := -30; m < 20; m++ {
			out = append(out, Sample{T: t0.Add(time.Duration(m) * time.Minute), V: map[bool]float64{true: 50}[m < at]})
		}
		return out
	}
	c := Confirm(t0.Add(20*time.Second), zero(1)[:31], zero(1)[31:], ConfirmOptions{Kind: Count})
	if c.State != Confirmed || c.Move.Way != 1 || !c.Move.To.Equal(t0) || !c.Move.Since.Equal(t0.Add(time.Minute)) || !c.Move.Until.Equal(t0.Add(6*time.Minute)) {
		t.Fatalf("%+v", c)
	}
	for _, x := range []struct {
		ends int // seconds or minutes after the lever
		want Says
	}{{30, Along}, {300, Apart}} {
		of := []Control{{Name: "carts", Samples: series(7, -600, 900, 0.2, steps(x.ends, 30, 15))}}
		if u := Compare(Options{}, l.Move, of, 1); u == nil || u.Says != x.want {
			t.Errorf("in seconds, ended after %d: %+v", x.ends, u)
		}
		of = []Control{{Name: "carts", Samples: zero(x.ends / 30)}}
		if u := Compare(Options{Kind: Count}, c.Move, of, 1); u == nil || u.Says != x.want {
			t.Errorf("in minutes, ended after %d: %+v", x.ends/30, u)
		}
	}
}
