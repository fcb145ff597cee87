package aws

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbloop/ddbloop/history"
)

// Reason is why a call failed, in one word.
type Reason string

// The reasons.
const (
	DNS         Reason = "dns"
	Unreachable Reason = "connect"
	TLS         Reason = "tls"
	Timeout     Reason = "timeout"
	Reset       Reason = "reset"
	Throttled   Reason = "throttled"
	Denied      Reason = "denied"
	Expired     Reason = "expired"
	Missing     Reason = "missing"
	Validation  Reason = "validation"
	Server      Reason = "server"
	Canceled    Reason = "canceled"
	Other       Reason = "error"
)

// Failure is what is known of a call that failed.
type Failure struct {
	Reason    Reason
	Code      string // AWS's exception name; "" when there was no answer
	Text      string // one line, free of control characters
	Reasons   []history.Reason
	RequestID string
	Status    int // HTTP; 0 when there was no answer

	unsent bool // the request never left
}

// Word is the exception name, or the reason where there is none.
func (f Failure) Word() string {
	if f.Code != "" {
		return f.Code
	}
	return string(f.Reason)
}

// Everywhere reports whether the failure would meet any other call to the same endpoint just now.
func (f Failure) Everywhere() bool {
	switch f.Reason {
	case Denied, Missing, Validation:
		return false
	}
	return true
}

// busy are the codes of a change that meets another one under way. That may be this very one, which something in between has sent
// twice, since nothing was under way just before.
var busy = map[string]bool{"ResourceInUseException": true, "ConcurrentUpdateException": true}

// MaybeApplied reports whether a change whose call failed this way may still have been carried out. That it was not, only AWS itself
// can say, or that nothing has left: a proxy's page of whatever status tells nothing of what AWS did.
func (f Failure) MaybeApplied() bool {
	refused := f.Status >= 400 && f.Status < 500 && f.Code != "" && !strings.HasPrefix(f.Code, history.HTTPCode) && !busy[f.Code]
	return !refused && !f.unsent && f.Reason != DNS && f.Reason != Unreachable
}

// Classify is the one place that reads meaning into an error of a call. A nil error gives the zero Failure.
func Classify(err error) Failure {
	if err == nil {
		return Failure{}
	}
	var f Failure
	if keys := (*keysError)(nil); errors.As(err, &keys) {
		return ofKeys(keys)
	}
	if no := (*refusal)(nil); errors.As(err, &no) {
		return Failure{Reason: Validation, Text: no.text, unsent: true}
	}
	if r := (*awshttp.ResponseError)(nil); errors.As(err, &r) {
		f.RequestID, f.Status = Clean(r.RequestID), r.HTTPStatusCode()
	}
	if api := smithy.APIError(nil); errors.As(err, &api) {
		f.Code = Clean(api.ErrorCode())
		f.Reason, f.Reasons = ofCode(f.Code, f.Status), throttlingReasons(err)
		f.Text = f.Code
		if f.Code == "UnknownError" { // the SDK's word for a body without one: a load balancer's page, a proxy's
			f.Code = fmt.Sprintf("%s%d", history.HTTPCode, f.Status)
			f.Text = f.Code + " without an AWS error"
		}
		if m := Clean(api.ErrorMessage()); m != "" && m != "UnknownError" {
			f.Text += ": " + m
		}
		return f
	}
	f.Reason, f.Text = ofTransport(err)
	f.unsent = untrusted(err)
	if f.Status >= 500 {
		f.Reason = Server
	}
	return f
}

// refusal is a call that we did not make.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// ofKeys is a failure to get credentials: nothing was sent. A network that fails keeps its own name, the rest is for a person
// to set right.
func ofKeys(keys *keysError) Failure {
	f := Classify(keys.err)
	switch f.Reason {
	case DNS, Unreachable, TLS, Timeout, Reset, Canceled:
	default:
		f.Reason = Expired
	}
	return Failure{Reason: f.Reason, Text: "cannot get AWS credentials: " + f.Text, unsent: true}
}

func ofCode(code string, status int) Reason {
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId", "RequestExpired",
		"InvalidSignatureException", "SignatureDoesNotMatch", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
		"IncompleteSignature":
		return Expired
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "OptInRequired":
		return Denied
	case "ResourceNotFoundException", "ResourceNotFound", "TableNotFoundException":
		return Missing
	case "Throttling", "TooManyRequestsException":
		return Throttled
	case "ValidationException", "ValidationError", "InvalidParameterValue", "InvalidParameterCombination", "MissingParameter":
		return Validation
	}
	switch {
	case history.ThrottleCode(code):
		return Throttled
	case status >= 500:
		return Server
	}
	return Other
}

// throttlingReasons reads the list that three exception types carry. An empty list is possible.
func throttlingReasons(err error) []history.Reason {
	var list []types.ThrottlingReason
	var (
		provisioned *types.ProvisionedThroughputExceededException
		throttling  *types.ThrottlingException
		limit       *types.RequestLimitExceeded
	)
	switch {
	case errors.As(err, &provisioned):
		list = provisioned.ThrottlingReasons
	case errors.As(err, &throttling):
		list = throttling.ThrottlingReasons
	case errors.As(err, &limit):
		list = limit.ThrottlingReasons
	}
	var out []history.Reason
	for _, r := range list {
		out = append(out, history.Reason{Reason: Clean(value(r.Reason)), Resource: Clean(value(r.Resource))})
	}
	return out
}

func ofTransport(err error) (Reason, string) {
	var (
		dns      *net.DNSError
		op       *net.OpError
		timeout  interface{ Timeout() bool }
		canceled *smithy.CanceledError
		alert    tls.AlertError
		record   tls.RecordHeaderError
	)
	at := where(err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return Timeout, "no answer in time from" + at
	case errors.Is(err, context.Canceled), errors.As(err, &canceled):
		return Canceled, "canceled"
	case errors.As(err, &dns):
		return DNS, "cannot resolve " + Clean(dns.Name)
	case untrusted(err), errors.As(err, &record), errors.As(err, &alert):
		return TLS, "TLS failed with" + at + ": " + Clean(innermost(err))
	case errors.As(err, &op) && op.Op == "dial":
		if op.Timeout() {
			return Unreachable, "cannot connect to" + at + ": no answer"
		}
		return Unreachable, "cannot connect to" + at + ": " + Clean(innermost(err))
	case errors.As(err, &timeout) && timeout.Timeout():
		return Timeout, "no answer in time from" + at
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return Reset, "connection broke with" + at
	}
	return Other, Clean(innermost(err))
}

// untrusted reports whether the server's certificate was not accepted: then nothing was said to it.
func untrusted(err error) bool {
	var (
		verify  *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
	)
	return errors.As(err, &verify) || errors.As(err, &unknown) || errors.As(err, &host)
}

// where names the host of a request that failed, with a space before it.
func where(err error) string {
	var u *url.Error
	if !errors.As(err, &u) {
		return " the server"
	}
	if parsed, bad := url.Parse(u.URL); bad == nil && parsed.Host != "" {
		return " " + Clean(parsed.Host)
	}
	return " the server"
}

func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
