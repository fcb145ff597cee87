package sim

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// bent is a world with a network, latencies and outcomes of the test's making.
type bent struct {
	physics
	network  world.NetworkState
	outcome  *world.Outcome
	fault    world.Fault
	admitted []world.Request
	size     float64
}

func (b *bent) Network(world.Where, string) world.NetworkState        { return b.network }
func (b *bent) Fault(world.Where, string, string, string) world.Fault { return b.fault }

func (b *bent) ItemBytes(table string) float64 {
	if table == "sessions" {
		return 5000
	}
	return b.size
}

func (b *bent) Admit(r world.Request) world.Outcome {
	b.admitted = append(b.admitted, r)
	if b.outcome != nil {
		return *b.outcome
	}
	return b.physics.Admit(r)
}

func newBent(t testing.TB) (*Sim, *stepped, *bent) {
	s, clock := newBench(t)
	b := &bent{physics: s.world, size: 900, outcome: &world.Outcome{Latency: 5 * time.Millisecond, Status: 200}, network: world.NetworkState{
		Wait: time.Millisecond, RTT: 2 * time.Millisecond, DNS: 10 * time.Millisecond, TLS: 4 * time.Millisecond,
	}}
	s.world = b
	return s, clock, b
}

func get(s *Sim) *dynamodb.GetItemInput {
	return &dynamodb.GetItemInput{TableName: aws.String("orders"), Key: s.ProbeKey("orders", true)}
}

// stages records when each hook fired, in milliseconds since the start.
func stages(ctx context.Context, c Clock) (context.Context, func() []any) {
	var out []any
	start := c.Now()
	note := func(name string) { out = append(out, name, c.Now().Sub(start).Milliseconds()) }
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { note("dns") }, DNSDone: func(httptrace.DNSDoneInfo) { note("dns done") },
		ConnectStart: func(string, string) { note("connect") }, ConnectDone: func(string, string, error) { note("connect done") },
		TLSHandshakeStart: func() { note("tls") }, TLSHandshakeDone: func(tls.ConnectionState, error) { note("tls done") },
		GotConn: func(i httptrace.GotConnInfo) {
			note(map[bool]string{true: "reused", false: "new"}[i.Reused])
		},
		WroteRequest: func(httptrace.WroteRequestInfo) { note("wrote") }, GotFirstResponseByte: func() { note("first byte") },
	}), func() []any { return out }
}

func TestRequestIsPlayedOnTheClock(t *testing.T) {
	s, clock, _ := newBent(t)
	db, _ := clients(t, s, clock)
	first, seen := stages(ctx, clock)
	if _, err := db.GetItem(first, get(s)); err != nil {
		t.Fatal(err)
	}
	want := []any{
		"dns", int64(1), "dns done", int64(11), "connect", int64(11), "connect done", int64(13), "tls", int64(13), "tls done", int64(17),
		"new", int64(17), "wrote", int64(17), "first byte", int64(24),
	}
	if !slices.Equal(seen(), want) {
		t.Errorf("first request: %v", seen())
	}
	second, seen := stages(ctx, clock)
	if _, err := db.GetItem(second, get(s)); err != nil {
		t.Fatal(err)
	}
	if want := []any{"reused", int64(1), "wrote", int64(1), "first byte", int64(8)}; !slices.Equal(seen(), want) {
		t.Errorf("second request: %v", seen())
	}
}

func TestShareOfNewConnections(t *testing.T) {
	s, clock, b := newBent(t)
	b.network.NewConnections = 0.25
	client := s.Client(clock, world.FromHere)
	fresh := 0
	for range 4000 {
		if client.needsNew("host", b.network.NewConnections) {
			fresh++
		}
	}
	if fresh < 900 || fresh > 1100 {
		t.Errorf("%d of 4000 connections are new, wanted a quarter", fresh)
	}
}

