package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/effect"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

const (
	judgedFor   = 15 * time.Minute // how long a change in force is looked at every second
	watchedFor  = time.Hour        // how long after that once a minute, for what fades and for harm
	seenLate    = 5 * time.Second  // how long DescribeTable, asked every second and eventually consistent, may take to show a change
	metricLag   = 5 * time.Minute  // after what was promised, until CloudWatch must have spoken
	pastOfLook  = 30 * time.Minute // samples before a change that its first look is held against
	pastMinutes = 3 * time.Hour    // the same for its minutes
)

// judge follows one change in force.
type judge struct {
	eye    eye
	past   *effect.Past // the eye's own noise before the change; nil when no eye sees it in seconds
	look   effect.Look
	said   effect.State // the newest first look on record
	last   effect.Verdict
	minute time.Time // of the newest look

	seconds, minutes controls // what the first look and the metric's minutes are held against
}

// judge looks at every change in force and records what has become known of its effect.
func (e *Engine) judge(now time.Time) []history.Body {
	var out []history.Body
	for _, c := range e.state.Changes {
		if c.State != history.ChangeInForce || c.Plan.UndoOf != "" || c.Plan.Expect == nil || now.Sub(c.Settled) > judgedFor+watchedFor {
			continue
		}
		j := e.judges[c.Plan.ID]
		if j == nil {
			j = &judge{eye: pickEye(e.state, c)}
			if j.eye.known() {
				at := actsFrom(c)
				j.past = effect.Fit(j.eye.samples(e.state, at.Add(-pastOfLook), at), j.eye.options(c))
			}
			e.judges[c.Plan.ID] = j
		}
		minute := now.Truncate(time.Minute)
		if now.Sub(c.Settled) > judgedFor && minute.Equal(j.minute) {
			continue
		}
		j.minute = minute
		out = append(out, j.firstLook(e.state, c, now)...)
		out = append(out, j.verdict(e.state, c, now)...)
	}
	return out
}

// actsFrom is since when a change may have acted. What DescribeTable shows is seen some seconds after it has happened: the
// effect must not count as having come before its cause. A lever is in force when it has answered.
func actsFrom(c *history.Change) time.Time {
	at := c.Settled
	if onAWS(c.Plan) {
		at = at.Add(-seenLate)
	}
	if at.Before(c.Answered) && !c.Answered.After(c.Settled) {
		at = c.Answered
	}
	return at
}

// firstLook says what the seconds show, each time the word changes.
func (j *judge) firstLook(s *history.State, c *history.Change, now time.Time) []history.Body {
	if j.past == nil {
		return nil
	}
	at := actsFrom(c)
	j.look = j.past.Look(at, j.eye.samples(s, at, now.Add(time.Second)))
	if j.look.State == j.said || j.look.State == effect.TooEarly {
		return nil
	}
	if j.look.State != effect.Unproven && !j.look.Size.Has() {
		return nil // a word without a number waits for the next sample
	}
	j.said = j.look.State
	b := body(c, history.FirstLook, string(j.look.State), j.look.Size, j.look.Why)
	b.N, b.Took, b.Source, b.Unit = j.look.N, j.look.Took, j.eye.String(), j.eye.unit()
	b.Signal = j.eye.signal
	return []history.Body{b}
}

// verdict weighs first look, minutes and mechanism, and records a revision. "Unproven" is said only when
// nothing more can be expected.
func (j *judge) verdict(s *history.State, c *history.Change, now time.Time) []history.Body {
	in := j.input(s, c, now)
	v := effect.Judge(in)
	if now.Sub(c.Settled) < ripe(v, c) || !effect.Revised(j.last, v) {
		return nil
	}
	if in.Late && !v.Faded && !(v.Late && v.Word == effect.Harmed) {
		return nil // what comes so late is another story, but for an effect that is gone again, and for harm
	}
	j.last = v
	b := body(c, history.Verdict, string(v.Word), v.Size, v.Reason)
	b.Signal, b.Unit = v.Of.Signal, v.Of.Unit
	b.N, b.Took, b.Source = j.look.N, now.Sub(c.Settled), string(v.Stage)
	if v.Stage == effect.FromMinutes && in.Minutes != nil {
		b.N = in.Minutes.Minutes
	}
	b.Mechanism, b.Faded, b.Late = mechanism(in), v.Faded, v.Late
	if u := v.Against; u != nil {
		b.Against = &history.Untouched{Where: u.Where(), Moved: u.Moved, Net: u.Net}
	}
	return []history.Body{b}
}

