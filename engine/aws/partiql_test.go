package aws

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestOnlySelects: what DynamoDB could read as anything but one SELECT is refused before it can be sent.
func TestOnlySelects(t *testing.T) {
	for statement, err := range map[string]string{
		`SELECT * FROM orders`: "",
		` select a, b from "my.table" where "update" = 'DELETE FROM x' `: "",
		`SELECT * FROM "orders"."by-status" WHERE s IN ['a','b']`:        "",
		`INSERT INTO orders VALUE {'pk':'a'}`:                            "only a SELECT",
		`update orders set a = 1 where pk = 'a'`:                         "only a SELECT",
		`DELETE FROM orders WHERE pk = 'a'`:                              "only a SELECT",
		`EXISTS(SELECT * FROM orders)`:                                   "only a SELECT",
		`SELECT * FROM orders; DELETE FROM orders`:                       "without comments",
		`SELECT * FROM orders -- x`:                                      "without comments",
		`/* SELECT */ DELETE FROM orders`:                                "without comments",
		`SELECT * FROM orders DELETE FROM orders`:                        "says DELETE",
		`SELECT * FROM (UPDATE orders SET a=1)`:                          "says UPDATE",
		`SELECT * FROM orders WHERE a = 'x`:                              "not closed",
		`'SELECT' * FROM orders`:                                         "only a SELECT",
		"SELECT\x00DELETE FROM orders":                                   "says DELETE",
		``:                                                               "only a SELECT",
		`SELECT`:                                                         "names no table",
		`SELECT * FROM 'orders'`:                                         "names no table",
		`SELECT * FROM (SELECT * FROM orders)`:                           "names no table",
	} {
		_, _, got := selects(statement)
		if err == "" && got != nil || err != "" && (got == nil || !strings.Contains(got.Error(), err)) {
			t.Errorf("%q: %v, want %q", statement, got, err)
		}
	}
}

// TestNoStatementWrites: whatever a statement is made of, one that is let through begins with SELECT and says nothing that
// writes outside its quotes.
func TestNoStatementWrites(t *testing.T) {
	parts := []string{"SELECT", "select", "*", "FROM", "orders", `"orders"`, "'", `"`, "''", "DELETE", "update", "SET", "INSERT", "INTO", ";", "--", ".", "WHERE", " ", "\t", "\u00a0", "=", "?"}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 12).Draw(t, "parts"), rapid.SampledFrom([]string{"", " "}).Draw(t, "gap"))
		table, _, err := selects(s)
		if err != nil {
			return
		}
		bare := unquoted(s)
		if table == "" || !strings.HasPrefix(strings.ToUpper(strings.TrimSpace(bare)), "SELECT") {
			t.Fatalf("%q went through", s)
		}
		for _, f := range strings.FieldsFunc(bare, func(r rune) bool { return r < 0x80 && !nameByte(byte(r)) }) {
			if writing[strings.ToUpper(f)] {
				t.Fatalf("%q says %s", s, f)
			}
		}
	})
}

// unquoted blanks what is within quotes, in its own simple way.
func unquoted(s string) string {
	var b strings.Builder
	var in rune
	for _, r := range s {
		switch {
		case in == 0 && (r == '\'' || r == '"'):
			in = r
			b.WriteByte('?')
		case in == 0:
			b.WriteRune(r)
		case r == in:
			in = 0
		}
	}
	return b.String()
}

// TestPagesAreFollowed: further pages are asked for where the last one ended, up to the bound, and added up.
func TestPagesAreFollowed(t *testing.T) {
	for name, c := range map[string]struct {
		input, position, next string
	}{
		"Query":            {`{"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`, `"LastEvaluatedKey":{"pk":{"S":"k"}}`, "ExclusiveStartKey"},
		"Scan":             {`{"Limit":7}`, `"LastEvaluatedKey":{"pk":{"S":"k"}}`, "ExclusiveStartKey"},
		"ExecuteStatement": {`{"Statement":"SELECT * FROM orders"}`, `"NextToken":"T"`, "NextToken"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewRead(name, "orders", "", 3, []byte(c.input))
			if err != nil {
				t.Fatal(err)
			}
			sent := 0
			a := account(t, func(req *http.Request) (*http.Response, error) {
				body, _ := io.ReadAll(req.Body)
				var got map[string]any
				_ = json.Unmarshal(body, &got)
				if _, on := got[c.next]; on != (sent > 0) || !strings.HasSuffix(req.Header.Get("X-Amz-Target"), "."+name) {
					t.Errorf("request %d to %s: %s", sent, req.Header.Get("X-Amz-Target"), body)
				}
				sent++
				return says(req, 200, `{"Count":2,"ScannedCount":10,"Items":[{},{}],`+c.position+`,"ConsumedCapacity":{"CapacityUnits":2.5,"GlobalSecondaryIndexes":{"x":{"CapacityUnits":2}}}}`), nil
			})
			got, err := a.Read(context.Background(), r)
			want := Reading{Units: 7.5, IndexUnits: 6, Pages: 3, More: true, Examined: 30, Returned: 6, Request: "REQ1"}
			if name == "ExecuteStatement" {
				want.Examined = 0
			}
			if d := cmp.Diff(want, got); d != "" || err != nil || sent != 3 {
				t.Fatal(d, err, sent)
			}
		})
	}
}

// TestNoDataAnswers: any word of the service's own has come all the way; its failures and dead credentials have not.
func TestNoDataAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		reason Reason
	}{
		"answered":  {200, `{"Endpoints":[{"Address":"x","CachePeriodInMinutes":1}]}`, ""},
		"denied":    {400, `{"__type":"com.amazon.coral.service#AccessDeniedException","message":"no"}`, ""},
		"unknown":   {400, `{"__type":"com.amazon.coral.service#UnknownOperationException"}`, ""},
		"throttled": {400, `{"__type":"com.amazon.coral.availability#ThrottlingException"}`, Throttled},
		"expired":   {400, `{"__type":"com.amazon.coral.service#ExpiredTokenException"}`, Expired},
		"broken":    {500, `{"__type":"com.amazon.coral.service#InternalServerError"}`, Server},
	} {
		t.Run(name, func(t *testing.T) {
			a := account(t, func(req *http.Request) (*http.Response, error) {
				if target := req.Header.Get("X-Amz-Target"); !strings.HasSuffix(target, ".DescribeEndpoints") || !req.Close || req.Header.Get("Authorization") == "" {
					t.Errorf("%s, close %v: signed, on a connection of its own", target, req.Close)
				}
				return says(req, c.status, c.body), nil
			})
			got, err := a.Read(context.Background(), NoData("orders"))
			if f := Classify(err); f.Reason != c.reason || err == nil && got.Request != "REQ1" || got.Units != 0 {
				t.Fatalf("%+v, %+v", f, got)
			}
		})
	}
}
