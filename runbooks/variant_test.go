package runbooks

import (
	"testing"

	"github.com/ddbloop/ddbloop/history"
)

// TestAVariantLiesBesideItsRunbook: the file that an act names is looked for where the runbook lies, and is what the step shows.
// Mutant: leave the path as it is written.
func TestAVariantLiesBesideItsRunbook(t *testing.T) {
	for _, c := range []struct{ runbook, said, want string }{
		{"books/slow.md", "by-key.json", "books/by-key.json"},
		{"/etc/books/slow.md", "variants/by-key.json", "/etc/books/variants/by-key.json"},
		{"slow.md", "by-key.json", "by-key.json"},
		{"books/slow.md", "/tmp/by-key.json", "/tmp/by-key.json"},
	} {
		r, err := Parse(c.runbook, []byte("---\nrunbook: slow\nversion: 1\ntitle: T\nowner: o\nreview_by: 2027-01-31\nkinds: [slow_query]\n---\n\n"+
			"```yaml act id=ask\nsay: Ask by the key\nchange: {variant: "+c.said+", probe: open-orders}\nrisk: reversible\nundo: The probe asks as before\n"+
			"expect: {signal: trouble, within: 5m}\non_no_effect: {undo: true, goto: escalate}\n```\n"))
		if err != nil {
			t.Fatal(err)
		}
		if all := Lint(r, catalogue(), noon); len(all) != 0 {
			t.Error(all)
		}
		st := r.Opened("orders", "read", "test").Steps[0]
		if st.Change != "query.variant" || st.Variant != c.want || st.Probe != "open-orders" {
			t.Errorf("%s beside %s: %+v, want %s", c.said, c.runbook, st, c.want)
		}
		x := &session{t: t, r: r, s: history.NewState(), now: noon}
		x.put(r.Opened("orders", "read", "test"))
		if p, err := r.Act("ask", x.s, x, x.now); err != nil || p.Kind != "query.variant" || p.Variant != c.want || p.To != 0 || p.Expect == nil || p.Expect.Signal != Trouble {
			t.Errorf("%+v, %v", p, err)
		}
	}
}
