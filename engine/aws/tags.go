package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Tags reads a table's tags, all of them, as they were written: who holds them against a policy must see the same. They are
// not clean. The error is for Classify.
func (a *Account) Tags(ctx context.Context, table string) (map[string]string, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		return nil, a.noted(err)
	}
	if out.Table == nil || out.Table.TableArn == nil {
		return nil, &refusal{"DescribeTable told no ARN of " + table + ": its tags cannot be asked for"}
	}
	tags := map[string]string{}
	in := &dynamodb.ListTagsOfResourceInput{ResourceArn: out.Table.TableArn}
	for {
		page, err := a.db.ListTagsOfResource(ctx, in)
		if err != nil {
			return nil, a.noted(err)
		}
		for _, t := range page.Tags {
			tags[value(t.Key)] = value(t.Value)
		}
		if in.NextToken = page.NextToken; in.NextToken == nil {
			return tags, nil
		}
	}
}
