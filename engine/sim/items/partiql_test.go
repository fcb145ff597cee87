package items

import (
	"testing"
)

// FuzzSelect: whatever a statement says, it is refused or becomes expressions that their own parsers read or refuse, and nothing
// panics.
func FuzzSelect(f *testing.F) {
	f.Add(`SELECT * FROM "t"."i" WHERE a = 'b' AND c[0].d BETWEEN 1 AND 2`)
	f.Add(`select a, b from t where (x is missing or y in [1, 2]) and not begins_with(z, 'q');`)
	f.Add(`SELECT * FROM t WHERE ((((`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSelect(text, nil)
		if err != nil {
			return
		}
		holders, err := NewPlaceholders(s.Names, s.Values)
		if err != nil {
			return
		}
		for _, term := range s.Terms {
			_, _ = holders.Condition("FilterExpression", term.Text)
		}
		if s.Projection != "" {
			_, _ = holders.Projection(s.Projection)
		}
	})
}
