package main

import (
	"context"
	"os"
	"strings"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/tui/say"
)

// amazon looks at everything that lies behind the credentials.
func (r *report) amazon(ctx context.Context, clk clock.Clock, t team, tables []string, o accountOptions) {
	account, err := ddbaws.Connect(ctx, ddbaws.Options{Profile: o.profile, Region: o.region, Clock: clk})
	if err != nil {
		r.add("credentials", problem, "%v", err)
		return
	}
	r.add("region", fine, "%s", account.Region())
	if !r.login(ctx, clk, account) {
		return
	}
	if !r.way(ctx, clk, account) {
		return
	}
	names, listed := account.ListTables(ctx)
	if len(tables) == 0 && listed == nil && len(names) > 0 {
		tables = names[:1]
	}
	r.permissions(ctx, account, tables)
	r.probes(ctx, account, t, tables, o)
}

// login says who we are and for how long.
func (r *report) login(ctx context.Context, clk clock.Clock, account *ddbaws.Account) bool {
	l, err := account.Login(ctx)
	if err != nil {
		r.add("credentials", problem, "%s", ddbaws.Classify(err).Text)
		return false
	}
	life := "they do not expire"
	switch left := l.Expires.Sub(clk.Now()); {
	case l.Expires.IsZero():
	case left <= 0:
		r.add("credentials", problem, "from %s: they expired %s ago, sign in again", l.Source, (-left).Round(time.Second))
		return false
	default:
		life = "they expire in " + left.Round(time.Second).String()
	}
	if !reachableSTS(account) {
		r.add("credentials", fine, "from %s, %s; who they belong to is asked of AWS itself only", l.Source, life)
		return true
	}
	id, err := account.Identity(ctx)
	switch f := ddbaws.Classify(err); f.Reason {
	case "":
		r.add("credentials", fine, "%s, account %s, from %s, %s", masked(id), say.Account(id.Account), l.Source, life)
	case ddbaws.Expired:
		r.add("credentials", problem, "from %s: AWS does not take them: %s", l.Source, f.Text)
		return false
	default:
		r.add("credentials", note, "from %s, %s; STS does not say who they belong to: %s", l.Source, life, f.Text)
	}
	return true
}

// reachableSTS: of a DynamoDB that is not AWS's own, only an STS whose endpoint is given as well knows who we are.
func reachableSTS(account *ddbaws.Account) bool {
	return len(endpoints(account)) == 0 || os.Getenv("AWS_ENDPOINT_URL_STS") != ""
}

// masked is an ARN whose account is known by its last four digits.
func masked(id ddbaws.Identity) string {
	if id.Account == "" {
		return id.ARN
	}
	return strings.ReplaceAll(id.ARN, id.Account, say.Account(id.Account))
}

// Clocks may differ by 5 minutes before DynamoDB refuses signatures; half a minute already moves windows of a minute.
const (
	skewNoted = 30 * time.Second
	skewWrong = 4 * time.Minute
)

