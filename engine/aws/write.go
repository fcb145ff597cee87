package aws

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// lifeNeeded is how long credentials must still live before a change is sent: two calls' worth, so that the answer of this one
// can still be read back.
const lifeNeeded = 2 * callTimeout

// Writer changes the provisioned capacity of tables and indexes, and nothing else. Without one, nothing can be changed.
type Writer struct {
	account *Account
	client  *dynamodb.Client
}

// NewWriter builds the one client that may change a table. It refuses unless changes were allowed.
func NewWriter(a *Account, allowed bool) (*Writer, error) {
	if !allowed {
		return nil, errors.New("read-only: start with --allow-changes to change tables")
	}
	return &Writer{account: a, client: newDynamoDB(a.cfg)}, nil
}

// SetThroughput sends one UpdateTable request, once: UpdateTable is not idempotent and takes no token, so that nothing below
// this line may try again. Read and write are the units per second of the whole new setting: of a side that is not to change,
// its present value. It returns the request id. An empty index means the table itself. On failure Classify tells the reason, and MaybeApplied whether
// only DescribeTable can tell what became of it.
func (w *Writer) SetThroughput(ctx context.Context, table, index string, read, write int64) (string, error) {
	if table == "" || read < 1 || write < 1 {
		return "", &refusal{fmt.Sprintf("not sent: capacity of %q must be at least 1 on both sides, not read %d, write %d", Clean(table), read, write)}
	}
	ctx, cancel := w.account.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := w.enoughLife(ctx); err != nil {
		return "", err
	}
	out, err := w.client.UpdateTable(ctx, throughputInput(table, index, read, write))
	if err != nil {
		return "", w.account.noted(err)
	}
	return requestID(out.ResultMetadata), nil
}

// throughputInput builds the only requests that ddbloop can send: of the fields of UpdateTableInput, the table's provisioned
// throughput or that of one existing index.
func throughputInput(table, index string, read, write int64) *dynamodb.UpdateTableInput {
	to := &types.ProvisionedThroughput{ReadCapacityUnits: &read, WriteCapacityUnits: &write}
	if index == "" {
		return &dynamodb.UpdateTableInput{TableName: &table, ProvisionedThroughput: to}
	}
	return &dynamodb.UpdateTableInput{TableName: &table, GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{
		{Update: &types.UpdateGlobalSecondaryIndexAction{IndexName: &index, ProvisionedThroughput: to}},
	}}
}

// enoughLife refuses a change whose credentials may expire before its answer can be read back.
func (w *Writer) enoughLife(ctx context.Context) error {
	keys, err := w.account.creds.Retrieve(ctx)
	if err != nil {
		return err
	}
	if left := keys.Expires.Sub(w.account.clock.Now()); keys.CanExpire && left < lifeNeeded {
		return &keysError{fmt.Errorf("they expire in %s, a change needs %s: sign in again", left.Round(time.Second), lifeNeeded)}
	}
	return nil
}
