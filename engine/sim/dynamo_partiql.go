package sim

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/engine/sim/items"
)

// executeStatement serves SELECT: with an equality on the partition key it is a Query, else a Scan, as the service does it
// (developer guide, "PartiQL select statements").
func (v *visit) executeStatement(in *dynamodb.ExecuteStatementInput) (any, error) {
	s, err := items.ParseSelect(aws.ToString(in.Statement), in.Parameters)
	if err != nil {
		return nil, v.rejected("", err)
	}
	t, store, err := v.table(&s.Table)
	if err != nil {
		return nil, err
	}
	q := &search{consistent: aws.ToBool(in.ConsistentRead), names: s.Names, values: s.Values, limit: in.Limit}
	key := items.Key{Partition: t.Key.Partition, Sort: t.Key.Sort}
	if s.Index != "" {
		q.index = &s.Index
		if x, ok := store.IndexOf(s.Index); ok {
			key = x.Key
		}
	}
	if s.Projection != "" {
		q.projection = &s.Projection
	}
	split(q, s.Terms, key)
	q.read.Loose = true
	if q.start, err = tokenStart(in.NextToken); err != nil {
		return nil, v.rejected(t.Name, err)
	}
	page, used, err := v.search(&s.Table, q, nil, in.ReturnConsumedCapacity)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.ExecuteStatementOutput{Items: listed(page.Items), ConsumedCapacity: used, LastEvaluatedKey: page.Last}
	if page.Last != nil {
		out.NextToken = startToken(page.Last)
	}
	return out, nil
}

// split finds the key condition among the terms; what is left filters.
func split(q *search, terms []items.Term, key items.Key) {
	var keys, rest []string
	partition, sort := -1, -1
	for i, t := range terms {
		switch {
		case t.Attribute == "":
		case t.Attribute == key.Partition && t.Operator == "=" && partition < 0:
			partition = i
		case t.Attribute == key.Sort && t.Operator != "<>" && sort < 0:
			sort = i
		}
	}
	for i, t := range terms {
		if partition >= 0 && (i == partition || i == sort) {
			keys = append(keys, t.Text)
		} else {
			rest = append(rest, t.Text)
		}
	}
	if keys != nil {
		q.isQuery, q.key = true, aws.String(strings.Join(keys, " AND "))
	}
	if rest != nil {
		q.filter = aws.String(strings.Join(rest, " AND "))
	}
}

// startToken writes a key down as a token: keys are strings here.
func startToken(key items.Item) *string {
	plain := map[string]string{}
	for name, value := range key {
		if s, ok := value.(*types.AttributeValueMemberS); ok {
			plain[name] = s.Value
		}
	}
	raw, _ := json.Marshal(plain) // strings always marshal
	return aws.String(base64.RawURLEncoding.EncodeToString(raw))
}

func tokenStart(token *string) (items.Item, error) {
	if token == nil {
		return nil, nil
	}
	var plain map[string]string
	raw, err := base64.RawURLEncoding.DecodeString(*token)
	if err == nil {
		err = json.Unmarshal(raw, &plain)
	}
	if err != nil || len(plain) == 0 {
		return nil, &items.Invalid{Message: "NextToken does not match request"}
	}
	key := items.Item{}
	for name, value := range plain {
		key[name] = &types.AttributeValueMemberS{Value: value}
	}
	return key, nil
}
