package aws

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// owner is the account that the tables looked at belong to. Credentials that are rotated while a session runs can be another
// account's, where a table of the same name is another table.
type owner struct{ first atomic.Pointer[string] }

// Owner is the account of the first table that was described; "" = none has told.
func (a *Account) Owner() string { return value(a.owner.first.Load()) }

// described checks that an answer is about a table, and about one of the account that was looked at first.
func (o *owner) described(t *types.TableDescription) error {
	if t == nil {
		return errors.New("DescribeTable was answered without a table")
	}
	parts := strings.SplitN(value(t.TableArn), ":", 6) // arn:aws:dynamodb:REGION:ACCOUNT:table/NAME
	if len(parts) < 6 || parts[4] == "" {
		return nil
	}
	account := Clean(parts[4])
	o.first.CompareAndSwap(nil, &account)
	if first := *o.first.Load(); first != account {
		return &refusal{fmt.Sprintf("the credentials are another account's now (…%s, it was …%s): start anew", tail(account), tail(first))}
	}
	return nil
}

// tail is the part of an account's number that is shown.
func tail(account string) string { return account[max(0, len(account)-4):] }
