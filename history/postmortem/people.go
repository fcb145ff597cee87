package postmortem

import (
	"sort"

	"github.com/ddbloop/ddbloop/history"
)

// question is what only people can answer. Notes about its key are put in its place.
type question struct{ key, title, ask string }

var questions = []question{
	{"causes.trigger", "Causes: the trigger", "What set it off at that moment, and which event shows it?"},
	{"causes.contributing", "Causes: what contributed", "What made it possible, worse or longer?"},
	{"causes.defence", "Causes: the defences", "What should have stopped or shown it earlier, and why did it not?"},
	{"lessons.went_well", "What went well", "What helped, and should be kept?"},
	{"lessons.went_badly", "What went badly", "What cost time, or made it worse?"},
	{"lessons.lucky", "Where we got lucky", "What could as well have gone wrong?"},
	{"lessons.why_surprised", "Why we were surprised", "What did we believe about the system that was not so?"},
	{"actions", "Action items", "What will be done to prevent, mitigate or detect it: type, owner, due date, ticket?"},
}

const impactKey = "impact.users"

func (d *draft) people() {
	for _, q := range questions {
		d.section(q.title)
		d.ask(q.key, q.ask)
	}
}

// ask prints the answers that were noted, or the question.
func (d *draft) ask(key, ask string) {
	answered := false
	for _, n := range d.s.Notes {
		if n.About == key {
			d.note(n)
			answered = true
		}
	}
	if !answered {
		d.printf("_%s_\n", ask)
	}
}

func (d *draft) note(n history.Note) {
	d.printf("- Noted at %s by %s: %s\n", clock(n.At), who(n.By), inert(n.Text))
}

// notes prints what answers none of the questions.
func (d *draft) notes() {
	known := map[string]bool{impactKey: true}
	for _, q := range questions {
		known[q.key] = true
	}
	rest := make([]history.Note, 0, len(d.s.Notes))
	for _, n := range d.s.Notes {
		if !known[n.About] {
			rest = append(rest, n)
		}
	}
	sort.SliceStable(rest, func(i, j int) bool { return rest[i].About < rest[j].About })
	d.section("Notes")
	if len(rest) == 0 {
		d.printf("None.\n")
	}
	for _, n := range rest {
		if n.About != "" {
			n.Text = n.About + ": " + n.Text
		}
		d.note(n)
	}
}
