package change

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ddbloop/ddbloop/history"
)

// Seen is what was read from AWS for a plan, or to see what became of one.
type Seen struct {
	Snap     *history.TableSnapshot
	Scaling  []history.ScalingDescribed // of the table and its indexes; what is not registered is absent
	Insights string                     // of the target: off | throttled | accessed, or AWS's word for what is neither
	Tags     map[string]string          // as they were written, not clean
	// Why a part could not be read, in one line; "" = it was read, or nobody asked for it.
	NoScaling, NoInsights, NoTags string
}

// Needs says what must be read, beside DescribeTable, for a kind of change on a table.
func Needs(what string) (scaling, insights bool) {
	about, _, _ := strings.Cut(what, ".")
	switch about {
	case "table", "index", "mode", "autoscaling":
		return what != "index.delete_backfilling", false
	}
	return false, about == "insights"
}

// resource is what the snapshot says of the table ("") or of an index.
func (s Seen) resource(index string) (history.IndexSnapshot, bool) {
	if s.Snap == nil {
		return history.IndexSnapshot{}, false
	}
	if index == "" {
		t := s.Snap
		return history.IndexSnapshot{Name: t.Name, Status: t.Status, Throughput: t.Throughput, DecreasesToday: t.DecreasesToday, LastDecrease: t.LastDecrease}, true
	}
	for _, i := range s.Snap.Indexes {
		if i.Name == index {
			return i, true
		}
	}
	return history.IndexSnapshot{}, false
}

// scalingOf is the scalable target of a side; nil where none is registered.
func (s Seen) scalingOf(target, side string) *history.ScalingDescribed {
	for i := range s.Scaling {
		if d := &s.Scaling[i]; d.Target == target && d.Side == side && !d.Gone {
			return d
		}
	}
	return nil
}

// Value is what a setting is now, as Setting spells it. ok is false when it cannot be told.
func (s Seen) Value(x history.Setting) (now string, ok bool) {
	if s.Snap == nil {
		return "", false
	}
	if side, what, scaled := strings.Cut(x.Name, "_scaling_"); scaled {
		target := s.Snap.Name
		if x.Index != "" {
			target += "/" + x.Index
		}
		return scalingValue(s.scalingOf(target, side), "_scaling_"+what)
	}
	switch x.Name {
	case history.SetMode:
		return s.Snap.Mode, true
	case history.SetInsights:
		return s.Insights, s.Insights != ""
	case history.SetIndex:
		return s.indexValue(x.Index), true
	}
	r, found := s.resource(x.Index)
	if !found {
		return "", false
	}
	t := r.Throughput
	n, known := map[string]int64{
		history.SetRead: t.Read, history.SetWrite: t.Write, history.SetMaxRead: t.MaxRead, history.SetMaxWrite: t.MaxWrite,
		history.SetWarmRead: t.WarmRead, history.SetWarmWrite: t.WarmWrite,
	}[x.Name]
	if n == 0 && (x.Name == history.SetMaxRead || x.Name == history.SetMaxWrite) {
		return history.NoLimit, true
	}
	return strconv.FormatInt(n, 10), known
}

// indexValue is what can be told of an index that was building.
func (s Seen) indexValue(index string) string {
	i, ok := s.resource(index)
	switch {
	case !ok, i.Status == "DELETING": // nothing is written to it any more
		return history.IndexGone
	case i.Status == "CREATING" && i.Backfilling:
		return history.IndexBackfilling
	}
	return i.Status
}

func scalingValue(d *history.ScalingDescribed, what string) (string, bool) {
	if d == nil {
		return "", false
	}
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	switch what {
	case history.SetScalingMin:
		return whole(d.Min), true
	case history.SetScalingMax:
		return whole(d.Max), true
	case history.SetScalingPercent:
		return strconv.FormatFloat(d.Percent, 'f', -1, 64), true
	case history.SetScalingPolicy:
		return d.Policy, true
	case history.SetScalingOut:
		return whole(d.Out), true
	case history.SetScalingIn:
		if d.NoIn {
			return history.Off, true
		}
		return whole(d.In), true
	}
	return "", false
}

// Moving says what is still on its way, of what a change's settings are about; "" when nothing is.
func (s Seen) Moving(set []history.Setting) string {
	if s.Snap == nil {
		return ""
	}
	for _, x := range set {
		r, ok := s.resource(x.Index)
		switch {
		case x.Name == history.SetInsights:
			if s.Insights == "enabling" || s.Insights == "disabling" {
				return "Contributor Insights is " + s.Insights
			}
			continue
		case strings.HasPrefix(x.Name, "warm_"):
			if ok && r.Throughput.Warming {
				return "the warm throughput is still rising"
			}
			continue
		case x.Name == history.SetIndex:
			continue
		case ok && x.Index != "" && r.Status == "UPDATING":
			return x.Index + " is UPDATING"
		}
		if s.Snap.Status != "ACTIVE" {
			return "the table is " + s.Snap.Status
		}
		if min, isMin := strings.CutSuffix(x.Name, history.SetScalingMin); isMin && x.Changed() && s.below(x, min) {
			return "auto scaling has yet to raise the capacity to the new minimum"
		}
	}
	return ""
}

// below reports whether a side's capacity is under the minimum that auto scaling is to keep. A policy that is suspended
// keeps none.
func (s Seen) below(x history.Setting, side string) bool {
	target := s.Snap.Name
	if x.Index != "" {
		target += "/" + x.Index
	}
	d := s.scalingOf(target, side)
	r, ok := s.resource(x.Index)
	return ok && d != nil && !d.Suspended && s.Snap.Mode == history.Provisioned && units(r.Throughput, side) < d.Min
}

func units(t history.Throughput, side string) int64 {
	if side == "read" {
		return t.Read
	}
	return t.Write
}

// words name settings for people, with their unit.
var words = map[string][2]string{
	history.SetRead: {"read", " units/s"}, history.SetWrite: {"write", " units/s"}, history.SetMode: {"", ""},
	history.SetMaxRead: {"read maximum", " units/s"}, history.SetMaxWrite: {"write maximum", " units/s"},
	history.SetWarmRead: {"warm read", " units/s"}, history.SetWarmWrite: {"warm write", " units/s"},
	history.SetInsights: {"insights", ""}, history.SetIndex: {"", ""},
	history.SetScalingMin: {"min", ""}, history.SetScalingMax: {"max", ""}, history.SetScalingPercent: {"target", " %"},
}

// texts are what changes, before and after: one value with its unit, or several with their names.
func texts(set []history.Setting) (before, after string) {
	changed := slices.DeleteFunc(slices.Clone(set), func(x history.Setting) bool { return !x.Changed() })
	var b, a []string
	for _, x := range changed {
		name := x.Name
		if i := strings.Index(name, "_scaling_"); i >= 0 {
			name = name[i:]
		}
		w := words[name]
		was, is := value(x.Before, w[1]), value(x.After, w[1])
		if len(changed) > 1 && w[0] != "" {
			label := w[0]
			if x.Index != "" {
				label = x.Index + " " + label
			}
			was, is = label+" "+strings.TrimSuffix(was, " units/s"), label+" "+strings.TrimSuffix(is, " units/s")
		}
		b, a = append(b, was), append(a, is)
	}
	return strings.Join(b, ", "), strings.Join(a, ", ")
}

func value(v, unit string) string {
	if v == history.OnDemand {
		return "on-demand"
	}
	if _, err := strconv.ParseFloat(v, 64); err != nil {
		return v
	}
	return fmt.Sprint(v, unit)
}