// way tries the connection and compares the clocks.
func (r *report) way(ctx context.Context, clk clock.Clock, account *ddbaws.Account) bool {
	ctx1, cancel := clk.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	got, err := account.Read(ctx1, ddbaws.NoData(""))
	switch f := ddbaws.Classify(err); f.Reason {
	case "":
	case ddbaws.Expired:
		r.add("credentials", problem, "AWS does not take them: %s", f.Text)
		r.clock(ctx, clk, account) // a wrong clock looks the same
		return false
	default:
		r.add("endpoint", problem, "DynamoDB does not answer (%s): %s", f.Reason, f.Text)
		return false
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	r.add("endpoint", fine, "DynamoDB answers: name %.1f ms, connection %.1f ms, TLS %.1f ms, first byte %.1f ms", ms(got.DNS), ms(got.Connect), ms(got.TLS), ms(got.Wait))
	r.clock(ctx, clk, account)
	return true
}

func (r *report) clock(ctx context.Context, clk clock.Clock, account *ddbaws.Account) {
	before := clk.Now()
	theirs, err := account.ServerTime(ctx)
	if err != nil {
		r.add("clock", skipped, "DynamoDB does not say what time it has: %s", ddbaws.Classify(err).Text)
		return
	}
	mid := before.Add(clk.Now().Sub(before) / 2)
	off := mid.Sub(theirs.Add(500 * time.Millisecond)) // a Date has whole seconds
	word := "ahead of"
	if off < 0 {
		word = "behind"
	}
	switch abs := off.Abs(); {
	case abs <= 2*time.Second:
		r.add("clock", fine, "within 2 s of DynamoDB's")
	case abs <= skewNoted:
		r.add("clock", note, "%s %s DynamoDB's", abs.Round(time.Second), word)
	case abs <= skewWrong:
		r.add("clock", problem, "%s %s DynamoDB's: minutes are asked for that are not there; set the clock", abs.Round(time.Second), word)
	default:
		r.add("clock", problem, "%s %s DynamoDB's: signatures are refused beyond 5m0s; set the clock", abs.Round(time.Second), word)
	}
}

// permissions tries each, those for tables on every table.
func (r *report) permissions(ctx context.Context, account *ddbaws.Account, tables []string) {
	for _, p := range ddbaws.Permissions {
		on := tables
		switch {
		case !reachable(account, p.Service):
			r.put(finding{Check: "permission", State: skipped, Action: p.Action, Text: p.Action + ": the endpoint is not AWS's own, and none is given for this service"})
			continue
		case len(tables) == 0 && p.OfTable:
			r.put(finding{Check: "permission", State: skipped, Action: p.Action, Text: p.Action + ": no table to try it on; name one: ddbloop doctor TABLE"})
			continue
		case len(tables) == 0:
			on = []string{"ddbloop-doctor"}
		case !p.OfTable:
			on = tables[:1]
		}
		for _, table := range on {
			r.put(permission(p, p.Try(ctx, account, table), table))
			if ctx.Err() != nil {
				return
			}
		}
	}
}

func permission(p ddbaws.Permission, f ddbaws.Failure, table string) finding {
	out := finding{Check: "permission", State: fine, Action: p.Action, Text: p.Action + " (" + p.Buys + ")"}
	if p.OfTable {
		out.Text += " on " + table
	}
	switch f.Reason {
	case "":
	case ddbaws.Denied:
		out.State = lacking
		if p.Must {
			out.Text += ": without it there is no verdict"
		} else {
			out.Text += ": that eye stays shut, nothing else suffers"
		}
	case ddbaws.Expired:
		out.State, out.Text = problem, p.Action+": the credentials are not taken: "+f.Text
	default:
		out.State, out.Text = problem, p.Action+" could not be tried: "+f.Text
	}
	return out
}

// probes sends each of the team's own probes of the tables once.
func (r *report) probes(ctx context.Context, account *ddbaws.Account, t team, tables []string, o accountOptions) {
	cfg, err := t.config(tables, o.probes)
	if err != nil {
		r.add("probe", problem, "%v", err)
		return
	}
	for _, p := range cfg.Probes {
		read, err := ddbaws.NewRead(p.Op, p.Table, p.Index, p.Pages, p.Input)
		if err != nil {
			r.add("probe", problem, "%s: %v", p.Name, err)
			continue
		}
		f := ddbaws.Failure{}
		if _, err := account.Read(ctx, read); err != nil {
			f = ddbaws.Classify(err)
		}
		switch action := probeAction(p.Op); f.Reason {
		case "":
			r.put(finding{Check: "probe", State: fine, Action: action, Text: p.Name + ": " + p.Op + " on " + p.Table})
		case ddbaws.Denied:
			r.put(finding{Check: "probe", State: lacking, Action: action, Text: p.Name + " needs " + action + " on " + p.Table})
		default:
			r.put(finding{Check: "probe", State: problem, Action: action, Text: p.Name + ": " + f.Text})
		}
	}
}

// probeAction is the IAM action of a probe's operation.
func probeAction(op string) string {
	if op == "ExecuteStatement" {
		return "dynamodb:PartiQLSelect"
	}
	return "dynamodb:" + op
}
