package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// started is what a command is started on: tables, and the alarm that named one of them.
type started struct {
	tables []string
	alarm  *ddbaws.Alarm
	signal signal.Signal // what the alarm watches
}

// start takes the tables from the arguments and from the alarm.
func start(ctx context.Context, tables []string, alarm string, o accountOptions) (started, error) {
	var s started
	for _, t := range tables {
		if !slices.Contains(s.tables, t) { // named twice, looked at once
			s.tables = append(s.tables, t)
		}
	}
	if alarm == "" {
		if len(tables) == 0 {
			return s, usage("name at least 1 table, or an alarm with --alarm NAME; see --help")
		}
		return s, nil
	}
	account, err := o.connect(ctx, &clock.Real{})
	if err != nil {
		return s, err
	}
	a, err := account.Alarm(ctx, alarm)
	if no := (*ddbaws.NotAnAlarmOfATable)(nil); errors.As(err, &no) {
		return s, usage("%v", no)
	}
	if err != nil {
		return s, &coded{exitUnknown, "alarm " + ddbaws.Clean(alarm) + " cannot be read (needs cloudwatch:DescribeAlarms): " + ddbaws.Classify(err).Text + "; name the table instead"}
	}
	for _, sig := range signal.All {
		if sig.Metric == a.Metric && sig.Source == signal.CloudWatch {
			s.signal = sig
			break
		}
	}
	if s.signal.Name == "" {
		return s, usage("alarm %s watches %s, which ddbloop does not read: name the table, ddbloop watch %s", ddbaws.Clean(alarm), a.Metric, alarmTable(a))
	}
	s.alarm = &a
	if t := alarmTable(a); !slices.Contains(s.tables, t) {
		s.tables = append([]string{t}, s.tables...)
	}
	return s, nil
}

// alarmTable is the table of an alarm on it or on its index.
func alarmTable(a ddbaws.Alarm) string {
	table, _, _ := strings.Cut(a.Target, "/")
	return table
}

// words say what the alarm is and how it stands.
func (s started) words() string {
	a := s.alarm
	what := a.Metric + " of " + a.Target
	if a.Op != "" {
		what += " " + a.Op
	}
	return fmt.Sprintf("alarm %s (%s) is %s since %s: %s", a.Name, what, a.State, a.Since.Format(time.RFC3339), a.Reason)
}

// line is the key of the chart that shows what the alarm watches.
func (s started) line() string {
	if s.alarm == nil {
		return ""
	}
	return history.SeriesKey{Signal: s.signal.Name, Target: s.alarm.Target, Op: s.alarm.Op}.String()
}

// window is how far back the charts must reach to show the alarm going off, and what it looked at then.
func (s started) window(now time.Time) time.Duration {
	if s.alarm == nil {
		return 0
	}
	return now.Sub(s.alarm.Since) + s.alarm.Over
}
