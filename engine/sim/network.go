package sim

import (
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"os"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// dialTimeout is how long a caller without a deadline waits for packets that never come; the SDK's own dialer gives up then.
const dialTimeout = 30 * time.Second

// troubled is a world that can also break the network: "" (whole), nxdomain, refused, blackhole or reset (after the request
// has been applied).
type troubled interface {
	NetworkTrouble(from world.Where, service, operation, table string) string
}

// route is the network as one request finds it. Its errors are what the standard library's dialer and transport would say.
type route struct {
	world.NetworkState
	nameless   bool  // the name does not resolve
	dial       error // of a new connection
	lost       bool  // packets go nowhere, on old connections too
	afterwards error // instead of an answer
}

// route asks the world; the caller holds the lock.
func (s *Sim) route(from world.Where, call *wire.Call) route {
	service, table := string(call.Service), tableOf(call.Input)
	r := route{NetworkState: s.world.Network(from, service, call.Operation, table)}
	w, ok := s.world.(troubled)
	if !ok {
		return r
	}
	switch w.NetworkTrouble(from, service, call.Operation, table) {
	case "nxdomain":
		r.nameless = true
	case "refused":
		r.dial = os.NewSyscallError("connect", syscall.ECONNREFUSED)
	case "blackhole":
		r.lost = true
	case "reset":
		r.afterwards = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	return r
}

// tableOf is the table that a request is about, for faults that hit some tables only.
func tableOf(input any) string {
	var name *string
	switch in := input.(type) {
	case *dynamodb.GetItemInput:
		name = in.TableName
	case *dynamodb.QueryInput:
		name = in.TableName
	case *dynamodb.ScanInput:
		name = in.TableName
	case *dynamodb.PutItemInput:
		name = in.TableName
	case *dynamodb.UpdateItemInput:
		name = in.TableName
	case *dynamodb.DeleteItemInput:
		name = in.TableName
	case *dynamodb.DescribeTableInput:
		name = in.TableName
	case *dynamodb.UpdateTableInput:
		name = in.TableName
	}
	table, err := tableName(name)
	if err != nil {
		return "" // the operation itself will say what is wrong with it
	}
	return table
}

// dial plays a new connection: name, TCP, TLS.
func (t *trip) dial(r route) error {
	if hook := t.trace.DNSStart; hook != nil {
		hook(httptrace.DNSStartInfo{Host: t.host})
	}
	err := t.wait(r.DNS)
	if err == nil && r.nameless {
		err = &net.DNSError{Err: "no such host", Name: t.host, IsNotFound: true}
	}
	if hook := t.trace.DNSDone; hook != nil {
		hook(httptrace.DNSDoneInfo{Err: err})
	}
	if err != nil {
		return dialing(err)
	}
	if hook := t.trace.ConnectStart; hook != nil {
		hook("tcp", t.host)
	}
	err = t.handshake(r)
	if hook := t.trace.ConnectDone; hook != nil {
		hook("tcp", t.host, err)
	}
	if err != nil {
		return dialing(err)
	}
	if hook := t.trace.TLSHandshakeStart; hook != nil {
		hook()
	}
	err = t.wait(r.TLS)
	if hook := t.trace.TLSHandshakeDone; hook != nil {
		hook(tls.ConnectionState{}, err)
	}
	return err
}

// handshake is TCP's: one round trip, a refusal after one, or silence.
func (t *trip) handshake(r route) error {
	if r.lost {
		return t.silence()
	}
	if err := t.wait(r.RTT); err != nil {
		return err
	}
	return r.dial
}

// silence waits for an answer that does not come.
func (t *trip) silence() error {
	if err := t.wait(dialTimeout); err != nil {
		return err
	}
	return os.ErrDeadlineExceeded
}

func dialing(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
