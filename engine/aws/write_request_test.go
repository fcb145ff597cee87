package aws

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"sort"
	"strings"
	"testing"

	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ddbloop/ddbloop/history"
)

// TestKnownFields fails when one of the SDK's requests grows a field that nobody here has thought about.
func TestKnownFields(t *testing.T) {
	for of, known := range map[reflect.Type]string{
		reflect.TypeFor[dynamodb.UpdateTableInput](): `AttributeDefinitions BillingMode DeletionProtectionEnabled DisassociationProtectionEnabled
			GlobalSecondaryIndexUpdates GlobalTableSettingsReplicationMode GlobalTableWitnessUpdates MultiRegionConsistency
			OnDemandThroughput ProvisionedThroughput ReplicaUpdates SSESpecification StreamSpecification TableClass TableName
			VectorIndexUpdates WarmThroughput`,
		reflect.TypeFor[types.GlobalSecondaryIndexUpdate]():                      `Create Delete Update`,
		reflect.TypeFor[types.UpdateGlobalSecondaryIndexAction]():                `IndexName OnDemandThroughput ProvisionedThroughput WarmThroughput`,
		reflect.TypeFor[types.DeleteGlobalSecondaryIndexAction]():                `IndexName`,
		reflect.TypeFor[dynamodb.UpdateContributorInsightsInput]():               `ContributorInsightsAction ContributorInsightsMode IndexName TableName`,
		reflect.TypeFor[scaling.RegisterScalableTargetInput]():                   `MaxCapacity MinCapacity ResourceId RoleARN ScalableDimension ServiceNamespace SuspendedState Tags`,
		reflect.TypeFor[scaling.PutScalingPolicyInput]():                         `PolicyName PolicyType PredictiveScalingPolicyConfiguration ResourceId ScalableDimension ServiceNamespace StepScalingPolicyConfiguration TargetTrackingScalingPolicyConfiguration`,
		reflect.TypeFor[scalingtypes.TargetTrackingScalingPolicyConfiguration](): `CustomizedMetricSpecification DisableScaleIn PredefinedMetricSpecification ScaleInCooldown ScaleOutCooldown TargetValue`,
	} {
		var got []string
		for f := range of.Fields() {
			if f.IsExported() {
				got = append(got, f.Name)
			}
		}
		sort.Strings(got)
		if d := cmp.Diff(strings.Fields(known), got); d != "" {
			t.Errorf("%s has changed; decide whether ddbloop may set the new field:\n%s", of, d)
		}
	}
}

// wires are every sort of request, with the body that must leave for it.
var wires = []struct {
	name, call string
	set        []history.Setting
	want       string
}{
	{"a table's capacity", "DynamoDB_20120810.UpdateTable", capacitySet("", 10, 20), `{"TableName":"orders","ProvisionedThroughput":{"ReadCapacityUnits":10,"WriteCapacityUnits":20}}`},
	{
		"an index's capacity", "DynamoDB_20120810.UpdateTable", capacitySet("by-status", 10, 20),
		`{"TableName":"orders","GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"by-status","ProvisionedThroughput":{"ReadCapacityUnits":10,"WriteCapacityUnits":20}}}]}`,
	},
	{
		"to on-demand", "DynamoDB_20120810.UpdateTable",
		[]history.Setting{{Name: "mode", Before: "provisioned", After: "on_demand"}},
		`{"TableName":"orders","BillingMode":"PAY_PER_REQUEST"}`,
	},
	{
		"to provisioned", "DynamoDB_20120810.UpdateTable",
		append(append([]history.Setting{{Name: "mode", Before: "on_demand", After: "provisioned"}}, capacitySet("", 10, 20)...), capacitySet("by-status", 5, 6)...),
		`{"TableName":"orders","BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":10,"WriteCapacityUnits":20},
			"GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"by-status","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6}}}]}`,
	},
	{
		"a maximum", "DynamoDB_20120810.UpdateTable",
		[]history.Setting{{Name: "max_write", Before: "50", After: "80"}},
		`{"TableName":"orders","OnDemandThroughput":{"MaxWriteRequestUnits":80}}`,
	},
	{
		"no maximum", "DynamoDB_20120810.UpdateTable",
		[]history.Setting{{Index: "by-status", Name: "max_read", Before: "50", After: "none"}},
		`{"TableName":"orders","GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"by-status","OnDemandThroughput":{"MaxReadRequestUnits":-1}}}]}`,
	},
	{
		"warm", "DynamoDB_20120810.UpdateTable",
		[]history.Setting{{Name: "warm_write", Before: "4000", After: "8000"}},
		`{"TableName":"orders","WarmThroughput":{"WriteUnitsPerSecond":8000}}`,
	},
	{
		"the end of a build", "DynamoDB_20120810.UpdateTable",
		[]history.Setting{{Index: "by-day", Name: "index", Before: "backfilling", After: "gone"}},
		`{"TableName":"orders","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"by-day"}}]}`,
	},
	{
		"insights", "DynamoDB_20120810.UpdateContributorInsights",
		[]history.Setting{{Name: "insights", Before: "off", After: "throttled"}},
		`{"TableName":"orders","ContributorInsightsAction":"ENABLE","ContributorInsightsMode":"THROTTLED_KEYS"}`,
	},
	{
		"insights off", "DynamoDB_20120810.UpdateContributorInsights",
		[]history.Setting{{Index: "by-status", Name: "insights", Before: "throttled", After: "off"}},
		`{"TableName":"orders","IndexName":"by-status","ContributorInsightsAction":"DISABLE"}`,
	},
	{
		"bounds", "AnyScaleFrontendService.RegisterScalableTarget",
		[]history.Setting{{Index: "by-status", Name: "write_scaling_min", Before: "5", After: "50"}, {Index: "by-status", Name: "write_scaling_max", Before: "100", After: "100"}},
		`{"ServiceNamespace":"dynamodb","ResourceId":"table/orders/index/by-status","ScalableDimension":"dynamodb:index:WriteCapacityUnits","MinCapacity":50,"MaxCapacity":100}`,
	},
	{
		"a target", "AnyScaleFrontendService.PutScalingPolicy",
		[]history.Setting{
			{Name: "read_scaling_percent", Before: "70", After: "50"},
			{Name: "read_scaling_policy", Before: "p", After: "p"},
			{Name: "read_scaling_out", Before: "60", After: "60"},
			{Name: "read_scaling_in", Before: "off", After: "off"},
		},
		`{"ServiceNamespace":"dynamodb","ResourceId":"table/orders","ScalableDimension":"dynamodb:table:ReadCapacityUnits","PolicyName":"p","PolicyType":"TargetTrackingScaling",
			"TargetTrackingScalingPolicyConfiguration":{"TargetValue":50,"PredefinedMetricSpecification":{"PredefinedMetricType":"DynamoDBReadCapacityUtilization"},"ScaleOutCooldown":60,"DisableScaleIn":true}}`,
	},
}

