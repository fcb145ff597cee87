package aws

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
)

func TestNewRead(t *testing.T) {
	const key = `{"Key":{"pk":{"S":"a"}}}`
	const cond = `"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"a"}}`
	for name, c := range map[string]struct{ op, table, index, input, err string }{
		"get":                 {"GetItem", "orders", "", key, ""},
		"own table":           {"GetItem", "", "", `{"TableName":"orders","Key":{"pk":{"N":"1"},"sk":{"B":"AAE="}}}`, ""},
		"query":               {"Query", "orders", "by-status", `{` + cond + `}`, ""},
		"own index":           {"Query", "orders", "", `{"IndexName":"by-status",` + cond + `}`, ""},
		"write":               {"PutItem", "orders", "", `{}`, `not "PutItem": it only reads`},
		"told by its Key":     {"", "orders", "", key, ""},
		"told by condition":   {"", "orders", "", `{` + cond + `}`, ""},
		"told by nothing":     {"", "orders", "", `{"TableName":"orders"}`, "this one has none of them"},
		"no JSON":             {"", "orders", "", `{"TableName":"orders"`, "a request is one JSON object: unexpected EOF"},
		"no object":           {"", "orders", "", `[]`, "a request is one JSON object: json: cannot unmarshal array"},
		"scan":                {"Scan", "orders", "", `{"Limit":10,"FilterExpression":"attribute_exists(a)"}`, ""},
		"scan by segment":     {"", "orders", "by-status", `{"Segment":3,"TotalSegments":4000}`, ""},
		"whole table":         {"Scan", "orders", "", `{}`, "it would read the whole table"},
		"scan without bound":  {"Scan", "orders", "", `{"Limit":1001}`, "at most 1000"},
		"half a segment":      {"Scan", "orders", "", `{"TotalSegments":4}`, "both Segment and TotalSegments"},
		"select":              {"", "orders", "", `{"Statement":"select * from orders where pk = ?","Parameters":[{"S":"a"}]}`, ""},
		"select of an index":  {"", "", "", `{"Statement":"SELECT a FROM \"orders\".\"by-status\" WHERE pk='it''s; DELETE'"}`, ""},
		"select elsewhere":    {"", "orders", "", `{"Statement":"SELECT * FROM users"}`, `names table "users"`},
		"select's index":      {"", "orders", "x", `{"Statement":"SELECT * FROM orders"}`, "the statement reads no index"},
		"statement, no table": {"", "orders", "", `{"Statement":"SELECT 1"}`, "names no table"},
		"no table":            {"GetItem", "", "", key, "TableName is missing"},
		"other table":         {"GetItem", "orders", "", `{"TableName":"users","Key":{"pk":{"S":"a"}}}`, `the request names table "users", the probe "orders"`},
		"other index":         {"Query", "orders", "x", `{"IndexName":"y",` + cond + `}`, `names index "y"`},
		"index of GetItem":    {"GetItem", "orders", "x", key, "GetItem reads no index"},
		"no key":              {"GetItem", "orders", "", `{}`, "it has no Key"},
		"no condition":        {"Query", "orders", "", `{}`, "it has no KeyConditionExpression"},
		"misspelt":            {"Query", "orders", "", `{"FilterExpresion":"a",` + cond + `}`, "unknown field"},
		"two types":           {"GetItem", "orders", "", `{"Key":{"pk":{"S":"a","N":"1"}}}`, "pk: a value has exactly one type"},
		"no type":             {"GetItem", "orders", "", `{"Key":{"pk":{}}}`, "exactly one type"},
		"bare value":          {"GetItem", "orders", "", `{"Key":{"pk":"a"}}`, "cannot unmarshal"},
		"two objects":         {"GetItem", "orders", "", key + key, "something follows"},
		"bad limit":           {"Query", "orders", "", `{"Limit":0,` + cond + `}`, "a Limit must be at least 1, not 0"},
		"nested too deep":     {"GetItem", "orders", "", `{"Key":{"pk":` + strings.Repeat(`{"L":[`, 40) + `{"S":"a"}` + strings.Repeat(`]}`, 40) + `}}`, "nested deeper"},
		"not JSON":            {"GetItem", "orders", "", `TableName: x`, "invalid character"},
		"control characters":  {"GetItem", "orders", "", "{\"\x1b]0;x\":1}", "GetItem request:"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewRead(c.op, c.table, c.index, 0, []byte(c.input))
			if c.err == "" {
				if err != nil || r.Table != "orders" {
					t.Fatalf("got %+v, %v", r, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.err) || strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Fatalf("got %v, want …%s…", err, c.err)
			}
		})
	}
}

