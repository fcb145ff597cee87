package sim

import (
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"os"
	"reflect"
	"slices"
	"syscall"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// path is the network as one request finds it.
type path struct {
	world.NetworkState
	draw func() float64 // luck in [0, 1) of one packet
}

// reset is what a caller reads when its connection is torn off.
func reset() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

// resent is how long a packet waits until one of its copies arrives, or false when all are lost, which ends the connection.
func (p path) resent(first time.Duration) (wait time.Duration, arrives bool) {
	for n := 0; p.Loss > 0 && p.draw() < p.Loss; n++ {
		if n == mostResent {
			return wait, false
		}
		wait += first
		first *= 2
	}
	return wait, true
}

// mostResent is how often a packet is sent again before its sender gives up (Linux: six times for a SYN).
const mostResent = 6

// packet plays the loss of one packet: its retransmissions, and an error when none arrives.
func (t *trip) packet(p path, first time.Duration) error {
	wait, arrives := p.resent(first)
	if wait > 0 {
		if err := t.wait(wait); err != nil {
			return err
		}
	}
	if !arrives {
		return os.NewSyscallError("read", syscall.ETIMEDOUT)
	}
	return nil
}

// tableOf is the table that a request is about, for faults that hit some tables only.
func tableOf(input any) string {
	v := reflect.Indirect(reflect.ValueOf(input))
	if v.Kind() != reflect.Struct {
		return ""
	}
	name, _ := field(v, "TableName").(*string)
	if name == nil {
		name = firstTable(v)
	}
	table, err := tableName(name)
	if err != nil {
		return "" // the operation itself will say what is wrong with it
	}
	return table
}

// firstTable is the table of a batch or a transaction, the first of several.
func firstTable(input reflect.Value) *string {
	if items := reflect.ValueOf(field(input, "RequestItems")); items.Kind() == reflect.Map && items.Len() > 0 {
		names := make([]string, 0, items.Len())
		for _, k := range items.MapKeys() {
			names = append(names, k.String())
		}
		name := slices.Min(names)
		return &name
	}
	items := reflect.ValueOf(field(input, "TransactItems"))
	if items.Kind() != reflect.Slice || items.Len() == 0 {
		return nil
	}
	for i := range items.Index(0).NumField() { // Get, or one of Put, Update, Delete and ConditionCheck
		if action := reflect.Indirect(items.Index(0).Field(i)); action.Kind() == reflect.Struct {
			if name, _ := field(action, "TableName").(*string); name != nil {
				return name
			}
		}
	}
	return nil
}

// field is the value of a struct's field, or nil without such a field.
func field(v reflect.Value, name string) any {
	if f := v.FieldByName(name); f.IsValid() {
		return f.Interface()
	}
	return nil
}

// dial plays a new connection: name, TCP, TLS.
func (t *trip) dial(p path) error {
	if hook := t.trace.DNSStart; hook != nil {
		hook(httptrace.DNSStartInfo{Host: t.host})
	}
	err := t.wait(p.DNS)
	if err == nil && p.NXDomain {
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
	err = t.handshake(p)
	if hook := t.trace.ConnectDone; hook != nil {
		hook("tcp", t.host, err)
	}
	if err != nil {
		return dialing(err)
	}
	if hook := t.trace.TLSHandshakeStart; hook != nil {
		hook()
	}
	err = t.wait(p.TLS)
	if hook := t.trace.TLSHandshakeDone; hook != nil {
		hook(tls.ConnectionState{}, err)
	}
	return err
}

// handshake is TCP's: one round trip, a refusal after one, or silence.
func (t *trip) handshake(p path) error {
	if p.Connect == "blackhole" {
		return t.silence()
	}
	if err := t.packet(p, world.FirstSYNTimeout); err != nil {
		return err
	}
	if err := t.wait(p.RTT); err != nil {
		return err
	}
	if p.Connect == "refused" {
		return os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	return nil
}

// silence waits for an answer that does not come.
func (t *trip) silence() error {
	if err := t.wait(world.DialTimeout); err != nil {
		return err
	}
	return os.ErrDeadlineExceeded
}

func dialing(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
