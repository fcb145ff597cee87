package sim

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// A scenario may name its tables as it likes; of other names AWS's rule holds, three characters at least ("Naming rules").
func TestShortNamesOfAScenarioAreServed(t *testing.T) {
	s, clock := newFrom(t, strings.NewReplacer("orders", "ev", "by-status", "x").Replace(file))
	db, _ := clients(t, s, clock)
	if _, err := db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("ev")}); err != nil {
		t.Error(err)
	}
	_, err := db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("ab")})
	if err == nil || !strings.Contains(err.Error(), "Invalid table name") {
		t.Errorf("a table that is not there, and cannot be: %v", err)
	}
}
