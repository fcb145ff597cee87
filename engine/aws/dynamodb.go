package aws

import (
	"context"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbloop/ddbloop/history"
)

// callTimeout bounds one call of the control plane or of CloudWatch.
const callTimeout = 10 * time.Second

// newDynamoDB builds a client that makes one attempt a call. Endpoint discovery stays off whatever the environment says: it
// would put a second request before the first.
func newDynamoDB(cfg sdk.Config) *dynamodb.Client {
	return dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		o.Retryer = sdk.NopRetryer{}
		o.EndpointDiscovery.EnableEndpointDiscovery = sdk.EndpointDiscoveryDisabled
	})
}

// DescribeTable reads a table's settings. The error is for Classify.
func (a *Account) DescribeTable(ctx context.Context, table string) (history.TableSnapshot, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		return history.TableSnapshot{}, a.noted(err)
	}
	if err := a.owner.described(out.Table); err != nil {
		return history.TableSnapshot{}, err
	}
	return Snapshot(table, out.Table), nil
}

// tablePages bounds one ListTables: 100 names a page, and an account has at most 10,000 tables in a Region (service quotas).
const tablePages = 100

// ListTables reads the names of the Region's tables, sorted as DynamoDB sorts them. The error is for Classify.
func (a *Account) ListTables(ctx context.Context) ([]string, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, 3*callTimeout)
	defer cancel()
	in := &dynamodb.ListTablesInput{}
	var names []string
	for range tablePages {
		out, err := a.db.ListTables(ctx, in)
		if err != nil {
			return nil, a.noted(err)
		}
		names = append(names, out.TableNames...)
		if in.ExclusiveStartTableName = out.LastEvaluatedTableName; in.ExclusiveStartTableName == nil {
			break
		}
	}
	return names, nil
}

// noted remembers that AWS refused the credentials, so that the next call looks for newer ones.
func (a *Account) noted(err error) error {
	if Classify(err).Reason == Expired {
		a.creds.refused()
	}
	return err
}