// ripe is how long after a change came into force a word may be said. Retries and queues take a minute to
// drain: until then the size is still moving. What falls short of the expectation waits for CloudWatch's
// minutes, and "unproven" until nothing more can be expected. Harm is said at once.
func ripe(v effect.Verdict, c *history.Change) time.Duration {
	switch v.Word {
	case effect.Harmed:
		return 0
	case effect.Helped:
		if v.Stage != effect.FromMinutes {
			return metricLag
		}
	case effect.Open:
		return c.Plan.Expect.Within + metricLag
	}
	return time.Minute
}

// body words an estimate as an event. Its Change is relative, negative where the signal fell.
func body(c *history.Change, stage, word string, size effect.Estimate, why string) history.EffectJudged {
	b := history.EffectJudged{ID: c.Plan.ID, Stage: stage, Word: word, Signal: c.Plan.Expect.Signal, Reason: why}
	if size.Has() {
		sign := -1.0
		if c.Plan.Expect.Direction == "up" {
			sign = 1
		}
		b.Before, b.After, b.Change = size.Before, size.After, sign*size.Value
		b.Low, b.High = min(sign*size.Low, sign*size.High), max(sign*size.Low, sign*size.High)
	}
	return b
}

func mechanism(in effect.Input) string {
	switch {
	case in.Lever != "":
		return "lever " + in.Lever + " in force"
	case in.Limit.Name == "":
		return "setting in force"
	}
	return in.Limit.Name + " moved"
}

// input gathers what a verdict is made of.
func (j *judge) input(s *history.State, c *history.Change, now time.Time) effect.Input {
	x := c.Plan.Expect
	sig, _ := signal.In(s, x.Signal)
	in := effect.Input{
		Expect:  effect.Expectation{Signal: x.Signal, Kind: kindOf(s, x.Signal), Unit: sig.Unit, By: x.By, Within: x.Within},
		Applied: c.Intended, InForce: c.Settled, Now: now, Look: j.look,
		Demand: demand(s, c, j.eye, now), Others: others(s, c),
		Late: now.Sub(c.Settled) > judgedFor,
	}
	if x.Direction == "up" {
		in.Expect.Direction = effect.Up
	}
	if c.Effect != nil {
		in.Said = effect.Word(c.Effect.Word)
	}
	if name, ok := strings.CutPrefix(c.Plan.What, "lever:"); ok {
		for _, l := range s.Session.Levers {
			if l.Name == name {
				in.Lever = l.Does
			}
		}
	} else if c.Plan.What == change.QueryVariant {
		in.Lever = "other"
	} else if c.Plan.BeforeN != c.Plan.AfterN {
		in.Limit = effect.Limit{
			Name: c.Plan.Target + " " + c.Plan.What, Before: float64(c.Plan.BeforeN), After: float64(c.Plan.AfterN),
			Total: !j.eye.feed(),
		}
		if side := sideIn(c.Plan.What, c.Plan.Side); side != "" {
			in.Served = samplesOf(s.Get("consumed_"+side, c.Plan.Target, ""), c.Settled, now.Add(-4*time.Minute), 1)
		}
	}
	in.Minutes, in.Refused = minutes(s, c, in.Expect), refusedSince(s, c)
	if in.Eye = in.Expect; j.eye.known() {
		in.Eye.Signal, in.Eye.Kind, in.Eye.Unit = j.eye.signal, j.eye.kind, j.eye.unit()
	}
	if j.eye.known() && (in.Minutes == nil || in.Minutes.State == effect.Pending || in.Minutes.State == effect.NoHistory) {
		in.Expect = in.Eye
	}
	in.Untouched = j.untouched(s, c, in.Minutes)
	j.harms(s, c, &in)
	return in
}

// minutes asks CloudWatch's complete minutes; nil when the metric has none yet.
func minutes(s *history.State, c *history.Change, x effect.Expectation) *effect.Confirmation {
	sr := signal.Series(s, c.Plan.Expect.Signal, c.Plan.Expect.Target, c.Plan.Expect.Op)
	if sr == nil || sr.Period < 60 {
		return nil
	}
	at, since := c.Settled, time.Time{}
	if in := s.Incident; in.Onset.Before(at) && !in.Onset.IsZero() && (in.Recovered.IsZero() || in.Recovered.After(at)) {
		since = in.Onset
	}
	pick := func(from, to time.Time) []effect.Sample {
		return samplesOf(sr, from, to, 1)
	}
	m := effect.Confirm(at, pick(at.Add(-pastMinutes), at), pick(at, completeTo(s, sr, at)), effect.ConfirmOptions{
		Kind: x.Kind, Direction: x.Direction, Seed: uint64(at.Unix()), Since: since, Period: time.Duration(sr.Period) * time.Second,
	})
	return &m
}

