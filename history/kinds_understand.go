package history

import "time"

// Layer verdicts, tested in this order; unknown first, healthy last.
const (
	LayerUnknown   = "unknown"
	LayerService   = "service"
	LayerThrottled = "throttled"
	LayerSlow      = "slow"
	LayerTail      = "tail"
	LayerClient    = "client"
	LayerHealthy   = "healthy"
)

// Dispositions.
const (
	Retry    = "retry"
	Optimize = "optimize"
	Escalate = "escalate"
)

// Layer says where in the request path the trouble sits.
type Layer struct {
	Verdict string    `json:"verdict"`
	Why     string    `json:"why"`
	Since   time.Time `json:"since,omitzero"`
}

// Hypothesis is one incident kind on one target, with what speaks for and against it.
type Hypothesis struct {
	Kind    string   `json:"kind"`
	Target  string   `json:"target"` // table, table/index, "client" or a region
	P       float64  `json:"p"`      // 0–1; all hypotheses of one assessment sum to 1
	For     []string `json:"for"`
	Against []string `json:"against"`
	Reason  string   `json:"reason,omitempty"`  // DynamoDB throttling reason, where one was seen
	Rival   string   `json:"rival,omitempty"`   // the kind that it could be taken for; of the first in rank
	Decider string   `json:"decider,omitempty"` // what tells the two apart
}

// Disposition says whether to retry, optimize or escalate, and the rule that says so.
type Disposition struct {
	Verdict string `json:"verdict"`
	Rule    string `json:"rule"`
}

// Assessed is what ddbloop makes of the measurements; written when it changes.
type Assessed struct {
	Layer       Layer        `json:"layer"`
	Ranked      []Hypothesis `json:"ranked,omitempty"` // most probable first
	Disposition Disposition  `json:"disposition"`
	Onset       time.Time    `json:"onset,omitzero"` // back-dated start of the trouble

	Grain time.Duration `json:"grain,omitempty"` // how finely Onset is known: a second, a minute, five
	Moved []Moved       `json:"moved,omitempty"` // what changed around it, first things first
}

// Moved is something that changed around the onset. That it moved first makes it no cause.
type Moved struct {
	At    time.Time     `json:"at"`
	Grain time.Duration `json:"grain"`
	Text  string        `json:"text"`
}

// Reported is what a person or another system told the cockpit.
type Reported struct {
	Text   string `json:"text"`
	About  string `json:"about"` // latency | errors | down
	Client string `json:"client,omitempty"`
}

// Marked is a deploy or another marker from outside.
type Marked struct {
	Text  string    `json:"text"`
	At    time.Time `json:"at,omitzero"`     // when it was; zero = when the event was written
	Table string    `json:"table,omitempty"` // the table that it concerns; "" = all
	By    string    `json:"by,omitempty"`
}

// Noted is a note typed into the timeline, or an answer to one of the runbook's questions.
type Noted struct {
	Text  string    `json:"text"`
	About string    `json:"about,omitempty"` // postmortem section, e.g. lessons.why_surprised
	Over  time.Time `json:"over,omitzero"`   // instant the note speaks of, where it is not now
}

// IncidentDetected is the first verdict that was not healthy.
type IncidentDetected struct {
	Onset time.Time `json:"onset"`
	Why   string    `json:"why"`
}

// IncidentRecovered is the product's own word that the trouble is over and has stayed over.
type IncidentRecovered struct {
	Why string `json:"why"`
}

// IncidentEscalated says that the incident was handed on, and why.
type IncidentEscalated struct {
	Why string `json:"why"`
}

// IncidentClosed says that a person (or the autopilot) closed the incident.
type IncidentClosed struct {
	Reason string `json:"reason"`
}

// PostmortemWritten names a postmortem file that was written.
type PostmortemWritten struct {
	Path string `json:"path"`
}

// Kind names Assessed in the journal.
func (Assessed) Kind() string { return "assessed" }

// Kind names Reported in the journal.
func (Reported) Kind() string { return "reported" }

// Kind names Marked in the journal.
func (Marked) Kind() string { return "marked" }

// Kind names Noted in the journal.
func (Noted) Kind() string { return "noted" }

// Kind names IncidentDetected in the journal.
func (IncidentDetected) Kind() string { return "incident.detected" }

// Kind names IncidentRecovered in the journal.
func (IncidentRecovered) Kind() string { return "incident.recovered" }

// Kind names IncidentEscalated in the journal.
func (IncidentEscalated) Kind() string { return "incident.escalated" }

// Kind names IncidentClosed in the journal.
func (IncidentClosed) Kind() string { return "incident.closed" }

// Kind names PostmortemWritten in the journal.
func (PostmortemWritten) Kind() string { return "postmortem.written" }
