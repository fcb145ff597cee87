package aws

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func item(pk string, n int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberN{Value: fmt.Sprint(n)}, "v": &types.AttributeValueMemberS{Value: "x"},
	}
}

// TestAnswersAreTheSameItems: order and pages do not matter, every key does, and so does how often it comes. Mutants: leave out the sort
// key; XOR instead of adding.
func TestAnswersAreTheSameItems(t *testing.T) {
	r := &Read{}
	tell := func(secret string, pages ...items) (a Answer) {
		told := r.Told([]string{"sk", "pk"}, []byte(secret), 0)
		for i, p := range pages {
			told.teller.add(&a, p, i == 0)
		}
		return a
	}
	var all items
	for i := range 50 {
		all = append(all, item("p"+fmt.Sprint(i%5), i))
	}
	one := tell("s", all)
	shuffled := append(items(nil), all...)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if got := tell("s", shuffled[:13], nil, shuffled[13:]); got != one || !one.Known || one.Items != 50 {
		t.Errorf("%+v and %+v", got, one)
	}
	for name, other := range map[string]Answer{
		"one less":             tell("s", all[1:]),
		"another sort key":     tell("s", append(items{item("p0", 99)}, all[1:]...)),
		"one of them twice":    tell("s", append(items{all[1]}, all[1:]...)),
		"two of them twice":    tell("s", append(items{all[2], all[2]}, all[2:]...)),
		"told under other key": tell("t", all),
	} {
		if other == one {
			t.Errorf("%s: the same", name)
		}
	}
	if got := tell("s", items{{"pk": all[0]["pk"]}}); got.Known || got.Items != 1 {
		t.Errorf("without its sort key: %+v", got)
	}
	if got := tell("s", nil); !got.Known || got.Items != 0 {
		t.Errorf("nothing: %+v", got)
	}
}

// FuzzInput: what a request is exported as is read as the same request again.
func FuzzInput(f *testing.F) {
	for _, s := range []string{
		`{"TableName":"orders","Key":{"pk":{"S":"a"},"sk":{"N":"7"}},"ConsistentRead":true,"ProjectionExpression":"#a","ExpressionAttributeNames":{"#a":"b"}}`,
		`{"TableName":"orders","IndexName":"i","KeyConditionExpression":"pk = :k","FilterExpression":"a > :k","ExpressionAttributeValues":{":k":{"B":"AAE="}},"Limit":5,"ScanIndexForward":false,"Select":"COUNT","ExclusiveStartKey":{"pk":{"S":"x"}}}`,
		`{"TableName":"orders","Limit":10,"Segment":0,"TotalSegments":4}`,
		`{"Statement":"SELECT * FROM \"orders\".\"i\" WHERE pk = ?","Parameters":[{"L":[{"M":{"a":{"NULL":true}}},{"SS":["a","b"]}]}],"Limit":3}`,
		`{"tablename":"orders","key":{"pk":{"BOOL":false}},"returnconsumedcapacity":"NONE"}`,
	} {
		f.Add("", "", []byte(s))
		f.Add("orders", "i", []byte(s))
	}
	f.Fuzz(func(t *testing.T, table, index string, raw []byte) {
		r, err := NewRead("", table, index, 1, raw)
		if err != nil {
			return
		}
		once, err := r.Input()
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		again, err := NewRead(r.Op, "", "", 1, once)
		if err != nil {
			t.Fatalf("exported as %s: %v", once, err)
		}
		if again.Table != r.Table || again.Index != r.Index || again.Shape() != r.Shape() {
			t.Fatalf("%+v became %+v", r, again)
		}
		if twice, err := again.Input(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s became %s, %v", once, twice, err)
		}
	})
}
