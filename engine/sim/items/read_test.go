package items

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"
)

var until = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

func newStore(count, bytes int) *Store {
	return New(Spec{
		Key: Key{"tenant", "created_at"}, Distinct: 5, Items: count, Bytes: bytes, Until: until, Spread: map[string]int{"by-status": 2, "by-day": 3},
		Indexes: []Index{{Name: "by-status", Key: Key{"status", "created_at"}}, {Name: "by-day", Key: Key{Partition: "day"}, All: true}},
	})
}

func tenant(i int) Item { return Item{":t": &vS{Value: KeyValue("tenant", i)}} }

// request builds a Read the way the protocols do.
func request(t testing.TB, s *Store, index, key, filter string, values Item) Read {
	t.Helper()
	p, err := NewPlaceholders(map[string]string{"#s": "status", "#d": "day"}, values)
	if err != nil {
		t.Fatal(err)
	}
	schema := s.key
	if x, ok := s.IndexOf(index); ok {
		schema = x.Key
	}
	r := Read{Index: index}
	if key != "" {
		if r.Key, err = p.KeyCondition(key, schema); err != nil {
			t.Fatal(err)
		}
	}
	if filter != "" {
		if r.Filter, err = p.Condition("FilterExpression", filter); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// all follows the pages to the end.
func all(t testing.TB, s *Store, r Read) (found []string, pages int) {
	t.Helper()
	for {
		page, err := s.Read(r)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, it := range page.Items {
			found = append(found, textOf(it["tenant"])+" "+textOf(it["created_at"]))
		}
		if page.Last == nil {
			return found, pages
		}
		r.Start = page.Last
	}
}

func TestGeneratedItems(t *testing.T) {
	s := newStore(5000, 900)
	if len(s.rows) != MaxItems {
		t.Fatalf("%d items", len(s.rows))
	}
	it, ok, err := s.Get(Item{"tenant": &vS{Value: "tenant-4"}, "created_at": &vS{Value: "2026-03-03T14:00:00Z"}})
	if err != nil || !ok || textOf(it["status"]) != "status-1" || Size(it) != 900 {
		t.Errorf("the newest item: %v %v, %d bytes", err, it, Size(it))
	}
	s.SetItemBytes(40_000)
	if it, _, _ = s.Get(s.keyOf(it)); Size(it) != 40_000 {
		t.Errorf("after the items grew: %d bytes", Size(it))
	}
	alone := New(Spec{Key: Key{Partition: "id"}, Distinct: 10, Items: 1000, Bytes: 10, Until: until})
	if len(alone.rows) != 10 {
		t.Errorf("without a sort key: %d items for 10 keys", len(alone.rows))
	}
	if key := alone.First("id-3"); textOf(key["id"]) != "id-3" || len(key) != 1 {
		t.Errorf("first of id-3: %v", key)
	}
}

func TestQuery(t *testing.T) {
	s := newStore(100, 500) // 20 items per tenant
	for _, c := range []struct {
		name, index, key, filter string
		values                   Item
		items, examined          int
	}{
		{"a partition", "", "tenant = :t", "", tenant(1), 20, 20},
		{"no such partition", "", "tenant = :t", "", Item{":t": &vS{Value: "nobody"}}, 0, 0},
		{"a range of it", "", "tenant = :t AND created_at >= :c", "", Item{":t": &vS{Value: "tenant-4"}, ":c": &vS{Value: "2026-03-03T13:59:50Z"}}, 3, 3},
		{"either order", "", "created_at < :c AND tenant = :t", "", Item{":t": &vS{Value: "tenant-4"}, ":c": &vS{Value: "2026-03-03T13:59:50Z"}}, 17, 17},
		{"the value first", "", ":t = tenant AND :c > created_at", "", Item{":t": &vS{Value: "tenant-4"}, ":c": &vS{Value: "2026-03-03T13:59:50Z"}}, 17, 17},
		{"between", "", "tenant = :t AND created_at BETWEEN :c AND :d", "", Item{":t": &vS{Value: "tenant-4"}, ":c": &vS{Value: "2026-03-03T13:59:50Z"}, ":d": &vS{Value: "2026-03-03T13:59:55Z"}}, 2, 2},
		{"begins_with", "", "tenant = :t AND begins_with(created_at, :c)", "", Item{":t": &vS{Value: "tenant-4"}, ":c": &vS{Value: "2026-03-03T13:59:"}}, 12, 12},
		{"a filter examines all the same", "", "tenant = :t", "#s = :s", Item{":t": &vS{Value: "tenant-1"}, ":s": &vS{Value: "status-0"}}, 10, 20},
		{"an index", "by-status", "#s = :s", "", Item{":s": &vS{Value: "status-1"}}, 50, 50},
		{"an index without a sort key", "by-day", "#d = :s", "", Item{":s": &vS{Value: "day-2"}}, 33, 33},
		{"a scan", "", "", "", nil, 100, 100},
		{"a scan of an index", "by-status", "", "", nil, 100, 100},
	} {
		page, err := s.Read(request(t, s, c.index, c.key, c.filter, c.values))
		if err != nil || len(page.Items) != c.items || page.Scanned != c.examined || page.Last != nil {
			t.Errorf("%s: %d of %d, last %v, %v", c.name, len(page.Items), page.Scanned, page.Last, err)
		}
	}
	forward, _ := all(t, s, request(t, s, "", "tenant = :t", "", tenant(2)))
	r := request(t, s, "", "tenant = :t", "", tenant(2))
	r.Backward, r.Limit = true, 3
	backward, pages := all(t, s, r)
	slices.Reverse(backward)
	if !slices.IsSorted(forward) || !slices.Equal(forward, backward) || pages != 7 {
		t.Errorf("%d pages backward: %v", pages, backward)
	}
}

func TestIndexHoldsItsProjection(t *testing.T) {
	s := newStore(100, 2000)
	keysOnly, _ := s.Read(request(t, s, "by-status", "#s = :s", "", Item{":s": &vS{Value: "status-1"}}))
	for _, it := range keysOnly.Items {
		if len(it) != 3 {
			t.Fatalf("keys only: %v", it)
		}
	}
	if keysOnly.Bytes > 50*100 {
		t.Errorf("%d bytes for 50 entries of keys", keysOnly.Bytes)
	}
	r := request(t, s, "by-status", "#s = :s", "", Item{":s": &vS{Value: "status-1"}})
	r.Whole = true
	if _, err := s.Read(r); err == nil || !strings.Contains(err.Error(), "ALL_ATTRIBUTES is not supported") {
		t.Errorf("all attributes: %v", err)
	}
	r.Whole, r.Projection = false, &Projection{[]path{{{name: "payload"}}}}
	if _, err := s.Read(r); err == nil || !strings.Contains(err.Error(), "does not project payload") {
		t.Errorf("an attribute that is not there: %v", err)
	}
}

func TestPageEndsAtAMegabyte(t *testing.T) {
	s := newStore(1000, 10_000)
	page, err := s.Read(Read{})
	if err != nil || page.Scanned != 104 || page.Bytes > MaxPage || page.Last == nil {
		t.Errorf("first page: %d items, %d bytes, %v %v", page.Scanned, page.Bytes, page.Last, err)
	}
	if found, pages := all(t, s, Read{}); len(found) != 1000 || pages != 10 {
		t.Errorf("%d items in %d pages", len(found), pages)
	}
	s.SetItemBytes(500_000)
	if page, _ := s.Read(Read{}); page.Scanned != 2 || page.Bytes != 2*MaxItemBytes {
		t.Errorf("items are at most 400 KB: %d items, %d bytes", page.Scanned, page.Bytes)
	}
}

func TestReadIsRefused(t *testing.T) {
	s := newStore(10, 100)
	for key, want := range map[string]string{
		"created_at = :t":                                   "missed key schema element: tenant",
		"tenant > :t":                                       "not supported",
		"tenant = :t AND age = :t":                          "missed key schema element: created_at",
		"tenant = :t OR tenant = :t":                        "operator used in KeyConditionExpression: OR",
		"NOT tenant = :t":                                   "KeyConditionExpression: NOT",
		"tenant IN (:t)":                                    "KeyConditionExpression: IN",
		"tenant = :t AND created_at <> :t":                  "KeyConditionExpression: <>",
		"tenant = :t AND contains(created_at, :t)":          "KeyConditionExpression: contains",
		"tenant = :t AND tenant = :t":                       "one condition per key",
		"tenant = :n":                                       "type does not match schema",
		"tenant = created_at":                               "compared with a value",
		":t = :t2":                                          "on the left",
		"tenant = :t AND size(created_at) = :n":             "nested operations",
		"tenant = :empty":                                   "empty string value",
		"tenant = :t AND created_at > :t AND created_at<:t": "one condition per key",
		"tenant = :t AND created_at > :t AND age = :t":      "length 1 or 2",
	} {
		p, _ := NewPlaceholders(nil, Item{":t": &vS{Value: "x"}, ":n": &vN{Value: "1"}, ":empty": &vS{}, ":t2": &vS{Value: "y"}})
		if _, err := p.KeyCondition(key, s.key); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", key, err)
		}
	}
	at := Item{"tenant": &vS{Value: "tenant-2"}, "created_at": &vS{Value: "2026"}}
	for name, c := range map[string]struct {
		r    Read
		want string
	}{
		"no such index":          {Read{Index: "by-name"}, "does not have the specified index: by-name"},
		"a filter on the key":    {request(t, s, "", "tenant = :t", "created_at = :c", Item{":t": &vS{Value: "x"}, ":c": &vS{Value: "c"}}), "only contain non-primary key"},
		"start of another table": {Read{Start: Item{"id": &vS{Value: "x"}}}, "starting key is invalid"},
		"start without its sort": {Read{Start: Item{"tenant": &vS{Value: "x"}}}, "starting key is invalid"},
		"start of another type":  {Read{Start: Item{"tenant": &vS{Value: "x"}, "created_at": &vN{Value: "1"}}}, "Type mismatch"},
		"start elsewhere":        {withStart(request(t, s, "", "tenant = :t", "", tenant(1)), at), "outside query boundaries"},
		"table's key on index":   {Read{Index: "by-status", Start: at}, "starting key is invalid"},
	} {
		if _, err := s.Read(c.r); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func withStart(r Read, at Item) Read {
	r.Start = at
	return r
}

// Pages of any size and segments of any number show every item once, in the same order.
func TestPagesAndSegmentsShowEverythingOnce(t *testing.T) {
	s := newStore(200, 300)
	want, _ := all(t, s, Read{})
	rapid.Check(t, func(rt *rapid.T) {
		r := Read{Limit: rapid.IntRange(1, 250).Draw(rt, "limit"), Segments: rapid.IntRange(1, 9).Draw(rt, "segments")}
		if rapid.Bool().Draw(rt, "index") {
			r.Index = "by-day"
		}
		var found []string
		for r.Segment = range r.Segments {
			some, _ := all(t, s, r)
			found = append(found, some...)
		}
		a, b := slices.Sorted(slices.Values(found)), slices.Sorted(slices.Values(want))
		if !slices.Equal(a, b) {
			rt.Fatalf("%d items instead of %d", len(a), len(b))
		}
	})
}

func FuzzExpressions(f *testing.F) {
	for _, seed := range []string{
		"age = :n40", "begins_with(note, :g) AND NOT (doc.nest.deep BETWEEN :n40 AND :n50)", "size(#d) > :two OR contains(tags, :a)",
		"SET a = if_not_exists(a, :n40) + :two REMOVE b ADD c :two", "tenant = :t AND created_at >= :x", "lst[0].#ab, doc", "((((", "a[b", "IN IN IN",
	} {
		f.Add(seed)
	}
	s := newStore(5, 100)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := NewPlaceholders(testNames, testValues)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := p.Condition("FilterExpression", text); err == nil {
			c.Holds(sample)
			c.Holds(nil)
		}
		if pr, err := p.Projection(text); err == nil {
			pr.Apply(sample)
		}
		if k, err := p.KeyCondition(text, s.key); err == nil {
			if _, err := s.Read(Read{Key: k}); err != nil {
				t.Fatalf("%q was parsed but not read: %v", text, err)
			}
		}
		if u, err := p.Update(text); err == nil {
			if _, err := u.apply(s.key, Item{}, sample); err != nil && err.Error() == "" {
				t.Fatal("an error without words")
			}
		}
		for _, v := range []types.AttributeValue{&vN{Value: text}, &vS{Value: text}} {
			if err := check(v, 1); err == nil {
				_ = fmt.Sprint(valueSize(v))
			}
		}
	})
}
