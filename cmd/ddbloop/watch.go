package main

import (
	"context"
	crand "crypto/rand"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/ddbloop/ddbloop/engine"
	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/source"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/journal"
)

type watchOptions struct {
	account accountOptions
	allow   bool
	policy  string
	alarm   string
	reveal  bool
	screen  screenOptions
}

// accountOptions are the flags of every command that reaches AWS.
type accountOptions struct {
	profile, region, config string
	probes                  []string
}

func (o *accountOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.profile, "profile", "", "AWS profile")
	f.StringVar(&o.region, "region", "", "AWS Region")
	f.StringArrayVar(&o.probes, "probe", nil, "file with a read-only request, as the AWS CLI's --cli-input-json, to send each second (repeatable)")
	f.StringVar(&o.config, "config", "", "team configuration (default $XDG_CONFIG_HOME/ddbloop/config.yaml)")
}

func watchCommand() *cobra.Command {
	var o watchOptions
	c := &cobra.Command{
		Use:   "watch TABLE…",
		Short: "The cockpit on your tables; read-only unless --allow-changes",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return watch(cmd.Context(), args, o)
		},
	}
	o.account.flags(c)
	c.Flags().BoolVar(&o.allow, "allow-changes", false, "build the client that can change tables, within the policy, and let levers run")
	c.Flags().StringVar(&o.policy, "policy", "", "what may be changed (default $XDG_CONFIG_HOME/ddbloop/policy.yaml; without one, the built-in careful policy)")
	c.Flags().StringVar(&o.alarm, "alarm", "", "start from a CloudWatch alarm: its table, its metric, the time since it went off")
	c.Flags().BoolVar(&o.reveal, "reveal-keys", false, "show the hottest keys' values, and record them in the session, instead of tags; that you asked is recorded too")
	o.screen.flags(c.Flags())
	return c
}

// tableName is what AWS allows; anything else never leaves this shell.
var tableName = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)

// existsWithin is how long it may take, for all tables together, to see that none has a wrong name. An AWS that does not answer
// in that time is looked at from the cockpit.
const existsWithin = 3 * time.Second

// site is what a session on real AWS is made of.
type site struct {
	eyes
	team team
	ctx  context.Context
}

// openSite reads the configuration, connects, and makes sure that the tables exist. An AWS that cannot be
// reached is no reason to stop: that is what the cockpit is for.
func openSite(ctx context.Context, tables []string, o accountOptions) (*site, error) {
	for _, t := range tables {
		if !tableName.MatchString(t) {
			return nil, usage("%q is no table name: 3 to 255 letters, digits, dots, dashes or underscores", t)
		}
	}
	t, err := readTeam(o.config)
	if err != nil {
		return nil, err
	}
	cfg, err := t.config(tables, o.probes)
	if err != nil {
		return nil, err
	}
	clk := &clock.Real{}
	account, err := o.connect(ctx, clk)
	if err != nil {
		return nil, err
	}
	look, done := context.WithTimeout(ctx, existsWithin)
	defer done()
	for _, name := range tables {
		if _, err := account.DescribeTable(look, name); err != nil {
			if f := ddbaws.Classify(err); f.Reason == ddbaws.Missing {
				return nil, usage("there is no table %s in %s: check the name, --region and --profile", name, account.Region())
			}
		}
	}
	cfg.Region = account.Region()
	feeds := &http.Client{Timeout: 2 * time.Second}
	secret := make([]byte, 32)
	_, _ = crand.Read(secret) // never fails
	return &site{eyes: eyes{asked: map[string]*source.Probe{}, clk: clk, account: account, http: feeds, chance: rand.Float64, cfg: cfg, secret: secret, aside: func(service string) bool { return reachable(account, service) }, marks: markFiles(t.Marks)}, team: t, ctx: ctx}, nil
}

// connect reaches the account that the flags, the environment and the profile name.
func (o *accountOptions) connect(ctx context.Context, clk clock.Clock) (*ddbaws.Account, error) {
	account, err := ddbaws.Connect(ctx, ddbaws.Options{Profile: o.profile, Region: o.region, Clock: clk})
	if err != nil {
		return nil, usage("%v", err)
	}
	return account, nil
}

// reachable reports whether an optional eye may ask a service: of a DynamoDB that is not AWS's own, only a service whose endpoint
// is given as well knows anything.
func reachable(account *ddbaws.Account, service string) bool {
	return account.Endpoint("DYNAMODB") == "" || account.Endpoint(service) != ""
}

// endpoints are the services that are not AWS's own, as the environment and the profile say.
func endpoints(account *ddbaws.Account) map[string]string {
	out := map[string]string{}
	for name, service := range map[string]string{"dynamodb": "DYNAMODB", "cloudwatch": "CLOUDWATCH", "autoscaling": "APPLICATION_AUTO_SCALING"} {
		if url := account.Endpoint(service); url != "" {
			out[name] = url
		}
	}
	return out
}

