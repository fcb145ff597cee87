package runbooks

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// What a change needs to be told: an amount in units per second, or nothing.
const (
	wantsAmount = true
	asItIs      = false
)

// changeKinds are the changes of a table's settings that an act can ask for; "side" is the runbook's side.
var changeKinds = map[string]bool{
	"table.write": wantsAmount, "table.read": wantsAmount, "table.side": wantsAmount,
	"index.write": wantsAmount, "index.read": wantsAmount, "index.side": wantsAmount,
	"capacity.side": wantsAmount, // of whatever the runbook stands on: table or index
	"cap.write":     wantsAmount, "cap.read": wantsAmount, "cap.side": wantsAmount,
	"autoscaling.max": wantsAmount, "autoscaling.min": wantsAmount,
	"warm.write": wantsAmount, "warm.read": wantsAmount, "warm.side": wantsAmount,
	"mode.on_demand": asItIs, "insights": asItIs, "index.delete_backfilling": asItIs,
}

// kindWords lists them for error messages.
func kindWords() []string {
	var out []string
	for k := range changeKinds {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// on returns the change kind as requests name it, for a runbook's target and side.
func (c Change) on(target, side string) string {
	kind := c.Kind
	if head, ok := strings.CutSuffix(kind, ".side"); ok && side != "" {
		kind = head + "." + side
	}
	if rest, ok := strings.CutPrefix(kind, "capacity."); ok {
		kind = "table." + rest
		if strings.Contains(target, "/") {
			kind = "index." + rest
		}
	}
	return kind
}

// place fills in what a change of settings is made on.
func (p *ActPlan) place(run history.RunbookOpened) error {
	table, index, indexed := strings.Cut(run.Target, "/")
	level, _, _ := strings.Cut(p.Kind, ".")
	switch {
	case strings.HasSuffix(p.Kind, ".side"):
		return errors.New("the side is not known: open the runbook for read or write")
	case level == "index" && (!indexed || index == ""):
		return fmt.Errorf("%s is no index: open the runbook on one", run.Target)
	case level == "table" || level == "mode" || level == "warm":
		p.Target = table
	}
	return nil
}

// amount fills in the number that the change is to set.
func (p *ActPlan) amount(to *cond.Expr, env *cond.Env) error {
	if to == nil {
		return nil
	}
	x, ok, why := env.WhyNumber(to)
	switch {
	case !ok:
		return errors.New("the amount cannot be worked out: " + why)
	case x <= 0 || x > math.MaxInt32:
		return errors.New("the amount makes no sense: " + why)
	}
	p.To, p.ToWhy = int64(math.Ceil(x)), why
	return nil
}
