package aws

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/history"
)

// Rules of Contributor Insights, by what they rank. DynamoDB names them so for partition keys (developer guide, "Contributor
// Insights for DynamoDB: how it works").
const (
	ruleAccessed  = "-PKC-"
	ruleThrottled = "-PKT-"
)

// InsightRules reads which rules Contributor Insights keeps for the partition keys of a table or index: throttled, accessed; ""
// for none. The error is for Classify.
func (a *Account) InsightRules(ctx context.Context, target string) (throttled, accessed string, err error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.describeInsights(ctx, target)
	if err != nil {
		return "", "", err
	}
	for _, rule := range out.ContributorInsightsRuleList {
		switch {
		case strings.Contains(rule, ruleThrottled):
			throttled = rule
		case strings.Contains(rule, ruleAccessed):
			accessed = rule
		}
	}
	return throttled, accessed, nil
}

// InsightsMode reads how Contributor Insights is set for a table or index: off, throttled, accessed, or AWS's word in lower case
// for what is neither on nor off. The error is for Classify.
func (a *Account) InsightsMode(ctx context.Context, target string) (string, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.describeInsights(ctx, target)
	if err != nil {
		return "", err
	}
	switch {
	case out.ContributorInsightsStatus == types.ContributorInsightsStatusDisabled:
		return history.Off, nil
	case out.ContributorInsightsStatus != types.ContributorInsightsStatusEnabled:
		return strings.ToLower(Clean(string(out.ContributorInsightsStatus))), nil
	case out.ContributorInsightsMode == types.ContributorInsightsModeThrottledKeys:
		return history.InsightsThrottled, nil
	}
	return history.InsightsAccessed, nil
}

func (a *Account) describeInsights(ctx context.Context, target string) (*dynamodb.DescribeContributorInsightsOutput, error) {
	table, index, _ := strings.Cut(target, "/")
	in := &dynamodb.DescribeContributorInsightsInput{TableName: &table}
	if index != "" {
		in.IndexName = &index
	}
	out, err := a.db.DescribeContributorInsights(ctx, in)
	if err != nil {
		return nil, a.noted(err)
	}
	return out, nil
}

// keysRanked is how many keys a report is asked for: a hot key is among the first.
const keysRanked = 10

// Keys reads a rule's ranking between two minutes. Key values leave this function only as what name makes of them: tags, mostly,
// keyed hashes that nobody without the secret can make. The error is for Classify.
func (a *Account) Keys(ctx context.Context, rule string, from, to time.Time, name func(key string) string) (history.KeysRanked, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.cw.GetInsightRuleReport(ctx, &cloudwatch.GetInsightRuleReportInput{
		RuleName: &rule, StartTime: &from, EndTime: &to, Period: sdk.Int32(60), MaxContributorCount: sdk.Int32(keysRanked), OrderBy: sdk.String("Sum"),
	})
	if err != nil {
		return history.KeysRanked{}, a.noted(err)
	}
	k := history.KeysRanked{From: from.Unix(), To: to.Unix(), Sum: value(out.AggregateValue)}
	for _, c := range out.Contributors {
		if k.Sum > 0 {
			k.Keys = append(k.Keys, history.KeyShare{Tag: name(strings.Join(c.Keys, "\x00")), Share: value(c.ApproximateAggregateValue) / k.Sum})
		}
	}
	return k, nil
}

// Tag stands for a key value: ten hexadecimal digits of its keyed hash, the same for the same value and secret.
func Tag(secret []byte, key string) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(key)) // a hash never fails to take bytes
	return hex.EncodeToString(h.Sum(nil)[:5])
}

// Quotas reads the account's limits. The error is for Classify.
func (a *Account) Quotas(ctx context.Context) (history.QuotasRead, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.db.DescribeLimits(ctx, &dynamodb.DescribeLimitsInput{})
	if err != nil {
		return history.QuotasRead{}, a.noted(err)
	}
	return history.QuotasRead{
		TableRead: value(out.TableMaxReadCapacityUnits), TableWrite: value(out.TableMaxWriteCapacityUnits),
		AccountRead: value(out.AccountMaxReadCapacityUnits), AccountWrite: value(out.AccountMaxWriteCapacityUnits),
	}, nil
}
