package aws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// deepest bounds how far lists and maps may nest; DynamoDB's own limit (Developer Guide, constraints).
const deepest = 32

type itemKey map[string]attribute

type cliGetItem struct {
	TableName                *string           `json:",omitempty"`
	Key                      itemKey           `json:",omitempty"`
	ConsistentRead           *bool             `json:",omitempty"`
	ProjectionExpression     *string           `json:",omitempty"`
	ExpressionAttributeNames map[string]string `json:",omitempty"`
	ReturnConsumedCapacity   string            `json:",omitempty"` // always overridden
}

type cliQuery struct {
	TableName                 *string           `json:",omitempty"`
	IndexName                 *string           `json:",omitempty"`
	KeyConditionExpression    *string           `json:",omitempty"`
	FilterExpression          *string           `json:",omitempty"`
	ProjectionExpression      *string           `json:",omitempty"`
	ExpressionAttributeNames  map[string]string `json:",omitempty"`
	ExpressionAttributeValues itemKey           `json:",omitempty"`
	ExclusiveStartKey         itemKey           `json:",omitempty"`
	ConsistentRead            *bool             `json:",omitempty"`
	ScanIndexForward          *bool             `json:",omitempty"`
	Limit                     *int32            `json:",omitempty"`
	Select                    types.Select      `json:",omitempty"`
	ReturnConsumedCapacity    string            `json:",omitempty"` // always overridden
}

type cliScan struct {
	TableName                 *string           `json:",omitempty"`
	IndexName                 *string           `json:",omitempty"`
	FilterExpression          *string           `json:",omitempty"`
	ProjectionExpression      *string           `json:",omitempty"`
	ExpressionAttributeNames  map[string]string `json:",omitempty"`
	ExpressionAttributeValues itemKey           `json:",omitempty"`
	ExclusiveStartKey         itemKey           `json:",omitempty"`
	ConsistentRead            *bool             `json:",omitempty"`
	Limit                     *int32            `json:",omitempty"`
	Segment                   *int32            `json:",omitempty"`
	TotalSegments             *int32            `json:",omitempty"`
	Select                    types.Select      `json:",omitempty"`
	ReturnConsumedCapacity    string            `json:",omitempty"` // always overridden
}

func getItemInput(raw []byte) (*dynamodb.GetItemInput, error) {
	var in cliGetItem
	if err := strict(raw, &in); err != nil {
		return nil, err
	}
	if len(in.Key) == 0 {
		return nil, errors.New("it has no Key")
	}
	key, err := in.Key.values()
	return &dynamodb.GetItemInput{
		TableName: in.TableName, Key: key, ConsistentRead: in.ConsistentRead, ProjectionExpression: in.ProjectionExpression,
		ExpressionAttributeNames: in.ExpressionAttributeNames, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}, err
}

func queryInput(raw []byte) (*dynamodb.QueryInput, error) {
	var in cliQuery
	if err := strict(raw, &in); err != nil {
		return nil, err
	}
	if in.KeyConditionExpression == nil || *in.KeyConditionExpression == "" {
		return nil, errors.New("it has no KeyConditionExpression")
	}
	if err := sane(in.Limit, math.MaxInt32); err != nil {
		return nil, err
	}
	values, err := in.ExpressionAttributeValues.values()
	start, err2 := in.ExclusiveStartKey.values()
	return &dynamodb.QueryInput{
		TableName: in.TableName, IndexName: in.IndexName, KeyConditionExpression: in.KeyConditionExpression,
		FilterExpression: in.FilterExpression, ProjectionExpression: in.ProjectionExpression,
		ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: values, ExclusiveStartKey: start,
		ConsistentRead: in.ConsistentRead, ScanIndexForward: in.ScanIndexForward, Limit: in.Limit, Select: in.Select,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
	}, errors.Join(err, err2)
}

