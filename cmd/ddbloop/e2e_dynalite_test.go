//go:build e2e

package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// dynalite is a DynamoDB that we did not write: real statuses, no throttling, no CloudWatch.
type dynalite struct {
	t    *testing.T
	addr string
	data string
	cmd  *exec.Cmd
}

// startDynalite serves a table orders of 5 read and 10 write units with one item.
func startDynalite(t *testing.T) *dynalite {
	t.Helper()
	d := &dynalite{t: t, addr: freePort(t), data: t.TempDir()}
	d.start()
	t.Cleanup(d.stop)
	ctx, db := context.Background(), d.client()
	if _, err := db.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:             sdk.String("orders"),
		KeySchema:             []types.KeySchemaElement{{AttributeName: sdk.String("pk"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions:  []types.AttributeDefinition{{AttributeName: sdk.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
		ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: sdk.Int64(5), WriteCapacityUnits: sdk.Int64(10)},
	}); err != nil {
		t.Fatal(err)
	}
	until(t, "table ACTIVE", func() bool { return d.table().TableStatus == types.TableStatusActive })
	if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: sdk.String("orders"), Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "order#1"}, "total": &types.AttributeValueMemberN{Value: "42"},
	}}); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *dynalite) start() {
	d.t.Helper()
	cli := os.Getenv("DDBLOOP_DYNALITE")
	if cli == "" {
		d.t.Fatal("DDBLOOP_DYNALITE must name dynalite's cli.js (npm install dynalite@4.0.0); .ci/run does so")
	}
	_, port, _ := net.SplitHostPort(d.addr)
	d.cmd = exec.Command("node", cli, "--host", "127.0.0.1", "--port", port, "--path", d.data, "--createTableMs", "50", "--updateTableMs", "2000")
	d.cmd.Stderr = os.Stderr
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	until(d.t, "dynalite", func() bool {
		c, err := net.DialTimeout("tcp", d.addr, time.Second)
		if err != nil {
			return false
		}
		return c.Close() == nil
	})
}

func (d *dynalite) stop() {
	_ = d.cmd.Process.Kill()
	_ = d.cmd.Wait()
}

func (d *dynalite) client() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "eu-west-1", BaseEndpoint: sdk.String("http://" + d.addr), Credentials: credentials.NewStaticCredentialsProvider("e2e", "e2e", ""),
	})
}

// table is what the server itself says, past ddbloop.
func (d *dynalite) table() *types.TableDescription {
	d.t.Helper()
	out, err := d.client().DescribeTable(context.Background(), &dynamodb.DescribeTableInput{TableName: sdk.String("orders")})
	if err != nil {
		d.t.Fatal(err)
	}
	return out.Table
}

func (d *dynalite) writes() int64 {
	return sdk.ToInt64(d.table().ProvisionedThroughput.WriteCapacityUnits)
}

const oneProbe = `probes:
  - name: read-one
    table: orders
    operation: GetItem
    input: {TableName: orders, Key: {pk: {S: "order#1"}}}
`

// teamFile writes config.yaml into a run's folder.
func teamFile(t *testing.T, dir, text string) {
	t.Helper()
	folder := filepath.Join(dir, "config", "ddbloop")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "config.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// env reaches this DynamoDB, and a CloudWatch that nobody serves.
func (d *dynalite) env(dir string) []string {
	return home(dir, "AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=e2e", "AWS_SECRET_ACCESS_KEY=e2e",
		"AWS_ENDPOINT_URL_DYNAMODB=http://"+d.addr, "AWS_ENDPOINT_URL_CLOUDWATCH=http://"+freePort(d.t))
}
