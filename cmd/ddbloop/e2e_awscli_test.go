//go:build e2e

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// awsCLI is one AWS CLI that speaks to one sim. Older ones do not know AWS_ENDPOINT_URL_…, so that each call names it.
type awsCLI struct {
	t    *testing.T
	env  []string
	at   string // endpoint
	path string
}

// ask runs a command and returns its answer.
func (a awsCLI) ask(service, operation string, args ...string) map[string]any {
	a.t.Helper()
	cmd := exec.Command(a.path, append([]string{"--endpoint-url", a.at, "--output", "json", service, operation}, args...)...)
	cmd.Env = append(home(a.t.TempDir()), a.env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		a.t.Fatalf("aws %s %s: %v: %s", service, operation, err, stderr.String())
	}
	var answer map[string]any
	if err := json.Unmarshal(out, &answer); err != nil {
		a.t.Fatalf("aws %s %s: %v: %.300s", service, operation, err, out)
	}
	return answer
}

// list is a member of an answer that must be a list with something in it.
func (a awsCLI) list(answer map[string]any, name string) []any {
	a.t.Helper()
	l, _ := answer[name].([]any)
	if len(l) == 0 {
		a.t.Fatalf("%s is empty: %.300v", name, answer)
	}
	return l
}

// startCLI serves a scenario to Debian's AWS CLI.
func startCLI(t *testing.T, scenario string, more ...string) awsCLI {
	t.Helper()
	path, err := exec.LookPath("/usr/bin/aws")
	if err != nil {
		t.Fatalf("%v: .ci/run installs awscli", err)
	}
	a := awsCLI{t: t, path: path, env: append(startSim(t, append([]string{scenario}, more...)...), "AWS_PAGER=", "AWS_DEFAULT_REGION=eu-west-1", "AWS_EC2_METADATA_DISABLED=true")}
	for _, v := range a.env {
		if at, ok := strings.CutPrefix(v, "AWS_ENDPOINT_URL_DYNAMODB="); ok {
			a.at = at
		}
	}
	return a
}

func TestAWSCLIOnItems(t *testing.T) {
	a := startCLI(t, "hot-partition", "--from", "12m")
	if names := a.list(a.ask("dynamodb", "list-tables"), "TableNames"); names[0] != "orders" {
		t.Errorf("tables %v", names)
	}
	table, _ := a.ask("dynamodb", "describe-table", "--table-name", "orders")["Table"].(map[string]any)
	if table["TableStatus"] != "ACTIVE" || len(a.list(table, "GlobalSecondaryIndexes")) != 1 {
		t.Errorf("%v", table)
	}
	a.ask("dynamodb", "put-item", "--table-name", "orders", "--item", `{"tenant":{"S":"cli"},"created_at":{"S":"2026"}}`, "--return-consumed-capacity", "TOTAL")
	found := a.ask("dynamodb", "query", "--table-name", "orders", "--key-condition-expression", "tenant = :t", "--expression-attribute-values", `{":t":{"S":"cli"}}`)
	if found["Count"] != 1.0 {
		t.Errorf("query: %v", found)
	}
	a.list(a.ask("dynamodb", "scan", "--table-name", "orders", "--max-items", "3"), "Items")
	updated, _ := a.ask("dynamodb", "update-table", "--table-name", "orders", "--provisioned-throughput", "ReadCapacityUnits=4000,WriteCapacityUnits=9000")["TableDescription"].(map[string]any)
	if updated["TableStatus"] != "UPDATING" {
		t.Errorf("update-table: %v", updated)
	}
}

func TestAWSCLIOnMetrics(t *testing.T) {
	a := startCLI(t, "hot-partition", "--from", "12m")
	from, to := time.Now().UTC().Add(-30*time.Minute).Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339)
	a.list(a.ask("cloudwatch", "list-metrics", "--namespace", "AWS/DynamoDB", "--metric-name", "ConsumedWriteCapacityUnits"), "Metrics")
	a.list(a.ask("cloudwatch", "get-metric-statistics", "--namespace", "AWS/DynamoDB", "--metric-name", "ConsumedWriteCapacityUnits",
		"--dimensions", "Name=TableName,Value=orders", "--start-time", from, "--end-time", to, "--period", "60", "--statistics", "Sum"), "Datapoints")
	data := a.list(a.ask("cloudwatch", "get-metric-data", "--start-time", from, "--end-time", to, "--metric-data-queries",
		`[{"Id":"w","MetricStat":{"Metric":{"Namespace":"AWS/DynamoDB","MetricName":"WriteKeyRangeThroughputThrottleEvents","Dimensions":[{"Name":"TableName","Value":"orders"}]},"Period":60,"Stat":"Sum"}}]`), "MetricDataResults")
	if first, _ := data[0].(map[string]any); first["StatusCode"] != "Complete" || len(a.list(first, "Values")) == 0 {
		t.Errorf("get-metric-data: %v", first)
	}
	rules := a.list(a.ask("dynamodb", "describe-contributor-insights", "--table-name", "orders"), "ContributorInsightsRuleList")
	rule, _ := rules[0].(string)
	report := a.ask("cloudwatch", "get-insight-rule-report", "--rule-name", rule, "--start-time", from, "--end-time", to, "--period", "60")
	a.list(report, "Contributors")
}

// What auto scaling did, the trail of its call and an alarm that went off, as the AWS CLI reads them.
func TestAWSCLIOnWhatHappened(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scaled.yaml")
	if err := os.WriteFile(file, []byte(`scenario: scaled
title: Auto scaling follows
start: 2026-03-03T14:00:00Z
history: 1h
duration: 30m
tables:
  - {name: jobs, mode: provisioned, read: 100, write: 300, key: {partition: job}, autoscaling: {write: {min: 100, max: 4000, target: 70}}}
traffic:
  - {name: worker, table: jobs, operation: PutItem, rate: 290}
alarms:
  - {name: busy, metric: ConsumedWriteCapacityUnits, dimensions: {TableName: jobs}, over: 6000, datapoints: 1, of: 1}
truth: {kind: calm, layer: healthy}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	a := startCLI(t, file, "--from", "25m")
	alarm, _ := a.list(a.ask("cloudwatch", "describe-alarms", "--alarm-names", "busy"), "MetricAlarms")[0].(map[string]any)
	if alarm["StateValue"] != "ALARM" || alarm["Threshold"] != 6000.0 {
		t.Errorf("describe-alarms: %v", alarm)
	}
	act, _ := a.list(a.ask("application-autoscaling", "describe-scaling-activities", "--service-namespace", "dynamodb", "--resource-id", "table/jobs"), "ScalingActivities")[0].(map[string]any)
	if act["StatusCode"] != "Successful" || act["ScalableDimension"] != "dynamodb:table:WriteCapacityUnits" {
		t.Errorf("describe-scaling-activities: %v", act)
	}
	event, _ := a.list(a.ask("cloudtrail", "lookup-events"), "Events")[0].(map[string]any)
	if event["EventName"] != "UpdateTable" {
		t.Errorf("lookup-events: %v", event)
	}
}
