package sim

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
	"go.uber.org/goleak"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const file = `
scenario: bench
title: two tables, one index, one client with a feed
seed: 7
start: 2026-03-03T14:00:00Z
history: 2h
duration: 40m
region: eu-west-1
account: "123456789012"
tables:
  - name: orders
    mode: provisioned
    read: 4000
    write: 8000
    key: {partition: tenant, sort: created_at, distinct: 50}
    items: 2000000
    item_bytes: 900
    indexes:
      - {name: by-status, key: {partition: status, sort: created_at, distinct: 5}, projection: keys_only, read: 500, write: 8000}
  - name: sessions
    mode: on_demand
    key: {partition: id, distinct: 100000}
    items: 100000
    item_bytes: 5000
traffic:
  - name: checkout
    table: orders
    operation: PutItem
    rate: 1200
    keys: {zipf: 1.05}
    feed: 1s
  - name: browse
    table: sessions
    operation: GetItem
    rate: 300
events:
  - {at: 30m, set: {traffic.checkout.rate: 2400, traffic.checkout.keys: {hot: {share: 0.9, keys: 1}}}}
levers:
  - {name: limit, title: cap the largest tenant, does: limit_key, set: {traffic.checkout.keys: {uniform: true}}, delay: 20s}
truth:
  kind: hot_partition
  target: orders
  reason: TableWriteKeyRangeThroughputExceeded
  layer: throttled
  begins: 30m
  disposition: optimize
  cures: [lever:limit]
`

func newBench(t testing.TB) (*Sim, *stepped) {
	t.Helper()
	return newFrom(t, file)
}

func newFrom(t testing.TB, text string) (*Sim, *stepped) {
	t.Helper()
	sc, err := scenario.Parse("bench.yaml", []byte(text), scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(sc)
	if err != nil {
		t.Fatal(err)
	}
	return s, &stepped{now: sc.Start}
}

// stepped is a clock that moves only when somebody sleeps on it, or not even then.
type stepped struct {
	mu     sync.Mutex
	now    time.Time
	frozen bool
	speed  float64
	slept  []time.Duration
}

func (c *stepped) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *stepped) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept = append(c.slept, d)
	if !c.frozen {
		c.now = c.now.Add(d)
	}
	return ctx.Err()
}

type simulatedDeadline struct{}

func (c *stepped) Deadline(ctx context.Context) (time.Time, bool) {
	at, ok := ctx.Value(simulatedDeadline{}).(time.Time)
	return at, ok
}

func (c *stepped) within(d time.Duration) context.Context {
	return context.WithValue(context.Background(), simulatedDeadline{}, c.Now().Add(d))
}

func (c *stepped) Speed() float64 { return max(c.speed, 1) }

func (c *stepped) SetSpeed(n float64) error {
	if n > 100 {
		return errors.New("too fast")
	}
	c.speed = n
	return nil
}

func (c *stepped) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// config is an SDK configuration that complains through the test, so that a warning is a failure.
func config(t testing.TB, client aws.HTTPClient, endpoint string) aws.Config {
	return aws.Config{
		Region: "eu-west-1", HTTPClient: client, BaseEndpoint: aws.String(endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Logger: logging.LoggerFunc(func(c logging.Classification, format string, args ...any) {
			t.Errorf("the SDK complains: "+format, args...)
		}),
	}
}

func clients(t testing.TB, s *Sim, c Clock) (*dynamodb.Client, *cloudwatch.Client) {
	cfg := config(t, s.Client(c, world.FromHere), "https://sim.invalid")
	return dynamodb.NewFromConfig(cfg), cloudwatch.NewFromConfig(cfg)
}
