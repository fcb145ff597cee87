package aws

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Tags come as they were written, from all pages: a policy is held against them. Mutants: clean them; read the first page only.
func TestTagsAreAsWritten(t *testing.T) {
	a := account(t, func(r *http.Request) (*http.Response, error) {
		switch {
		case strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeTable"):
			return says(r, 200, `{"Table":{"TableArn":"arn:aws:dynamodb:eu-west-1:123456789012:table/orders"}}`), nil
		case r.ContentLength > 100:
			return says(r, 200, `{"Tags":[{"Key":"cafe\u0301","Value":""}]}`), nil
		}
		return says(r, 200, `{"Tags":[{"Key":"team","Value":"two  blanks"}],"NextToken":"`+strings.Repeat("n", 80)+`"}`), nil
	})
	got, err := a.Tags(context.Background(), "orders")
	if d := cmp.Diff(map[string]string{"team": "two  blanks", "cafe\u0301": ""}, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
}
