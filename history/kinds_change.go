package history

import "time"

// Effect words.
const (
	Worked     = "worked"
	Helped     = "helped"
	NoEffect   = "no effect"
	Worse      = "worse"
	Unproven   = "unproven"
	Confounded = "confounded"
)

// Stages of judging an effect.
const (
	FirstLook = "first look" // seconds, from probes and feeds
	Verdict   = "verdict"    // what first look, CloudWatch and mechanism together say
)

// Undo classes.
const (
	UndoReady      = "ready"
	UndoLimited    = "limited" // a quota or a time bounds it
	UndoImpossible = "impossible"
)

// Expectation is what a change is meant to do, frozen when it is planned.
type Expectation struct {
	Signal    string        `json:"signal"`
	Target    string        `json:"target"`
	Op        string        `json:"op,omitempty"`
	Direction string        `json:"direction"` // down | up
	By        float64       `json:"by"`        // share, 0.9 = by 90 %
	Within    time.Duration `json:"within"`
	Harm      []HarmSignal  `json:"harm,omitempty"`
}

// HarmSignal must not rise above Factor times its value before the change.
type HarmSignal struct {
	Signal string  `json:"signal"`
	Factor float64 `json:"factor"`
}

// ChangePlanned is a change worked out against a fresh DescribeTable, not yet approved.
type ChangePlanned struct {
	ID        string        `json:"id"`     // E1, E2 …
	What      string        `json:"change"` // kind: table.write, index.write, lever:NAME …
	Target    string        `json:"target"` // table or table/index; a lever's: the diagnosis' target
	Title     string        `json:"title"`
	Before    string        `json:"before"`
	After     string        `json:"after"`
	BeforeN   int64         `json:"before_n,omitempty"` // units per second
	AfterN    int64         `json:"after_n,omitempty"`
	TableID   string        `json:"table_id,omitempty"`
	CostHour  *float64      `json:"cost_hour"`      // USD per hour, signed; null = unknown price
	Note      string        `json:"note,omitempty"` // what was asked for where that is more than is allowed, and why
	CostNote  string        `json:"cost_note,omitempty"`
	Shows     time.Duration `json:"shows"` // how soon it can show
	UndoClass string        `json:"undo_class"`
	UndoText  string        `json:"undo_text"`
	Blast     string        `json:"blast"`                // what else it touches
	Side      string        `json:"side,omitempty"`       // read | write: the one in trouble, where the kind does not say
	Set       []Setting     `json:"set,omitempty"`        // what the one request carries; none of what is done outside AWS
	Inverse   []Setting     `json:"inverse,omitempty"`    // what taking it back sets: After is the recorded value
	CostHeld  *float64      `json:"cost_held,omitempty"`  // USD per hour held against the policy's ceilings where CostHour is not known
	CostOnce  *float64      `json:"cost_once,omitempty"`  // USD, charged once beside CostHour
	UndoAfter time.Duration `json:"undo_after,omitempty"` // taken back so long after it came into force, unless kept: part of the approval
	Reason    string        `json:"reason,omitempty"`     // typed by the person, where a guard asked for one
	Policy    string        `json:"policy,omitempty"`     // hash of the policy that it was planned under
	Token     string        `json:"token"`                // what a person types to approve
	Step      string        `json:"step,omitempty"`
	UndoOf    string        `json:"undo_of,omitempty"`
	Lab       string        `json:"lab,omitempty"` // of query.variant: the lab whose winner the probe is to ask as
	Expect    *Expectation  `json:"expect,omitempty"`
	Hash      string        `json:"hash"` // over what is approved
}

// Setting is one value of a table, an index, a scaling policy or Contributor Insights that a request carries. Where Before and
// After are the same, AWS wants the value named and it stays. Numbers are decimal, without unit.
type Setting struct {
	Index  string `json:"index,omitempty"` // "" = the table's own
	Name   string `json:"name"`            // one of the Set… names
	Before string `json:"before"`
	After  string `json:"after"`
}

// Changed reports whether the setting is to be another.
func (s Setting) Changed() bool { return s.Before != s.After }

// Names of settings.
const (
	SetRead      = "read"  // provisioned units per second
	SetWrite     = "write" // provisioned units per second
	SetMode      = "mode"  // provisioned | on_demand
	SetMaxRead   = "max_read"
	SetMaxWrite  = "max_write" // on-demand request units per second, or none
	SetWarmRead  = "warm_read"
	SetWarmWrite = "warm_write" // units per second that are served at once
	SetInsights  = "insights"   // off | throttled | accessed
	SetIndex     = "index"      // backfilling | gone
)

// Settings of auto scaling, of the side that stands before them: read_scaling_min …
const (
	SetScalingMin     = "_scaling_min"
	SetScalingMax     = "_scaling_max"
	SetScalingPercent = "_scaling_percent" // target utilisation
	SetScalingPolicy  = "_scaling_policy"  // name of the policy; it stays
	SetScalingIn      = "_scaling_in"      // seconds of cooldown, or off; it stays
	SetScalingOut     = "_scaling_out"     // seconds of cooldown; it stays
)

