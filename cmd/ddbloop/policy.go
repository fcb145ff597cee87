package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/policy"
	"github.com/ddbloop/ddbloop/history"
)

// policyFile is where a team's policy is looked for: where a flag says, else beside config.yaml.
func policyFile(given string) (path string, mustExist bool) {
	if given != "" {
		return given, true
	}
	config, _ := configFile("")
	if config == "" {
		return "", false
	}
	return filepath.Join(filepath.Dir(config), "policy.yaml"), false
}

// readPolicy is the policy of a session, and how it is read again before each change. Without a file it is the built-in one, for
// good: a file that appears later is not this session's. A file that vanishes or breaks allows nothing.
func readPolicy(given string) (p change.Policy, again func() (change.Policy, error), err error) {
	path, must := policyFile(given)
	if path == "" || !must && absent(path) {
		return change.Careful, nil, nil
	}
	again = func() (change.Policy, error) { return policy.Load(path, readGuarding) }
	if p, err = again(); err != nil {
		return p, nil, usage("%v", err)
	}
	return p, again, nil
}

// absent reports whether there is nothing of a name. A link to nothing is something: what it was to lead to is missed.
func absent(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, os.ErrNotExist)
}

// armedPolicy is the policy of a session that asks to change something, held against where it is and what it looks at: the
// writing client is built only when it allows that.
func armedPolicy(given string, s history.SessionStarted) (change.Policy, func() (change.Policy, error), error) {
	p, again, err := readPolicy(given)
	if err != nil {
		return p, nil, err
	}
	if err := change.Reachable(p, s); err != nil {
		return p, nil, usage("policy %s: %v", p.Name, err)
	}
	if !change.AnyTable(p, s) {
		return p, nil, usage("the policy %s lets none of these tables be changed", p.Name)
	}
	if billed(s) {
		return p, again, nil
	}
	reread := again
	if reread != nil {
		again = func() (change.Policy, error) {
			p, err := reread()
			return p.Unbilled(), err
		}
	}
	return p.Unbilled(), again, nil
}

// billed reports whether somebody pays for a session's changes: not on a server on this machine, nor on the embedded AWS.
func billed(s history.SessionStarted) bool {
	at := s.Endpoints["dynamodb"]
	return s.Mode != "demo" && (at == "" || !change.OnThisMachine(at))
}

// inForce is the policy as it was read last. Its hold file and the life that credentials must have left hold from then on.
type inForce struct{ last atomic.Pointer[change.Policy] }

func newInForce(p change.Policy) *inForce {
	f := &inForce{}
	f.last.Store(&p)
	return f
}

func (f *inForce) now() change.Policy { return *f.last.Load() }

// follow keeps what a policy says each time that it is read; of one that cannot be read the last word stands.
func (f *inForce) follow(again func() (change.Policy, error)) func() (change.Policy, error) {
	if again == nil {
		return nil
	}
	return func() (change.Policy, error) {
		p, err := again()
		if err == nil {
			f.last.Store(&p)
		}
		return p, err
	}
}

// held looks for the file that stops changes. One that cannot be looked for counts as there.
func (f *inForce) held() (string, bool) {
	path := f.now().HoldFile
	if path == "" {
		return "", false
	}
	_, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		if _, err = os.Stat(filepath.Dir(path)); err == nil { // a folder that is not there now, such as a share, may hold it
			return "", false
		}
	} else if err == nil {
		return "the hold file " + path + " is there", true
	}
	return "the hold file " + path + " cannot be looked for: " + reason(err).Error(), true
}

func policyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "policy",
		Short: "Check the file that says what may be changed",
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	lint := &cobra.Command{
		Use:   "lint [FILE]",
		Short: "Say what is wrong with a policy file, with line and column, and what it allows",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			given := ""
			if len(args) > 0 {
				given = args[0]
			}
			path, must := policyFile(given)
			return lintPolicy(cmd.OutOrStdout(), path, must)
		},
	}
	c.AddCommand(lint)
	return c
}

// lintPolicy checks the file at path. One that nobody named need not be there.
func lintPolicy(w io.Writer, path string, must bool) error {
	if !must && absent(path) {
		fmt.Fprintf(w, "there is no %s: the built-in policy applies (hash %s)\n", cmp.Or(path, "policy file"), change.Careful.Hash)
		return nil
	}
	p, err := policy.Load(path, readGuarding)
	if all := (*policy.Problems)(nil); errors.As(err, &all) {
		for _, x := range all.List {
			fmt.Fprintf(w, "%s:%d:%d: %s\n", all.File, x.Line, x.Column, x.Text)
		}
		return usage("policy %s: problems: %d; while it has any, nothing may be changed", path, len(all.List))
	}
	if err != nil {
		return usage("%v", err)
	}
	fmt.Fprintf(w, "%s: fine (hash %s)\n", path, p.Hash)
	for _, line := range change.Wider(p) {
		fmt.Fprintf(w, "wider than the built-in policy: %s\n", line)
	}
	return nil
}
