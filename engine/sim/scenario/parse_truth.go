package scenario

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var reasonPattern = regexp.MustCompile(`^(Table|Index)(Read|Write)(ProvisionedThroughput|KeyRangeThroughput|MaxOnDemandThroughput|AccountLimit)Exceeded$`)

// truth is read last: it names nearly everything else.
func (d *decoder) truth(n *yaml.Node) {
	t := &d.s.Truth
	var cures, futile, harmful *yaml.Node
	keep := func(dst **yaml.Node) func(n *yaml.Node) { return func(n *yaml.Node) { *dst = n } }
	seen := d.object(n, fields{
		"kind":        choice(d, &t.Kind, kinds...),
		"target":      d.truthTarget(&t.Target),
		"reason":      d.match(&t.Reason, reasonPattern, "a throttling reason such as TableWriteKeyRangeThroughputExceeded"),
		"layer":       choice(d, &t.Layer, layers...),
		"begins":      d.duration(&t.Begins, 0, maxDuration),
		"disposition": choice(d, &t.Disposition, dispositions...),
		"cures":       keep(&cures), "futile": keep(&futile), "harmful": keep(&harmful),
	}, "kind", "layer")
	if seen == nil {
		return
	}
	for _, name := range []string{"target", "begins", "disposition"} {
		switch node := seen[name]; {
		case t.Kind == "calm" && node != nil:
			d.fail(node, "a calm scenario has no %s", name)
		case t.Kind != "calm" && t.Kind != "" && node == nil:
			d.fail(n, "%s is missing", name)
		}
	}
	if t.Kind == "calm" && t.Layer != "" && t.Layer != "healthy" {
		d.fail(seen["layer"], "a calm scenario is healthy, not %s", t.Layer)
	}
	if _, _, isIndex := strings.Cut(t.Target, "/"); (isIndex || d.hasTable(t.Target)) && t.Reason != "" && strings.HasPrefix(t.Reason, "Index") != isIndex {
		d.fail(seen["reason"], "%s is no reason of %s: it begins with Table on a table and with Index on an index", t.Reason, t.Target)
	}
	if t.Begins > d.s.Duration {
		d.fail(seen["begins"], "begins is after the end at %s", d.s.Duration)
	}
	taken := map[string]bool{}
	for _, part := range []struct {
		node *yaml.Node
		dst  *[]Change
	}{{cures, &t.Cures}, {futile, &t.Futile}, {harmful, &t.Harmful}} {
		if part.node != nil {
			list(d, part.dst, func(n *yaml.Node, c *Change) { d.change(n, c, taken) })(part.node)
		}
	}
	if t.Target != "" && !d.evident() {
		d.fail(n, "nobody could know of this %s: it needs a probe that it hits, a feed, a fitting publishes, or a report", t.Kind)
	}
}

func (d *decoder) truthTarget(dst *string) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		v := n.Value
		table, index, isIndex := strings.Cut(v, "/")
		known := v == "client" || v == d.s.Region || d.hasReplica(v) ||
			(!isIndex && d.hasTable(table)) || (isIndex && d.hasIndex(table, index))
		if n.Kind != yaml.ScalarNode || !known {
			d.fail(n, "expected a table, a table/index, client or a region of this file, got %s", describe(n))
			return
		}
		*dst = v
	}
}

// change reads CHANGE or CHANGE@TARGET.
func (d *decoder) change(n *yaml.Node, c *Change, taken map[string]bool) {
	if n.Kind != yaml.ScalarNode {
		d.fail(n, "expected a change such as table.write or lever:NAME, got %s", describe(n))
		return
	}
	kind, target, at := strings.Cut(n.Value, "@")
	c.Kind, c.Down = strings.CutSuffix(kind, ".down")
	c.text = n.Value
	if taken[c.text] {
		d.fail(n, "%s is listed twice", clip(c.text))
	}
	taken[c.text] = true
	lever, isLever := cutLever(c.Kind)
	switch {
	case isLever && !d.hasLever(lever):
		d.fail(n, "there is no lever %s", clip(lever))
	case !isLever && !slices.Contains(changeKinds, c.Kind):
		d.fail(n, "expected lever:NAME or one of %s, got %s", strings.Join(changeKinds, ", "), clip(n.Value))
	case c.Down && !slices.Contains(downable, c.Kind):
		d.fail(n, "%s has no .down: only capacities are cut", clip(c.Kind))
	default:
		if !at {
			target = d.s.Truth.Target
		}
		d.changeTarget(n, c, target, at)
	}
}

var downable = []string{
	"table.read", "table.write", "index.read", "index.write", "cap.read", "cap.write",
	"autoscaling.min", "autoscaling.max", "autoscaling.target",
}

// changeTarget resolves what a change is made to. A change of a table on an index's truth is
// one on its table; where the truth names no table, a lone table is meant.
func (d *decoder) changeTarget(n *yaml.Node, c *Change, target string, explicit bool) {
	if strings.HasPrefix(c.Kind, "autoscaling.") && explicit && (target == "read" || target == "write") {
		c.Side, target = target, d.s.Truth.Target
	}
	table, index, isIndex := strings.Cut(target, "/")
	known := d.hasTable(table) && (!isIndex || d.hasIndex(table, index))
	if isLever := c.Lever() != ""; isLever || !known {
		switch {
		case known:
		case explicit && !(isLever && (target == "client" || target == d.s.Region || d.hasReplica(target))):
			d.fail(n, "there is no table or table/index %s", clip(target))
			return
		case isLever:
			return
		case len(d.s.Tables) == 1:
			table, index, isIndex = d.s.Tables[0].Name, "", false
		case d.s.Truth.Target != "":
			d.fail(n, "%s needs a target here: %s@TABLE", c.Kind, c.Kind)
			return
		default:
			return // the missing target is told elsewhere
		}
	}
	c.Table, c.Index = table, index
	family, _, _ := strings.Cut(c.Kind, ".")
	switch {
	case family == "index" && !isIndex:
		d.fail(n, "%s needs an index: %s@%s/INDEX", c.Kind, c.Kind, table)
	case (family == "table" || family == "mode") && isIndex && explicit:
		d.fail(n, "%s is a change of the table, not of an index: %s@%s", c.Kind, c.Kind, table)
	case family == "table" || family == "mode":
		c.Index = ""
	}
}
