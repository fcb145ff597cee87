package diagnose

import (
	"fmt"

	"github.com/ddbloop/ddbloop/engine/signal"
)

// Floors of what flows out of a table: below them nobody waits.
const (
	lagFloor     = 60e3 // ms of age in a stream or a change capture
	replicaFloor = 5e3  // ms of replication latency
	expireFloor  = 20.0 // TTL deletes per second
	capturedLost = 15.0 // changes refused in five minutes
)

// flowKinds are those of what leaves the table behind its callers' backs: expiry, streams, replicas, change capture. The
// table itself is well.
func (f *facts) flowKinds(string) []weighed {
	var out []weighed
	for i := range f.tables {
		t := &f.tables[i]
		behind, age := f.streamBehind(t.table)
		storm := f.stormed(t)
		unknown := f.deletesUnknown(t.table, age)
		out = append(out, f.ttlStorm(t, storm, behind, unknown), f.streamLag(t.table, storm, behind, age, unknown), f.kinesis(t.table))
		out = append(out, f.replicas(t, storm)...)
	}
	return out
}

// stormFor is how long a flood of deletes explains what is still behind after it has ended.
const stormFor = 45 * 60

// stormed reports whether the table deletes far more expired items than usual, or did until a while ago.
func (f *facts) stormed(t *traffic) bool {
	end := f.metrics.newest + 60
	most := 0.0
	for _, p := range f.s.Get("ttl_deletes", t.table, "").Window(end-stormFor, end) {
		most = max(most, p.V)
	}
	return most > max(expireFloor, 5*t.expired.usual)
}

// streamBehind says whether a consumer of the table's stream is behind, and by how much. Which function reads which table is
// not in any metric: with several tables that stream, any of them may be meant.
func (f *facts) streamBehind(table string) (string, level) {
	t := f.s.Tables[table]
	if t == nil || t.Snap == nil || !t.Snap.Stream {
		return "", level{}
	}
	for _, name := range signal.Ops(f.s, "iterator_age", "") {
		l := f.level("iterator_age", "", name)
		if l.minutes >= 2 && l.newest > max(lagFloor, 3*l.usual) {
			return fmt.Sprintf("%s is %.0f s behind the stream, usually %.0f s", name, l.newest/1e3, l.usual/1e3), l
		}
	}
	return "", level{}
}

// deletesOwed is how long the verdict on a consumer that fell behind waits at most for what CloudWatch says of deletes.
const deletesOwed = 5 * 60

// deletesUnknown reports whether a consumer has fallen behind in minutes of which CloudWatch has not yet said how many expired
// items the table deleted: each metric comes at its own time, and none of a minute that is not complete is no zero.
func (f *facts) deletesUnknown(table string, age level) bool {
	if age.minutes == 0 {
		return false
	}
	first := age.last
	for _, name := range signal.Ops(f.s, "iterator_age", "") {
		for _, p := range f.s.Get("iterator_age", "", name).Window(age.last-deletesOwed, age.last) {
			if p.V > max(lagFloor, 3*age.usual) {
				first = min(first, p.T)
			}
		}
	}
	deletes := f.s.Get("ttl_deletes", table, "")
	return (deletes == nil || deletes.SettledTo < first+60) && f.now.Unix() < first+60+deletesOwed
}

func (f *facts) ttlStorm(t *traffic, storm bool, behind string, unknown bool) weighed {
	w := newWeighed(TTLStorm, t.table, prior)
	if unknown && !storm {
		w.pro(2*clear, behind+"; CloudWatch has not yet said how many expired items "+t.table+" deleted then")
		return w
	}
	if !storm {
		w.con(strong, t.table+" does not delete more expired items than usual")
		return w
	}
	text := fmt.Sprintf("%s deletes %s expired items, usually %s", t.table, rate(t.expired.now), rate(t.expired.usual))
	_, slow := f.replication(t.table)
	switch {
	case behind != "":
		w.pro(strong+clear, text+"; "+behind)
	case slow != "":
		w.pro(2*clear, text+"; "+slow)
	default:
		w.pro(2*clear, text+"; nothing downstream is behind yet")
	}
	return w
}