// Values of settings that are no numbers.
const (
	NoLimit           = "none" // an on-demand maximum that is not set
	Off               = "off"
	InsightsThrottled = "throttled" // Contributor Insights counts throttled keys only
	InsightsAccessed  = "accessed"  // and those read and written most
	IndexBackfilling  = "backfilling"
	IndexGone         = "gone"
	Provisioned       = "provisioned"
	OnDemand          = "on_demand"
)

// ChangeRefused is a change that a guard held back before it was tried.
type ChangeRefused struct {
	What   string `json:"change"`
	Target string `json:"target"`
	Why    string `json:"why"`
	Step   string `json:"step,omitempty"`
	Later  bool   `json:"later,omitempty"` // what stands in its way passes by itself: it may be asked for again
}

// ChangeApproved is a person's typed consent to exactly one plan.
type ChangeApproved struct {
	ID     string `json:"id"`
	Hash   string `json:"hash"`
	Policy string `json:"policy,omitempty"` // hash of the policy in force then
	Timer  string `json:"timer,omitempty"`  // whose earlier approval covers it: of a timed undo
}

// ChangeIntended is on stable storage before the one request of a change leaves.
type ChangeIntended struct {
	ID      string `json:"id"`
	Request string `json:"request"` // what will be called, in words
	Undo    string `json:"undo"`    // the inverse, with the recorded before-value
}

// ChangeAnswered is the outcome of the one request.
type ChangeAnswered struct {
	ID      string `json:"id"`
	OK      bool   `json:"ok"`
	Unsure  bool   `json:"unsure,omitempty"` // no answer: it may or may not have been applied
	Code    string `json:"code,omitempty"`
	Text    string `json:"text,omitempty"`
	Request string `json:"request,omitempty"` // x-amzn-RequestId
}

// ChangeReconciled is what DescribeTable showed of a change whose outcome was lost.
type ChangeReconciled struct {
	ID      string `json:"id"`
	Outcome string `json:"outcome"` // applied | not applied | in progress | overtaken | unknown
	Why     string `json:"why"`
}

// ChangeSettled says that a change is in force: table ACTIVE with the new values, or lever returned.
type ChangeSettled struct {
	ID string `json:"id"`
}

// ChangeDropped says that a planned change was not carried out.
type ChangeDropped struct {
	ID  string `json:"id"`
	Why string `json:"why"`
}

// EffectJudged is what is known of a change's effect; a later one replaces an earlier one.
type EffectJudged struct {
	ID        string        `json:"id"`
	Stage     string        `json:"stage"` // first look | verdict
	Word      string        `json:"word"`  // first look: better | worse | same | unproven; verdict: an effect word
	Signal    string        `json:"signal"`
	Unit      string        `json:"unit,omitempty"`
	Before    float64       `json:"before"`
	After     float64       `json:"after"`
	Change    float64       `json:"change"` // relative, −0.9 = down by 90 %
	Low       float64       `json:"low"`    // 95 % interval of Change
	High      float64       `json:"high"`
	N         int           `json:"n"`    // samples since the change
	Took      time.Duration `json:"took"` // from settled to this word
	Source    string        `json:"source"`
	Mechanism string        `json:"mechanism"`
	Reason    string        `json:"reason"`          // one sentence with the numbers
	Faded     bool          `json:"faded,omitempty"` // it had helped, and the signal is back where it was
	Late      bool          `json:"late,omitempty"`  // harm that showed first after the verdict was due
	Against   *Untouched    `json:"against,omitempty"`
}

// Untouched is how the same signal moved in the same time where the change could not reach it.
type Untouched struct {
	Where string  `json:"where"` // tables and indexes: carts, users and 3 more
	Moved float64 `json:"moved"` // relative, the median of several
	Net   float64 `json:"net"`   // the change's own move with theirs taken off
}

// Kind names ChangePlanned in the journal.
func (ChangePlanned) Kind() string { return "change.planned" }

// Kind names ChangeRefused in the journal.
func (ChangeRefused) Kind() string { return "change.refused" }

// Kind names ChangeApproved in the journal.
func (ChangeApproved) Kind() string { return "change.approved" }

// Kind names ChangeIntended in the journal.
func (ChangeIntended) Kind() string { return "change.intended" }

// Kind names ChangeAnswered in the journal.
func (ChangeAnswered) Kind() string { return "change.answered" }

// Kind names ChangeReconciled in the journal.
func (ChangeReconciled) Kind() string { return "change.reconciled" }

// Kind names ChangeSettled in the journal.
func (ChangeSettled) Kind() string { return "change.settled" }

// Kind names ChangeDropped in the journal.
func (ChangeDropped) Kind() string { return "change.dropped" }

// Kind names EffectJudged in the journal.
func (EffectJudged) Kind() string { return "effect.judged" }
