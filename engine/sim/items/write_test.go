package items

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func key(p, c string) Item { return Item{"tenant": &vS{Value: p}, "created_at": &vS{Value: c}} }

func with(it Item, name string, v types.AttributeValue) Item {
	out := Item{name: v}
	for k, w := range it {
		if k != name {
			out[k] = w
		}
	}
	return out
}

func TestPutMovesTheIndexEntry(t *testing.T) {
	s := newStore(10, 100)
	first := with(with(key("new", "2026"), "status", &vS{Value: "open"}), "fill", &vS{Value: strings.Repeat("x", 2500)})
	w, err := s.Put(first, nil)
	if err != nil || w.Units != 3 || len(w.Indexes) != 1 || w.Indexes[0] != (IndexCost{"by-status", "open", 1}) {
		t.Fatalf("new item: %+v %v", w, err)
	}
	if _, ok, _ := s.Get(key("new", "2026")); ok {
		t.Fatal("it is there before it was applied")
	}
	w.Apply()
	w, err = s.Put(with(first, "status", &vS{Value: "closed"}), nil)
	if err != nil || w.Units != 3 || w.Indexes[0] != (IndexCost{"by-status", "closed", 2}) {
		t.Fatalf("moved: %+v %v", w, err)
	}
	w.Apply()
	for status, want := range map[string]int{"open": 0, "closed": 1} {
		page, err := s.Read(request(t, s, "by-status", "#s = :s", "", Item{":s": &vS{Value: status}}))
		if err != nil || len(page.Items) != want {
			t.Errorf("%s: %d entries %v", status, len(page.Items), err)
		}
	}
	w, err = s.Delete(key("new", "2026"), nil)
	if err != nil || w.Units != 3 || w.Indexes[0].Units != 1 {
		t.Fatalf("delete: %+v %v", w, err)
	}
	w.Apply()
	if _, ok, _ := s.Get(key("new", "2026")); ok || s.written != 0 {
		t.Errorf("deleted, but there: %v; %d bytes written", ok, s.written)
	}
}

func TestUpdate(t *testing.T) {
	s := newStore(10, 100)
	base := with(with(key("u", "1"), "n", &vN{Value: "5"}), "note", &vS{Value: "hi"})
	w, _ := s.Put(base, nil)
	w.Apply()
	values := Item{":two": &vN{Value: "2"}, ":s": &vS{Value: "z"}}
	for text, want := range map[string]Item{
		"SET n = n + :two":                        with(base, "n", &vN{Value: "7"}),
		"SET n = :two - n":                        with(base, "n", &vN{Value: "-3"}),
		"ADD n :two":                              with(base, "n", &vN{Value: "7"}),
		"add m :two":                              with(base, "m", &vN{Value: "2"}),
		"SET m = if_not_exists(m, n), note = :s":  with(with(base, "m", &vN{Value: "5"}), "note", &vS{Value: "z"}),
		"SET m = note REMOVE zero":                with(base, "m", &vS{Value: "hi"}),
		"SET a = n, b = note REMOVE c ADD d :two": with(with(with(base, "a", &vN{Value: "5"}), "b", &vS{Value: "hi"}), "d", &vN{Value: "2"}),
		"SET m = if_not_exists(x, :two) + :two":   with(base, "m", &vN{Value: "4"}),
		"SET m = if_not_exists(n, :two) + n":      with(base, "m", &vN{Value: "10"}),
	} {
		p, _ := NewPlaceholders(nil, values)
		u, err := p.Update(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		w, err := s.Update(key("u", "1"), u, nil)
		if err != nil || !equalItems(w.After, want) {
			t.Errorf("%s: %v %v", text, w, err)
		}
	}
	for text, want := range map[string]string{
		"DELETE tags :s":             "DELETE is not supported",
		"SET a.b = :s":               "top-level attributes only",
		"SET a = list_append(a, :s)": "list_append is not supported",
		"SET a = :s, a = :two":       "overlap",
		"SET a = :s SET b = :s":      "only be used once",
		"SET a :s":                   "Syntax error",
		"SET":                        "Syntax error",
		"ADD n :s":                   "adds numbers only",
		"ADD n n":                    "Syntax error",
		"SET tenant = :s":            "part of the key",
		"SET a = gone":               "does not exist in the item",
		"SET a = note + :two":        "incorrect data type",
		"UPDATE a :s":                "Syntax error",
		"SET status = :s":            "reserved keyword",
	} {
		p, _ := NewPlaceholders(nil, values)
		u, err := p.Update(text)
		if err == nil {
			_, err = s.Update(key("u", "1"), u, nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestFailedConditionCostsTheItem(t *testing.T) {
	s := newStore(10, 3000)
	there := s.First("tenant-1")
	p, _ := NewPlaceholders(nil, nil)
	absent, _ := p.Condition("ConditionExpression", "attribute_not_exists(tenant)")
	w, err := s.Put(there, absent)
	if err != nil || !w.Failed || w.Units != 3 || len(w.Indexes) != 0 {
		t.Errorf("put over an item of 3 KB: %+v %v", w, err)
	}
	w.Apply()
	if it, _, _ := s.Get(there); Size(it) != 3000 {
		t.Error("a failed put has changed the item")
	}
	if w, err := s.Put(key("other", "1"), absent); err != nil || w.Failed {
		t.Errorf("put of a new item: %+v %v", w, err)
	}
}

func TestWriteIsRefused(t *testing.T) {
	s := newStore(10, 100)
	deep := types.AttributeValue(&vNull{})
	for range 40 {
		deep = &vL{Value: []types.AttributeValue{deep}}
	}
	for name, c := range map[string]struct {
		it   Item
		want string
	}{
		"no sort key":          {Item{"tenant": &vS{Value: "a"}}, "Missing the key created_at"},
		"a number as key":      {Item{"tenant": &vN{Value: "1"}, "created_at": &vS{Value: "b"}}, "expected: S actual: N"},
		"an empty key":         {key("", "b"), "empty string value"},
		"a long key":           {key(strings.Repeat("k", 2049), "b"), "exceeded the maximum size"},
		"an index key's type":  {with(key("a", "b"), "status", &vBool{}), "expected: S actual: BOOL"},
		"an empty index key":   {with(key("a", "b"), "status", &vS{}), "IndexKey: status"},
		"too large":            {with(key("a", "b"), "x", &vS{Value: strings.Repeat("x", 400<<10)}), "maximum allowed size"},
		"too deep":             {with(key("a", "b"), "x", deep), "Nesting Levels"},
		"text that is no text": {with(key("a", "b"), "x", &vS{Value: "\xff"}), "UTF-8"},
	} {
		if _, err := s.Put(c.it, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []Item{{}, {"tenant": &vS{Value: "a"}}, with(key("a", "b"), "more", &vS{Value: "x"}), {"tenant": &vN{Value: "1"}, "created_at": &vS{Value: "b"}}} {
		if _, err := s.Delete(bad, nil); err == nil || !strings.Contains(err.Error(), "does not match the schema") {
			t.Errorf("key %v: %v", bad, err)
		}
	}
	large := strings.Repeat("x", 350<<10)
	for i := 0; ; i++ {
		w, err := s.Put(with(key(KeyValue("a", i), "b"), "x", &vS{Value: large}), nil)
		if err != nil {
			if !strings.Contains(err.Error(), "64 MiB") || i < 100 {
				t.Errorf("after %d large items: %v", i, err)
			}
			break
		}
		w.Apply()
	}
}
