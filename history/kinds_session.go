package history

import "time"

// SessionStarted is the first event of every journal: who looks at what, from where, and what the team
// has told ddbloop about its clients and levers.
type SessionStarted struct {
	ID        string            `json:"id"`
	Version   string            `json:"version"`
	Mode      string            `json:"mode"` // watch | demo | drill | check
	Tables    []string          `json:"tables"`
	Account   string            `json:"account,omitempty"`
	Region    string            `json:"region"`
	Endpoints map[string]string `json:"endpoints,omitempty"` // service → URL, where not AWS's own
	Armed     bool              `json:"armed"`               // changes allowed
	Scenario  string            `json:"scenario,omitempty"`
	Speed     float64           `json:"speed,omitempty"` // simulated seconds per second, embedded world only
	Clients   []Client          `json:"clients,omitempty"`
	Levers    []Lever           `json:"levers,omitempty"`
	Signals   []OwnSignal       `json:"signals,omitempty"`
	Policy    string            `json:"policy,omitempty"` // name and hash of what says what may be changed, where changes are allowed
	Prices    *Prices           `json:"prices,omitempty"` // nil = not known for this Region
}

// Prices are what the calls that measure cost, as list prices of the session's Region in USD.
type Prices struct {
	Metric   float64 `json:"metric"`    // one metric asked of GetMetricData, or one report of Contributor Insights
	ReadUnit float64 `json:"read_unit"` // one read request unit of an on-demand table
}

// OwnSignal is a signal that the team has named itself, from its own metrics in CloudWatch.
type OwnSignal struct {
	Name   string `json:"name"`
	Unit   string `json:"unit,omitempty"` // as the catalogue writes units
	Target string `json:"target"`         // table or table/index
	Help   string `json:"help,omitempty"` // where it comes from
}

// Client is a caller of the tables that the team has told us about: what "fast enough" means to it.
type Client struct {
	Name    string        `json:"name"`
	Table   string        `json:"table"`
	Index   string        `json:"index,omitempty"`
	Op      string        `json:"op,omitempty"`      // main operation
	P99     time.Duration `json:"p99,omitempty"`     // latency objective; 0 = PFactor times its own calm p99
	PFactor float64       `json:"pfactor,omitempty"` // multiple of its own calm p99; 0 = none
	Success float64       `json:"success,omitempty"` // share of calls that must succeed, 0–1; 0 = none
	Feed    time.Duration `json:"feed,omitempty"`    // scrape interval of its OpenMetrics endpoint; 0 = none
}

// Lever is something people can do outside AWS. Does says what kind of help it is.
type Lever struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Does  string `json:"does"`
}

// SessionResumed says that a process took the journal up again after another had stopped.
type SessionResumed struct {
	LastSeq uint64        `json:"last_seq"`
	Gap     time.Duration `json:"gap"` // between the last event and now: nothing was measured in it
}

// SessionClosed says that the session ended by a person's or the program's own will.
type SessionClosed struct {
	Reason string `json:"reason"`
}

// JournalHurt says what the journal lost or could not keep, as found on opening.
type JournalHurt struct {
	Text  string `json:"text"`
	Bytes int64  `json:"bytes"` // bytes set aside
}

// Kind names SessionStarted in the journal.
func (SessionStarted) Kind() string { return "session.started" }

// Kind names SessionResumed in the journal.
func (SessionResumed) Kind() string { return "session.resumed" }

// Kind names SessionClosed in the journal.
func (SessionClosed) Kind() string { return "session.closed" }

// Kind names JournalHurt in the journal.
func (JournalHurt) Kind() string { return "journal.hurt" }
