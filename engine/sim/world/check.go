package world

import (
	"fmt"
	"strconv"
)

func invalid(format string, args ...any) error {
	return &Error{"ValidationException", fmt.Sprintf(format, args...)}
}

func overQuota(format string, args ...any) error {
	return &Error{"LimitExceededException", "Subscriber limit exceeded: " + fmt.Sprintf(format, args...)}
}

// check says why AWS would refuse an update, or nil.
func (t *table) check(u TableUpdate) error {
	if u.CreateIndex != nil || u.DeleteIndex != "" {
		return t.checkIndexCalls(u)
	}
	if u.Mode == "" && u.Provisioned == nil && u.Max == nil && u.Warm == nil && len(u.Indexes) == 0 {
		return invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	mode := t.mode
	if u.Mode != "" {
		mode = u.Mode
	}
	if u.Mode == OnDemand && t.mode != OnDemand && !t.maySwitch() {
		return overQuota("Update to PayPerRequest mode is limited to %d times in 24 hours.", switchesPerDay)
	}
	if mode == Provisioned && t.mode == OnDemand {
		if err := t.checkSizes(u); err != nil {
			return err
		}
	}
	same := u.Mode == "" || u.Mode == t.mode
	err := t.each(u, func(r *resource, u IndexUpdate) error {
		if u.Max != nil || u.Warm != nil || u.Provisioned != nil {
			same = false
		}
		return r.check(u, mode)
	})
	switch {
	case err != nil:
		return err
	case same:
		return invalid("The table is already in the requested state: the update would change nothing.")
	}
	return t.checkAccount(u, mode)
}

func (t *table) maySwitch() bool {
	n := 0
	for _, at := range t.switches {
		if t.w.sec-at < 86400 {
			n++
		}
	}
	return n < switchesPerDay
}

// checkSizes asks for explicit capacity of the table and every index on the way back to provisioned mode.
func (t *table) checkSizes(u TableUpdate) error {
	given := map[string]bool{"": u.Provisioned != nil}
	for _, i := range u.Indexes {
		given[i.Name] = i.Provisioned != nil
	}
	for _, r := range t.resources {
		if !given[r.index] {
			return invalid("One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
		}
	}
	return nil
}

// check says why AWS would refuse to change one resource so.
func (r *resource) check(u IndexUpdate, mode Mode) error {
	what := "table"
	if r.index != "" {
		what = "index: " + r.index + ". The table"
	}
	now := r.set.capacity
	if p := u.Provisioned; p != nil {
		switch {
		case mode == OnDemand:
			return invalid("One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		case p.Read < 1 || p.Write < 1:
			return invalid("One or more parameter values were invalid: provisioned read and write capacity units must be at least 1")
		case *p == now:
			return invalid("The provisioned throughput for the %s will not change. The requested value equals the current value. "+
				"Current ReadCapacityUnits provisioned for the table: %s. Requested ReadCapacityUnits: %s. "+
				"Current WriteCapacityUnits provisioned for the table: %s. Requested WriteCapacityUnits: %s. "+
				"Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
				what, whole(now.Read), whole(p.Read), whole(now.Write), whole(p.Write))
		}
		if r.admin.decreases.refill(r.t.w.unix + r.t.w.sec); r.t.mode == Provisioned && lowers(now, p) && !r.admin.decreases.left() {
			return overQuota("Provisioned throughput decreases are limited within a given UTC day. After the first %d decreases, each subsequent "+
				"decrease in the same UTC day can be performed at most once every 3600 seconds. Number of decreases today: %d.",
				decreasesAtOnce, r.admin.decreases.today)
		}
		if q := r.t.w.Quotas().Table; p.Read > q.Read || p.Write > q.Write {
			return overQuota("The requested throughput exceeds the per-table quota of %s read and %s write capacity units.", whole(q.Read), whole(q.Write))
		}
	}
	if u.Max != nil {
		if mode != OnDemand {
			return invalid("One or more parameter values were invalid: OnDemandThroughput can only be specified when BillingMode is PAY_PER_REQUEST")
		}
		if to := r.set.max.with(*u.Max); to == r.set.max {
			return invalid("The on-demand maximum throughput for the %s will not change: the requested value equals the current value.", what)
		}
	}
	return r.checkWarm(u.Warm)
}

func (r *resource) checkWarm(to *Throughput) error {
	if to == nil {
		return nil
	}
	now := r.warmNow()
	next := now.with(*to)
	switch {
	case r.admin.warmTo != nil:
		return &Error{"ResourceInUseException", "Attempt to change a resource which is still in use: warm throughput is being updated"}
	case next.Read < now.Read || next.Write < now.Write:
		return invalid("One or more parameter values were invalid: warm throughput cannot be lowered; it is %s read and %s write units per second", whole(now.Read), whole(now.Write))
	case next == now:
		return invalid("The warm throughput will not change: the requested value equals the current value.")
	}
	return nil
}

// checkAccount adds up what all tables and indexes would have provisioned.
func (t *table) checkAccount(u TableUpdate, mode Mode) error {
	if mode != Provisioned {
		return nil
	}
	var more, total Throughput
	_ = t.each(u, func(r *resource, u IndexUpdate) error {
		if u.Provisioned != nil {
			more.Read += u.Provisioned.Read - r.set.capacity.Read
			more.Write += u.Provisioned.Write - r.set.capacity.Write
		}
		return nil
	})
	total = t.w.provisioned()
	q := t.w.Quotas().Account
	if more.Read > 0 && total.Read+more.Read > q.Read || more.Write > 0 && total.Write+more.Write > q.Write {
		return overQuota("The requested throughput exceeds the account quota of %s read and %s write capacity units.", whole(q.Read), whole(q.Write))
	}
	return nil
}

func whole(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
