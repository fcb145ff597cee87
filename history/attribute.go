package history

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"time"
)

// What ended an incident.
const (
	EndedByChange = "change"   // one of the session's own changes
	EndedByOther  = "other"    // something else that was done: auto scaling, a deploy, a call of another hand
	EndedItself   = "itself"   // nothing that was done explains it
	EndedUnclear  = "unclear"  // no explanation is likelier than all others together
	EndedNot      = "not over" // closed or handed on while it went on
)

// IncidentAttributed says what ended an incident, and what was tried in vain. It is written when the incident has
// recovered or is closed, and again when a later verdict changes the answer.
type IncidentAttributed struct {
	Ended      string   `json:"ended"`
	By         string   `json:"by,omitempty"` // id of a change, or the act in words
	Confidence float64  `json:"confidence"`   // 0–1, share of the evidence for it among all explanations
	Why        string   `json:"why"`
	Rivals     []Credit `json:"rivals,omitempty"` // other explanations, likeliest first
	Vain       []InVain `json:"vain,omitempty"`
}

// Credit is one explanation of an end, with its share of the evidence.
type Credit struct {
	What string  `json:"what"`
	P    float64 `json:"p"`
}

// InVain is a change that did not end the incident, and how long it took from being sent to the verdict that says so.
type InVain struct {
	ID   string        `json:"id"`
	Word string        `json:"word"`
	Took time.Duration `json:"took"`
}

// Kind names IncidentAttributed in the journal.
func (IncidentAttributed) Kind() string { return "incident.attributed" }

// What an explanation weighs against the trouble having ended by itself, which weighs 1. A confirmed verdict is false in
// less than one of a hundred changes without effect (docs/effects.md); the weights say less than that, because what
// helped one signal need not be what ended the incident.
const (
	confirmedWeight = 40.0
	provenWeight    = 20.0
	helpedWeight    = 8.0
	openWeight      = 1.0 // confounded, unproven, not judged: it may have been
	failedWeight    = 0.03
	actWeight       = 2.0
	restWeight      = 1.0
	retryWeight     = 3.0 // by itself, where waiting was the advice

	actReach  = 10 * time.Minute // how long before the end an act of others may have caused it
	slowReach = 15 * time.Minute // the same for a change that no verdict speaks for
)

type explanation struct {
	ended, by, why string
	weight         float64
	at             time.Time
}

// Attribute says what ended the incident of a State, and false while there is none to speak of or it is not over. It is
// a function of the journal alone.
func Attribute(s *State) (IncidentAttributed, bool) {
	in := s.Incident
	if in.Detected.IsZero() || in.Recovered.IsZero() && in.Closed.IsZero() {
		return IncidentAttributed{}, false
	}
	end := endOf(s)
	out := IncidentAttributed{Vain: vain(s, end)}
	if in.Recovered.IsZero() {
		out.Ended, out.Why = EndedNot, "it was closed while the trouble went on"
		return out, true
	}
	list := append(ownChanges(s, end), acts(s, end)...)
	list = append(list, byItself(s, len(list)))
	sort.SliceStable(list, func(i, j int) bool { return list[i].weight > list[j].weight })
	sum := 0.0
	for _, x := range list {
		sum += x.weight
	}
	top := list[0]
	out.Ended, out.By, out.Why = top.ended, top.by, top.why
	out.Confidence = math.Round(100*top.weight/sum) / 100
	if out.Confidence <= 0.5 {
		out.Ended, out.By = EndedUnclear, ""
		out.Why = fmt.Sprintf("no explanation outweighs the others; the likeliest: %s", top.why)
		list = append([]explanation{{}}, list...)
	}
	for _, x := range list[1:] {
		if p := math.Round(100*x.weight/sum) / 100; p >= 0.01 {
			out.Rivals = append(out.Rivals, Credit{What: strings.TrimSpace(x.by + " " + x.why), P: p})
		}
	}
	return out, true
}

// endOf is since when the layer has been healthy, as far as was known; the recovery where it always was.
func endOf(s *State) time.Time {
	end := s.Incident.Recovered
	if end.IsZero() {
		return s.Incident.Closed
	}
	for i := len(s.Beliefs) - 1; i >= 0 && s.Beliefs[i].Layer == LayerHealthy && s.Beliefs[i].At.After(s.Incident.Detected); i-- {
		if !s.Beliefs[i].At.After(end) {
			end = s.Beliefs[i].At
		}
	}
	return end
}

