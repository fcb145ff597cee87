package history

import "time"

// State is everything that anyone sees, folded from events alone. It asks nothing and knows no clock:
// Now is the time of the newest event. The same events give the same State, byte for byte as JSON.
type State struct {
	Session SessionStarted `json:"session"`
	Started time.Time      `json:"started"`
	Now     time.Time      `json:"now"`
	Seq     uint64         `json:"seq"`

	Sources  map[string]*Source `json:"sources"`
	Tables   map[string]*Table  `json:"tables"`
	Series   map[string]*Series `json:"series"` // by SeriesKey.String()
	Probes   map[string]*Probe  `json:"probes"`
	Feeds    map[string]*Feed   `json:"feeds"`
	Queries  int                `json:"queries"`            // CloudWatch metrics asked for, as billed
	Rankings int                `json:"rankings,omitempty"` // reports of Contributor Insights, which are billed as metrics are
	Probed   float64            `json:"probed,omitempty"`   // read units that probes have used of on-demand tables, which are billed
	Every    int                `json:"every,omitempty"`    // seconds between polls, where that is more than a minute
	Resting  int                `json:"resting,omitempty"`  // optional series that the budget for calls leaves out
	Status   map[string]string  `json:"status,omitempty"`   // of series that CloudWatch did not answer in full, by SeriesKey.String()

	Keys        map[string]*KeysRanked       `json:"keys,omitempty"`    // by target#rule
	Alarms      map[string]*AlarmChanged     `json:"alarms,omitempty"`  // by name
	Scaling     map[string]*ScalingDescribed `json:"scaling,omitempty"` // by target#side
	ScalingActs []ScalingActed               `json:"scaling_acts,omitempty"`
	Calls       []CallRecorded               `json:"calls,omitempty"`
	Moved       []SettingMoved               `json:"moved,omitempty"` // limits and modes that were changed, as DescribeTable shows
	Quotas      *QuotasRead                  `json:"quotas,omitempty"`
	Reports     []Report                     `json:"reports,omitempty"`

	Baselines map[string]*Series `json:"baselines,omitempty"` // how it was before, by BaselineKey

	Assessed   Assessed            `json:"assessed"`
	AssessedAt time.Time           `json:"assessed_at,omitzero"`
	Beliefs    []Belief            `json:"beliefs,omitempty"`
	Incident   Incident            `json:"incident"`
	Attributed *IncidentAttributed `json:"attributed,omitempty"` // what ended the incident; nil before its end

	Run     *Run            `json:"run,omitempty"`
	Past    []*Run          `json:"past,omitempty"` // runbooks opened before the present one
	Changes []*Change       `json:"changes,omitempty"`
	Refused []ChangeRefused `json:"refused,omitempty"`
	Labs    []*Lab          `json:"labs,omitempty"`
	Hold    *Hold           `json:"hold,omitempty"` // nothing is sent while it stands

	Notes    []Note   `json:"notes,omitempty"`
	Marks    []Marked `json:"marks,omitempty"`
	Timeline []Entry  `json:"timeline"`
	Hurt     string   `json:"hurt,omitempty"` // what the journal lost

	ramps map[string]ramp // settings that move step by step, by what moves
}

// Source is one eye and how well it sees.
type Source struct {
	Name   string        `json:"name"`
	State  string        `json:"state"`
	Reason string        `json:"reason,omitempty"`
	Text   string        `json:"text,omitempty"`
	Since  time.Time     `json:"since"`            // of State
	LastOK time.Time     `json:"last_ok,omitzero"` // last good answer
	Retry  time.Time     `json:"retry,omitzero"`
	Every  time.Duration `json:"every,omitempty"` // between two looks of an optional eye; 0 = nothing sees without it
}

// Table is what is known of a table's settings.
type Table struct {
	Snap      *TableSnapshot `json:"snap"`
	Described time.Time      `json:"described"` // last good answer
	Changed   time.Time      `json:"changed"`   // when Snap last differed
}

// Probe is the last answer of a probe.
type Probe struct {
	Last    ProbeAnswered `json:"last"`
	At      time.Time     `json:"at"`
	Refused time.Time     `json:"refused,omitzero"` // when it was last refused with reasons
	Reasons []Reason      `json:"reasons,omitempty"`
}

// Feed is the last scrape of a feed.
type Feed struct {
	Last FeedScraped `json:"last"`
	At   time.Time   `json:"at"`
}

// Report is what a person or another system told, and when.
type Report struct {
	At time.Time `json:"at"`
	Reported
}

// Belief is what ddbloop thought most probable, and since when.
type Belief struct {
	At    time.Time `json:"at"`
	Layer string    `json:"layer"`
	Why   string    `json:"why,omitempty"`
	Kind  string    `json:"kind,omitempty"`
	Goal  string    `json:"target,omitempty"`
	P     float64   `json:"p,omitempty"`
	Do    string    `json:"disposition,omitempty"`
}

