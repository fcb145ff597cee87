package aws

import (
	"context"
	"errors"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/ddbloop/ddbloop/engine/clock"
)

const (
	// renewEvery bounds how often credentials are looked for anew once AWS refused them or there were none to be had.
	renewEvery = 10 * time.Second
	// findCredentials bounds the search at the start: the metadata service may not answer at all.
	findCredentials = 10 * time.Second
)

// keysError is a failure to get credentials, not an answer to a request.
type keysError struct{ err error }

func (e *keysError) Error() string { return "credentials: " + e.err.Error() }
func (e *keysError) Unwrap() error { return e.err }

// renewing provides credentials and, once AWS has said that they have expired, reads the whole chain again: a file that was
// rotated, or a sign-in in another window, is then noticed, which the SDK's cache alone would not do.
type renewing struct {
	now  func() time.Time
	load func(context.Context) (sdk.CredentialsProvider, error)

	mu     sync.Mutex
	inner  sdk.CredentialsProvider
	stale  bool
	loaded time.Time // last time the chain was read again
	failed error     // why the last try found none
	tried  time.Time // when that was
}

// Retrieve returns the credentials of the chain. Where there are none to be had it asks at most once every 10 seconds.
func (r *renewing) Retrieve(ctx context.Context) (sdk.Credentials, error) {
	now := r.now()
	inner, err := r.chain(ctx, now)
	if err != nil {
		return sdk.Credentials{}, err
	}
	got, err := inner.Retrieve(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.failed = nil
		return got, nil
	}
	err = &keysError{err}
	if ctx.Err() == nil { // a caller who gave up says nothing about the credentials
		r.failed, r.tried, r.stale = err, now, true
	}
	return sdk.Credentials{}, err
}

// chain returns whom to ask, or the last failure while it is too early to ask again.
func (r *renewing) chain(ctx context.Context, now time.Time) (sdk.CredentialsProvider, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed != nil && within(now, r.tried) {
		return nil, r.failed
	}
	if r.stale && !within(now, r.loaded) {
		r.loaded = now
		if again, err := r.load(ctx); err == nil && again != nil {
			r.inner, r.stale = again, false
		}
	}
	return r.inner, nil
}

// within reports whether at is less than renewEvery ago. A clock that was set back counts as long ago.
func within(now, at time.Time) bool {
	d := now.Sub(at)
	return d >= 0 && d < renewEvery
}

// refused says that AWS did not take the credentials.
func (r *renewing) refused() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stale = true
}

// exist fails when the chain came to its end without finding any credentials.
func (r *renewing) exist(ctx context.Context, c clock.Clock) error {
	ctx, cancel := c.WithTimeout(ctx, findCredentials)
	defer cancel()
	_, err := r.Retrieve(ctx)
	// The instance metadata service is the chain's last link: an error of it means that nothing before it was set.
	if op := (*smithy.OperationError)(nil); errors.As(err, &op) && op.Service() == "ec2imds" {
		return errors.New("no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run aws sso login")
	}
	return nil
}
