package source

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
)

// AsideReader reads what the optional eyes look at; its errors are for ddbaws.Classify.
type AsideReader interface {
	Scaling(ctx context.Context, targets []string) ([]history.ScalingDescribed, []history.ScalingActed, error)
	Trail(ctx context.Context, table string, since time.Time) ([]history.CallRecorded, error)
	Alarms(ctx context.Context, names []string) ([]history.AlarmChanged, error)
	InsightRules(ctx context.Context, target string) (throttled, accessed string, err error)
	AlarmHistory(ctx context.Context, name string, since time.Time) ([]history.AlarmTurned, error)
	Keys(ctx context.Context, rule string, from, to time.Time, name func(key string) string) (history.KeysRanked, error)
	Quotas(ctx context.Context) (history.QuotasRead, error)
}

// AsidesConfig is what all optional eyes share.
type AsidesConfig struct {
	Clock    clock.Clock
	From     AsideReader
	To       Sink
	Rand     func() float64 // [0, 1)
	Tables   []string
	Snapshot func(table string) (history.TableSnapshot, bool)
	Secret   []byte // of the tags that stand for key values
	Reveal   bool   // key values stand for themselves: somebody asked for it
	// Throttled lists the targets that are refused now: only of these the hottest keys are asked for, as each report costs.
	Throttled func() []string
}

// asides are the optional eyes of one session.
type asides struct {
	AsidesConfig
	registered map[string]history.ScalingDescribed // by target#side
	searched   time.Time                           // when all alarms were last read

	mu   sync.Mutex
	ours []string // alarms on our tables, for two eyes
}

// NewAsides returns the optional eyes: auto scaling, CloudTrail, alarms, Contributor Insights, quotas.
func NewAsides(c AsidesConfig) []*Aside {
	a := &asides{AsidesConfig: c, registered: map[string]history.ScalingDescribed{}}
	eye := func(name, needs, asks string, every time.Duration, look func(context.Context) (sight, error)) *Aside {
		return NewAside(AsideConfig{Clock: c.Clock, To: c.To, Rand: c.Rand, Name: name, Needs: needs, Asks: asks, Every: every, Look: func(ctx context.Context) (map[string]history.Body, []string, error) {
			s, err := look(ctx)
			return s.seen, s.order, err
		}})
	}
	return []*Aside{
		eye("scaling", ddbaws.NeedsScaling, "APPLICATION_AUTO_SCALING", time.Minute, a.scaling),
		eye("cloudtrail", ddbaws.NeedsTrail, "CLOUDTRAIL", time.Minute, a.trail),
		eye("alarms", ddbaws.NeedsAlarms, "CLOUDWATCH", time.Minute, a.alarms),
		eye("alarm history", ddbaws.NeedsAlarmHistory, "CLOUDWATCH", 5*time.Minute, a.turns),
		eye("insights", ddbaws.NeedsInsights, "CLOUDWATCH", time.Minute, a.keys),
		eye("quotas", ddbaws.NeedsQuotas, "DYNAMODB", time.Hour, a.quotas),
	}
}

// targets are the tables and their indexes, as last described.
func (a *asides) targets() []string {
	var list []string
	for _, t := range a.Tables {
		list = append(list, t)
		if snap, ok := a.Snapshot(t); ok {
			for _, i := range snap.Indexes {
				list = append(list, t+"/"+i.Name)
			}
		}
	}
	return list
}

func (a *asides) scaling(ctx context.Context) (sight, error) {
	described, acts, err := a.From.Scaling(ctx, a.targets())
	if err != nil {
		return sight{}, err
	}
	var s sight
	now := map[string]bool{}
	for _, d := range described {
		key := d.Target + "#" + d.Side
		now[key], a.registered[key] = true, d
		s.add(key, d)
	}
	for key, d := range a.registered {
		if !now[key] {
			d.Gone = true
			s.add(key, d)
		}
	}
	slices.Sort(s.order)
	for _, act := range acts {
		s.add(act.ID, act)
	}
	return s, nil
}