func TestQueryOnTheWire(t *testing.T) {
	r, err := NewRead("Query", "orders", "by-status", 0, []byte(`{"KeyConditionExpression":"#s = :s","ExpressionAttributeNames":{"#s":"status"},
		"ExpressionAttributeValues":{":s":{"S":"open"},":n":{"NULL":true},":m":{"M":{"l":{"L":[{"BOOL":false},{"NS":["1","2"]}]}}}},"ScanIndexForward":false}`))
	if err != nil {
		t.Fatal(err)
	}
	a := account(t, func(req *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(req.Body)
		var got, want any
		_ = json.Unmarshal(body, &got)
		_ = json.Unmarshal([]byte(`{"TableName":"orders","IndexName":"by-status","KeyConditionExpression":"#s = :s",
			"ExpressionAttributeNames":{"#s":"status"},"ScanIndexForward":false,"Limit":100,"ReturnConsumedCapacity":"INDEXES",
			"ExpressionAttributeValues":{":s":{"S":"open"},":n":{"NULL":true},":m":{"M":{"l":{"L":[{"BOOL":false},{"NS":["1","2"]}]}}}}}`), &want)
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		return says(req, 200, `{"Count":3,"ScannedCount":40,"ConsumedCapacity":{"CapacityUnits":5.5}}`), nil
	})
	got, err := a.Read(context.Background(), r)
	if d := cmp.Diff(Reading{Units: 5.5, Pages: 1, Examined: 40, Returned: 3, Request: "REQ1"}, got); d != "" || err != nil {
		t.Fatal(d, err)
	}
}

func FuzzNewRead(f *testing.F) {
	f.Add("GetItem", []byte(`{"Key":{"pk":{"S":"a"},"sk":{"B":"AAE="}}}`))
	f.Add("Query", []byte(`{"KeyConditionExpression":"a = :a","ExpressionAttributeValues":{":a":{"M":{"x":{"L":[{"NULL":true}]}}}},"Limit":5}`))
	f.Add("Query", []byte(`{"Limit":-1}`))
	f.Add("", []byte(`{"Limit":7,"Segment":0,"TotalSegments":9}`))
	f.Add("", []byte(`{"Statement":"SELECT * FROM \"orders\" WHERE a = 'b''c'","Parameters":[{"S":"x"}]}`))
	f.Fuzz(func(t *testing.T, op string, input []byte) {
		r, err := NewRead(op, "orders", "", 1, input)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x00\x07\x1b\n\r") {
				t.Fatalf("the error steers the terminal: %q", err)
			}
			return
		}
		if r.query != nil && r.pages == 1 && r.query.Limit == nil || r.scan != nil && r.scan.Limit == nil || r.statement != nil && r.statement.in.Limit == nil {
			t.Fatalf("a request without a bound: %+v", r)
		}
		kinds := 0
		for _, has := range [...]bool{r.get != nil, r.query != nil, r.scan != nil, r.statement != nil} {
			if has {
				kinds++
			}
		}
		if kinds != 1 || r.Table != "orders" {
			t.Fatalf("none or several: %+v", r)
		}
	})
}

func TestKeyInputRoundTrip(t *testing.T) {
	key := map[string]types.AttributeValue{
		"s": &types.AttributeValueMemberS{Value: `a"b`}, "n": &types.AttributeValueMemberN{Value: "1"}, "b": &types.AttributeValueMemberB{Value: []byte{0, 1}},
	}
	raw, err := json.Marshal(map[string]any{"Key": KeyInput(key)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewRead("GetItem", "orders", "", 0, raw)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(key, r.get.Key, cmp.Exporter(func(reflect.Type) bool { return true })); d != "" {
		t.Fatal(d)
	}
}
