package change_test

import (
	"testing"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

// A build is over as soon as its index is being deleted: from then on no write goes to it. Mutant: wait until it has gone,
// and judge the change by minutes that were well already.
func TestABuildHasEndedOnceItsIndexIsDeleting(t *testing.T) {
	set := []history.Setting{{Index: "by-day", Name: history.SetIndex, Before: history.IndexBackfilling, After: history.IndexGone}}
	for _, c := range []struct {
		name string
		list []history.IndexSnapshot
		want string
	}{
		{"back-filling", []history.IndexSnapshot{{Name: "by-day", Status: "CREATING", Backfilling: true}}, history.IndexBackfilling},
		{"deleting", []history.IndexSnapshot{{Name: "by-day", Status: "DELETING"}}, history.IndexGone},
		{"gone", nil, history.IndexGone},
		{"built after all", []history.IndexSnapshot{{Name: "by-day", Status: "ACTIVE"}}, "ACTIVE"},
	} {
		s := change.Seen{Snap: &history.TableSnapshot{Name: "orders", Status: "UPDATING", Indexes: c.list}}
		if got, ok := s.Value(set[0]); !ok || got != c.want || s.Moving(set) != "" {
			t.Errorf("%s: %q, %t, moving %q, want %q", c.name, got, ok, s.Moving(set), c.want)
		}
	}
}
