package scenario

import "go.yaml.in/yaml/v3"

// ParseChange reads CHANGE or CHANGE@TARGET as the truth's lists are read: without a target, the truth's.
func (s *Scenario) ParseChange(text string) (Change, error) {
	d, err := newDecoder(s)
	if err != nil {
		return Change{}, err
	}
	var c Change
	d.change(&yaml.Node{Kind: yaml.ScalarNode, Value: text, Line: 1, Column: 1}, &c, map[string]bool{})
	d.runChecks()
	return c, d.err("change")
}