// Incident holds the clocks of the incident; a zero time has not come.
type Incident struct {
	Onset     time.Time `json:"onset,omitzero"` // back-dated
	Detected  time.Time `json:"detected,omitzero"`
	Recovered time.Time `json:"recovered,omitzero"`
	Escalated time.Time `json:"escalated,omitzero"`
	Closed    time.Time `json:"closed,omitzero"`
	Why       string    `json:"why,omitempty"`
}

// Run is a runbook under way.
type Run struct {
	Info    RunbookOpened `json:"info"`
	Opened  time.Time     `json:"opened"`
	Current string        `json:"current"` // step id; "" = not begun, "end" = walked through
	Steps   []*Step       `json:"steps"`
}

// Step is a runbook step and how it stands.
type Step struct {
	StepInfo
	Verdict  string    `json:"verdict,omitempty"` // check: pass | fail | unknown
	Result   string    `json:"result,omitempty"`  // done | skipped; a decision: the branch taken
	Why      string    `json:"why,omitempty"`
	Favoured string    `json:"favoured,omitempty"`
	Because  string    `json:"because,omitempty"`
	Refused  bool      `json:"refused,omitempty"` // act: its change was refused before it was tried
	At       time.Time `json:"at,omitzero"`
	By       string    `json:"by,omitempty"`
}

// Change states.
const (
	ChangePlan       = "planned"
	ChangeOK         = "approved"
	ChangeIntent     = "intended"
	ChangeSentOK     = "settling"
	ChangeFailed     = "failed"
	ChangeUnsure     = "unsure"
	ChangeInForce    = "in force"
	ChangeNot        = "not applied"
	ChangeOvertaken  = "overtaken"
	ChangeIsDropped  = "dropped"
	ChangeUndoneWord = "undone"
)

// Change is a change and all that is known of it.
type Change struct {
	Plan     ChangePlanned  `json:"plan"`
	State    string         `json:"state"`
	By       string         `json:"by,omitempty"`
	Planned  time.Time      `json:"planned"`
	Approved time.Time      `json:"approved,omitzero"`
	Intended time.Time      `json:"intended,omitzero"`
	Answered time.Time      `json:"answered,omitzero"`
	Settled  time.Time      `json:"settled,omitzero"`
	Undone   time.Time      `json:"undone,omitzero"`
	UndoneBy string         `json:"undone_by,omitempty"` // id of the undoing change
	UndoAt   time.Time      `json:"undo_at,omitzero"`    // taken back then, unless kept
	Proposed string         `json:"proposed,omitempty"`  // why it should be taken back
	From     string         `json:"from,omitempty"`      // the earlier session that made it
	Request  string         `json:"request,omitempty"`
	Error    string         `json:"error,omitempty"`
	Look     *EffectJudged  `json:"look,omitempty"` // newest first look
	LookAt   time.Time      `json:"look_at,omitzero"`
	Effect   *EffectJudged  `json:"effect,omitempty"` // newest verdict
	JudgedAt time.Time      `json:"judged_at,omitzero"`
	Effects  []EffectJudged `json:"effects,omitempty"` // all, in order
}

// Note is a note of a person.
type Note struct {
	At    time.Time `json:"at"`
	By    string    `json:"by,omitempty"`
	Text  string    `json:"text"`
	About string    `json:"about,omitempty"`
}

// Entry is one row of the timeline, for people.
type Entry struct {
	Seq   uint64    `json:"seq"`
	At    time.Time `json:"at"`
	Lane  string    `json:"lane"`  // metrics | verdict | runbook | change | people | source
	Level string    `json:"level"` // info | good | warn | bad
	By    string    `json:"by,omitempty"`
	Ref   string    `json:"ref,omitempty"` // change or step id
	Text  string    `json:"text"`
}

// NewState returns the State before any event.
func NewState() *State {
	return &State{
		Sources: map[string]*Source{}, Tables: map[string]*Table{}, Series: map[string]*Series{},
		Probes: map[string]*Probe{}, Feeds: map[string]*Feed{}, Timeline: []Entry{},
	}
}

// Fold applies events in order and returns s.
func (s *State) Fold(events ...Event) *State {
	for _, e := range events {
		s.Apply(e)
	}
	return s
}

// Get returns a series, or nil.
func (s *State) Get(signal, target, op string) *Series {
	return s.Series[SeriesKey{Signal: signal, Target: target, Op: op}.String()]
}

// Change returns the change with an id, or nil.
func (s *State) Change(id string) *Change {
	for _, c := range s.Changes {
		if c.Plan.ID == id {
			return c
		}
	}
	return nil
}

// Step returns the step with an id of the present runbook, or nil.
func (r *Run) Step(id string) *Step {
	if r == nil {
		return nil
	}
	for _, s := range r.Steps {
		if s.ID == id {
			return s
		}
	}
	return nil
}