func (s *site) session(id, mode string, armed bool) history.SessionStarted {
	out := history.SessionStarted{
		ID: id, Version: version(), Mode: mode, Tables: s.cfg.Tables, Region: s.cfg.Region, Endpoints: endpoints(s.account),
		Armed: armed, Clients: s.cfg.Clients, Levers: s.cfg.Levers, Signals: named(s.cfg.Own), Prices: prices(s.cfg.Region),
	}
	out.Account = accountNumber(s.ctx, s.account)
	return out
}

// accountNumber is whose tables are looked at, or "": who we are is asked of AWS itself only, and where STS cannot say it, a table's
// ARN does.
func accountNumber(ctx context.Context, account *ddbaws.Account) string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if len(endpoints(account)) > 0 {
		return ""
	}
	id, err := account.Identity(ctx)
	if err != nil {
		return account.Owner()
	}
	return id.Account
}

func watch(ctx context.Context, tables []string, o watchOptions) error {
	w, err := openWatch(ctx, tables, o)
	if err != nil {
		return err
	}
	defer func() { _ = w.journal.Close() }() // flushed every second; an error now has nobody to hear it
	ctx, cancel := context.WithCancel(ctx)
	w.begin(ctx)
	err = w.screen.run(ctx)
	cancel()
	w.site.clk.(*clock.Real).Join()
	return w.screen.goodbye(os.Stdout, err)
}

// watching is a session on real tables that has not begun to look.
type watching struct {
	site    *site
	journal *journal.Writer
	loop    *engine.Engine
	writer  engine.Writer // nil in a read-only session: it was never built
	sources []engine.Source
	screen  *screen
	first   []history.Body // what is known before the first look
}

// begin sets the eyes and the loop going.
func (w *watching) begin(ctx context.Context) {
	w.loop.Emit(w.first...)
	w.loop.Run(ctx, w.sources...)
}

func openWatch(ctx context.Context, tables []string, o watchOptions) (*watching, error) {
	root, err := sessionsDir(o.screen.sessions)
	if err != nil {
		return nil, err
	}
	from, err := start(ctx, tables, o.alarm, o.account)
	if err != nil {
		return nil, err
	}
	s, err := openSite(ctx, from.tables, o.account)
	if err != nil {
		return nil, err
	}
	s.baselines, s.reveal = true, o.reveal
	library, err := s.team.library()
	if err != nil {
		return nil, err
	}
	id := sessionID(time.Now(), from.tables[0], rand.New(rand.NewPCG(rand.Uint64(), 0)))
	session := s.session(id, "watch", o.allow)
	allowed, again := change.Careful, (func() (change.Policy, error))(nil)
	if o.allow {
		if allowed, again, err = armedPolicy(o.policy, session); err != nil {
			return nil, err
		}
		session.Policy = allowed.Name + " " + allowed.Hash
	}
	policy := newInForce(allowed)
	w := &watching{site: s}
	out := &sink{}
	var describe *source.Describe
	if w.sources, describe, err = s.sources(out); err != nil {
		return nil, err
	}
	var dir string
	if w.journal, dir, err = newJournal(root, id); err != nil {
		return nil, err
	}
	opt := engine.Options{
		Clock: s.clk, Journal: w.journal, Session: session, Actor: actor(s.team.Actor), Library: library,
		Describer: describer{s.account, reachable(s.account, "APPLICATION_AUTO_SCALING")}, Limits: s.team.limits(), Policy: allowed, Reread: policy.follow(again),
		Held: policy.held, Earlier: carriedOver(root, session, time.Now()),
		Postmortem: postmortemIn(dir), Hurry: describe.Hurry, Watched: true,
		Bench: bench{eyes: func() eyes { return s.eyes }, to: out},
	}
	if opt.Writer, err = writerFor(s.account, o.allow, policy); err == nil {
		if o.allow {
			opt.Levers = commands{levers: s.team.Levers}
		}
		out.to, err = engine.New(opt)
	}
	if err != nil {
		return nil, errors.Join(err, w.journal.Close())
	}
	w.loop, w.writer, w.screen = out.to, opt.Writer, newScreen(out.to, s.clk.Now, o.screen, dir)
	w.screen.line, w.screen.window = from.line(), from.window(s.clk.Now())
	if o.reveal {
		w.first = append(w.first, history.KeysRevealed{By: opt.Actor.Name})
	}
	if from.alarm != nil {
		w.first = append(w.first, from.alarm.AlarmChanged)
	}
	return w, nil
}
