package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

func policyAt(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The writing client needs the flag and the policy. Mutants: skip Reachable; arm a session whose tables are all protected.
func TestArmedNeedsThePolicy(t *testing.T) {
	orders := history.SessionStarted{Mode: "watch", Tables: []string{"orders"}, Region: "eu-west-1", Account: "123456789012"}
	elsewhere, local := orders, orders
	elsewhere.Endpoints = map[string]string{"dynamodb": "http://10.1.2.3:8000"}
	scaled := orders
	scaled.Endpoints = map[string]string{"autoscaling": "http://10.1.2.3:8000"}
	local.Endpoints, local.Account = map[string]string{"dynamodb": "http://127.0.0.1:8000"}, ""
	for _, c := range []struct {
		name, text string
		s          history.SessionStarted
		want       string
	}{
		{"nothing said", "", orders, ""},
		{"this table", "tables: [orders]", orders, ""},
		{"another table", "tables: [carts]", orders, "lets none of these tables be changed"},
		{"protected", "protected: {tables: [orders]}", orders, "lets none of these tables be changed"},
		{"another account", `account: "999999999999"`, orders, "for account …9999, and this is …9012"},
		{"an account that cannot be told", `account: "123456789012"`, local, "cannot be told"},
		{"another Region", "region: us-east-1", orders, "for Region us-east-1, and this is eu-west-1"},
		{"a server on this machine", "", local, ""},
		{"a server elsewhere", "", elsewhere, "needs lab: true"},
		{"auto scaling elsewhere", "", scaled, "needs lab: true"},
		{"a laboratory", "lab: true", elsewhere, ""},
		{"a broken file", "lab: perhaps", orders, "neither true nor false"},
	} {
		_, again, err := armedPolicy(policyAt(t, c.text), c.s)
		if c.want == "" && (err != nil || again == nil) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || codeOf(err) != exitUnusable) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, _, err := armedPolicy(filepath.Join(t.TempDir(), "none.yaml"), orders); err == nil {
		t.Error("a policy that is named and missing is no error")
	}
	if p, err := writerFor(nil, false, newInForce(change.Careful)); p != nil || err != nil {
		t.Errorf("without the flag: %v, %v", p, err)
	}
}

// The file is read again for each change: what a person narrows holds at once, and a file that is gone allows nothing. Mutants: keep
// the first; follow the usual file's link when asking whether it is there.
func TestPolicyIsReadAgain(t *testing.T) {
	path := policyAt(t, "spacing: 1m")
	t.Setenv("XDG_CONFIG_HOME", filepath.Dir(filepath.Dir(path)))
	first, again, err := readPolicy(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("spacing: 2m"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := again(); err != nil || p.Spacing == first.Spacing || p.Hash == first.Hash {
		t.Errorf("%+v, %v", p, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := again(); err == nil {
		t.Error("a policy that is gone still allows")
	}
	if p, again, err := readPolicy(""); err != nil || again != nil || p.Name != "built-in" {
		t.Errorf("without a file: %+v, %v", p, err)
	}
	usual, _ := policyFile("") // a link whose end is not there, as with a repository that is not checked out
	if err := errors.Join(os.MkdirAll(filepath.Dir(usual), 0o700), os.Symlink("to nothing", usual)); err != nil {
		t.Fatal(err)
	}
	if p, _, err := readPolicy(""); err == nil {
		t.Errorf("a policy that is a link to nothing is %s", p.Name)
	}
}

// What anybody may write is no policy, and no calendar of one. Mutants: read it; look at the policy alone.
func TestAnybodysPolicyAllowsNothing(t *testing.T) {
	path := policyAt(t, "calendar: shut.yaml")
	shut := filepath.Join(filepath.Dir(path), "shut.yaml")
	if err := os.WriteFile(shut, []byte("freeze:\n  - {from: 2026-01-01T00:00:00Z, to: 2026-01-02T00:00:00Z, why: new year}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := readPolicy(path); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, shut} {
		if err := os.Chmod(file, 0o606); err != nil {
			t.Fatal(err)
		}
		if p, _, err := readPolicy(path); err == nil || !strings.Contains(err.Error(), "anybody on this machine may write it: chmod o-w") {
			t.Errorf("%s: %+v, %v", filepath.Base(file), p, err)
		}
		if err := os.Chmod(file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A hold file and a life of credentials that the file names while the session runs hold from the next reading on; a file that
// breaks takes neither away. Where its folder is missing, the hold file cannot be looked for. Mutants: those of the session's start;
// follow links; take a missing folder for a missing file.
func TestPolicyInForce(t *testing.T) {
	path := policyAt(t, "spacing: 1m")
	first, again, err := readPolicy(path)
	if err != nil {
		t.Fatal(err)
	}
	f := newInForce(first)
	again = f.follow(again)
	if why, there := f.held(); there {
		t.Error(why)
	}
	stop := filepath.Join(t.TempDir(), "stop")
	for _, file := range []string{stop, path} {
		if err := os.WriteFile(file, []byte("credentials_life: 10m\nhold_file: "+stop+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := again(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("spacing: soon"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := again(); err == nil {
		t.Error("a broken file is a policy")
	}
	if why, there := f.held(); !there || !strings.Contains(why, stop) || f.now().Life != 10*time.Minute {
		t.Errorf("%v %q, life %s", there, why, f.now().Life)
	}
	if err := os.Remove(stop); err != nil {
		t.Fatal(err)
	}
	if why, there := f.held(); there {
		t.Error(why)
	}
	if err := os.Symlink("to nothing", stop); err != nil {
		t.Fatal(err)
	}
	if _, there := f.held(); !there {
		t.Error("a hold file that is a link to nothing is not there")
	}
	if err := os.RemoveAll(filepath.Dir(stop)); err != nil {
		t.Fatal(err)
	}
	if why, there := f.held(); !there || !strings.Contains(why, "cannot be looked for") {
		t.Errorf("the folder of the hold file is gone: %v %q", there, why)
	}
	if (&inForce{}).follow(nil) != nil {
		t.Error("without a file there is something to read again")
	}
}

// Mutants: call the absence of a file that nobody named a fault; let one that was named be absent.
func TestPolicyLintWithoutAFile(t *testing.T) {
	none := filepath.Join(t.TempDir(), "policy.yaml")
	for _, path := range []string{none, ""} {
		var out strings.Builder
		if err := lintPolicy(&out, path, false); err != nil || !strings.Contains(out.String(), "the built-in policy applies (hash "+change.Careful.Hash+")") {
			t.Errorf("%v\n%s", err, out.String())
		}
	}
	if err := lintPolicy(io.Discard, none, true); codeOf(err) != exitUnusable {
		t.Errorf("a file that was named is not there: %v", err)
	}
}

func TestPolicyLint(t *testing.T) {
	var out strings.Builder
	err := lintPolicy(&out, policyAt(t, "tables: [x]\nlab: maybe\n"), false)
	if codeOf(err) != exitUnusable || !strings.Contains(out.String(), "policy.yaml:1:10: ") || !strings.Contains(out.String(), "policy.yaml:2:6: ") {
		t.Errorf("%v\n%s", err, out.String())
	}
	out.Reset()
	if err := lintPolicy(&out, policyAt(t, "capacity: {step: 5}\n"), true); err != nil || !strings.Contains(out.String(), "wider than the built-in policy: capacity.step 5, not 2") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
