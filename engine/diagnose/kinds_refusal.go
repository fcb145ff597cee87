package diagnose

import (
	"fmt"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// refusalKinds are refusals that the caller has earned: DynamoDB answers rightly and in time, and says no.
func (f *facts) refusalKinds(layer string) []weighed {
	var out []weighed
	for i := range f.tables {
		t := &f.tables[i]
		out = append(out,
			f.earned(TransactionConflict, t.table, t.conflicts, t.writes, history.CodeConflict, "transactions in each other's way", layer),
			f.earned(ConditionalFailures, t.table, t.conditions, t.writes, history.CodeCondition, "writes whose condition is false", layer),
			f.requestErrors(t.table, layer), f.accessDenied(t.table))
	}
	return out
}

// Refusals that a caller has earned count as trouble from this share of its requests on, when they are this many times as
// many as usual: a few of them are how optimistic locking works.
const (
	earnedShare = 0.03
	earnedTimes = 2.5
)

// earned weighs refusals that CloudWatch counts by table and a feed by code.
func (f *facts) earned(kind, table string, refused, served level, class history.CodeClass, what, layer string) weighed {
	w := newWeighed(kind, table, prior)
	for i := range f.clients {
		c := &f.clients[i]
		if !c.on(table) {
			continue
		}
		switch share, usual := c.share(class), f.usualShare(c, class); {
		case share <= earnedShare:
		case layer == history.LayerClient && c.misses() && share > 0.5*c.errorShare():
			w.pro(strong, fmt.Sprintf("%.0f %% of %s's attempts are %s, and so fail more calls than its objective allows; usually %.1f %%", 100*share, c.Name, what, 100*usual))
		case c.attempts.past >= secondsLeast && share > earnedTimes*usual:
			w.pro(strong, fmt.Sprintf("%.0f %% of %s's attempts are %s, usually %.1f %%", 100*share, c.Name, what, 100*usual))
		}
	}
	text := fmt.Sprintf("%s: %s: %s, usually %s", table, what, rate(refused.now), rate(refused.usual))
	switch share, usual, ok := earnedLevel(refused, served); {
	case ok:
		w.pro(strong, fmt.Sprintf("%s: %s are %.0f %% of writes, usually %.1f %%", table, what, 100*share, 100*usual))
	case refused.known() && len(w.For) == 0: // CloudWatch's minutes may be older than what a caller sees by the second
		w.con(2*clear, text)
	}
	if len(w.For) == 0 && len(w.Against) == 0 {
		w.con(2*clear, "no "+what+" are known of")
	}
	return w
}

// earnedLevel says what share of a table's writes is refused as the callers have earned, and whether that is trouble.
func earnedLevel(refused, served level) (share, usual float64, trouble bool) {
	if refused.minutes < 2 || refused.now <= 0 {
		return 0, 0, false
	}
	share = refused.now / (refused.now + served.now)
	if refused.usual > 0 {
		usual = refused.usual / (refused.usual + served.usual)
	}
	return share, usual, refused.least > 0 && share > earnedShare && share > earnedTimes*usual
}

// usualShare is the part of a feed's attempts that failed with a class of code before the trouble.
func (f *facts) usualShare(c *client, class history.CodeClass) float64 {
	if c.feed == nil {
		return 0
	}
	attempts := f.s.Get(history.FeedAttempts, c.feed.target, c.Name)
	to := f.calmSeconds(attempts, f.now.Unix())
	failed, all := 0.0, 0.0
	for _, p := range f.s.Get(history.FeedCode, c.feed.target, c.Name+":"+string(class)).Window(to-900, to) {
		failed += p.V
	}
	for _, p := range attempts.Window(to-900, to) {
		all += p.V
	}
	if all == 0 {
		return 0
	}
	return failed / all
}

// requestErrors are requests that cannot be right: a missing index, a wrong shape, a wrong table.
func (f *facts) requestErrors(table, layer string) weighed {
	w := newWeighed(RequestErrors, table, prior)
	users := f.level("user_errors", "", "")
	for i := range f.clients {
		c := &f.clients[i]
		if share := c.share(history.CodeInvalid); c.on(table) && share > earnedShare/3 && share > earnedTimes*f.usualShare(c, history.CodeInvalid) {
			w.pro(strong+slight, fmt.Sprintf("%.0f %% of %s's attempts are refused as invalid", 100*share, c.Name))
		}
	}
	gone := f.indexGone(table)
	if gone != "" {
		w.pro(clear, gone)
	}
	t := f.trafficOf(table)
	if n := t.conflicts.now + t.conditions.now; users.known() && users.least > max(1, 3*users.usual) {
		switch {
		case n > users.now/2:
			w.con(slight, "UserErrors are up, but conflicts may count among them")
		case len(f.s.Session.Tables) == 1 || gone != "" || f.dropped(table):
			w.pro(2*clear, fmt.Sprintf("the account's UserErrors are at %s, usually %s", rate(users.now), rate(users.usual)))
		default:
			w.pro(clear, fmt.Sprintf("the account's UserErrors are at %s, usually %s; they name no table", rate(users.now), rate(users.usual)))
		}
	}
	if len(w.For) > 0 && len(f.reported("errors")) > 0 {
		w.pro(slight, "people report errors")
	}
	if len(w.For) == 0 {
		w.con(strong, "no requests are refused as invalid, as far as is known")
	}
	if layer == history.LayerThrottled || layer == history.LayerService {
		w.con(clear, "layer is "+layer)
	}
	return w
}

// indexGone says when an index of the table was deleted within the last hour.
func (f *facts) indexGone(table string) string {
	for i := len(f.s.Calls) - 1; i >= 0; i-- {
		c := f.s.Calls[i]
		if under(c.Target, table) && c.Call == "UpdateTable" && strings.Contains(c.Text, "delete index") && f.now.Sub(c.At) < time.Hour {
			return fmt.Sprintf("%s deleted an index of %s %s ago", c.By, table, f.now.Sub(c.At).Round(time.Minute))
		}
	}
	if t := f.s.Tables[table]; t != nil && t.Snap != nil {
		for _, i := range t.Snap.Indexes {
			if i.Status == "DELETING" {
				return "index " + i.Name + " of " + table + " is being deleted"
			}
		}
		for _, k := range f.s.Timeline {
			if strings.HasPrefix(k.Text, table+"/") && strings.HasSuffix(k.Text, ": index deleted") && f.now.Sub(k.At) < time.Hour {
				return k.Text
			}
		}
	}
	return ""
}

// dropped reports whether an operation of the table succeeds far less often than usual.
func (f *facts) dropped(table string) bool {
	for _, o := range f.trafficOf(table).ops {
		if o.rate.known() && o.rate.usual > 1 && o.rate.now < 0.7*o.rate.usual {
			return true
		}
	}
	return false
}

// accessDenied is callers that are not let in: permissions, credentials, or the key that the table is encrypted with.
func (f *facts) accessDenied(table string) weighed {
	w := newWeighed(AccessDenied, table, prior)
	for i := range f.clients {
		c := &f.clients[i]
		if share := c.share(history.CodeAccess); c.on(table) && share > 0.01 {
			w.pro(strong+clear, fmt.Sprintf("%.0f %% of %s's attempts are not let in", 100*share, c.Name))
		}
	}
	if t := f.s.Tables[table]; t != nil && t.Snap != nil && strings.HasPrefix(t.Snap.KMS, "INACCESSIBLE") {
		w.pro(strong, "the key that "+table+" is encrypted with cannot be used: "+t.Snap.KMS)
	}
	if t := f.s.Tables[table]; t != nil && t.Snap != nil && strings.HasPrefix(t.Snap.Status, "INACCESSIBLE") {
		w.pro(strong, table+" is "+t.Snap.Status)
	}
	for i := range f.probes {
		p := &f.probes[i]
		if p.fresh && under(p.target, table) && p.ok == 0 && p.total >= 2 && strings.HasPrefix(p.code, "KMS") {
			w.pro(strong, "probe "+p.name+" is refused: "+p.code)
		}
	}
	if len(w.For) == 0 {
		if f.dropped(table) && len(f.reported("errors", "down")) > 0 {
			w.pro(clear, "successful requests dropped and people report errors, yet the service refuses nothing that it counts")
		} else {
			w.con(strong, "nobody is known to be kept out")
		}
	}
	return w
}