// scanInput refuses a scan that says no bound: the whole table is never a probe.
func scanInput(raw []byte) (*dynamodb.ScanInput, error) {
	var in cliScan
	if err := strict(raw, &in); err != nil {
		return nil, err
	}
	if in.Limit == nil && in.TotalSegments == nil {
		return nil, errors.New("it would read the whole table: give it a Limit, or a Segment of TotalSegments")
	}
	if err := sane(in.Limit, largestScan); err != nil {
		return nil, err
	}
	if (in.TotalSegments == nil) != (in.Segment == nil) {
		return nil, errors.New("it needs both Segment and TotalSegments, or neither")
	}
	values, err := in.ExpressionAttributeValues.values()
	start, err2 := in.ExclusiveStartKey.values()
	return &dynamodb.ScanInput{
		TableName: in.TableName, IndexName: in.IndexName, FilterExpression: in.FilterExpression, ProjectionExpression: in.ProjectionExpression,
		ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: values, ExclusiveStartKey: start,
		ConsistentRead: in.ConsistentRead, Limit: in.Limit, Select: in.Select, Segment: in.Segment, TotalSegments: in.TotalSegments,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
	}, errors.Join(err, err2)
}

// sane refuses a limit that is none, or too large.
func sane(limit *int32, most int32) error {
	switch {
	case limit == nil:
	case *limit < 1:
		return fmt.Errorf("a Limit must be at least 1, not %d", *limit)
	case *limit > most:
		return fmt.Errorf("a Limit must be at most %d, not %d", most, *limit)
	}
	return nil
}

// strict decodes one JSON object and refuses fields that it does not know: a misspelt one would change what is asked.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return errors.New(Clean(err.Error()))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON object")
	}
	return nil
}

// attribute is a DynamoDB value in its JSON form: exactly one member says the type.
type attribute struct {
	S    *string               `json:",omitempty"`
	N    *string               `json:",omitempty"`
	B    *[]byte               `json:",omitempty"`
	BOOL *bool                 `json:",omitempty"`
	NULL *bool                 `json:",omitempty"`
	L    *[]attribute          `json:",omitempty"`
	M    *map[string]attribute `json:",omitempty"`
	SS   []string              `json:",omitempty"`
	NS   []string              `json:",omitempty"`
	BS   [][]byte              `json:",omitempty"`
}

func (k itemKey) values() (map[string]types.AttributeValue, error) {
	if k == nil {
		return nil, nil
	}
	return attributes(k, 0)
}

func attributes(m map[string]attribute, depth int) (map[string]types.AttributeValue, error) {
	out := make(map[string]types.AttributeValue, len(m))
	for name, a := range m {
		v, err := a.value(depth)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", Clean(name), err)
		}
		out[name] = v
	}
	return out, nil
}

func (a attribute) value(depth int) (types.AttributeValue, error) {
	if depth > deepest {
		return nil, fmt.Errorf("nested deeper than %d levels", deepest)
	}
	var found []types.AttributeValue
	add := func(v types.AttributeValue) { found = append(found, v) }
	if a.S != nil {
		add(&types.AttributeValueMemberS{Value: *a.S})
	}
	if a.N != nil {
		add(&types.AttributeValueMemberN{Value: *a.N})
	}
	if a.B != nil {
		add(&types.AttributeValueMemberB{Value: *a.B})
	}
	if a.BOOL != nil {
		add(&types.AttributeValueMemberBOOL{Value: *a.BOOL})
	}
	if a.NULL != nil {
		add(&types.AttributeValueMemberNULL{Value: *a.NULL})
	}
	if a.SS != nil {
		add(&types.AttributeValueMemberSS{Value: a.SS})
	}
	if a.NS != nil {
		add(&types.AttributeValueMemberNS{Value: a.NS})
	}
	if a.BS != nil {
		add(&types.AttributeValueMemberBS{Value: a.BS})
	}
	if a.M != nil {
		m, err := attributes(*a.M, depth+1)
		if err != nil {
			return nil, err
		}
		add(&types.AttributeValueMemberM{Value: m})
	}
	if a.L != nil {
		l := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
		for _, e := range *a.L {
			v, err := e.value(depth + 1)
			if err != nil {
				return nil, err
			}
			l.Value = append(l.Value, v)
		}
		add(l)
	}
	if len(found) != 1 {
		return nil, errors.New(`a value has exactly one type, as in {"S": "text"}`)
	}
	return found[0], nil
}

// KeyInput writes the attributes of a key in the form that NewRead takes. Keys are strings, numbers or bytes.
func KeyInput(key map[string]types.AttributeValue) map[string]any {
	out := make(map[string]any, len(key))
	for name, v := range key {
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			out[name] = map[string]string{"S": v.Value}
		case *types.AttributeValueMemberN:
			out[name] = map[string]string{"N": v.Value}
		case *types.AttributeValueMemberB:
			out[name] = map[string][]byte{"B": v.Value}
		}
	}
	return out
}
