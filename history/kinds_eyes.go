package history

import "time"

// KeysRanked is what Contributor Insights counted of the busiest partition keys over a window. Key values are never in it:
// each key is known by a tag, a keyed hash that only this session can make, unless somebody had them revealed (KeysRevealed).
type KeysRanked struct {
	Target string     `json:"target"` // table or table/index
	Rule   string     `json:"rule"`   // throttled | accessed
	From   int64      `json:"from"`   // Unix seconds
	To     int64      `json:"to"`
	Sum    float64    `json:"sum"` // over all keys: throttle events, or read units + 3 × write units
	Keys   []KeyShare `json:"keys,omitempty"`
}

// KeysRevealed says that from here on the tags of KeysRanked are the key values themselves, and who asked for it.
type KeysRevealed struct {
	By string `json:"by"`
}

// Kind names KeysRevealed in the journal.
func (KeysRevealed) Kind() string { return "keys.revealed" }

// KeyShare is one key's part of the sum, largest first.
type KeyShare struct {
	Tag   string  `json:"tag"`
	Share float64 `json:"share"` // 0–1
}

// AlarmChanged is a CloudWatch alarm on one of the tables as it stands now.
type AlarmChanged struct {
	Name   string    `json:"name"`
	Metric string    `json:"metric"`
	Target string    `json:"target,omitempty"` // table or table/index
	State  string    `json:"state"`            // OK | ALARM | INSUFFICIENT_DATA
	Since  time.Time `json:"since"`
	Reason string    `json:"reason,omitempty"`
}

// AlarmTurned is a past change of an alarm's state, from before the session looked at it.
type AlarmTurned struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	Text string    `json:"text"` // as AWS says: Alarm updated from OK to ALARM
}

// Kind names AlarmTurned in the journal.
func (AlarmTurned) Kind() string { return "alarm.turned" }

// ScalingDescribed is one side's scalable target and policy in Application Auto Scaling. Gone: it is not registered any more.
type ScalingDescribed struct {
	Target    string  `json:"target"`
	Side      string  `json:"side"` // read | write
	Min       int64   `json:"min"`  // units per second
	Max       int64   `json:"max"`
	Percent   float64 `json:"percent,omitempty"` // target utilisation; 0 = no policy
	Suspended bool    `json:"suspended,omitempty"`
	Gone      bool    `json:"gone,omitempty"`
	Policy    string  `json:"policy,omitempty"` // name of the target-tracking policy
	Out       int64   `json:"out,omitempty"`    // its cooldowns in seconds
	In        int64   `json:"in,omitempty"`
	NoIn      bool    `json:"no_in,omitempty"` // it never scales in
}

// ScalingActed is one scaling activity; a later one with the same ID replaces it.
type ScalingActed struct {
	ID     string    `json:"id"`
	Target string    `json:"target"`
	Side   string    `json:"side"`
	At     time.Time `json:"at"`
	Status string    `json:"status"` // as AWS says: Successful, Failed …
	Text   string    `json:"text"`
	Cause  string    `json:"cause,omitempty"`
	Held   string    `json:"held,omitempty"` // why nothing was done, AWS's code: AlreadyAtMaxCapacity …
}

// CallRecorded is one control-plane call that CloudTrail recorded, minutes after it was made.
type CallRecorded struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"` // of the call
	By     string    `json:"by"`
	Call   string    `json:"call"` // UpdateTable …
	Target string    `json:"target,omitempty"`
	Text   string    `json:"text,omitempty"` // what it asked for, in short
	Error  string    `json:"error,omitempty"`
}

// QuotasRead are the account's limits in units per second, as DescribeLimits says.
type QuotasRead struct {
	TableRead    int64 `json:"table_read"`
	TableWrite   int64 `json:"table_write"`
	AccountRead  int64 `json:"account_read"`
	AccountWrite int64 `json:"account_write"`
}

// ReportsBilled counts reports of Contributor Insights, which AWS bills one by one.
type ReportsBilled struct {
	Reports int `json:"reports"`
}

// BaselinesRead is how signals stood at the same time of an earlier day, on a grid of five minutes.
type BaselinesRead struct {
	Ago     time.Duration  `json:"ago"`  // 24 h or 168 h
	From    int64          `json:"from"` // window asked for, Unix seconds
	To      int64          `json:"to"`
	Series  []SeriesUpdate `json:"series,omitempty"`
	Queries int            `json:"queries"` // metrics asked for, as AWS bills them
}

// Kind names ReportsBilled in the journal.
func (ReportsBilled) Kind() string { return "reports.billed" }

// Kind names BaselinesRead in the journal.
func (BaselinesRead) Kind() string { return "baselines.read" }

// Kind names KeysRanked in the journal.
func (KeysRanked) Kind() string { return "keys.ranked" }

// Kind names AlarmChanged in the journal.
func (AlarmChanged) Kind() string { return "alarm.changed" }

// Kind names ScalingDescribed in the journal.
func (ScalingDescribed) Kind() string { return "scaling.described" }

// Kind names ScalingActed in the journal.
func (ScalingActed) Kind() string { return "scaling.acted" }

// Kind names CallRecorded in the journal.
func (CallRecorded) Kind() string { return "call.recorded" }

// Kind names QuotasRead in the journal.
func (QuotasRead) Kind() string { return "quotas.read" }
