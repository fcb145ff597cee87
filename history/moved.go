package history

import (
	"slices"
	"strings"
	"time"
)

// SettingMoved is a limit, the mode or an index that DescribeTable shows to be another than before. It tells of another's act minutes
// before CloudTrail does, and to a role that may not ask CloudTrail.
type SettingMoved struct {
	At      time.Time `json:"at"` // when it was seen, seconds after it happened
	Target  string    `json:"target"`
	Setting string    `json:"setting"` // one of the Set… names
	Text    string    `json:"text"`
}

const (
	mostMoved = 200             // of the newest that are kept
	movedLate = 5 * time.Second // how long DescribeTable may take to show what this session changed
	movedBy   = 10 * time.Minute
)

// settingMoved keeps what can make or end refusals. Warm throughput grows by itself with demand, and a status says that something is
// under way, but for the end of an index's building.
func (s *State) settingMoved(e Event, d Difference) {
	built := d.Setting == "status" && d.Was == "CREATING" && d.Is == "ACTIVE"
	if d.Setting == SetWarmRead || d.Setting == SetWarmWrite || d.Setting == "status" && !built {
		return
	}
	m := SettingMoved{At: e.At, Target: d.Target, Setting: d.Setting, Text: d.String()}
	if built {
		m.Setting = SetIndex
	}
	s.Moved = append(s.Moved, m)
	s.Moved = s.Moved[max(0, len(s.Moved)-mostMoved):]
}

// MovedByOthers are the settings that no change of this session moved.
func (s *State) MovedByOthers() []SettingMoved {
	var out []SettingMoved
	for _, m := range s.Moved {
		if !slices.ContainsFunc(s.Changes, func(c *Change) bool { return moves(c, m) }) {
			out = append(out, m)
		}
	}
	return out
}

// moves reports whether a change of this session is why a setting moved: it was under way then, or it is auto scaling's, which moves the
// capacity by itself from then on.
func moves(c *Change, m SettingMoved) bool {
	if c.Intended.IsZero() || m.At.Before(c.Intended) || c.State == ChangeFailed || c.State == ChangeNot {
		return false
	}
	if strings.HasPrefix(c.Plan.What, "autoscaling.") && c.Plan.Target == m.Target && c.Plan.Side == m.Setting {
		return true
	}
	if !c.Settled.IsZero() && m.At.After(c.Settled.Add(movedLate)) {
		return false
	}
	if len(c.Plan.Set) == 0 { // of a journal from before plans were typed
		return c.Plan.Target == m.Target
	}
	table, _, _ := strings.Cut(c.Plan.Target, "/")
	return slices.ContainsFunc(c.Plan.Set, func(x Setting) bool {
		at := target(table, x.Index)
		if x.Name == SetMode {
			return m.Target == table || strings.HasPrefix(m.Target, table+"/")
		}
		return x.Changed() && m.Target == at && m.Setting == x.Name
	})
}

// Ours reports whether a recorded call is a change of this session.
func (s *State) Ours(c CallRecorded) bool {
	of, _, _ := strings.Cut(c.Target, "/")
	for _, x := range s.Changes {
		if table, _, _ := strings.Cut(x.Plan.Target, "/"); of != "" && of != table {
			continue
		}
		if d := c.At.Sub(x.Intended); !x.Intended.IsZero() && d > -time.Minute && d < time.Minute {
			return true
		}
	}
	return false
}

// told reports whether auto scaling's own list or CloudTrail tells of the act that moved a setting.
func (s *State) told(m SettingMoved) bool {
	of, _, _ := strings.Cut(m.Target, "/")
	near := func(at time.Time, goal string) bool {
		table, _, _ := strings.Cut(goal, "/")
		return table == of && !at.After(m.At) && m.At.Sub(at) <= movedBy
	}
	return slices.ContainsFunc(s.ScalingActs, func(a ScalingActed) bool { return a.Held == "" && near(a.At, a.Target) }) ||
		slices.ContainsFunc(s.Calls, func(c CallRecorded) bool { return c.Error == "" && near(c.At, c.Target) && !s.Ours(c) })
}
