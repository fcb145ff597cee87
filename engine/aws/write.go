package aws

import (
	"context"
	"errors"
	"fmt"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbloop/ddbloop/history"
)

// lifeNeeded is how long credentials must still live before a change is sent: two calls' worth, so that the answer of this one
// can still be read back.
const lifeNeeded = 2 * callTimeout

// Writer changes settings of tables, indexes, their auto scaling and Contributor Insights, and nothing else. Without one,
// nothing can be changed.
type Writer struct {
	account *Account
	client  *dynamodb.Client
	scaling *scaling.Client
	life    func() time.Duration
}

// NewWriter builds the one client that may change a table. It refuses unless changes were allowed. life is asked before each request:
// the credentials must live for at least as long; for lifeNeeded where that is less.
func NewWriter(a *Account, allowed bool, life func() time.Duration) (*Writer, error) {
	if !allowed {
		return nil, errors.New("read-only: start with --allow-changes to change tables")
	}
	once := func(o *scaling.Options) { o.Retryer = sdk.NopRetryer{} }
	return &Writer{account: a, client: newDynamoDB(a.cfg), scaling: scaling.NewFromConfig(a.cfg, once), life: life}, nil
}

// Send carries out the settings of one change on a table in exactly one request: UpdateTable is not idempotent and takes no
// token, so that nothing below this line may try again. Settings that no single request can carry are refused, and nothing is
// sent. It returns the request id. On failure Classify tells the reason, and MaybeApplied whether only reading can tell what
// became of it.
func (w *Writer) Send(ctx context.Context, table string, set []history.Setting) (string, error) {
	in, err := request(table, set)
	if err != nil {
		return "", err
	}
	ctx, cancel := w.account.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := w.enoughLife(ctx); err != nil {
		return "", err
	}
	id, err := w.send(ctx, in)
	if err != nil {
		return "", w.account.noted(err)
	}
	return id, nil
}

// send calls what the request is for.
func (w *Writer) send(ctx context.Context, in any) (string, error) {
	switch in := in.(type) {
	case *dynamodb.UpdateTableInput:
		out, err := w.client.UpdateTable(ctx, in)
		if err != nil {
			return "", err
		}
		return requestID(out.ResultMetadata), nil
	case *dynamodb.UpdateContributorInsightsInput:
		out, err := w.client.UpdateContributorInsights(ctx, in)
		if err != nil {
			return "", err
		}
		return requestID(out.ResultMetadata), nil
	case *scaling.RegisterScalableTargetInput:
		out, err := w.scaling.RegisterScalableTarget(ctx, in)
		if err != nil {
			return "", err
		}
		return requestID(out.ResultMetadata), nil
	case *scaling.PutScalingPolicyInput:
		out, err := w.scaling.PutScalingPolicy(ctx, in)
		if err != nil {
			return "", err
		}
		return requestID(out.ResultMetadata), nil
	}
	return "", &refusal{fmt.Sprintf("not sent: no call takes a %T", in)}
}

// enoughLife refuses a change whose credentials may expire before its answer can be read back.
func (w *Writer) enoughLife(ctx context.Context) error {
	keys, err := w.account.creds.Retrieve(ctx)
	if err != nil {
		return err
	}
	needed := max(w.life(), lifeNeeded)
	if left := keys.Expires.Sub(w.account.clock.Now()); keys.CanExpire && left < needed {
		return &keysError{fmt.Errorf("they expire in %s, a change needs %s: sign in again", left.Round(time.Second), needed)}
	}
	return nil
}
