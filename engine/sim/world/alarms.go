package world

import (
	"fmt"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// alarm is a CloudWatch alarm of the scenario: M of N datapoints above a threshold, looked at each minute on what has been
// published (CloudWatch user guide, "Evaluating an alarm").
type alarm struct {
	spec   *scenario.Alarm
	state  string
	reason string
	since  time.Time
}

// The states of an alarm.
const (
	alarmOK     = "OK"
	alarmOn     = "ALARM"
	alarmUnsure = "INSUFFICIENT_DATA"
)

func (w *World) openAlarms() {
	for i := range w.sc.Alarms {
		w.alarms = append(w.alarms, &alarm{spec: &w.sc.Alarms[i], state: alarmUnsure, reason: "Unchecked: Initial alarm creation", since: w.start.Add(-w.sc.History)})
	}
}

// evaluateAlarms looks at every alarm, once a minute.
func (w *World) evaluateAlarms() {
	if w.sec < 0 {
		return
	}
	now := w.start.Add(time.Duration(w.sec) * time.Second)
	for _, a := range w.alarms {
		a.evaluate(w, now)
	}
}

// lookBack is how far behind the present the newest period ends that an alarm looks at, so that it has been published.
func (a *alarm) lookBack() time.Duration { return 2*time.Minute + a.spec.Period.Truncate(time.Minute) }

func (a *alarm) evaluate(w *World, now time.Time) {
	s := a.spec
	period := max(s.Period, time.Minute)
	end := now.Add(-a.lookBack()).Truncate(period).Add(period)
	n := max(s.Of, s.Datapoints, 1)
	points := w.Metrics(Query{
		Namespace: Namespace, Name: s.Metric, Dims: s.Dimensions, Stat: s.Stat, Period: period,
		From: end.Add(-time.Duration(n) * period), To: end, AskedAt: now,
	})
	breaching := 0
	for _, p := range points {
		if p.Value > s.Over {
			breaching++
		}
	}
	missing := n - len(points)
	switch s.Missing {
	case "breaching":
		breaching += missing
	case "ignore":
		if len(points) == 0 {
			return
		}
	case "missing", "":
		if len(points) == 0 {
			a.turn(w, now, alarmUnsure, "Insufficient Data: no datapoints were received.")
			return
		}
	}
	need := max(s.Datapoints, 1)
	if breaching >= need {
		a.turn(w, now, alarmOn, fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints were greater than the threshold (%s) (minimum %d datapoints for OK -> ALARM transition).", breaching, n, whole(s.Over), need))
		return
	}
	a.turn(w, now, alarmOK, fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints were not greater than the threshold (%s).", n-breaching, n, whole(s.Over)))
}

func (a *alarm) turn(w *World, now time.Time, state, reason string) {
	if a.state == state {
		return
	}
	w.alarmEvents = append(w.alarmEvents, AlarmEvent{Alarm: a.spec.Name, At: now, From: a.state, To: state, Reason: reason})
	a.state, a.reason, a.since = state, reason, now
}

// setOff makes an alarm go off whatever its metric says; the next look may bring it back.
func (w *World) setOff(name string, at time.Duration) {
	for _, a := range w.alarms {
		if a.spec.Name == name {
			a.turn(w, w.start.Add(at), alarmOn, "Set by SetAlarmState")
		}
	}
}

// Alarms lists the scenario's alarms, then the two of each scaling policy.
func (w *World) Alarms() []AlarmView {
	list := make([]AlarmView, 0, len(w.alarms)+2*len(w.policies))
	arn := func(name string) string {
		return "arn:aws:cloudwatch:" + w.sc.Region + ":" + w.sc.Account + ":alarm:" + name
	}
	for _, a := range w.alarms {
		s := a.spec
		v := AlarmView{
			Name: s.Name, ARN: arn(s.Name), Namespace: Namespace, Metric: s.Metric, Stat: s.Stat, Period: s.Period, Over: s.Over,
			Datapoints: s.Datapoints, Of: s.Of, Missing: s.Missing, State: a.state, Reason: a.reason, Since: a.since,
		}
		for name, value := range s.Dimensions {
			v.Dims = append(v.Dims, Dim{name, value})
		}
		sortDims(v.Dims)
		list = append(list, v)
	}
	for _, p := range w.policies {
		if p.target == 0 {
			continue
		}
		for _, high := range [2]bool{true, false} {
			v := AlarmView{
				Name: p.alarmName(high), Namespace: Namespace, Metric: "Consumed" + p.s.String() + "CapacityUnits", Stat: "Sum", Period: time.Minute,
				Dims: p.r.dims(), Over: minute * p.r.set.capacity.of(p.s) * p.target / 100, Datapoints: pointsOut, Of: pointsOut,
				Missing: "missing", State: alarmOK, Reason: "Threshold not crossed", Since: p.created, Below: !high,
			}
			if !high {
				v.Over = minute * p.r.set.capacity.of(p.s) * (p.target - inBelow) / 100
				v.Datapoints, v.Of = pointsIn, pointsIn
			}
			if high && p.above >= pointsOut || !high && p.below >= pointsIn {
				v.State, v.Reason = alarmOn, "Threshold Crossed"
			}
			v.ARN = arn(v.Name)
			sortDims(v.Dims)
			list = append(list, v)
		}
	}
	return list
}

// AlarmHistory lists the changes of state of the scenario's alarms, oldest first.
func (w *World) AlarmHistory() []AlarmEvent { return w.alarmEvents }
