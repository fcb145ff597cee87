package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/history"
)

// team is what a team tells ddbloop in config.yaml.
type team struct {
	Actor      string          `yaml:"actor"`
	Runbooks   string          `yaml:"runbooks"` // folder of the team's own runbooks; relative to this file
	Clients    []teamClient    `yaml:"clients"`
	Probes     []teamProbe     `yaml:"probes"`
	ProbeUnits float64         `yaml:"probe_units"` // read units per second that all probes of a table may use
	Signals    []teamSignal    `yaml:"signals"`
	Budget     float64         `yaml:"cloudwatch_budget"` // USD an hour that polls may cost
	Thresholds *teamThresholds `yaml:"thresholds"`        // from when on something is trouble
	dir        string          // where the configuration stands
	Levers     []teamLever     `yaml:"levers"`
	Marks      string          `yaml:"marks"` // file that a pipeline writes marks into; relative to this file
}

type teamClient struct {
	Name      teamName      `yaml:"name"`
	Table     string        `yaml:"table"`
	Index     string        `yaml:"index"`
	Operation teamOp        `yaml:"operation"`
	P99       time.Duration `yaml:"p99"`
	Success   float64       `yaml:"success"`
	Feed      string        `yaml:"feed"` // URL of its OpenMetrics endpoint
	Every     time.Duration `yaml:"every"`
	Publishes []teamPublish `yaml:"publishes"` // what it publishes about itself in CloudWatch
}

type teamLever struct {
	Name    teamName `yaml:"name"`
	Title   string   `yaml:"title"`
	Does    string   `yaml:"does"`
	Command []string `yaml:"command"` // run with DDBLOOP_LEVER and DDBLOOP_STATE (on | off) in its environment
}

// leverKinds are the kinds of help that a runbook can ask for.
var leverKinds = strings.Fields("limit_key limit_client stop_job roll_back cut_retries spread_keys scale_consumer fail_over fix_client other")

// configFile returns where config.yaml is looked for.
func configFile(given string) (path string, mustExist bool) {
	if given != "" {
		return given, true
	}
	dir := os.Getenv("XDG_CONFIG_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", false
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "ddbloop", "config.yaml"), false
}

// readTeam reads config.yaml; without one there is nothing to know.
func readTeam(given string) (team, error) {
	path, must := configFile(given)
	if path == "" {
		return team{}, nil
	}
	raw, err := readFile(path)
	if errors.Is(err, os.ErrNotExist) && !must {
		return team{}, nil
	}
	if err != nil {
		return team{}, usage("config %s: %v", path, reason(err))
	}
	t, err := parseTeam(raw)
	if err != nil {
		return team{}, usage("config %s: %v", path, err)
	}
	t.dir = filepath.Dir(path)
	for _, p := range []*string{&t.Runbooks, &t.Marks} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(t.dir, *p)
		}
	}
	return t, nil
}

func parseTeam(raw []byte) (team, error) {
	var t team
	var rest yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	err := d.Decode(&t)
	if err == nil {
		if err = d.Decode(&rest); err == nil {
			return t, fmt.Errorf("line %d: the file is one document: take out this --- line, or what follows it", rest.Line)
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		text := strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "\n", " ")
		text = wrongShape.ReplaceAllString(text, "$1 cannot stand here")
		return t, errors.New(goType.ReplaceAllString(text, ""))
	}
	return t, t.check()
}

// The decoder's words for what has the wrong shape or an unknown name end in types of this program, which nobody who writes YAML knows.
var (
	wrongShape = regexp.MustCompile(`cannot unmarshal (!!\S+(?: ` + "`[^`]*`" + `)?) into \S*main\.\w+`)
	goType     = regexp.MustCompile(` in type main\.\w+`)
)

func (t team) check() error {
	for i, c := range t.Clients {
		if c.Name == "" || c.Table == "" {
			return fmt.Errorf("clients[%d]: needs name and table", i)
		}
		if math.IsNaN(c.Success) || c.Success < 0 || c.Success > 1 {
			return fmt.Errorf("client %s: success is a share from 0 to 1, e.g. 0.999", c.Name)
		}
	}
	if err := t.checkSignals(); err != nil {
		return err
	}
	named := map[teamName]bool{}
	for i := range t.Probes {
		p := &t.Probes[i]
		if p.Name == "" || named[p.Name] {
			return fmt.Errorf("probes[%d]: needs a name of its own", i)
		}
		if err := p.check(); err != nil {
			return fmt.Errorf("probe %s: %w", p.Name, err)
		}
		named[p.Name] = true
	}
	if t.ProbeUnits < 0 {
		return errors.New("probe_units is a number of read units per second, e.g. 5")
	}
	pulled := map[teamName]bool{}
	for i, l := range t.Levers {
		if l.Name == "" || pulled[l.Name] || len(l.Command) == 0 || l.Command[0] == "" {
			return fmt.Errorf("levers[%d]: needs a name of its own and a command", i)
		}
		pulled[l.Name] = true
		if !contains(leverKinds, l.Does) {
			return fmt.Errorf("lever %s: does is one of %s, not %q", l.Name, strings.Join(leverKinds, " "), l.Does)
		}
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// config keeps what concerns the tables that are watched.
func (t team) config(tables, probes []string) (c engine.Config, err error) {
	c = engine.Config{Tables: tables, ProbeUnits: t.ProbeUnits, Own: t.own(tables), Budget: t.Budget}
	for _, cl := range t.Clients {
		if !contains(tables, cl.Table) {
			continue
		}
		client := history.Client{Name: string(cl.Name), Table: cl.Table, Index: cl.Index, Op: string(cl.Operation), P99: cl.P99, Success: cl.Success}
		if cl.Feed != "" {
			client.Feed = orSecond(cl.Every)
			c.Feeds = append(c.Feeds, engine.FeedConfig{Name: string(cl.Name), Table: cl.Table, Index: cl.Index, URL: cl.Feed, Every: client.Feed})
		}
		c.Clients = append(c.Clients, client)
	}
	if c.Probes, err = t.probes(tables, probes); err != nil {
		return c, err
	}
	for _, l := range t.Levers {
		c.Levers = append(c.Levers, history.Lever{Name: string(l.Name), Title: l.Title, Does: l.Does})
	}
	return c, nil
}

func orSecond(d time.Duration) time.Duration {
	if d <= 0 {
		return time.Second
	}
	return d
}