func (f *facts) streamLag(table string, storm bool, behind string, age level, unknown bool) weighed {
	w := newWeighed(StreamLag, table, prior)
	if behind == "" {
		w.con(strong, "no consumer of "+table+"'s stream is known to be behind")
		return w
	}
	w.pro(strong+clear, behind)
	if age.least >= 0.9*age.now {
		w.pro(slight, "and it is not catching up")
	}
	switch {
	case storm:
		w.con(strong, "expired items flood the stream")
	case unknown:
		w.con(clear, "whether expired items flood the stream CloudWatch has not said yet")
	}
	return w
}

// kinesis is the table's change capture in trouble.
func (f *facts) kinesis(table string) weighed {
	w := newWeighed(KinesisCapture, table, prior)
	for _, op := range append(signal.Ops(f.s, "kinesis_age", table), signal.Ops(f.s, "kinesis_failed", table)...) {
		age, failed, throttled := f.level("kinesis_age", table, op), f.level("kinesis_failed", table, op), f.level("kinesis_throttled", table, op)
		if age.minutes > 0 && age.newest > max(lagFloor/2, 3*age.usual) {
			w.pro(strong, fmt.Sprintf("the oldest change that Kinesis has not got is %.0f s old", age.newest/1e3))
		}
		if failed.minutes > 0 && failed.newest > max(1, 3*failed.usual) {
			w.pro(strong, fmt.Sprintf("%.0f changes in five minutes do not reach Kinesis at all", failed.newest))
		}
		if throttled.minutes > 0 && throttled.newest > max(capturedLost, 3*throttled.usual) {
			w.pro(clear, fmt.Sprintf("Kinesis refuses %.0f changes in five minutes", throttled.newest))
		}
		if len(w.For) > 0 {
			return w
		}
	}
	w.con(strong, "change capture of "+table+" is not known to be in trouble")
	return w
}

// replication finds the replica that is furthest behind.
func (f *facts) replication(table string) (region, text string) {
	worst := 0.0
	for _, to := range signal.Ops(f.s, "replication_latency", table) {
		l := f.level("replication_latency", table, to)
		if l.minutes > 0 && l.newest > max(replicaFloor, 3*l.usual) && l.newest > worst {
			worst, region = l.newest, to
			text = fmt.Sprintf("%s is %.0f s behind, usually %.1f s", to, l.newest/1e3, l.usual/1e3)
		}
	}
	for _, r := range f.replicaThrottles(table) {
		if region == "" {
			region = r.region
		}
		if region == r.region {
			text += words(text != "", "; ") + fmt.Sprintf("its table refuses %s writes", rate(r.now))
		}
	}
	return region, text
}

func words(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

type replicaThrottle struct {
	region string
	now    float64
}

// replicaThrottles are the replicas whose own table refuses writes. A replica's series have REGION:TABLE as their target.
func (f *facts) replicaThrottles(table string) []replicaThrottle {
	var out []replicaThrottle
	t := f.s.Tables[table]
	if t == nil || t.Snap == nil {
		return nil
	}
	for _, region := range t.Snap.Replicas {
		if l := f.level("write_throttles", region+":"+table, ""); l.minutes > 0 && l.now > 0.5 {
			out = append(out, replicaThrottle{region, l.now})
		}
	}
	return out
}

func (f *facts) replicas(t *traffic, storm bool) []weighed {
	var out []weighed
	snap := f.s.Tables[t.table]
	if snap == nil || snap.Snap == nil {
		return nil
	}
	behind, text := f.replication(t.table)
	for _, region := range snap.Snap.Replicas {
		w, flood := newWeighed(ReplicaLag, region, prior), newWeighed(TTLStorm, region, prior)
		if region == behind {
			w.pro(strong+clear, text)
			if storm {
				w.con(strong, t.table+" deletes far more expired items than usual")
			}
		} else {
			w.con(strong, region+" is not known to be behind")
		}
		if throttled := f.replicaThrottles(t.table); storm && len(throttled) > 0 && throttled[0].region == region {
			flood.pro(strong+2*clear, fmt.Sprintf("%s deletes %s expired items, and its replica refuses %s writes", t.table, rate(t.expired.now), rate(throttled[0].now)))
		} else if storm && region == behind {
			flood.pro(strong+clear, fmt.Sprintf("%s deletes %s expired items, and each delete is a write there: %s", t.table, rate(t.expired.now), text))
		} else {
			flood.con(strong, "no flood of expired items throttles "+region)
		}
		out = append(out, w, flood)
	}
	return out
}
