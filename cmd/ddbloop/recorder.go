package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/journal"
	"github.com/ddbloop/ddbloop/history/postmortem"
)

// recorder is a drill's journal: it keeps what the score needs, and the files only where they are asked for.
type recorder struct {
	id       string
	dir      string
	file     *journal.Writer // nil: nothing is kept
	state    *history.State
	assessed []stamped
	events   int
	waiting  bool // the product has said that waiting is right
	acted    bool // a change was intended
}

func newRecorder(root string, sc *scenario.Scenario, j job, start time.Time) (*recorder, error) {
	name := fmt.Sprintf("%s-%s-%d", sc.Name, sc.Magnitude, j.seed)
	if j.try != nil {
		name += "-" + fileName(j.try.String())
	}
	r := &recorder{id: name, state: history.NewState()}
	if root == "" {
		return r, nil
	}
	r.dir = filepath.Join(root, name)
	w, err := journal.Create(journal.OS{}, r.dir, journal.Meta{Session: name, Version: version()})
	if err != nil {
		return nil, usage("--out %s: %v", root, err)
	}
	r.file = w
	return r, nil
}

// fileName keeps the letters of a change that are safe in a file name.
func fileName(s string) string {
	out := []rune(s)
	for i, c := range out {
		if c != '.' && c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			out[i] = '-'
		}
	}
	return string(out)
}

// Append implements engine.Journal.
func (r *recorder) Append(events ...history.Event) ([]history.Event, error) {
	if r.file != nil {
		kept, err := r.file.Append(events...)
		if err != nil {
			return nil, err
		}
		events = kept
	}
	for _, e := range events {
		r.events++
		r.state.Apply(e)
		switch b := e.Body.(type) {
		case history.Assessed:
			r.assessed = append(r.assessed, stamped{e.At, b})
			r.waiting = r.waiting || b.Disposition.Verdict == history.Retry
		case history.ChangeIntended:
			r.acted = true
		}
	}
	return events, nil
}

// decided reports whether the decision that the diagnosis is scored at has been taken.
func (r *recorder) decided() bool {
	return r.waiting || r.acted || !r.state.Incident.Escalated.IsZero()
}

// Flush implements engine.Journal.
func (r *recorder) Flush() error {
	if r.file == nil {
		return nil
	}
	return r.file.Flush()
}

// close ends the files and writes the postmortem; it returns its path, or "".
func (r *recorder) close() (string, error) {
	if r.file == nil {
		return "", nil
	}
	if err := r.file.Close(); err != nil {
		return "", err
	}
	return postmortem.File(journal.OS{}, r.dir, "")
}

// sessionID names a session; chance keeps two of one second apart.
func sessionID(start time.Time, table string, chance *rand.Rand) string {
	return journal.SessionID(start, table, uint16(chance.Uint32()))
}

var _ io.Closer = (*journal.Writer)(nil)
