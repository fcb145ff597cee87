package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

// A demo takes a policy as watch does: what it forbids is refused with its word, its hash is in the session, what is narrowed later
// holds at the next plan, and one that cannot be used does not start. Without one the built-in policy holds, whatever lies beside the
// team's configuration. Mutants: hand the engine the built-in policy; forget Reread; take policy.yaml by itself.
func TestDemoTakesAPolicy(t *testing.T) {
	beside := policyAt(t, "tables: [elsewhere]")
	t.Setenv("XDG_CONFIG_HOME", filepath.Dir(beside))
	path := policyAt(t, "kinds: [lever]")
	sc, err := loadScenario(defaultScenario, "base")
	if err != nil {
		t.Fatal(err)
	}
	e, err := openEmbedded(sc)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.allow(""); err != nil || e.policy.now().Name != "built-in" || e.session("", "demo", 1).Policy != "" {
		t.Errorf("without a file: %q, %v", e.policy.now().Name, err)
	}
	if err := e.allow(beside); codeOf(err) != exitUnusable || !strings.Contains(err.Error(), "lets none of these tables be changed") {
		t.Errorf("a policy for other tables: %v", err)
	}
	if err := e.allow(filepath.Join(t.TempDir(), "none.yaml")); codeOf(err) != exitUnusable {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := e.allow(path); err != nil {
		t.Fatal(err)
	}
	eng, err := e.engine(engineOptions{id: "policy", mode: "demo", speed: 1, journal: forgetful{}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	refusal := func() (why string) {
		e.clk.Go(func() {
			err := eng.Do(ctx, engine.PlanChange{What: "table.write", Target: "orders", Side: "write", To: 9000})
			if _, refused := errors.AsType[*change.Refusal](err); err != nil && !refused {
				t.Error(err)
			}
		})
		e.clk.Run(e.clk.Now().Add(10*time.Second), nil)
		eng.View(func(s *history.State) {
			if n := len(s.Refused); n > 0 {
				why = s.Refused[n-1].Why
			}
		})
		return why
	}
	e.clk.Go(func() {
		if err := e.start(ctx, eng); err != nil {
			t.Error(err)
		}
	})
	defer e.clk.Stop()
	e.clk.Run(sc.Start.Add(10*time.Second), nil)
	if why := refusal(); !strings.Contains(why, "no change of the kind table.write") {
		t.Errorf("a kind that is not allowed: %q", why)
	}
	if err := os.WriteFile(path, []byte("protected: {tables: [orders]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if why := refusal(); !strings.Contains(why, "protects orders") {
		t.Errorf("a table that has become protected: %q", why)
	}
	eng.View(func(s *history.State) {
		if !strings.HasPrefix(s.Session.Policy, path+" ") || len(s.Changes) != 0 {
			t.Errorf("policy %q, %d changes", s.Session.Policy, len(s.Changes))
		}
	})
}
