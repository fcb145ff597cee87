package scenario

import (
	"cmp"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

func (d *decoder) events(n *yaml.Node) {
	list(d, &d.s.Events, func(n *yaml.Node, e *Event) { d.event(n, e, true) })(n)
	slices.SortStableFunc(d.s.Events, func(a, b Event) int { return cmp.Compare(a.At, b.At) })
}

// event reads one event. An event that happens at once has its time already, and no at.
func (d *decoder) event(n *yaml.Node, e *Event, timed bool) {
	e.Until = Forever
	f := fields{
		"until":  d.duration(&e.Until, 0, maxDuration),
		"over":   d.duration(&e.Over, 0, maxDuration),
		"set":    d.sets(&e.Sets),
		"fault":  func(n *yaml.Node) { e.Fault = d.fault(n) },
		"call":   func(n *yaml.Node) { e.Call = d.call(n) },
		"alarm":  func(n *yaml.Node) { d.alarmEvent(n, &e.Alarm) },
		"report": func(n *yaml.Node) { e.Report = d.report(n) },
		"expire": func(n *yaml.Node) { e.Expire = d.expire(n) },
	}
	required := []string{}
	if timed {
		f["at"] = d.duration(&e.At, 0, maxDuration)
		required = append(required, "at")
	}
	seen := d.object(n, f, required...)
	verb := d.oneOf(n, seen, "set", "fault", "call", "alarm", "report", "expire")
	if node := seen["until"]; node != nil {
		if verb != "" && verb != "set" && verb != "fault" {
			d.fail(node, "until ends a set or a fault; %s has no end", verb)
		} else if e.Until <= e.At {
			d.fail(node, "until %s is not after %s", e.Until, e.At)
		}
	}
	if node := seen["over"]; node != nil {
		if verb != "" && verb != "set" {
			d.fail(node, "over belongs to a set, not to %s", verb)
		} else if slices.ContainsFunc(e.Sets, func(s Set) bool { return !s.gradual() }) {
			d.fail(node, "over moves numbers only, and something else is set here")
		}
	}
}

func (d *decoder) alarmEvent(n *yaml.Node, dst *string) {
	seen := d.object(n, fields{"name": d.name(dst)}, "name")
	if node := seen["name"]; node != nil && *dst != "" && !slices.ContainsFunc(d.s.Alarms, func(a Alarm) bool { return a.Name == *dst }) {
		d.fail(node, "there is no alarm %s", *dst)
	}
}

func (d *decoder) report(n *yaml.Node) *Report {
	r := &Report{}
	seen := d.object(n, fields{
		"text": d.text(&r.Text, 500), "about": choice(d, &r.About, "latency", "errors", "down"), "client": d.name(&r.Client),
	}, "text", "about")
	if node := seen["client"]; node != nil && r.Client != "" && !d.hasClient(r.Client) {
		d.fail(node, "there is no client %s", r.Client)
	}
	return r
}

func (d *decoder) expire(n *yaml.Node) *Expire {
	e := &Expire{Over: 10 * time.Minute}
	d.object(n, fields{
		"table": d.isTable(&e.Table), "items": d.number(&e.Items, 1, 1e12), "over": d.duration(&e.Over, time.Second, maxDuration),
	}, "table", "items", "over")
	return e
}

// call reads a control-plane call and the members that its operation has.
func (d *decoder) call(n *yaml.Node) *Call {
	c := &Call{By: "somebody"}
	f := fields{
		"operation":            choice(d, &c.Operation, callOperations...),
		"table":                d.isTable(&c.Table),
		"index":                d.name(&c.Index),
		"by":                   d.text(&c.By, 64),
		"read":                 d.optional(&c.Read, 1, maxNumber),
		"write":                d.optional(&c.Write, 1, maxNumber),
		"mode":                 choice(d, &c.Mode, Provisioned, OnDemand),
		"max_read":             d.optional(&c.MaxRead, 0, maxNumber),
		"max_write":            d.optional(&c.MaxWrite, 0, maxNumber),
		"warm_read":            d.optional(&c.WarmRead, 1, maxNumber),
		"warm_write":           d.optional(&c.WarmWrite, 1, maxNumber),
		"create_index":         func(n *yaml.Node) { c.CreateIndex = d.createIndex(n) },
		"delete_index":         d.name(&c.DeleteIndex),
		"side":                 choice(d, &c.Side, "read", "write"),
		"min":                  d.optional(&c.Min, 1, maxNumber),
		"max":                  d.optional(&c.Max, 1, maxNumber),
		"suspended":            func(n *yaml.Node) { c.Suspended = new(bool); d.boolean(c.Suspended)(n) },
		"target":               d.optional(&c.Target, 20, 90),
		"contributor_insights": choice(d, &c.Insights, InsightsOff, InsightsThrottled, InsightsAccessed),
	}
	seen := d.object(n, f, "operation", "table")
	if seen == nil || c.Operation == "" {
		return c
	}
	d.callMakesSense(n, c, seen)
	if x := c.CreateIndex; x != nil && c.Table != "" && x.Index.Name != "" {
		if d.hasIndex(c.Table, x.Index.Name) {
			d.fail(seen["create_index"], "table %s has an index %s already", c.Table, x.Index.Name)
		}
		d.created[c.Table] = append(d.created[c.Table], x.Index.Name)
	}
	d.isIndex(seen["index"], c.Table, c.Index)
	d.isIndex(seen["delete_index"], c.Table, c.DeleteIndex)
	return c
}

var callMembers = map[string][]string{
	"UpdateTable": {
		"read", "write", "mode", "max_read", "max_write", "warm_read", "warm_write", "create_index", "delete_index",
	},
	"RegisterScalableTarget":    {"side", "min", "max", "suspended"},
	"DeregisterScalableTarget":  {"side"},
	"PutScalingPolicy":          {"side", "target"},
	"UpdateContributorInsights": {"contributor_insights"},
}

func (d *decoder) callMakesSense(n *yaml.Node, c *Call, seen map[string]*yaml.Node) {
	own := callMembers[c.Operation]
	changes := 0
	for name, node := range seen {
		switch {
		case slices.Contains(own, name):
			changes++
		case !slices.Contains([]string{"operation", "table", "index", "by"}, name):
			d.fail(node, "%s has no %s", c.Operation, name)
		}
	}
	require := func(names ...string) {
		for _, name := range names {
			if seen[name] == nil {
				d.fail(n, "%s needs %s", c.Operation, name)
			}
		}
	}
	switch c.Operation {
	case "UpdateTable":
		if changes == 0 {
			d.fail(n, "the call changes nothing: expected read, write, mode, a cap, warm throughput or an index")
		}
		if c.Mode == OnDemand && (c.Read != nil || c.Write != nil) {
			d.fail(n, "a switch to on_demand takes no read and no write")
		}
		if c.Mode == Provisioned {
			require("read", "write")
		}
	case "RegisterScalableTarget":
		require("side")
		if c.Min != nil && c.Max != nil && *c.Max < *c.Min {
			d.fail(n, "max is below min")
		}
		if !d.hasPolicy(c) {
			require("min", "max")
		}
	default:
		require(own...)
	}
}

// hasPolicy reports whether the call's side is under a policy at t = 0.
func (d *decoder) hasPolicy(c *Call) bool {
	t := d.tableOf(c.Table)
	if t == nil {
		return true // the missing table is told elsewhere
	}
	read, write := t.ReadScaling, t.WriteScaling
	if c.Index != "" {
		read, write = nil, nil
		for _, x := range t.Indexes {
			if x.Name == c.Index {
				read, write = x.ReadScaling, x.WriteScaling
			}
		}
	}
	return (c.Side == "read" && read != nil) || (c.Side == "write" && write != nil)
}

func (d *decoder) createIndex(n *yaml.Node) *CreateIndex {
	c := &CreateIndex{Allocate: 2 * time.Minute, Backfill: 30 * time.Minute}
	d.index(n, &c.Index, map[string]bool{}, fields{
		"allocate": d.duration(&c.Allocate, 0, maxDuration),
		"backfill": d.duration(&c.Backfill, 0, maxDuration),
	})
	c.Index.Key.Distinct = max(1, c.Index.Key.Distinct)
	return c
}