// A caller that gives up has cost what it cost, once the request has arrived.
func TestDeadlineStrikesOnTheClock(t *testing.T) {
	for _, c := range []struct {
		name     string
		patience time.Duration
		admitted int
	}{
		{"in the name look-up", 5 * time.Millisecond, 0},
		{"before the request arrives", 17 * time.Millisecond, 0},
		{"while the server works", 20 * time.Millisecond, 1},
		{"on the way back", 23500 * time.Microsecond, 1},
	} {
		s, clock, b := newBent(t)
		db, _ := clients(t, s, clock)
		start := clock.Now()
		_, err := db.GetItem(clock.within(c.patience), get(s))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", c.name, err)
		}
		if spent := clock.Now().Sub(start); spent != c.patience || len(b.admitted) != c.admitted {
			t.Errorf("%s: ended after %v with %d admitted", c.name, spent, len(b.admitted))
		}
	}
}

func TestNetworkTrouble(t *testing.T) {
	for name, check := range map[string]func(err error, spent time.Duration, admitted int) bool{
		"nxdomain": func(err error, _ time.Duration, admitted int) bool {
			var dns *net.DNSError
			return errors.As(err, &dns) && dns.IsNotFound && admitted == 0
		},
		"refused": func(err error, _ time.Duration, admitted int) bool {
			return errors.Is(err, syscall.ECONNREFUSED) && admitted == 0
		},
		"blackhole": func(err error, spent time.Duration, admitted int) bool {
			return errors.Is(err, context.DeadlineExceeded) && spent == time.Second && admitted == 0
		},
		"reset": func(err error, _ time.Duration, admitted int) bool {
			return errors.Is(err, syscall.ECONNRESET) && admitted == 1
		},
	} {
		s, clock, b := newBent(t)
		whole := b.network
		switch name {
		case "nxdomain":
			b.network.NXDomain = true
		case "reset":
			b.network.ResetAfter = true
		default:
			b.network.Connect = name
		}
		db, _ := clients(t, s, clock)
		start := clock.Now()
		_, err := db.GetItem(clock.within(time.Second), get(s))
		if !check(err, clock.Now().Sub(start), len(b.admitted)) {
			t.Errorf("%s: %v after %v, %d admitted", name, err, clock.Now().Sub(start), len(b.admitted))
		}
		b.network = whole
		again, seen := stages(ctx, clock)
		if _, err := db.GetItem(again, get(s)); err != nil || seen()[0] != "dns" {
			t.Errorf("after %s the connection is not new: %v %v", name, seen(), err)
		}
	}
}

func TestSilenceWithoutADeadlineEnds(t *testing.T) {
	s, clock, b := newBent(t)
	b.network.Connect = "blackhole"
	db, _ := clients(t, s, clock)
	start := clock.Now()
	_, err := db.GetItem(ctx, get(s))
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() || clock.Now().Sub(start) < world.DialTimeout {
		t.Errorf("%v after %v", err, clock.Now().Sub(start))
	}
}

func TestThrottlingIsDecoded(t *testing.T) {
	s, clock, b := newBent(t)
	db, _ := clients(t, s, clock)
	const reason, arn = "TableReadKeyRangeThroughputExceeded", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
	refuse := func(class string) []types.ThrottlingReason {
		b.outcome = &world.Outcome{Throttled: true, Exception: class, Message: "too fast", Status: 400, Reasons: []world.Reason{{Reason: reason, ResourceARN: arn}}}
		_, err := db.GetItem(ctx, get(s))
		var provisioned *types.ProvisionedThroughputExceededException
		var throttling *types.ThrottlingException
		var limit *types.RequestLimitExceeded
		switch {
		case errors.As(err, &provisioned) && class == provisioned.ErrorCode():
			return provisioned.ThrottlingReasons
		case errors.As(err, &throttling) && class == throttling.ErrorCode():
			return throttling.ThrottlingReasons
		case errors.As(err, &limit) && class == limit.ErrorCode():
			return limit.ThrottlingReasons
		}
		t.Errorf("%s came as %v", class, err)
		return nil
	}
	for _, class := range []string{"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"} {
		if got := refuse(class); len(got) != 1 || aws.ToString(got[0].Reason) != reason || aws.ToString(got[0].Resource) != arn {
			t.Errorf("%s: reasons %v", class, got)
		}
	}
	b.outcome = &world.Outcome{Exception: "InternalServerError", Message: "m", Status: 500}
	var internal *types.InternalServerError
	if _, err := db.GetItem(ctx, get(s)); !errors.As(err, &internal) {
		t.Errorf("internal error came as %v", err)
	}
}

