package main

import (
	"encoding/json"
	"strings"
	"testing"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
)

// The policy in the README is JSON and grants every action that ddbloop would use to look, and none that writes.
func TestReadmePolicyIsWhole(t *testing.T) {
	text := document(t, "README.md")
	_, text, _ = strings.Cut(text, "```json\n")
	text, _, _ = strings.Cut(text, "```")
	var policy struct {
		Statement []struct{ Action any }
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		t.Fatal(err)
	}
	granted := map[string]bool{}
	for _, s := range policy.Statement {
		switch a := s.Action.(type) {
		case string:
			granted[a] = true
		case []any:
			for _, x := range a {
				granted[x.(string)] = true
			}
		}
	}
	for _, p := range ddbaws.Permissions {
		if !granted[p.Action] {
			t.Errorf("the policy lacks %s", p.Action)
		}
	}
	for a := range granted {
		if _, op, _ := strings.Cut(a, ":"); changesTable(op) {
			t.Errorf("the policy grants %s", a)
		}
	}
}
