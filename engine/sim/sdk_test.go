package sim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// TestTheSDKReachesEveryService asks each side service as the Go SDK names it: the AWS CLI's names differ.
func TestTheSDKReachesEveryService(t *testing.T) {
	s, clock := newBench(t)
	cfg := aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String("http://sim.invalid"), HTTPClient: s.Client(clock, world.FromHere),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}
	clock.advance(time.Second)
	_, err := dynamodb.NewFromConfig(cfg).UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: aws.String("sessions"), BillingMode: "PROVISIONED"})
	if err == nil {
		t.Fatal("provisioned without a capacity must be refused")
	}
	clock.advance(10 * time.Minute)
	events, err := cloudtrail.NewFromConfig(cfg).LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{})
	if err != nil {
		t.Fatal(err)
	}
	if len(events.Events) != 1 || aws.ToString(events.Events[0].EventName) != "UpdateTable" {
		t.Errorf("CloudTrail shows %d events, want the one refused UpdateTable", len(events.Events))
	}
	if _, err := applicationautoscaling.NewFromConfig(cfg).DescribeScalableTargets(t.Context(), &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: scaling.ServiceNamespaceDynamodb}); err != nil {
		t.Error(err)
	}
}
