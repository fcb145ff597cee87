package aws

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ddbloop/ddbloop/history"
)

func TestClassifyTransport(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for name, c := range map[string]struct {
		err     error
		reason  Reason
		text    string
		applied bool
	}{
		"dns":      {dial(&net.DNSError{Err: "no such host", Name: "dynamodb.eu-west-1.amazonaws.com", IsNotFound: true}), DNS, "cannot resolve dynamodb.eu-west-1.amazonaws.com", false},
		"refused":  {dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), Unreachable, "cannot connect to dynamodb.eu-west-1.amazonaws.com: connection refused", false},
		"hang":     {dial(os.ErrDeadlineExceeded), Timeout, "no answer in time from dynamodb.eu-west-1.amazonaws.com", true},
		"tls":      {x509.UnknownAuthorityError{}, TLS, "TLS failed with dynamodb.eu-west-1.amazonaws.com: x509: certificate signed by unknown authority", false},
		"reset":    {&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, Reset, "connection broke with dynamodb.eu-west-1.amazonaws.com", true},
		"eof":      {io.EOF, Reset, "connection broke with dynamodb.eu-west-1.amazonaws.com", true},
		"timeout":  {context.DeadlineExceeded, Timeout, "no answer in time from dynamodb.eu-west-1.amazonaws.com", true},
		"canceled": {context.Canceled, Canceled, "canceled", true},
		"odd":      {errors.New("a\x1b[31m\nb"), Other, `a\u001b[31m b`, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := account(t, func(*http.Request) (*http.Response, error) { return nil, c.err })
			_, err := a.DescribeTable(context.Background(), "orders")
			f := Classify(err)
			if f.Reason != c.reason || f.Text != c.text || f.MaybeApplied() != c.applied || f.Word() != string(c.reason) {
				t.Fatalf("got %+v (applied %v), want %s %q (applied %v)", f, f.MaybeApplied(), c.reason, c.text, c.applied)
			}
		})
	}
}

func TestClassifyAnswers(t *testing.T) {
	const arn = "arn:aws:dynamodb:eu-west-1:1:table/orders"
	why := []history.Reason{{Reason: "TableReadKeyRangeThroughputExceeded", Resource: arn}}
	reasons := `[{"reason":"TableReadKeyRangeThroughputExceeded","resource":"` + arn + `"}]`
	for name, c := range map[string]struct {
		status int
		body   string
		want   Failure
	}{
		"provisioned": {
			400, `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down","ThrottlingReasons":` + reasons + `}`,
			Failure{Reason: Throttled, Code: "ProvisionedThroughputExceededException", Text: "ProvisionedThroughputExceededException: slow down", Reasons: why},
		},
		"throttling": {
			400, `{"__type":"com.amazon.coral.availability#ThrottlingException","message":"slow","throttlingReasons":` + reasons + `}`,
			Failure{Reason: Throttled, Code: "ThrottlingException", Text: "ThrottlingException: slow", Reasons: why},
		},
		"limit": {
			400, `{"__type":"x#RequestLimitExceeded","message":"slow","ThrottlingReasons":` + reasons + `}`,
			Failure{Reason: Throttled, Code: "RequestLimitExceeded", Text: "RequestLimitExceeded: slow", Reasons: why},
		},
		"no reasons": {
			400, `{"__type":"x#ProvisionedThroughputExceededException"}`,
			Failure{Reason: Throttled, Code: "ProvisionedThroughputExceededException", Text: "ProvisionedThroughputExceededException"},
		},
		"denied":  {400, `{"__type":"x#AccessDeniedException","Message":"no"}`, Failure{Reason: Denied, Code: "AccessDeniedException", Text: "AccessDeniedException: no"}},
		"expired": {403, `{"__type":"x#ExpiredTokenException","message":"old"}`, Failure{Reason: Expired, Code: "ExpiredTokenException", Text: "ExpiredTokenException: old"}},
		"missing": {400, `{"__type":"x#ResourceNotFoundException","message":"none"}`, Failure{Reason: Missing, Code: "ResourceNotFoundException", Text: "ResourceNotFoundException: none"}},
		"invalid": {400, `{"__type":"x#ValidationException","message":"bad"}`, Failure{Reason: Validation, Code: "ValidationException", Text: "ValidationException: bad"}},
		"broken":  {500, `{"__type":"x#InternalServerError","message":"oops"}`, Failure{Reason: Server, Code: "InternalServerError", Text: "InternalServerError: oops"}},
		"proxy":   {503, `<html>busy</html>`, Failure{Reason: Server}},
		"strange": {400, `{"__type":"x#NewKindOfException","message":"hm"}`, Failure{Reason: Other, Code: "NewKindOfException", Text: "NewKindOfException: hm"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := account(t, func(r *http.Request) (*http.Response, error) { return says(r, c.status, c.body), nil })
			_, err := a.DescribeTable(context.Background(), "orders")
			got := Classify(err)
			c.want.RequestID, c.want.Status = "REQ1", c.status
			if name == "proxy" {
				c.want.Code, c.want.Text = got.Code, got.Text
			}
			if d := cmp.Diff(c.want, got, cmpopts.IgnoreUnexported(Failure{})); d != "" {
				t.Fatal(d)
			}
			if got.MaybeApplied() != (c.status >= 500) {
				t.Fatal("whether it may have been applied must follow from the status")
			}
		})
	}
}

func TestClassifyNil(t *testing.T) {
	if f := Classify(nil); f.Reason != "" {
		t.Fatalf("no error became %+v", f)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		" a \n\t b ":              "a b",
		"\x1b]52;c;x\x07":         `\u001b]52;c;x\u0007`,
		"\u202eevil\u200b":        `\u202eevil\u200b`,
		"caf\u00e9 \xff":          `café \xff`,
		"\u009b31m":               `\u009b31m`,
		string(make([]rune, 900)): "",
	} {
		got := Clean(in)
		if want == "" {
			if n := len([]rune(got)); n > 6*longest+1 {
				t.Errorf("kept %d characters", n)
			}
			continue
		}
		if got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}
