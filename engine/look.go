package engine

import (
	"context"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

// lookTime bounds one look at a table and what belongs to it.
const lookTime = 10 * time.Second

// onAWS reports whether AWS carries a change out. A lever is carried out outside, and no table shows it.
func onAWS(p history.ChangePlanned) bool { return !change.Local(p.What) }

func isLever(what string) bool { return strings.HasPrefix(what, "lever:") }

func tableOf(target string) string {
	table, _, _ := strings.Cut(target, "/")
	return table
}

// look reads what a change of a kind rests on, anew. Only a table that cannot be read is an error: what else cannot be read is
// part of what was seen, and the plan says what follows from it.
func (e *Engine) look(ctx context.Context, what, target string, policy change.Policy) (seen change.Seen, err error) {
	if change.Local(what) {
		return seen, nil
	}
	ctx, cancel := e.opt.Clock.WithTimeout(ctx, lookTime)
	defer cancel()
	table := tableOf(target)
	snap, err := e.opt.Describer.Describe(ctx, table)
	if err != nil {
		return seen, err
	}
	seen.Snap = &snap
	scaling, insights := change.Needs(what)
	if scaling {
		targets := []string{table}
		for _, i := range snap.Indexes {
			targets = append(targets, table+"/"+i.Name)
		}
		if seen.Scaling, err = e.opt.Describer.Scaling(ctx, targets); err != nil {
			seen.NoScaling = err.Error()
		}
	}
	if insights {
		if seen.Insights, err = e.opt.Describer.Insights(ctx, target); err != nil {
			seen.NoInsights = err.Error()
		}
	}
	if len(policy.ProtectedTags) > 0 {
		if seen.Tags, err = e.opt.Describer.Tags(ctx, table); err != nil {
			seen.NoTags = err.Error()
		}
	}
	return seen, nil
}
