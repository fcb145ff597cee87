package aws

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

// An answer without a table is none, and the table of another account, whose credentials came in the meantime, is not the one that
// was looked at. Mutants: make a table of nothing; compare with the newest account.
func TestATableIsOfOneAccount(t *testing.T) {
	body := ""
	a := account(t, func(r *http.Request) (*http.Response, error) { return says(r, 200, body), nil })
	of := func(arn string) string { return `{"Table":{"TableStatus":"ACTIVE","TableArn":"` + arn + `"}}` }
	for _, c := range []struct{ body, why string }{
		{`{}`, "answered without a table"},
		{`{"Table":{"TableStatus":"ACTIVE"}}`, ""},
		{of("not an ARN"), ""},
		{of("arn:aws:dynamodb:eu-west-1:123456789012:table/orders"), ""},
		{of("arn:aws:dynamodb:eu-west-1:123456789012:table/carts"), ""},
		{of("arn:aws:dynamodb:eu-west-1:999999990000:table/orders"), "another account's now (…0000, it was …9012)"},
		{of("arn:aws:dynamodb:eu-west-1:999999990000:table/orders"), "another account's now"},
		{of("arn:aws:dynamodb:eu-west-1:123456789012:table/orders"), ""},
	} {
		body = c.body
		_, err := a.DescribeTable(context.Background(), "orders")
		if text := Classify(err).Text; (c.why == "") != (err == nil) || !strings.Contains(text, c.why) {
			t.Errorf("%s: %q, want %q", c.body, text, c.why)
		}
	}
	if got := a.Owner(); got != "123456789012" {
		t.Errorf("owner %q", got)
	}
}