// trailReach is how far back each look at CloudTrail goes: a change of some hours ago may be what hurts now.
const trailReach = 3 * time.Hour

func (a *asides) trail(ctx context.Context) (sight, error) {
	since := a.Clock.Now().Add(-trailReach)
	var s sight
	for i, t := range a.Tables {
		if i > 0 { // CloudTrail takes two calls a second
			if err := a.Clock.Sleep(ctx, time.Second); err != nil {
				return s, err
			}
		}
		calls, err := a.From.Trail(ctx, t, since)
		if err != nil {
			return s, err
		}
		for _, c := range calls {
			s.add(c.ID, c)
		}
	}
	return s, nil
}

const noAlarms = nothingToAsk("no alarm on these tables is known")

// searchEvery is how often all alarms of the account are read, to find new ones on our tables.
const searchEvery = 15 * time.Minute

func (a *asides) alarms(ctx context.Context) (sight, error) {
	now := a.Clock.Now()
	all := a.searched.IsZero() || now.Sub(a.searched) >= searchEvery
	var names []string
	if !all {
		if names = a.known(); len(names) == 0 {
			return sight{}, noAlarms
		}
	}
	list, err := a.From.Alarms(ctx, names)
	if err != nil {
		return sight{}, err
	}
	var s sight
	var ours []string
	for _, x := range list {
		table, _, _ := strings.Cut(x.Target, "/")
		if !slices.Contains(a.Tables, table) {
			continue
		}
		if len(ours) < 100 { // so many names one call takes
			ours = append(ours, x.Name)
		}
		s.add(x.Name, x)
	}
	if all {
		a.searched = now
		a.mu.Lock()
		a.ours = ours
		a.mu.Unlock()
	}
	return s, nil
}

func (a *asides) known() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.ours)
}

// turns reads how our alarms went on and off before they were looked at, and between two looks.
func (a *asides) turns(ctx context.Context) (sight, error) {
	if a.known() == nil { // the eye that finds them has just begun
		if err := a.Clock.Sleep(ctx, 20*time.Second); err != nil {
			return sight{}, err
		}
	}
	if len(a.known()) == 0 {
		return sight{}, noAlarms
	}
	since := a.Clock.Now().Add(-trailReach)
	var s sight
	for _, name := range a.known() {
		list, err := a.From.AlarmHistory(ctx, name, since)
		if err != nil {
			return s, err
		}
		for _, t := range list {
			s.add(name+t.At.String()+t.Text, t)
		}
	}
	return s, nil
}

// keysOver is the window of a ranking: its newest minutes are not yet counted whole.
const keysOver = 5 * time.Minute

func (a *asides) keys(ctx context.Context) (sight, error) {
	targets := a.Throttled()
	if len(targets) == 0 {
		return sight{}, nothingToAsk("nothing is refused, as far as is known: no ranking of keys is asked for")
	}
	var s sight
	for _, target := range targets {
		throttled, accessed, err := a.From.InsightRules(ctx, target)
		if err != nil {
			return s, err
		}
		to := a.Clock.Now().Truncate(time.Minute)
		for _, r := range [2]struct{ rule, what string }{{throttled, "throttled"}, {accessed, "accessed"}} {
			if r.rule == "" {
				continue
			}
			k, err := a.From.Keys(ctx, r.rule, to.Add(-keysOver), to, a.tag)
			if err != nil {
				return s, err
			}
			a.To.Emit(history.ReportsBilled{Reports: 1})
			k.Target, k.Rule = target, r.what
			s.add(target+"#"+r.what, k)
		}
	}
	return s, nil
}

// tag is how a key is called in everything that leaves this process's memory.
func (a *asides) tag(key string) string {
	if a.Reveal {
		return ddbaws.Clean(strings.ReplaceAll(key, "\x00", " / "))
	}
	return ddbaws.Tag(a.Secret, key)
}

func (a *asides) quotas(ctx context.Context) (sight, error) {
	q, err := a.From.Quotas(ctx)
	if err != nil {
		return sight{}, err
	}
	var s sight
	s.add("", q)
	return s, nil
}
