package world

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

const (
	maxBackoff   = 20.0 // seconds, before jitter: the SDKs' ceiling
	ringSteps    = 64   // retries wait at most this many steps
	refusalTime  = 0.0015
	throttleCost = 5  // retry tokens, SDK defaults of November 2026
	otherCost    = 14 // the same for timeouts
)

// cohort is requests that stand before the same attempt, and how long they have been under way.
type cohort struct {
	n            float64
	mean, spread float64 // seconds, seconds²
}

// join adds requests to the cohort and keeps mean and variance of the whole.
func (c *cohort) join(d cohort) {
	n := c.n + d.n
	if n <= 0 {
		return
	}
	a, b := c.n/n, d.n/n
	mean := a*c.mean + b*d.mean
	c.spread = a*(c.spread+c.mean*c.mean) + b*(d.spread+d.mean*d.mean) - mean*mean
	c.n, c.mean = n, mean
}

// client is one of the scenario's callers: a stream of requests with its retries, as a fluid.
type client struct {
	w     *World
	t     *table
	now   *scenario.Traffic // as it stands, layers applied
	cost  cost
	calm  time.Duration // its own p99 in the history
	rng   *rand.Rand
	noise float64

	stray  bool    // it asks for an index that is not there: every request is invalid
	fault  Fault   // of the service, as it hits this client
	server mix     // one request's time at the service
	first  mix     // one first attempt's time as the client sees it
	mean   float64 // of server
	spread float64 // variance of server
	path   float64 // mean of everything between client and service, seconds
	late   float64 // share of answered attempts that exceed the timeout
	bar    *bar    // what stops every attempt on its way
	torn   bool    // connections are reset before the answer comes

	ring    [ringSteps][]cohort // by step and attempts already made
	step    int
	tokens  float64
	sum     tally // the minute so far
	past    tally // the whole history
	feed    *feed
	invalid float64 // requests refused as invalid, in the minute so far
	record  []minuteRecord
	app     []*appSeries
}

// refresh recomputes what depends on the client's present settings.
func (c *client) refresh() {
	c.cost = costOf(c.now, c.t.spec)
	c.stray = c.t.unreadable(c.now.Index)
	c.unbuilt()
	c.fault = c.w.faultAt(time.Duration(c.w.sec)*time.Second, FromApp, "dynamodb", c.now.Operation, c.now.Table)
	c.server = c.fault.slow(serverTime(c.now.Operation, c.cost.bytes*c.perRequest(), 1))
	c.mean, c.spread = c.server.sum(), 0
	for _, part := range c.server {
		c.spread += part.n * part.variance()
	}
	net := c.w.pathAt(time.Duration(c.w.sec)*time.Second, FromApp, c.now.Network)
	c.sum.blend(c.first)
	c.meet(net)
	c.bar, c.torn = c.barOf(net), net.ResetAfter
	if c.feed != nil {
		c.feed.remember(c.first, max(1, c.now.Pages))
	}
}

// arrivals draws the requests of the step that begins at sec and adds the retries that are due.
func (c *client) arrivals(sec int64, dt float64) []cohort {
	due := c.ring[c.step%ringSteps]
	rate := c.now.Demand.At(time.Duration(sec)*time.Second) * c.now.Pages * c.items()
	if d := c.now.Daily; d.Swing != 0 {
		since := (c.w.unix+sec)%86400 - int64(d.Peak/time.Second)
		rate *= 1 + d.Swing*math.Cos(2*math.Pi*float64(since)/86400)
	}
	cv := c.now.Noise.CV
	fresh := poisson(c.rng, max(0, rate)*math.Exp(c.noise-cv*cv/2)*dt)
	due[0] = cohort{n: fresh}
	return due
}

// drift moves the noise on by a minute: first-order autoregression of the log rate.
func (c *client) drift() {
	n := c.now.Noise
	c.noise = n.Phi*c.noise + math.Sqrt(1-n.Phi*n.Phi)*n.CV*c.rng.NormFloat64()
}

// fate is what became of a client's attempts in a step, as shares that add up to one. The lost ones have not reached capacity.
type fate struct {
	barred                  float64 // stopped on the way
	invalid, broken, pushed float64 // refused as invalid; failed in the service; throttled by the service itself
	pass, refused           float64 // by capacity
}

// finish shares the step's outcome out to the attempts: success, another attempt, or failure. ends are the fates of fresh
// requests and of retries. It returns what will be tried again of each.
func (c *client) finish(due []cohort, ends [2]fate) [2]retained {
	class := "ProvisionedThroughputExceededException"
	if c.t.mode == scenario.OnDemand {
		class = "ThrottlingException"
	}
	keep, one := c.tokensFor(due, ends), 1/c.items()
	if one < 1 {
		class = unprocessed
	}
	second := c.sum.open()
	var kept [2]retained
	for k, a := range due {
		if a.n <= 0 {
			continue
		}
		half := min(k, 1)
		f := ends[half]
		inTime := f.pass * (1 - c.late)
		if c.torn {
			reset := cohort{a.n * inTime, a.mean + c.path + c.mean, a.spread}
			kept[half].other += c.again(second, k, reset, keep, tornOff)
			inTime = 0
		}
		if c.bar != nil {
			barred := cohort{a.n * f.barred, a.mean + c.bar.took, a.spread}
			if c.bar.again {
				kept[half].other += c.again(second, k, barred, keep, c.bar.code)
			} else {
				c.refuse(second, barred, c.bar.code)
			}
		}
		if c.w.refusedAt < 0 && a.n*f.refused > 0 && c.w.sec >= 0 {
			c.w.refusedAt = time.Duration(c.w.sec) * time.Second
		}
		quick := func(share float64) cohort { return cohort{a.n * share, a.mean + c.path + refusalTime, a.spread} }
		second.attempts += a.n * one
		second.throttled += a.n * one * (f.refused + f.pushed)
		c.refuse(second, quick(f.invalid), "ValidationException")
		earned := cohort{a.n * inTime, a.mean + c.path + c.mean, a.spread}
		c.refuse(second, earned.times(c.now.ConditionalFailures), "ConditionalCheckFailedException")
		c.refuse(second, earned.times((1-c.now.ConditionalFailures)*c.now.Conflicts), c.conflictCode())
		c.succeed(second, k, cohort{a.n * one * inTime * (1 - c.now.ConditionalFailures) * (1 - c.now.Conflicts), a.mean, a.spread})
		kept[half].refused += c.again(second, k, quick(f.refused), keep, class)
		kept[half].other += c.again(second, k, quick(f.pushed), keep, "ThrottlingException")
		kept[half].other += c.again(second, k, quick(f.broken), keep, c.fault.Code)
		late := cohort{a.n * f.pass * c.late, a.mean + c.patience(), a.spread}
		kept[half].other += c.again(second, k, late, keep, timedOut)
		due[k] = cohort{}
	}
	c.step++
	c.sum.close(c, second)
	return kept
}

