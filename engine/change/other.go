package change

import (
	"fmt"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// insights has Contributor Insights count the throttled keys of a table or an index. It mends nothing: it shows which keys are
// hot, from the next minute on.
func (sc Scene) insights(p *history.ChangePlanned, r Request) error {
	mode := sc.Seen.Insights
	switch {
	case r.Cut:
		return refuse("Contributor Insights is turned off as an undo only")
	case sc.Seen.NoInsights != "":
		return refuse("Contributor Insights of %s cannot be read: %s", r.Target, sc.Seen.NoInsights)
	case mode == history.InsightsThrottled || mode == history.InsightsAccessed:
		return refuse("Contributor Insights is on for %s already: nothing to do", r.Target)
	case mode != history.Off:
		return refuse("Contributor Insights of %s is %s: wait until it has settled", r.Target, mode)
	case sc.Seen.Snap.KMS != "" && (r.Reason == "" || sc.Policy.KMSInsights != WithReason):
		return refuse("%s is encrypted with a KMS key, and Contributor Insights keeps key values in clear: %s", sc.Seen.Snap.Name, kmsWay(sc.Policy.KMSInsights))
	}
	p.Expect = nil // it shows, it does not mend
	p.Title = "count the throttled keys of " + r.Target + " with Contributor Insights"
	p.Set = []history.Setting{{Index: indexOf(r.Target), Name: history.SetInsights, Before: history.Off, After: history.InsightsThrottled}}
	p.Inverse = reversed(p.Set)
	p.Shows = 2 * time.Minute
	p.UndoClass, p.UndoText = history.UndoReady, "turn Contributor Insights off again; what it counted stays in CloudWatch"
	p.Blast = "no effect on requests; CloudWatch keeps the values of throttled keys in clear; nothing from before it is on"
	return nil
}

// What the policy file can say of Contributor Insights on a table with a KMS key.
const (
	Never      = "never"
	WithReason = "with_reason"
)

func kmsWay(policy string) string {
	if policy == WithReason {
		return "a typed reason is needed"
	}
	return "the policy forbids it"
}

// stopBuild deletes an index while it back-fills, which is the one way to stop a build that hurts its table.
func (sc Scene) stopBuild(p *history.ChangePlanned, r Request) error {
	index := indexOf(r.Target)
	res, _ := sc.Seen.resource(index)
	switch {
	case index == "":
		return refuse("%s does not fit the target %s: name TABLE/INDEX", r.What, r.Target)
	case res.Status != "CREATING":
		return refuse("%s is %s: only an index that is being built is ever deleted", r.Target, res.Status)
	case !res.Backfilling:
		return refuse("%s does not back-fill yet: AWS takes no change while it is being set up", r.Target)
	}
	if err := sc.canHelp(p, "build", r.Target, "write"); err != nil {
		return err
	}
	p.Side = "write"
	p.Title = "stop building " + r.Target
	p.Set = []history.Setting{{Index: index, Name: history.SetIndex, Before: history.IndexBackfilling, After: history.IndexGone}}
	p.Shows = 3 * time.Minute
	p.UndoClass, p.UndoText = history.UndoImpossible, "the index has to be built anew, from the beginning"
	p.Blast = fmt.Sprintf("%s is deleted, with what was built of it; the table's own data stay%s", r.Target, p.Blast)
	return nil
}
