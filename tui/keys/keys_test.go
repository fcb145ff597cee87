package keys

import "testing"

func TestEveryBindingHasHelp(t *testing.T) {
	seen, actions := map[string]Action{}, map[Action]bool{}
	groups := map[string]bool{}
	for _, g := range Groups {
		groups[g] = true
	}
	for _, b := range All {
		if b.Help == "" || b.Short == "" || b.Show == "" || len(b.Keys) == 0 || !groups[b.Group] {
			t.Errorf("%v: no help, name, key or group", b.Keys)
		}
		if actions[b.Do] {
			t.Errorf("%v: a second row for one action", b.Keys)
		}
		actions[b.Do] = true
		for _, k := range b.Keys {
			if k == " " || k == "" {
				t.Errorf("%q never matches: the key's name is space", k)
			}
			if was, dup := seen[k]; dup {
				t.Errorf("%q means %v and %v", k, was, b.Do)
			}
			seen[k] = b.Do
		}
	}
	for a := PaneMetrics; a <= Quit; a++ {
		if !actions[a] {
			t.Errorf("action %d has no key", a)
		}
	}
}

func TestDangerousKeysSayWhyNot(t *testing.T) {
	for _, b := range All {
		if b.Dangerous && b.Why(Facts{ReadOnly: "read-only: start with --allow-changes"}) == "" {
			t.Errorf("%v can be pressed with nothing to do", b.Keys)
		}
	}
	f := Facts{Planned: true, ReadOnly: "read-only: X"}
	if got := Of(Arm).Why(f); got != "read-only: X" {
		t.Errorf("got %q", got)
	}
	f.ReadOnly, f.Frozen = "", true
	if Of(Arm).Why(f) == "" {
		t.Error("a frozen screen can approve")
	}
	f.Frozen = false
	if got := Of(Arm).Why(f); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestFind(t *testing.T) {
	if b, ok := Find("space"); !ok || b.Do != Freeze {
		t.Error("space does not freeze")
	}
	if _, ok := Find(" "); ok {
		t.Error("a blank is a key")
	}
}
