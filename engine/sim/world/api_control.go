package world

import "time"

// ScalingView is one scalable target with its target-tracking policy, as Application Auto Scaling describes them.
type ScalingView struct {
	Table, Index string // Index is "" for the table
	Side         string // read or write
	Min, Max     float64
	Target       float64 // percent; 0 = registered without a policy
	Suspended    bool
	Created      time.Time
}

// ScalingCall is RegisterScalableTarget (Min, Max, Suspended) or PutScalingPolicy (Target); a nil field is not in the request.
type ScalingCall struct {
	Region       string // "" = the scenario's own
	Table, Index string
	Side         string // read or write
	Min, Max     *float64
	Suspended    *bool
	Target       *float64 // percent
}

// Activity is one scaling activity as DescribeScalingActivities shows it. End is zero while it is in progress.
type Activity struct {
	ID           string
	Table, Index string
	Side         string
	Description  string // "Setting write capacity units to 2000."
	Cause        string
	Status       string // Pending | InProgress | Successful | Failed | Unfulfilled
	Message      string
	Start, End   time.Time
	NotScaled    []NotScaled // why nothing was done; empty for an activity that did something
}

// NotScaled is one reason of an activity that changed nothing.
type NotScaled struct {
	Code              string // "AlreadyAtMaxCapacity", "AutoScalingAnticipatedFlapping", …
	Min, Max, Current float64
}

// AlarmView is one CloudWatch alarm as DescribeAlarms shows it: the scenario's and those that target tracking made.
type AlarmView struct {
	Name, ARN  string
	Namespace  string
	Metric     string
	Dims       []Dim // sorted by name
	Stat       string
	Period     time.Duration
	Over       float64
	Below      bool // goes off below the threshold: a scale-in alarm
	Datapoints int
	Of         int
	Missing    string
	State      string // OK | ALARM | INSUFFICIENT_DATA
	Reason     string
	Since      time.Time // of the state
}

// AlarmEvent is one StateUpdate of an alarm's history.
type AlarmEvent struct {
	Alarm    string
	At       time.Time
	From, To string
	Reason   string
}

// TrailEvent is one control-plane call as CloudTrail's LookupEvents shows it.
type TrailEvent struct {
	ID       string
	At       time.Time
	Shown    time.Time // when LookupEvents first finds it, about five minutes later
	Region   string
	Name     string         // UpdateTable, RegisterScalableTarget, …
	Source   string         // dynamodb.amazonaws.com
	User     string         // the principal's name
	Table    string         // "" where the call names none
	Request  map[string]any // requestParameters
	Error    string         // the exception's class where AWS refused the call
	ReadOnly bool
}

// ReplicaView is one global-table replica as DescribeTable shows it.
type ReplicaView struct {
	Region string
	Status Status
}
