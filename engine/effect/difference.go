package effect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Control is the expected signal on a table or index that the change cannot reach.
type Control struct {
	Name     string   // table, or table/index
	Samples  []Sample // around the change, without that in which it happened
	Troubled bool     // it was away from its usual level as well when the change came
}

// Move is what a proven look or the metric's minutes say of the changed signal, and the time that this rests on: samples
// in [From, To) before the change and in [Since, Until) after it. The zero Move rests on nothing.
type Move struct {
	From, To, Since, Until time.Time
	Way                    int // 1 the wanted way, −1 the other, 0 neither
	Size                   Estimate
}

// Untouched is how the controls moved in the time of a Move.
type Untouched struct {
	Names []string
	Says  Says
	Moved float64 // median of their relative moves: −0.5 where they fell by half
	Net   float64 // the changed signal's move with theirs taken off, likewise
	Way   int     // of the Move
}

// Says is what the controls mean for a claim.
type Says string

// Along explains the claim as well as the change does; Apart does not.
const (
	Along Says = "along"
	Apart Says = "apart"
)

const (
	leastSeconds = 10               // samples of a control on each side
	sideWindow   = 2 * time.Minute  // of seconds on each side of a change; later moves are another story
	sideStep     = 10 * time.Second // by which the side after the change grows
	alongPart    = 0.5              // of the changed signal's move, which explains it
	heldWithin   = 0.1              // a smaller move is called none
	namesSaid    = 2
	blockMost    = 8  // so many blocks of the bootstrap are in a control's past at least,
	blockLeast   = 30 // and so many at most
	drawn        = 200
)

// compared is one control on the scale of its kind.
type compared struct {
	before, after []float64
	block         int
	log           bool
}

// Compare holds a claimed move against the controls; nil where they cannot tell for certain. A share or count that was zero
// before cannot have ended. Where some were in trouble too, only those tell whether it ended everywhere.
func Compare(o Options, m Move, controls []Control, seed uint64) *Untouched {
	used, names := tellers(o.Kind, m, controls)
	if len(used) == 0 {
		return nil
	}
	want := -1.0
	if o.Direction == Up {
		want = 1
	}
	own, toward, need := toScale(o.Kind, want*m.Size.Value), want*float64(m.Way), 0.0
	switch m.Way {
	case 0: // nothing was seen: the controls would have to have got worse by what was expected of the change
		toward = -want
		need = math.Abs(toScale(o.Kind, want*o.By/2)) - want*own
	default:
		need = alongPart * toward * own
	}
	if need <= 0 {
		return nil
	}
	weak, strong := middles(used, toward, nil)
	r := rand.New(rand.NewPCG(seed, uint64(len(used))))
	low, high := make([]float64, drawn), make([]float64, drawn)
	for i := range low {
		low[i], high[i] = middles(used, toward, r)
	}
	slices.Sort(low)
	slices.Sort(high)
	u := &Untouched{Names: names, Says: Apart, Way: m.Way}
	seen := strong
	switch {
	case weak >= need && quantile(low, 0.025) > 0:
		u.Says, seen = Along, weak
	case quantile(high, 0.975) >= need:
		return nil
	}
	u.Moved, u.Net = fromScale(o.Kind, toward*seen), fromScale(o.Kind, own-toward*seen)
	return u
}

// tellers are the controls that can say something, those in trouble before any others.
func tellers(kind Kind, m Move, controls []Control) (used []compared, names []string) {
	troubled := false
	for _, c := range controls {
		list := clean(c.Samples, kind)
		before, after := between(list, m.From, m.To), between(list, m.Since, m.Until)
		least, late := leastSeconds, leastSeconds
		if gapOf(before) >= time.Minute {
			least, late = minTrouble, looks[0]
		}
		if len(before) < least || len(after) < late || kind != Latency && meanV(before) == 0 {
			continue
		}
		if m.Way > 0 && c.Troubled && !troubled {
			troubled, used, names = true, nil, nil
		}
		if troubled && !c.Troubled {
			continue
		}
		x := compared{before: values(before), after: values(after), log: kind == Latency}
		if kind == Latency {
			x.before, x.after = logs(before), logs(after)
		}
		x.block = max(len(before)/blockLeast, blockLength(x.before, max(maxBlock, len(before)/blockMost)))
		used = append(used, x)
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return used, names
}

// logs has outliers pulled in, so that the mean of a few samples is no single stuck one's.
func logs(s []Sample) []float64 {
	v := values(s)
	for i := range v {
		v[i] = math.Log(v[i])
	}
	return winsorise(v)
}

// middles are the median moves of the controls towards a side, resampled where r is given. Of an even number they are the
// two in the middle: what is to be called along must be so by the weaker one, what apart by the stronger.
func middles(list []compared, toward float64, r *rand.Rand) (weak, strong float64) {
	moves := make([]float64, len(list))
	for i, c := range list {
		before, after := c.before, c.after
		if r != nil {
			before = resample(before, min(c.block, max(1, len(before)/2)), r)
			after = resample(after, min(c.block, max(1, len(after)/2)), r)
		}
		moves[i] = toward * c.move(before, after)
	}
	slices.Sort(moves)
	return moves[(len(moves)-1)/2], moves[len(moves)/2]
}

// move is relative for what may be zero, a log ratio for latencies.
func (c compared) move(before, after []float64) float64 {
	b, a := mean(before), mean(after)
	switch {
	case c.log:
		return a - b
	case b == 0: // by the draw alone
		return 0
	}
	return a/b - 1
}

// toScale puts a relative move on the scale that moves are compared on.
func toScale(kind Kind, rel float64) float64 {
	if kind == Latency {
		return math.Log1p(max(rel, -0.999))
	}
	return rel
}

func fromScale(kind Kind, x float64) float64 {
	if kind == Latency {
		return math.Expm1(x)
	}
	return x
}

// against lets the controls speak against a claim, or beside it. It never makes one.
func against(in Input, v Verdict) Verdict {
	way, claims := map[Word]int{Worked: 1, Helped: 1, Harmed: -1, NoEffect: 0}[v.Word]
	for _, u := range in.Untouched {
		if !claims || u == nil || u.Way != way {
			continue
		}
		v.Against = u
		switch {
		case u.Says == Along && way == 0:
			v.Word = Confounded
			v.Reason += fmt.Sprintf("; but %s in the same time, so the change may have kept that away", u)
		case u.Says == Along:
			v.Word = Confounded
			v.Reason += fmt.Sprintf("; but %s in the same time", u)
		case way != 0:
			v.Reason += "; " + u.String()
		}
		return v
	}
	return v
}

// String says how they moved: the untouched carts fell by 47 %.
func (u *Untouched) String() string {
	moved := fmt.Sprintf("rose by %s", percent(u.Moved))
	switch {
	case math.Abs(u.Moved) < heldWithin && u.Says == Apart:
		moved = fmt.Sprintf("held (%s)", signedPercent(u.Moved))
	case u.Moved < 0:
		moved = fmt.Sprintf("fell by %s", percent(-u.Moved))
	}
	if len(u.Names) > 1 {
		moved += " (median)"
	}
	return fmt.Sprintf("the untouched %s %s", u.Where(), moved)
}

// Where names the controls: carts, users and 3 more.
func (u *Untouched) Where() string { return listed(u.Names) }

func listed(names []string) string {
	n := len(names)
	switch {
	case n > namesSaid+1:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:namesSaid], ", "), n-namesSaid)
	case n > 1:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