// refusedSince are the complete minutes of refusals since a change that is to end them; nil where it is held to something else.
func refusedSince(s *history.State, c *history.Change) []effect.Sample {
	x := c.Plan.Expect
	sr := signal.Series(s, x.Signal, x.Target, x.Op)
	if !strings.HasSuffix(x.Signal, "_throttles") || sr == nil || sr.Period < 60 {
		return nil
	}
	return samplesOf(sr, c.Settled, completeTo(s, sr, c.Settled), 1)
}

// completeTo is up to when a series' minutes since an instant are complete.
func completeTo(s *history.State, sr *history.Series, at time.Time) time.Time {
	if to := time.Unix(sr.SettledTo, 0); sr.Zero && !to.Before(at) {
		return to
	}
	return s.Now.Add(-2 * time.Minute)
}

// others lists what else was done that could have had the effect: other changes that reach the same signal, taking back
// included, marks, and what other hands and auto scaling did.
func others(s *history.State, c *history.Change) []effect.Act {
	var out []effect.Act
	for _, o := range s.Changes {
		if o != c && !o.Settled.IsZero() && reaches(s, o, c) {
			out = append(out, effect.Act{At: actsFrom(o), What: o.Plan.ID + " (" + o.Plan.Title + ")", Ours: true})
		}
	}
	table := tableOf(c.Plan.Expect.Target)
	for _, m := range s.Marks {
		if m.Table == "" || m.Table == table {
			out = append(out, effect.Act{At: m.At, What: m.Text})
		}
	}
	return append(out, foreign(s, c)...)
}

// foreign lists what other hands and auto scaling did that reaches the signal which a change is judged on: by their own lists, which
// come minutes late or not at all, and by what DescribeTable shows to have moved. The policy that a change set acts for the change.
func foreign(s *history.State, c *history.Change) []effect.Act {
	var out []effect.Act
	add := func(at time.Time, target, side, what string) {
		o := &history.Change{Plan: history.ChangePlanned{What: "other", Target: target, Side: side}}
		if reaches(s, o, c) {
			out = append(out, effect.Act{At: at, What: what})
		}
	}
	scaled := strings.HasPrefix(c.Plan.What, "autoscaling.")
	var own []history.ScalingActed // what the policy has done that the change set
	for _, a := range s.ScalingActs {
		switch {
		case a.Held != "" || a.Status != "Successful":
		case scaled && a.Target == c.Plan.Target && a.Side == c.Plan.Side && a.At.After(c.Intended):
			own = append(own, a)
		default:
			add(a.At, a.Target, a.Side, "auto scaling's act on "+a.Target)
		}
	}
	for _, a := range s.Calls {
		policys := slices.ContainsFunc(own, func(o history.ScalingActed) bool {
			return tableOf(o.Target) == tableOf(a.Target) && a.At.Sub(o.At).Abs() < time.Minute // CloudTrail tells of the same act
		})
		if a.Error == "" && !strings.HasPrefix(a.Call, "Describe") && a.Target != "" && !s.Ours(a) && !policys {
			add(a.At, a.Target, "", a.Call+" by "+a.By)
		}
	}
	for _, m := range s.MovedByOthers() {
		_, side, maximum := strings.Cut(m.Setting, "_")
		switch {
		case m.Setting == "read", m.Setting == "write":
			side = m.Setting
		case !maximum:
			side = ""
		}
		add(m.At, m.Target, side, "another hand's change ("+m.Text+")")
	}
	return out
}

// reaches reports whether a change can move the signal that another one is judged on. Capacity of one side does not move
// refusals of the other, nor that of one table those of another; an index can hold up its table, but not another index.
// What callers do may reach everything on its table, or everywhere where no table is named.
func reaches(s *history.State, o, c *history.Change) bool {
	x := c.Plan.Expect
	if o.Plan.What == "insights" {
		return false
	}
	of, at := tableOf(o.Plan.Target), tableOf(x.Target)
	if strings.HasPrefix(o.Plan.What, "lever:") {
		return of == at || at == "" || !watched(s, of)
	}
	if at != "" && of != at {
		return false
	}
	if side := sideIn(o.Plan.What, o.Plan.Side); side != "" && sideIn(x.Signal, "") != "" && side != sideIn(x.Signal, "") {
		return false
	}
	_, mine, isIndex := strings.Cut(x.Target, "/")
	_, theirs, oneIndex := strings.Cut(o.Plan.Target, "/")
	return !isIndex || !oneIndex || mine == theirs
}

// sideIn is the side that a kind of change or a signal is of; "" for both or none.
func sideIn(name, side string) string {
	switch {
	case side != "":
		return side
	case strings.HasSuffix(name, ".read"), strings.HasPrefix(name, "read_"):
		return "read"
	case strings.HasSuffix(name, ".write"), strings.HasPrefix(name, "write_"):
		return "write"
	}
	return ""
}
