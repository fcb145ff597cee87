package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ddbloop/ddbloop/engine"
	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
)

// teamProbe is one of the team's own read-only requests.
type teamProbe struct {
	Name      teamName      `yaml:"name"`
	Table     string        `yaml:"table"`
	Index     string        `yaml:"index"`
	Operation teamOp        `yaml:"operation"` // "" = as the input says
	Every     time.Duration `yaml:"every"`
	Timeout   time.Duration `yaml:"timeout"`
	Pages     int           `yaml:"pages"`
	Throttled bool          `yaml:"probe_throttled"` // asks on although the table refuses reads
	Input     teamInput     `yaml:"input"`
}

// teamInput is a request as the AWS CLI's --cli-input-json: written out, or the name of a file that holds it.
type teamInput struct {
	file string
	json []byte
}

// largestInput bounds a file of a request; DynamoDB takes no key or expression that comes near it.
const largestInput = 1 << 20

// UnmarshalYAML implements yaml.Unmarshaler.
func (i *teamInput) UnmarshalYAML(n *yaml.Node) error {
	switch n.Kind {
	case yaml.ScalarNode:
		i.file = n.Value
		return nil
	case yaml.MappingNode:
		v, err := jsonOf(n, 0)
		if err == nil {
			i.json, err = json.Marshal(v)
		}
		return err
	}
	return fmt.Errorf("line %d: input is a request or the name of a file that holds one", n.Line)
}

// jsonOf turns YAML into what JSON can say. What only YAML sees as a date stays the text it is.
func jsonOf(n *yaml.Node, depth int) (any, error) {
	if depth > 64 {
		return nil, fmt.Errorf("line %d: input is nested too deep", n.Line)
	}
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := jsonOf(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			out[n.Content[i].Value] = v
		}
		return out, nil
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			v, err := jsonOf(c, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case yaml.ScalarNode:
		if tag := n.ShortTag(); tag == "!!timestamp" || tag == "!!str" || tag == "!!binary" {
			return n.Value, nil
		}
		var v any
		err := n.Decode(&v)
		return v, err
	}
	return nil, fmt.Errorf("line %d: input takes no YAML aliases", n.Line)
}

// read returns the request itself; a file's name is relative to dir.
func (i teamInput) read(dir string) ([]byte, error) {
	if i.file == "" {
		return i.json, nil
	}
	path := i.file
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	raw, err := readAtMost(path, largestInput)
	if err != nil {
		return nil, fmt.Errorf("input %s: %w", path, reason(err))
	}
	return raw, nil
}

func (p *teamProbe) check() error {
	switch {
	case p.Input.file == "" && len(p.Input.json) == 0:
		return errors.New("needs input, as for the AWS CLI's --cli-input-json, or the name of a file that holds it")
	case p.Every < 0 || p.Timeout < 0 || p.Every > 0 && p.Every < 100*time.Millisecond:
		return errors.New("every is at least 100ms, and timeout not below 0")
	}
	return nil
}

// config works out what to send; dir is where the configuration stands.
func (p *teamProbe) config(dir string) (engine.ProbeConfig, error) {
	input, err := p.Input.read(dir)
	if err != nil {
		return engine.ProbeConfig{}, err
	}
	r, err := ddbaws.NewRead(string(p.Operation), p.Table, p.Index, p.Pages, input)
	if err != nil {
		return engine.ProbeConfig{}, err
	}
	return engine.ProbeConfig{
		Name: string(p.Name), Table: r.Table, Index: r.Index, Op: r.Op, Pages: p.Pages, Every: orSecond(p.Every), Timeout: p.Timeout,
		Throttled: p.Throttled, Input: input,
	}, nil
}

// probes are those of the configuration, and the files of --probe, that ask the tables that are watched.
func (t team) probes(tables, files []string) (list []engine.ProbeConfig, err error) {
	taken := map[string]bool{}
	for i := range t.Probes {
		p := &t.Probes[i]
		if p.Table != "" && !contains(tables, p.Table) {
			continue
		}
		c, err := p.config(t.dir)
		if err != nil {
			return nil, usage("probe %s: %v", p.Name, err)
		}
		if contains(tables, c.Table) {
			taken[c.Name], list = true, append(list, c)
		}
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		p := teamProbe{Name: teamName(name), Input: teamInput{file: file}}
		if len(tables) == 1 {
			p.Table = tables[0]
		}
		c, err := p.config("")
		switch {
		case err != nil:
			return nil, usage("--probe %s: %v", file, err)
		case !contains(tables, c.Table):
			return nil, usage("--probe %s asks %s, which is not watched: name it on the command line", file, c.Table)
		case taken[name]:
			return nil, usage("--probe %s: there is a probe %s already: rename the file", file, name)
		}
		taken[name], list = true, append(list, c)
	}
	return slices.Clip(list), nil
}