// TestWhatLeaves reads the bodies: a change sends what it says, in one request, and nothing else. Mutants: send the other side of
// a maximum too; leave out the kept side of a capacity.
func TestWhatLeaves(t *testing.T) {
	for _, c := range wires {
		t.Run(c.name, func(t *testing.T) {
			var bodies [][]byte
			w, err := NewWriter(account(t, func(r *http.Request) (*http.Response, error) {
				body, _ := io.ReadAll(r.Body)
				bodies = append(bodies, body)
				if target := r.Header.Get("X-Amz-Target"); target != c.call {
					t.Errorf("called %s, want %s", target, c.call)
				}
				if ua := r.Header.Get("User-Agent"); !strings.Contains(ua, "app/ddbloop") {
					t.Errorf("user agent %q does not name ddbloop", ua)
				}
				return says(r, 200, accepted), nil
			}), true, noMore)
			if err != nil {
				t.Fatal(err)
			}
			id, err := w.Send(context.Background(), "orders", c.set)
			if err != nil || id != "REQ1" || len(bodies) != 1 {
				t.Fatalf("request id %q, error %v, %d requests", id, err, len(bodies))
			}
			var got, want any
			if json.Unmarshal(bodies[0], &got) != nil || json.Unmarshal([]byte(c.want), &want) != nil {
				t.Fatalf("body %s", bodies[0])
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatal(d)
			}
		})
	}
}

// TestNothingElseLeaves: settings that no single request carries, or that nobody may set, are refused before anything leaves.
func TestNothingElseLeaves(t *testing.T) {
	w, err := NewWriter(account(t, func(*http.Request) (*http.Response, error) { return nil, errors.New("must not be called") }), true, noMore)
	if err != nil {
		t.Fatal(err)
	}
	one := func(name, before, after string) []history.Setting {
		return []history.Setting{{Name: name, Before: before, After: after}}
	}
	for name, set := range map[string][]history.Setting{
		"nothing":                     nil,
		"no change":                   one("mode", "on_demand", "on_demand"),
		"a capacity of 0":             capacitySet("", 0, 5),
		"a negative capacity":         capacitySet("", 5, -1),
		"one side only":               one("write", "1", "5"),
		"no number":                   one("max_write", "5", "lots"),
		"table and index at once":     append(capacitySet("", 5, 5), capacitySet("i", 5, 5)...),
		"two families":                append(capacitySet("", 5, 5), one("max_write", "5", "9")...),
		"a mode without capacity":     one("mode", "on_demand", "provisioned"),
		"a capacity with on-demand":   append(one("mode", "provisioned", "on_demand"), capacitySet("", 5, 5)...),
		"no known mode":               one("mode", "on_demand", "free"),
		"deleting an index in use":    {{Index: "i", Name: "index", Before: "ACTIVE", After: "gone"}},
		"deleting the table":          one("index", "backfilling", "gone"),
		"deleting two":                {{Index: "i", Name: "index", Before: "backfilling", After: "gone"}, {Index: "j", Name: "index", Before: "backfilling", After: "gone"}},
		"insights with every access":  one("insights", "off", "accessed"),
		"unknown":                     one("deletion_protection", "true", "false"),
		"min over max":                append(one("write_scaling_min", "5", "50"), one("write_scaling_max", "20", "20")...),
		"min alone":                   one("write_scaling_min", "5", "50"),
		"two sides":                   append(one("write_scaling_min", "5", "50"), one("read_scaling_max", "90", "90")...),
		"no side":                     append(one("_scaling_min", "5", "50"), one("_scaling_max", "90", "90")...),
		"another policy's name":       append(one("write_scaling_percent", "70", "50"), one("write_scaling_policy", "p", "q")...),
		"a target without its policy": one("write_scaling_percent", "70", "50"),
		"a target of 10":              append(one("write_scaling_percent", "70", "10"), one("write_scaling_policy", "p", "p")...),
	} {
		_, err := w.Send(context.Background(), "orders", set)
		if f := Classify(err); f.Reason != Validation || f.MaybeApplied() {
			t.Errorf("%s gave %+v", name, f)
		}
	}
	if _, err := w.Send(context.Background(), "", capacitySet("", 5, 5)); Classify(err).Reason != Validation {
		t.Errorf("no table: %v", err)
	}
}