// unanswered is the share of attempts that the SDK tries again because of what the network did to them.
func (f fate) unanswered(c *client) float64 {
	n := 0.0
	if c.bar != nil && c.bar.again {
		n = f.barred
	}
	if c.torn {
		n += f.pass * (1 - c.late)
	}
	return n
}

// tokensFor is the share of the wanted retries that the retry quota pays for; successes pay back.
func (c *client) tokensFor(due []cohort, ends [2]fate) float64 {
	quota := float64(c.now.SDK.Quota)
	if quota == 0 {
		return 1
	}
	wanted, won := 0.0, 0.0
	for k, a := range due {
		f := ends[min(k, 1)]
		if k+1 < c.now.SDK.Attempts {
			wanted += a.n * ((f.refused+f.pushed)*throttleCost + (f.broken+f.pass*c.late+f.unanswered(c))*otherCost)
		}
		back := 1.0
		if k > 0 {
			back = throttleCost
		}
		if !c.torn {
			won += a.n * f.pass * (1 - c.late) * back
		}
	}
	keep := 1.0
	if wanted > c.tokens+won { // what a second pays back can be spent within it
		keep = (c.tokens + won) / wanted
	}
	c.tokens = min(quota, c.tokens-wanted*keep+won)
	return keep
}

// again sends failed attempts back after their backoff, as far as attempts and quota allow; the rest has failed for good. It
// returns how many come back.
func (c *client) again(second *tally, k int, a cohort, keep float64, code string) float64 {
	if a.n <= 0 {
		return 0
	}
	if k+1 >= c.now.SDK.Attempts {
		keep = 0
	}
	c.refuse(second, cohort{a.n * (1 - keep), a.mean, a.spread}, code)
	if keep == 0 {
		return 0
	}
	if code != unprocessed {
		second.errors = second.errors.add(code, a.n*keep/c.items())
	}
	wait := min(c.now.SDK.Base.Seconds()*math.Pow(2, float64(k)), maxBackoff) // full jitter: uniform up to this
	took := 0.0
	if code == timedOut {
		took = c.patience()
	}
	slots := max(1, int(math.Ceil(wait)))
	for s := range slots {
		at := min(max(1, int(took)+s+1), ringSteps-1)
		slot := c.ring[(c.step+at)%ringSteps]
		slot[k+1].join(cohort{a.n * keep / float64(slots), a.mean + wait/2, a.spread + wait*wait/12})
	}
	return a.n * keep
}

// succeed books requests that were answered in time at attempt k.
func (c *client) succeed(second *tally, k int, a cohort) {
	if a.n <= 0 {
		return
	}
	if k == 0 {
		second.first += a.n
		return
	}
	second.later = joined(second.later, k, cohort{a.n, a.mean + c.path + c.mean, a.spread + c.spread})
}

// refuse books attempts that no retry can mend: the call has failed.
func (c *client) refuse(second *tally, a cohort, code string) {
	if a.n <= 0 {
		return
	}
	a.n /= c.items()
	second.failed.join(a)
	second.errors = second.errors.add(code, a.n)
}

// invalidShare is the part of the client's requests that is refused as invalid.
func (c *client) invalidShare() float64 {
	if c.stray {
		return 1
	}
	return c.now.Invalid
}

// unbuilt takes the cost of an index away whose resources are still being allocated: nothing is written to it yet.
func (c *client) unbuilt() {
	b := c.t.building
	if b == nil || b.filling {
		return
	}
	for i, r := range c.t.resources[1:] {
		if r == b.r && i < len(c.cost.index) {
			c.cost.index[i] = 0
		}
	}
}

// times is a share of the cohort.
func (a cohort) times(share float64) cohort { return cohort{a.n * share, a.mean, a.spread} }

// perRequest is how many items one request examines or writes, for the time it takes.
func (c *client) perRequest() float64 {
	if transactional(c.now.Operation) {
		return max(1, c.now.Batch)
	}
	return c.items()
}

// conflictCode is how a request that met another transaction is refused: a transaction is cancelled, a single write is told
// so; neither is tried again by the SDK (developer guide, "Transaction conflict handling").
func (c *client) conflictCode() string {
	if transactional(c.now.Operation) {
		return "TransactionCanceledException"
	}
	return "TransactionConflictException"
}

// size makes room for as many attempts as the client may make.
func (c *client) size() {
	for i := range c.ring {
		for len(c.ring[i]) < max(1, c.now.SDK.Attempts)+1 {
			c.ring[i] = append(c.ring[i], cohort{})
		}
	}
}
