package effect

import (
	"math"
	"time"
)

// size estimates the level shift since onset (in steps) by generalised least
// squares on innovations, which undoes the autocorrelation. Its 95 % interval
// holds at every look (a normal-mixture confidence sequence). skipFirst leaves
// out the innovation across the change, which a spike would spoil.
func (p *Past) size(a []Sample, onset int, skipFirst bool) Estimate {
	rows := p.rows(a, onset, skipFirst)
	if len(rows) == 0 {
		return Estimate{}
	}
	shift := start(rows)
	var info float64
	for range 4 { // reweighted so that a single stuck probe counts no more than 3 deviations
		var num float64
		info = 0
		for _, r := range rows {
			e := (r.e - r.a*shift) / r.dev
			num += r.a * (r.a*shift + clamp(e, -3, 3)*r.dev) / (r.dev * r.dev)
			info += r.a * r.a / (r.dev * r.dev)
		}
		shift = num / info
	}
	slow := 1 / p.longRun()
	rho := 20 * slow * slow // tightest about twenty samples in
	radius := math.Sqrt((info + rho) / (info * info) * math.Log((info+rho)/(rho*0.05*0.05)))
	radius = math.Hypot(radius, 1.96*p.seMu)
	return p.relative(shift, radius)
}

type row struct{ e, a, dev float64 }

// start is where the reweighting begins: the median of what each sample says of the shift by itself. From
// zero it would never reach a shift of many deviations, such as refusals that end at once.
func start(rows []row) float64 {
	each := make([]float64, 0, len(rows))
	for _, r := range rows {
		if r.a > 0 {
			each = append(each, r.e/r.a)
		}
	}
	return median(each)
}

func (p *Past) rows(a []Sample, onset int, skipFirst bool) []row {
	f, shown := forecast{noise: &p.noise, next: p.ahead}, 0.0
	prevT, pos := p.regime[len(p.regime)-1].T, -1
	if a[0].T.Sub(prevT) > time.Minute {
		pos, shown = onset, 1 // far from the change: everything is after the onset
	}
	var rows []row
	for _, x := range a {
		k := p.steps(prevT, x.T)
		before := pos
		pos += k
		first := before < onset
		r := row{a: 1, dev: p.deviation(k, x.W)}
		if !first {
			r.a = p.respond(shown, k)
		}
		r.e = f.step(k, p.work(x.V)-p.mu)
		if pos >= onset {
			shown = r.a
			if !first || !skipFirst {
				rows = append(rows, r)
			}
		}
		prevT = x.T
	}
	return rows
}

// relative turns a shift on the working scale into a relative size that is
// positive in the wanted direction.
func (p *Past) relative(shift, radius float64) Estimate {
	want := -1.0
	if p.opts.Direction == Up {
		want = 1
	}
	at := func(d float64) float64 {
		if p.opts.Kind == Latency {
			return want * math.Expm1(d)
		}
		return want * d / math.Max(p.mu, 0.001)
	}
	e := Estimate{Value: at(shift), Low: at(shift - want*radius), High: at(shift + want*radius)}
	if p.opts.Kind == Latency {
		e.Before, e.After = math.Exp(p.mu), math.Exp(p.mu+shift)
		return e
	}
	e.Before, e.After = p.mu, clamp(p.mu+shift, 0, 1)
	if p.opts.Direction == Down {
		e.Value, e.High = math.Min(1, e.Value), math.Min(1, e.High)
		e.Low = math.Min(e.Low, e.Value)
	}
	return e
}
