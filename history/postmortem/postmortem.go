// Package postmortem writes the draft of a postmortem from a journal alone: the same journal gives the same
// text. It states what was measured and done; where only people can know, it prints the question, or the
// answer that was noted. Nothing from the journal can act as markdown (docs/promises.md).
package postmortem

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/journal"
)

// Name is the file that File writes.
const Name = "postmortem.md"

// draft is one rendering under way.
type draft struct {
	s        *history.State
	events   []history.Event
	damage   string
	from, to time.Time // of the incident, or of the session where there was none
	b        bytes.Buffer
}

// Write renders the postmortem of a journal's events. Damage is what the journal reports to have lost, in
// one line, or empty. The events that record earlier renderings leave no trace, so that writing the
// postmortem again changes nothing. The only errors are those of w.
func Write(w io.Writer, events []history.Event, damage string) error {
	d := &draft{s: history.NewState(), damage: damage}
	for _, e := range events {
		if _, ok := e.Body.(history.PostmortemWritten); ok {
			continue
		}
		d.events = append(d.events, e)
		d.s.Apply(e)
	}
	d.window()
	for _, section := range []func(){
		d.head, d.summary, d.impact, d.signals, d.timeline, d.changes, d.labs, d.ended, d.decisions, d.beliefs,
		d.runbooks, d.notes, d.gaps, d.people, d.definitions,
	} {
		section()
	}
	_, err := w.Write(d.b.Bytes())
	return err
}

// File renders the journal in a session folder into outDir (the session folder itself when empty) and returns the
// path. The file is replaced in one step and readable by its owner only.
func File(fs journal.FS, session, outDir string) (string, error) {
	replay, err := journal.Read(fs, session)
	if err != nil {
		return "", fmt.Errorf("postmortem of %s: %w", session, err)
	}
	damage := ""
	if replay.Damage.Broken {
		damage = replay.Damage.String()
	}
	var b bytes.Buffer
	if err := Write(&b, replay.Events, damage); err != nil {
		return "", err
	}
	if outDir == "" {
		outDir = session
	}
	path := filepath.Join(outDir, Name)
	return path, journal.WriteFile(fs, path, b.Bytes())
}

func (d *draft) printf(format string, args ...any) { fmt.Fprintf(&d.b, format, args...) }

func (d *draft) section(title string) { d.printf("\n## %s\n\n", title) }

func (d *draft) table(t table, none string) {
	if len(t.rows) == 0 {
		d.printf("%s\n", none)
		return
	}
	d.b.WriteString(t.String())
}

func (d *draft) window() {
	i := d.s.Incident
	d.from, d.to = i.Onset, i.Recovered
	if i.Detected.IsZero() {
		d.from = d.s.Started
	} else if i.Onset.IsZero() {
		d.from = i.Detected
	}
	if d.to.IsZero() {
		d.to = i.Closed
	}
	if d.to.Before(d.from) {
		d.to = d.s.Now
	}
}

func (d *draft) head() {
	d.printf("---\nincident: %s\nstatus: draft\ntable: %s\nregion: %s\naccount: %s\n", yaml(d.s.Session.ID),
		yaml(strings.Join(d.s.Session.Tables, ", ")), yaml(d.s.Session.Region), yaml(d.s.Session.Account))
	for _, c := range d.clocks() {
		if c.missing != "" {
			d.printf("%s:  # %s\n", c.name, c.missing)
			continue
		}
		d.printf("%s: %s\n", c.name, short(c.took))
	}
	if r := d.s.Run; r != nil {
		d.printf("runbook: %s\n", yaml(fmt.Sprintf("%s v%d", r.Info.Runbook, r.Info.Version)))
	}
	d.printf("journal: %s\n---\n\n# %s\n", d.digest(), d.title())
}

// yaml returns a value as a quoted YAML scalar of characters that mean nothing in YAML, HTML or markdown.
func yaml(s string) string {
	return `"` + strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" _.,-…", r) {
			return r
		}
		return '?'
	}, line(s)) + `"`
}

// digest ties the draft to the events it was made from.
func (d *draft) digest() string {
	h := sha256.New()
	for _, e := range d.events {
		if raw, err := history.Encode(e); err == nil { // it was decoded from a journal, so it encodes
			_, _ = h.Write(append(raw, '\n'))
		}
	}
	return fmt.Sprintf("sha256:%.8x", h.Sum(nil))
}

func (d *draft) title() string {
	name := inert(strings.Join(d.s.Session.Tables, ", "))
	if d.s.Incident.Detected.IsZero() {
		return "Session on " + name + ": no incident"
	}
	if h, ok := d.cause(); ok {
		return "Incident on " + name + ": " + inert(strings.ReplaceAll(h.Kind, ".", " ")) + " on " + inert(h.Goal)
	}
	return "Incident on " + name
}

// cause is the last thing that was believed to be wrong.
func (d *draft) cause() (history.Belief, bool) {
	for i := len(d.s.Beliefs) - 1; i >= 0; i-- {
		if b := d.s.Beliefs[i]; b.Kind != "" && b.Kind != "calm" && b.Layer != history.LayerHealthy {
			return b, true
		}
	}
	return history.Belief{}, false
}

func (d *draft) summary() {
	i := d.s.Incident
	if i.Detected.IsZero() {
		d.printf("\nNo incident was detected between %s and %s UTC.\n", clock(d.s.Started), clock(d.s.Now))
		return
	}
	end := "It had not recovered when this was written."
	if !i.Recovered.IsZero() {
		end = fmt.Sprintf("It recovered at %s, %s after it began.", clock(i.Recovered), short(i.Recovered.Sub(d.from)))
	}
	d.printf("\nTrouble began at %s UTC on %s (back-dated) and was seen at %s: %s. %s\n", d.from.UTC().Format("15:04:05"),
		d.from.UTC().Format(time.DateOnly), clock(i.Detected), inert(i.Why), end)
	if h, ok := d.cause(); ok {
		d.printf("Most probable to the end: %s on %s (probability %s).\n", inert(h.Kind), inert(h.Goal), history.Chance(h.P))
	}
	for _, c := range d.s.Changes {
		if c.Effect != nil && !c.Settled.IsZero() {
			d.printf("Change %s (%s, %s → %s): **%s**.\n", inert(c.Plan.ID), inert(c.Plan.Title), inert(c.Plan.Before), inert(c.Plan.After), inert(c.Effect.Word))
		}
	}
	if !i.Escalated.IsZero() {
		d.printf("It was escalated at %s UTC.\n", clock(i.Escalated))
	}
}
