package signal_test

import (
	"math"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// op is a poll of a signal that is split by operation.
func op(b history.MetricsPolled, name string) history.MetricsPolled {
	b.Series[0].Key.Op = name
	return b
}

func table(name string, th history.Throughput, indexes ...history.IndexSnapshot) history.TableDescribed {
	return history.TableDescribed{Name: name, Table: &history.TableSnapshot{Name: name, Throughput: th, Indexes: indexes}}
}

// Where a part is not known there is no value; what is known gives the textbook's figure. Mutants: read a missing index as zero units;
// let the bucket run below empty, or above 300 s; take the cap of the table for the index; count injected errors.
func TestDerivedOfCapacity(t *testing.T) {
	const index = "orders/by-status"
	capped := table("orders", history.Throughput{MaxRead: 500}, history.IndexSnapshot{Name: "by-status", Throughput: history.Throughput{MaxRead: 200}})
	none := math.NaN()
	for _, c := range []struct {
		name, signal, target, op string
		events                   []history.Body
		want                     []float64 // NaN: no value at that minute; nil: not known at all
	}{
		{"a bucket drains, empties and fills", "write_burst_left", "orders", "", []history.Body{
			table("orders", history.Throughput{Write: 100}), minutes("consumed_write", "orders", false, 100, 300, 450, 20, -1, 0, 0, 0, 0, 0),
		}, []float64{30000, 18000, 0, 4800, none, 10800, 16800, 22800, 28800, 30000}},
		{"on-demand has no bucket", "write_burst_left", "orders", "", []history.Body{table("orders", history.Throughput{}), minutes("consumed_write", "orders", false, 100)}, []float64{}},
		{"one write, three units", "write_amplification", "orders", "", []history.Body{
			minutes("consumed_write", "orders", false, 100, 100, 100, 0), minutes("consumed_write", index, false, 200, -1, 50, 5),
		}, []float64{3, none, 1.5, none}},
		{"an index amplifies nothing", "write_amplification", index, "", []history.Body{minutes("consumed_write", index, false, 200)}, nil},
		{"to the cap", "read_cap_headroom", "orders", "", []history.Body{capped, minutes("consumed_read", "orders", false, 420, 510)}, []float64{80, -10}},
		{"to the index's own cap", "read_cap_headroom", index, "", []history.Body{capped, minutes("consumed_read", index, false, 150)}, []float64{50}},
		{"no cap", "write_cap_headroom", "orders", "", []history.Body{capped, minutes("consumed_write", "orders", false, 150)}, nil},
		{"to the quota that CloudWatch tells", "read_quota_headroom", "orders", "", []history.Body{
			minutes("table_max_read", "", false, 40000), minutes("consumed_read", "orders", false, 39000),
		}, []float64{1000}},
		{"to the quota that DescribeLimits tells", "write_quota_headroom", "orders", "", []history.Body{
			history.QuotasRead{TableWrite: 40000}, minutes("consumed_write", "orders", false, 39000),
		}, []float64{1000}},
		{"no quota", "read_quota_headroom", "orders", "", []history.Body{minutes("consumed_read", "orders", false, 1)}, nil},
		{"whose refusals", "write_keyrange_share", "orders", "", []history.Body{
			minutes("write_keyrange_throttles", "orders", true, 3, -1, 4), minutes("write_throttles", "orders", true, 4, -1, 4),
		}, []float64{0.75, none, 1}},
		{"nobody's refusals", "write_unattributed_share", "orders", "", []history.Body{
			minutes("write_provisioned_throttles", "orders", true, 1), minutes("write_keyrange_throttles", "orders", true, 1),
			minutes("write_cap_throttles", "orders", true, -1), minutes("write_account_throttles", "orders", true, -1), minutes("write_throttles", "orders", true, 4),
		}, []float64{0.5}},
		{"a cause that nobody counts", "write_unattributed_share", "orders", "", []history.Body{minutes("write_throttles", "orders", true, 4)}, []float64{}},
		{"items per unit, of the index too", "read_efficiency", "orders", "", []history.Body{
			op(minutes("returned_items", "orders", false, 10, 10, -1), "Query"), op(minutes("requests", "orders", true, 20, 20, 20), "Query"),
			op(minutes("returned_items", "orders", false, 50, -1, -1), "Scan"), op(minutes("requests", "orders", true, 2, -1, -1), "Scan"),
			minutes("consumed_read", "orders", false, 100, 100, 100), minutes("consumed_read", index, false, 50, 100, 100),
		}, []float64{2, 1, none}},
		{"requests refused", "request_throttle_share", "orders", "Query", []history.Body{
			op(minutes("throttled_requests", "orders", true, 1), "Query"), op(minutes("requests", "orders", true, 3), "Query"),
		}, []float64{0.25}},
		{"errors but for the experiment's", "error_share", "orders", "Query", []history.Body{
			op(minutes("system_errors", "orders", true, 2, 2), "Query"), op(minutes("requests", "orders", true, 8, 8), "Query"),
			op(minutes("injected_errors", "orders", true, 1, -1), "Query"),
		}, []float64{0.1, 0.2}},
		{"items per clash", "conflict_breadth", "orders", "", []history.Body{
			minutes("transaction_conflicts", "orders", true, 6), minutes("conflicted_requests", "orders", true, 2),
		}, []float64{3}},
	} {
		s := history.NewState()
		for i, b := range c.events {
			s.Apply(event(i, b))
		}
		got := signal.Series(s, c.signal, c.target, c.op)
		if got == nil != (c.want == nil) {
			t.Errorf("%s: %+v, want %v", c.name, got, c.want)
			continue
		}
		n := 0
		for i, want := range c.want {
			v, ok := got.At(start.Add(time.Duration(i) * time.Minute).Unix())
			if ok {
				n++
			}
			if ok == math.IsNaN(want) || ok && math.Abs(v-want) > 1e-9 {
				t.Errorf("%s, minute %d: %v (known %v), want %v", c.name, i, v, ok, want)
			}
		}
		if got != nil && n != len(got.Points) {
			t.Errorf("%s: %d points, of which %d are wanted", c.name, len(got.Points), n)
		}
	}
}

// A signal that the team has named is one like any other, and keeps its name in the journal.
func TestOwnSignals(t *testing.T) {
	s := history.NewState().Fold(event(0, history.SessionStarted{Signals: []history.OwnSignal{{Name: "checkout_p99", Unit: "ms", Target: "orders"}}}), event(1, minutes("checkout_p99", "orders", false, 12)))
	if p, ok := signal.Series(s, "checkout_p99", "orders", "").Last(); !ok || p.V != 12 {
		t.Errorf("%v %v", p, ok)
	}
	if u, ok := signal.Units(s.Session.Signals).Unit("checkout_p99"); !ok || u != "ms" {
		t.Errorf("the linter sees %q %v", u, ok)
	}
	if _, ok := signal.Units(nil).Unit("checkout_p99"); ok {
		t.Error("another team's signal is known")
	}
}
