package plain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/metric"
	"github.com/ddbloop/ddbloop/tui/say"
)

const window = time.Hour

// printer remembers what it has said, so that it says what is new.
type printer struct {
	w       io.Writer
	state   *history.State
	who     string
	said    []string  // texts of the timeline's rows as they were printed
	verdict string    // what was said of it last,
	gist    string    // the same without the numbers that move,
	saidAt  time.Time // and when
	why     string    // what was said of the reasoning last, without its numbers
	minute  time.Time
	err     error
}

// StreamEvents is Stream over any source of events. A replay's end (io.EOF) is not an error.
func StreamEvents(ctx context.Context, w io.Writer, events Events, now func() time.Time) error {
	p := &printer{w: w, state: history.NewState()}
	for {
		batch, err := events.Next(ctx)
		if errors.Is(err, io.EOF) {
			return p.err
		}
		if err != nil {
			return err
		}
		for _, e := range batch {
			p.state.Apply(e)
			p.news(p.state.Now)
		}
		p.rows(now())
		if p.err != nil {
			return p.err
		}
	}
}

func (p *printer) print(at time.Time, kind, text string) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, "%s %-8s %s\n", say.Clock(at), kind, draw.Clean(text))
	}
}

// news prints what an event changed: who is watched, the verdict, the timeline.
func (p *printer) news(at time.Time) {
	s := p.state
	if who := identity(s); who != p.who && s.Session.ID != "" && (say.Mode(s) != say.NoMode || len(s.Timeline) > 0) {
		p.who = who
		p.print(at, "watching", who)
	}
	for _, e := range s.Timeline[len(p.said):] {
		text := e.Level + ": " + e.Text
		if e.By != "" {
			text += " (" + e.By + ")"
		}
		p.print(e.At, e.Lane, text)
		p.said = append(p.said, e.Text)
	}
	v, gist := verdict(s)
	if s.AssessedAt.IsZero() || v == p.verdict {
		return
	}
	if gist != p.gist || at.Sub(p.saidAt) >= time.Minute {
		p.verdict, p.gist, p.saidAt = v, gist, at
		p.print(at, "VERDICT", v)
		if p.why != grounds(s) {
			p.reasons(at)
		}
	}
}

// reasons prints what the verdict rests on.
func (p *printer) reasons(at time.Time) {
	if p.why = grounds(p.state); p.why == "" {
		return
	}
	for _, r := range say.Why(p.state, at) {
		if r.Role == say.Verdict || r.Role == say.Advice {
			continue // the verdict's own line has them
		}
		p.print(at, "why", strings.TrimSpace(r.Lead()+" "+r.Text))
	}
}

// grounds is what the reasoning consists of, without the numbers, which move all the time.
func grounds(s *history.State) string {
	a := s.Assessed
	if say.Layer(s) == history.LayerHealthy && say.Diagnosis(s) == "" {
		return "" // nothing is wrong, for no reason
	}
	text := say.Layer(s) + a.Onset.Format(time.TimeOnly) + fmt.Sprint(len(a.Moved))
	if len(a.Ranked) > 0 {
		text += " " + a.Ranked[0].Kind + " " + a.Ranked[0].Target + " " + a.Ranked[0].Rival
	}
	return text
}

// grown prints the rows of the timeline that have gone on since they were printed: a setting that moves step by step.
func (p *printer) grown(now time.Time) {
	for i, text := range p.said {
		if e := p.state.Timeline[i]; e.Text != text {
			p.said[i] = e.Text
			p.print(now, e.Lane, e.Level+": "+e.Text)
		}
	}
}

func identity(s *history.State) string {
	parts := []string{strings.Join(s.Session.Tables, ", "), "account " + say.Account(s.Session.Account), s.Session.Region, say.Mode(s)}
	if s.Session.Armed {
		parts = append(parts, "ARMED: changes allowed")
	} else {
		parts = append(parts, "read-only")
	}
	if e := say.Endpoint(s); e != "" {
		parts = append(parts, e)
	}
	return strings.Join(parts, " | ")
}

// verdict leaves probabilities out: they move all the time. Its gist leaves out the numbers in the advice's reason too.
func verdict(s *history.State) (text, gist string) {
	parts := []string{say.Layer(s)}
	for _, text := range []string{say.Suspect(s), say.Do(s), say.Standing(s)} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	words := strings.FieldsFunc(say.Do(s), func(r rune) bool { return !unicode.IsLetter(r) })
	return strings.Join(parts, " | "), say.Layer(s) + say.Suspect(s) + strings.Join(words, " ") + say.Standing(s)
}

// rows prints the metric rows and the sources once a minute of the session's clock.
func (p *printer) rows(now time.Time) {
	if p.state.Session.ID == "" || now.Sub(p.minute) < time.Minute {
		return
	}
	p.minute = now
	p.grown(now)
	if p.why != "" && p.why != grounds(p.state) {
		p.reasons(now)
	}
	quiet := 0
	for _, l := range metric.Lines(p.state, now, window) {
		if l.Quiet || !l.Known {
			quiet++
			continue
		}
		p.print(now, "metric", Row(l, now))
	}
	if quiet > 0 {
		p.print(now, "metric", fmt.Sprintf("%d more are zero or have no data", quiet))
	}
	for _, src := range say.Sources(p.state, now) {
		text := src.Name + " " + src.Word()
		if src.Known {
			text += ", answered " + metric.Age(src.Age) + " ago"
		}
		if src.Text != "" {
			text += ", " + src.Text
		}
		p.print(now, "source", text)
	}
}

// Row is a metric line in words: name, value, median, limit, largest of the window, state, age.
func Row(l *metric.Line, now time.Time) string {
	if !l.Known {
		return l.Title() + ": no data"
	}
	parts := []string{l.Title() + ": " + metric.Value(l.Value, l.Unit)}
	if l.Paired {
		parts = append(parts, "median "+metric.Value(l.Aside, l.Unit))
	}
	if l.Limit > 0 {
		parts = append(parts, "limit "+metric.Value(l.Limit, l.Unit))
	}
	parts = append(parts, "max "+metric.Value(l.Top, l.Unit), l.State.String(), "age "+metric.Age(l.Age(now)))
	return strings.Join(parts, ", ")
}
