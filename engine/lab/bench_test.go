package lab

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ddbloop/ddbloop/history"
)

// TestWhatALabRefuses is promise L5: writes, unbounded scans, the same request twice and different tables never leave this shell.
// Mutant: compare the files instead of what they ask.
func TestWhatALabRefuses(t *testing.T) {
	const get = `{"TableName":"orders","Key":{"pk":{"S":"x"}}}`
	for _, c := range []struct{ name, op, a, b, want string }{
		{"a write", "", `{"TableName":"orders","Item":{"pk":{"S":"x"}}}`, get, "variant A (a.json): "},
		{"a named write", "PutItem", `{"TableName":"orders","Item":{"pk":{"S":"x"}}}`, get, "it only reads"},
		{"a statement that writes", "", `{"Statement":"DELETE FROM orders WHERE pk = 'x'"}`, get, "only a SELECT"},
		{"a scan of everything", "", get, `{"TableName":"orders","FilterExpression":"a = b"}`, "variant B (b.json): Scan request: it would read the whole table"},
		{"the same", "", get, get, "both variants are the same request"},
		{"the same, written otherwise", "", get, ` { "Key" : {"pk":{"S":"x"}}, "TableName":"orders", "ReturnConsumedCapacity":"TOTAL"}`, "both variants are the same request"},
		{"two tables", "", get, `{"TableName":"users","Key":{"pk":{"S":"x"}}}`, "variant A reads table orders, B users"},
		{"no JSON", "", "{", get, "variant A (a.json): "},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := NewBench(Variant{Name: "a.json", Op: c.op, Input: []byte(c.a)}, Variant{Name: "b.json", Input: []byte(c.b)})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Fatalf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestScansStayBounded: only what was asked for is followed.
func TestScansStayBounded(t *testing.T) {
	b, err := NewBench(Variant{Input: []byte(`{"TableName":"orders","Limit":10}`)}, Variant{Input: []byte(`{"TableName":"orders","Key":{"pk":{"S":"x"}}}`)})
	if err != nil || b.PagesA != 1 || b.PagesB != allPages {
		t.Fatalf("%+v, %v", b, err)
	}
	b, err = NewBench(Variant{Pages: 4, Input: []byte(`{"TableName":"orders","Limit":10}`)}, Variant{Pages: 4, Input: []byte(`{"TableName":"orders","Limit":20}`)})
	if err != nil || b.PagesA != 4 || b.PagesB != 4 {
		t.Fatalf("%+v, %v", b, err)
	}
}

// TestNothingOfAnItemIsKept is promise L6: what becomes of a lab in the journal holds no key, no value and no expression of either
// request. Mutant: describe a statement by its text.
func TestNothingOfAnItemIsKept(t *testing.T) {
	b, err := NewBench(
		Variant{Name: "a.json", Input: []byte(`{"TableName":"orders","IndexName":"by-status","KeyConditionExpression":"secret_k = :k","FilterExpression":"secret_f = :f","ProjectionExpression":"secret_p","ExpressionAttributeValues":{":k":{"S":"secret-v"},":f":{"N":"424242"}},"ExclusiveStartKey":{"pk":{"S":"secret-e"}}}`)},
		Variant{Name: "--b-statement", Input: []byte(`{"Statement":"SELECT * FROM orders WHERE pk = 'secret-s' AND n = 424242","Parameters":[{"S":"secret-q"}]}`)},
	)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := play(t, plain, func(c *Config) { c.Bench = b })
	for _, body := range []any{b.Started(Limits{}), history.LabFinished{ID: "L1", Result: r}} {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"secret", "424242", "SELECT"} {
			if strings.Contains(string(raw), word) {
				t.Errorf("%T holds %q: %s", body, word, raw)
			}
		}
	}
	if got, want := b.Started(Limits{}).A.Shape, "Query on by-status, filter, projection"; got != want {
		t.Errorf("A is told as %q, want %q", got, want)
	}
}
