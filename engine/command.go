// Package engine is the loop that makes things happen: sources measure, the diagnosis understands, the
// runbook and people decide, changes are carried out and judged. Everything it does ends as events.
package engine

import "time"

// Command is something a person, or the autopilot in their place, asks the loop to do. Each is checked
// where it is carried out, not only where it is offered.
type Command interface{ command() }

type (
	// OpenRunbook starts a runbook of the library on a target (table or table/index). Where Target or Side
	// (read | write) is empty, the diagnosis fills it in.
	OpenRunbook struct{ Name, Target, Side, Why string }

	// Decide takes a branch of a decision. A branch that the data does not favour needs a reason.
	Decide struct{ Step, Goto, Reason string }

	// FinishStep ends a step by hand: Result is "done" or "skipped"; skipping needs a reason.
	FinishStep struct{ Step, Result, Reason string }

	// PlanStep works out the change of an act. The plan, or the refusal with its reason, comes as an event.
	PlanStep struct{ Step string }

	// PlanChange works out a change that no runbook step asks for.
	PlanChange struct {
		What, Target string        // change kind and target
		Side         string        // read | write, of kinds that do not say it; "" = the one in trouble
		To           int64         // units per second, or percent; 0 = what the demand of the last 15 minutes asks for; change.Unlimited
		Down         bool          // a cut
		Reason       string        // where a guard asks for one
		UndoAfter    time.Duration // taken back so long after it came into force, unless kept; 0 = never by itself
	}

	// StartLab measures another variant of a probe's request, from a file in the form of the AWS CLI's --cli-input-json, beside it.
	// An empty Probe is the only one there is.
	StartLab struct{ Probe, File string }

	// StopLab ends the lab that runs; what it has found is kept.
	StopLab struct{}

	// Approve is a person's consent to one plan: Token is what they typed, Hash what they saw.
	Approve struct {
		ID, Hash, Token string
		timer           string // whose earlier approval covers a timed undo
	}

	// Drop gives up a planned change.
	Drop struct{ ID, Why string }

	// Undo plans the inverse of a change that is in force. The new plan needs its own approval.
	Undo struct{ ID string }

	// Timer has a change in force taken back after a while, unless it is kept.
	Timer struct {
		ID    string
		After time.Duration
	}

	// Keep ends a change's timer: it stays in force.
	Keep struct{ ID string }

	// Hold stops every step that has not been sent; Release lets them go on.
	Hold struct{ Why string }

	// Release ends a Hold.
	Release struct{ Why string }

	// Note writes into the timeline. About names the postmortem section it answers, or is empty.
	Note struct{ Text, About string }

	// Report passes on what a person or another system says: About is latency, errors or down.
	Report struct{ Text, About, Client string }

	// Hand escalates the incident.
	Hand struct{ Why string }

	// Close closes the incident.
	Close struct{ Reason string }

	// WritePostmortem writes the draft as it stands into the session's folder, or into Dir.
	WritePostmortem struct{ Dir string }
)

func (OpenRunbook) command()     {}
func (Decide) command()          {}
func (FinishStep) command()      {}
func (PlanStep) command()        {}
func (PlanChange) command()      {}
func (StartLab) command()        {}
func (StopLab) command()         {}
func (Approve) command()         {}
func (Drop) command()            {}
func (Undo) command()            {}
func (Timer) command()           {}
func (Keep) command()            {}
func (Hold) command()            {}
func (Release) command()         {}
func (Note) command()            {}
func (Report) command()          {}
func (Hand) command()            {}
func (Close) command()           {}
func (WritePostmortem) command() {}
