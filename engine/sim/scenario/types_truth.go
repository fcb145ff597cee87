package scenario

import "time"

// Truth is what is wrong in a scenario and what helps; drills are scored by it.
type Truth struct {
	Kind        string // one of Kinds
	Target      string // a table, table/index, client, or a region; "" for calm
	Reason      string // the throttling reason, or ""
	Layer       string // one of Layers
	Begins      time.Duration
	Disposition string // retry, optimize or escalate; "" for calm
	Cures       []Change
	Futile      []Change
	Harmful     []Change
}

// Change is a change somebody may make.
type Change struct {
	Kind  string // one of ChangeKinds, or lever:NAME
	Down  bool   // a cut; capacity kinds mean a raise otherwise
	Table string // "" where the change has no table, as a lever on a client's truth
	Index string // "" for the table
	Side  string // read or write, of autoscaling kinds whose target named it
	text  string // as the file has it
}

// Lever returns the lever's name, or "" if the change is no lever.
func (c Change) Lever() string {
	if name, ok := cutLever(c.Kind); ok {
		return name
	}
	return ""
}

// Target returns table or table/index.
func (c Change) Target() string {
	if c.Index != "" {
		return c.Table + "/" + c.Index
	}
	return c.Table
}

// Same reports whether two changes of one scenario are the same, however their targets are written. A lever is the same wherever it
// is pulled.
func (c Change) Same(o Change) bool {
	return c.Kind == o.Kind && c.Down == o.Down && (c.Lever() != "" || c.Target() == o.Target() && c.Side == o.Side)
}

// String returns the change as the file has it: CHANGE or CHANGE@TARGET.
func (c Change) String() string { return c.text }
