package aws

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ddbloop/ddbloop/history"
)

func TestSnapshot(t *testing.T) {
	up := time.Date(2026, 3, 3, 13, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		body string
		want history.TableSnapshot
	}{
		"nothing":     {`{"Table":{}}`, history.TableSnapshot{Name: "orders", Mode: history.Provisioned}},
		"no summary":  {`{"Table":{"TableStatus":"ACTIVE"}}`, history.TableSnapshot{Name: "orders", Status: "ACTIVE", Mode: history.Provisioned}},
		"provisioned": {`{"Table":{"TableStatus":"ACTIVE","BillingModeSummary":{"BillingMode":"PROVISIONED"}}}`, history.TableSnapshot{Name: "orders", Status: "ACTIVE", Mode: history.Provisioned}},
		"on-demand, no caps": {
			`{"Table":{"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"OnDemandThroughput":{"MaxReadRequestUnits":-1,"MaxWriteRequestUnits":500},
			"WarmThroughput":{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":4000,"Status":"ACTIVE"}}}`,
			history.TableSnapshot{Name: "orders", Mode: history.OnDemand, Throughput: history.Throughput{MaxWrite: 500, WarmRead: 12000, WarmWrite: 4000}},
		},
		"all of it": {
			`{"Table":{"TableId":"id","TableStatus":"UPDATING","ItemCount":7,"TableSizeBytes":900,
			"KeySchema":[{"AttributeName":"at","KeyType":"RANGE"},{"AttributeName":"pk","KeyType":"HASH"}],
			"ProvisionedThroughput":{"ReadCapacityUnits":10,"WriteCapacityUnits":20,"NumberOfDecreasesToday":3,"LastIncreaseDateTime":1772542800},
			"GlobalSecondaryIndexes":[{"IndexName":"z","IndexStatus":"CREATING","Backfilling":true},
			{"IndexName":"a","IndexStatus":"ACTIVE","KeySchema":[{"AttributeName":"st\u001b[1m","KeyType":"HASH"}],
			"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2,"NumberOfDecreasesToday":4},
			"WarmThroughput":{"ReadUnitsPerSecond":5,"WriteUnitsPerSecond":6}}]}}`,
			history.TableSnapshot{
				Name: "orders", ID: "id", Status: "UPDATING", Mode: history.Provisioned, Items: 7, Bytes: 900, PartitionKey: "pk", SortKey: "at",
				Throughput: history.Throughput{Read: 10, Write: 20}, LastIncrease: up, DecreasesToday: 3,
				Indexes: []history.IndexSnapshot{
					{
						Name: "a", Status: "ACTIVE", PartitionKey: `st\u001b[1m`, DecreasesToday: 4,
						Throughput: history.Throughput{Read: 1, Write: 2, WarmRead: 5, WarmWrite: 6},
					},
					{Name: "z", Status: "CREATING", Backfilling: true},
				},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := account(t, func(r *http.Request) (*http.Response, error) { return says(r, 200, c.body), nil })
			got, err := a.DescribeTable(context.Background(), "orders")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Fatal(d)
			}
		})
	}
}