// ownChanges weighs the changes that were in force during the incident.
func ownChanges(s *State, end time.Time) []explanation {
	var out []explanation
	for _, c := range s.Changes {
		if !tried(s, c, end) || c.Plan.UndoOf != "" {
			continue
		}
		x := explanation{ended: EndedByChange, by: c.Plan.ID, at: c.Settled, why: "not judged", weight: openWeight}
		if e := c.onTrouble(); e != nil {
			x.weight, x.why = weightOf(*e), e.Word+": "+e.Reason
		}
		if x.weight == openWeight && end.Sub(c.Settled) > slowReach {
			x.weight /= 5
		}
		if !c.Undone.IsZero() && c.Undone.Before(end) {
			x.weight /= 10
			x.why = "taken back before the end; " + x.why
		}
		out = append(out, x)
	}
	// What came first and left trouble for a later change to mend did not end it.
	for i := range out {
		for j := range out {
			if out[j].at.After(out[i].at) && out[j].weight >= helpedWeight && out[i].weight > openWeight {
				out[i].weight = min(out[i].weight, helpedWeight) / 2
			}
		}
	}
	return out
}

// onTrouble is the newest verdict on what a change did to the trouble: harm that showed only later says nothing of that.
func (c *Change) onTrouble() *EffectJudged {
	e := c.Effect
	for i := len(c.Effects) - 1; i >= 0 && e != nil && e.Late; i-- {
		if x := c.Effects[i]; x.Stage != FirstLook && !x.Late {
			e = &x
		}
	}
	return e
}

func weightOf(e EffectJudged) float64 {
	switch {
	case e.Faded:
		return openWeight / 2
	case e.Word == Worked && e.Source != FirstLook:
		return confirmedWeight
	case e.Word == Worked:
		return provenWeight
	case e.Word == Helped:
		return helpedWeight
	case e.Word == NoEffect || e.Word == Worse:
		return failedWeight
	}
	return openWeight
}

// tried reports whether a change came into force while the incident went on.
func tried(s *State, c *Change, end time.Time) bool {
	return !c.Settled.IsZero() && !c.Settled.Before(s.Incident.Onset) && !c.Settled.After(end)
}

// acts are what others did shortly before the end.
func acts(s *State, end time.Time) []explanation {
	var out []explanation
	add := func(at time.Time, what, why string) {
		if from := end.Add(-actReach); !at.Before(from) && !at.Before(s.Incident.Onset) && !at.After(end) {
			out = append(out, explanation{ended: EndedByOther, by: what, why: fmt.Sprintf("%s, %s before the end", why, end.Sub(at).Round(time.Second)), weight: actWeight, at: at})
		}
	}
	for _, a := range s.ScalingActs {
		if a.Held == "" && a.Status == "Successful" {
			add(a.At, "auto scaling on "+a.Target, a.Text)
		}
	}
	for _, m := range s.Marks {
		add(m.At, m.Text, "a mark")
	}
	for _, c := range s.Calls {
		if c.Error == "" && !strings.HasPrefix(c.Call, "Describe") && !s.Ours(c) {
			add(c.At, c.Call+" by "+c.By, c.Text)
		}
	}
	for _, m := range s.MovedByOthers() {
		if !s.told(m) {
			add(m.At, "a change of another hand", m.Text)
		}
	}
	return out
}

func byItself(s *State, others int) explanation {
	x := explanation{ended: EndedItself, weight: restWeight, why: "nothing that was done explains the end"}
	if others == 0 {
		x.why = "nothing was done, and it ended"
	}
	for i := len(s.Beliefs) - 1; i >= 0; i-- {
		if do := s.Beliefs[i].Do; do != "" {
			if do == Retry {
				x.weight, x.why = retryWeight, "waiting was the advice, and it ended"
			}
			break
		}
	}
	return x
}

// vain lists the changes that did not help.
func vain(s *State, end time.Time) []InVain {
	var out []InVain
	for _, c := range s.Changes {
		e := c.onTrouble()
		if !tried(s, c, end) || c.Plan.UndoOf != "" || e == nil {
			continue
		}
		if e.Faded || e.Word == NoEffect || e.Word == Worse {
			word := e.Word
			if e.Faded {
				word += ", then faded"
			}
			out = append(out, InVain{ID: c.Plan.ID, Word: word, Took: c.JudgedAt.Sub(c.Intended)})
		}
	}
	return out
}

// Same reports whether two attributions say the same to a person.
func (a IncidentAttributed) Same(b IncidentAttributed) bool {
	return a.Ended == b.Ended && a.By == b.By && math.Abs(a.Confidence-b.Confidence) < 0.05 && len(a.Vain) == len(b.Vain)
}

// String is one line: what ended it, how sure that is, and what was tried in vain.
func (a IncidentAttributed) String() string {
	text := map[string]string{
		EndedByChange: "ended by " + a.By, EndedByOther: "ended by " + a.By, EndedItself: "ended by itself",
		EndedUnclear: "what ended it is not clear", EndedNot: "not over",
	}[a.Ended]
	if a.Ended == EndedByChange || a.Ended == EndedByOther || a.Ended == EndedItself {
		text += fmt.Sprintf(" (%.0f %% of the evidence)", 100*a.Confidence)
	}
	text += ": " + a.Why
	for i, v := range a.Vain {
		sep := ", "
		if i == 0 {
			sep = "; in vain: "
		}
		text += fmt.Sprintf("%s%s %s after %s", sep, v.ID, v.Word, v.Took.Round(time.Second))
	}
	return text
}
