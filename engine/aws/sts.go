package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Identity is who AWS takes us for.
type Identity struct{ Account, ARN string }

// Identity asks STS who we are. It needs no permission.
func (a *Account) Identity(ctx context.Context) (Identity, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, a.noted(err)
	}
	return Identity{Account: Clean(value(out.Account)), ARN: Clean(value(out.Arn))}, nil
}
