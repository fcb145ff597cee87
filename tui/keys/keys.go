// Package keys is the table of key bindings. Routing, the help page and the hints are made from it.
package keys

// Action is what a key does.
type Action int

// The actions.
const (
	PaneMetrics Action = iota
	PaneRunbook
	PaneTimeline
	PaneEffects
	NextPane
	PrevPane
	Enter
	Full
	Back
	Freeze
	Verdict
	Down
	Up
	PageDown
	PageUp
	Newest
	Earlier
	Later
	ZoomIn
	ZoomOut
	Open
	Decide
	Plan
	Arm
	Drop
	Undo
	Change
	Timer
	Hold
	Lab
	Done
	Skip
	Note
	Escalate
	Close
	Postmortem
	Copy
	Glyphs
	Help
	Redraw
	Suspend
	Quit
)

// Facts are what decides whether a key has something to do.
type Facts struct {
	ReadOnly string // why nothing can be approved here; "" = it can
	Frozen   bool
	Run      bool   // a runbook is open
	Step     string // type of its current step
	Planned  bool   // a change waits for approval
	InForce  bool   // a change is in force
	Incident bool   // an incident is open
	Probe    bool   // a probe of the team's own has answered
}

// Binding is one row of the table.
type Binding struct {
	Do        Action
	Keys      []string // as tea.Key.String gives them
	Show      string   // how the keys are written for people
	Short     string   // for the footer
	Help      string   // for the help page
	Group     string
	Dangerous bool               // leads towards a change of a table
	Disabled  func(Facts) string // why the key has nothing to do now; "" = it has
}

// Why returns why a binding is disabled, or "".
func (b Binding) Why(f Facts) string {
	if b.Disabled == nil {
		return ""
	}
	return b.Disabled(f)
}

// Find returns the binding of a key.
func Find(key string) (Binding, bool) {
	for _, b := range All {
		for _, k := range b.Keys {
			if k == key {
				return b, true
			}
		}
	}
	return Binding{}, false
}

// Of returns the binding of an action.
func Of(a Action) Binding {
	for _, b := range All {
		if b.Do == a {
			return b
		}
	}
	return Binding{}
}