func TestFaultHitsOtherCalls(t *testing.T) {
	s, clock, b := newBent(t)
	db, _ := clients(t, s, clock)
	b.fault = world.Fault{ErrorRate: 1, Code: "InternalServerError"}
	if _, err := db.ListTables(ctx, &dynamodb.ListTablesInput{}); err == nil {
		t.Error("a failing service answered")
	}
	b.fault = world.Fault{Share: 1, Times: 10, Added: time.Second}
	start := clock.Now()
	if _, err := db.ListTables(ctx, &dynamodb.ListTablesInput{}); err != nil || clock.Now().Sub(start) < time.Second+10*controlLatency {
		t.Errorf("a slow service took %v, %v", clock.Now().Sub(start), err)
	}
}

// What the world is asked for is what the items say.
func TestUnitsThatAreAskedFor(t *testing.T) {
	s, clock, b := newBent(t)
	db, _ := clients(t, s, clock)
	q := &dynamodb.QueryInput{
		TableName: aws.String("orders"), KeyConditionExpression: aws.String("tenant = :t"), FilterExpression: aws.String("attribute_not_exists(payload)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":t": str("tenant-3")},
	}
	if out, err := db.Query(ctx, q); err != nil || out.Count != 0 || out.ScannedCount != 20 {
		t.Fatalf("%+v %v", out, err)
	}
	_, _ = db.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("sessions"), Limit: aws.Int32(10), ConsistentRead: aws.Bool(true)})
	_, _ = db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: map[string]types.AttributeValue{"tenant": str("tenant-3"), "created_at": str("x"), "status": str("status-1")}})
	want := []world.Request{
		{Table: "orders", Operation: "Query", PartitionKey: "tenant-3", ReadUnits: 2.5, Bytes: 18000, From: world.FromHere}, // 17.6 KB, eventually
		{Table: "sessions", Operation: "Scan", ReadUnits: 13, Bytes: 50000, Returned: 10, From: world.FromHere},
		{Table: "orders", Operation: "PutItem", PartitionKey: "tenant-3", WriteUnits: 1, Bytes: 39, From: world.FromHere},
	}
	for i, w := range want {
		got := b.admitted[i]
		if indexes := got.IndexWrites; i == 2 && (len(indexes) != 1 || indexes[0] != world.IndexWrite{Index: "by-status", PartitionKey: "status-1", Units: 1}) {
			t.Errorf("index writes %+v", indexes)
		}
		if got.IndexWrites = nil; got.Table != w.Table || got.Operation != w.Operation || got.PartitionKey != w.PartitionKey || got.ReadUnits != w.ReadUnits ||
			got.WriteUnits != w.WriteUnits || got.Bytes != w.Bytes || got.Returned != w.Returned || got.From != w.From {
			t.Errorf("asked for %+v, want %+v", got, w)
		}
	}
}

func TestItemsGrowWithTheWorld(t *testing.T) {
	s, clock, b := newBent(t)
	db, _ := clients(t, s, clock)
	in := get(s)
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	for size, want := range map[float64]float64{900: 0.5, 9000: 1.5, 100_000: 12.5} {
		b.size = size
		if out, err := db.GetItem(ctx, in); err != nil || *out.ConsumedCapacity.CapacityUnits != want {
			t.Errorf("%v bytes: %+v %v", size, out, err)
		}
	}
}

func TestConcurrentCallers(t *testing.T) {
	s, clock := newBench(t)
	var wg sync.WaitGroup
	for range 4 {
		db, _ := clients(t, s, clock)
		wg.Go(func() {
			for range 20 {
				if _, err := db.GetItem(ctx, get(s)); err != nil {
					t.Error(err)
				}
				if _, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("orders"), Limit: aws.Int32(5)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
