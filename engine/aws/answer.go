package aws

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Answer tells what a Read returned by the keys of its items alone: how many there were, and the sum of a keyed hash of each
// key. Two answers with the same items, in whatever order, are equal (==). No value can be read back out of one.
type Answer struct {
	Items int
	Known bool // every item carried its whole key; else only Items can be compared
	Sum   [2]uint64
}

// teller tells answers.
type teller struct {
	keys   []string // the table's key attributes
	secret []byte
}

// Told returns the request as one that says what it was answered, by a hash under secret over each item's key attributes, and
// that is followed no further once it has used so many read units, 0 meaning however many.
func (r *Read) Told(keys []string, secret []byte, most float64) *Read {
	told := *r
	told.most = most
	told.teller = &teller{keys: slices.Sorted(slices.Values(keys)), secret: secret}
	return &told
}

// add takes the items of one page in.
func (t *teller) add(to *Answer, page items, first bool) {
	if t == nil {
		return
	}
	if first {
		to.Known = true
	}
	for _, item := range page {
		to.Items++
		sum, ok := t.hash(item)
		to.Known = to.Known && ok
		to.Sum[0], to.Sum[1] = to.Sum[0]+sum[0], to.Sum[1]+sum[1]
	}
	if !to.Known {
		to.Sum = [2]uint64{}
	}
}

// hash is of one item's key; ok is false when the item does not carry it.
func (t *teller) hash(item map[string]types.AttributeValue) (sum [2]uint64, ok bool) {
	mac := hmac.New(sha256.New, t.secret)
	for _, name := range t.keys {
		var kind, value string
		switch v := item[name].(type) {
		case *types.AttributeValueMemberS:
			kind, value = "S", v.Value
		case *types.AttributeValueMemberN:
			kind, value = "N", v.Value
		case *types.AttributeValueMemberB:
			kind, value = "B", string(v.Value)
		default:
			return sum, false
		}
		fmt.Fprintf(mac, "%d:%s%s%d:%s", len(name), name, kind, len(value), value)
	}
	raw := mac.Sum(nil)
	return [2]uint64{binary.BigEndian.Uint64(raw), binary.BigEndian.Uint64(raw[8:])}, len(t.keys) > 0
}

// Input returns the request as the AWS CLI's --cli-input-json of its operation: what NewRead took, with the table and the index
// that it is about.
func (r *Read) Input() ([]byte, error) {
	var in any
	switch r.Op {
	case "GetItem":
		in = &cliGetItem{}
	case "Query":
		in = &cliQuery{}
	case "Scan":
		in = &cliScan{}
	case "ExecuteStatement":
		in = &cliStatement{}
	default:
		return nil, fmt.Errorf("%s has no input", r.Op)
	}
	if err := strict(r.input, in); err != nil {
		return nil, err
	}
	index := func(to **string) {
		if r.Index != "" {
			*to = &r.Index
		}
	}
	switch in := in.(type) {
	case *cliGetItem:
		in.TableName, in.ReturnConsumedCapacity = &r.Table, ""
	case *cliQuery:
		in.TableName, in.ReturnConsumedCapacity = &r.Table, ""
		index(&in.IndexName)
	case *cliScan:
		in.TableName, in.ReturnConsumedCapacity = &r.Table, ""
		index(&in.IndexName)
	case *cliStatement:
		in.ReturnConsumedCapacity = ""
	}
	return json.MarshalIndent(in, "", "  ")
}

// Command is the AWS CLI's name of the operation, such as get-item.
func (r *Read) Command() string {
	return map[string]string{"GetItem": "get-item", "Query": "query", "Scan": "scan", "ExecuteStatement": "execute-statement"}[r.Op]
}

// Shape says in words what kind of request it is, without any expression, name or value that an item could hold.
func (r *Read) Shape() string {
	words := []string{r.Op}
	if r.Index != "" {
		words[0] += " on " + Clean(r.Index)
	}
	say := func(what string, is bool) {
		if is {
			words = append(words, what)
		}
	}
	limit := func(n *int32) {
		if n != nil {
			words = append(words, fmt.Sprintf("pages of %d", *n))
		}
	}
	switch {
	case r.get != nil:
		say("projection", value(r.get.ProjectionExpression) != "")
		say("strongly consistent", value(r.get.ConsistentRead))
	case r.query != nil:
		say("filter", value(r.query.FilterExpression) != "")
		say("projection", value(r.query.ProjectionExpression) != "")
		say("only counted", r.query.Select == types.SelectCount)
		say("strongly consistent", value(r.query.ConsistentRead))
		say("backwards", r.query.ScanIndexForward != nil && !*r.query.ScanIndexForward)
		limit(r.query.Limit)
	case r.scan != nil:
		say("filter", value(r.scan.FilterExpression) != "")
		say("projection", value(r.scan.ProjectionExpression) != "")
		say("only counted", r.scan.Select == types.SelectCount)
		say("strongly consistent", value(r.scan.ConsistentRead))
		limit(r.scan.Limit)
	case r.statement != nil:
		say("strongly consistent", value(r.statement.in.ConsistentRead))
		limit(r.statement.in.Limit)
	}
	return strings.Join(words, ", ")
}
