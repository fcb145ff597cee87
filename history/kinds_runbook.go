package history

// Verdicts of a check.
const (
	Pass      = "pass"
	Fail      = "fail"
	NoVerdict = "unknown" // no data: never passes a gate
)

// StepInfo is what the cockpit and the postmortem show of a runbook step, copied into the journal so that
// neither needs the file again.
type StepInfo struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"` // check | decide | act | note
	Say      string   `json:"say"`  // one line
	Section  string   `json:"section,omitempty"`
	Required string   `json:"required,omitempty"` // check: no | yes | success
	Change   string   `json:"change,omitempty"`   // act: change kind, e.g. index.write or lever:limit_key|spread_keys; "escalate", "wait"
	Levers   []string `json:"levers,omitempty"`   // act: the kinds of lever that would do, the most fitting first
	Variant  string   `json:"variant,omitempty"`  // act: the file of a lab's variant B, for query.variant
	Probe    string   `json:"probe,omitempty"`    // act: the probe to measure it beside, "" = the only one
	Choices  []Choice `json:"choices,omitempty"`  // decide
	To       string   `json:"to,omitempty"`       // note: postmortem section
}

// Choice is one branch of a decision.
type Choice struct {
	Goto    string `json:"goto"`
	Because string `json:"because"`
	When    string `json:"when,omitempty"` // the condition, as written; "" = otherwise
}

// RunbookOpened starts a runbook on a target.
type RunbookOpened struct {
	Runbook string     `json:"runbook"`
	Version int        `json:"version"`
	Title   string     `json:"title"`
	Hash    string     `json:"hash"` // of the file, hex
	Target  string     `json:"target"`
	Side    string     `json:"side,omitempty"` // read | write
	Why     string     `json:"why"`
	Steps   []StepInfo `json:"steps"`
}

// StepEntered moves the pointer of the runbook.
type StepEntered struct {
	Step string `json:"step"`
	Why  string `json:"why,omitempty"`
}

// CheckEvaluated is a check's verdict; written when it changes.
type CheckEvaluated struct {
	Step    string `json:"step"`
	Verdict string `json:"verdict"` // pass | fail | unknown
	Why     string `json:"why"`     // the numbers, e.g. "write_keyrange_throttles 212/s > 0 for 3 of 5 min"
}

// DecisionOffered is the branch that the data favours; written when it changes.
type DecisionOffered struct {
	Step     string `json:"step"`
	Favoured string `json:"favoured"` // goto
	Because  string `json:"because"`
}

// DecisionTaken is the branch that was taken. Override carries a reason.
type DecisionTaken struct {
	Step     string `json:"step"`
	Choice   string `json:"choice"` // goto
	Because  string `json:"because"`
	Override bool   `json:"override,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// StepFinished ends a step by hand or by its act: done | skipped.
type StepFinished struct {
	Step   string `json:"step"`
	Result string `json:"result"`
	Reason string `json:"reason,omitempty"`
}

// Kind names RunbookOpened in the journal.
func (RunbookOpened) Kind() string { return "runbook.opened" }

// Kind names StepEntered in the journal.
func (StepEntered) Kind() string { return "step.entered" }

// Kind names CheckEvaluated in the journal.
func (CheckEvaluated) Kind() string { return "check.evaluated" }

// Kind names DecisionOffered in the journal.
func (DecisionOffered) Kind() string { return "decision.offered" }

// Kind names DecisionTaken in the journal.
func (DecisionTaken) Kind() string { return "decision.taken" }

// Kind names StepFinished in the journal.
func (StepFinished) Kind() string { return "step.finished" }
