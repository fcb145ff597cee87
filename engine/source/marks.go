package source

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/marks"
	"github.com/ddbloop/ddbloop/history"
)

const (
	markBeat  = time.Second
	markReach = 3 * time.Hour // how old a mark may be that was there before us: a deploy of some hours ago may be what hurts now
)

// MarksConfig says where marks are written and whose are wanted.
type MarksConfig struct {
	Clock  clock.Clock
	To     Sink
	Files  []string
	Tables []string
	// Foreign: the session's clock is not the one that marks are dated by, as in a demo. Those that were there before us are left
	// out then, and the others are when they come.
	Foreign bool
}

// Marks passes on what `ddbloop mark` and pipelines write, within a second.
type Marks struct {
	c      MarksConfig
	health health
	tails  []*marks.Tail
}

// NewMarks returns a reader that has not begun.
func NewMarks(c MarksConfig) *Marks {
	m := &Marks{c: c, health: health{name: "marks", to: c.To, clock: c.Clock, every: time.Minute}}
	for _, f := range c.Files {
		m.tails = append(m.tails, &marks.Tail{File: f})
	}
	return m
}

// Run reads until ctx ends or the clock stops.
func (m *Marks) Run(ctx context.Context) {
	for first := true; ; first = false {
		m.read(first)
		if m.c.Clock.Sleep(ctx, markBeat) != nil {
			return
		}
	}
}

func (m *Marks) read(first bool) {
	var bodies []history.Body
	var failed error
	for _, t := range m.tails {
		list, err := t.Next()
		if err != nil {
			failed = err
		}
		for _, one := range list {
			if m.wanted(one, first) {
				bodies = append(bodies, m.event(one))
			}
		}
	}
	if len(bodies) > 0 {
		m.c.To.Emit(bodies...)
	}
	if failed == nil {
		m.health.well()
		return
	}
	text := failed.Error()
	if p := (*fs.PathError)(nil); errors.As(failed, &p) {
		text = p.Path + ": " + p.Err.Error()
	}
	m.health.limps(ddbaws.Other, ddbaws.Clean(text))
}

func (m *Marks) wanted(one marks.Mark, first bool) bool {
	switch {
	case one.Table != "" && !slices.Contains(m.c.Tables, one.Table):
		return false
	case !first:
		return true
	}
	return !m.c.Foreign && m.c.Clock.Now().Sub(one.At) <= markReach // one without a time is of nobody knows when
}

func (m *Marks) event(one marks.Mark) history.Marked {
	e := one.Event()
	if now := m.c.Clock.Now(); m.c.Foreign || e.At.IsZero() || e.At.After(now) {
		e.At = now
	}
	return e
}
