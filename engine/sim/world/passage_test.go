package world

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// hurt runs a world in which one fault begins at 5 min and ends at 10, and shows the client's minutes before, during and after.
func hurt(t *testing.T, f scenario.Fault, edit func(*scenario.Scenario)) (w *World, before, during, after ClientMinute) {
	t.Helper()
	if f.Where == "" {
		f.Where = scenario.WhereApp
	}
	if f.Latency.Times == 0 {
		f.Latency.Times = 1
	}
	w = build(t, small(func(sc *scenario.Scenario) {
		sc.Traffic[0].Feed = time.Second
		sc.Events = []scenario.Event{{At: 5 * time.Minute, Until: 10 * time.Minute, Fault: &f}}
		if edit != nil {
			edit(sc)
		}
	}))
	w.Advance(14 * time.Minute)
	at := func(m time.Duration) ClientMinute {
		s, _ := w.ClientStats("checkout", m*time.Minute)
		return s
	}
	return w, at(3), at(7), at(12)
}

// Who suffers: the clients always, the service's own metrics only by what arrives there.
func TestFaultsOnTheWayHurtTheClientsAlone(t *testing.T) {
	customer := func(sc *scenario.Scenario) { sc.Tables[0].CustomerKMS = true }
	for _, c := range []struct {
		name     string
		fault    scenario.Fault
		edit     func(*scenario.Scenario)
		code     string
		attempts float64 // per call
		users    bool
	}{
		{"names do not resolve: the SDK does not try again", scenario.Fault{Network: &scenario.NetworkFault{NXDomain: true}}, nil, "UnknownHostException", 1, false},
		{"connections are refused", scenario.Fault{Network: &scenario.NetworkFault{Connect: "refused"}}, nil, "ConnectionRefused", 0, false},
		{"packets go nowhere", scenario.Fault{Network: &scenario.NetworkFault{Connect: "blackhole"}}, nil, "RequestTimeout", 0, false},
		{"access is denied (guess: a user error)", scenario.Fault{Access: "denied"}, nil, "AccessDeniedException", 1, true},
		{"credentials have expired (guess: no user error)", scenario.Fault{Access: "expired"}, nil, "ExpiredTokenException", 1, false},
		{"the key is disabled", scenario.Fault{KMS: true}, customer, "AccessDeniedException", 1, true},
	} {
		w, before, during, after := hurt(t, c.fault, c.edit)
		if before.Success < 0.999 || during.Success > 0.01 || after.Success < 0.999 {
			t.Errorf("%s: success %v, %v, %v", c.name, before.Success, during.Success, after.Success)
		}
		near(t, c.name+": calls", during.Calls, before.Calls, 0.05)
		if c.attempts > 0 {
			near(t, c.name+": attempts", during.Attempts/during.Calls, c.attempts, 0.01)
		}
		if n := minuteSum(w, "ConsumedWriteCapacityUnits", 7*time.Minute); n > 0 {
			t.Errorf("%s: %v units were consumed", c.name, n)
		}
		for _, name := range []string{"SystemErrors", "ThrottledRequests"} {
			if n := minuteSum(w, name, 7*time.Minute, "Operation", "PutItem"); n > 0 {
				t.Errorf("%s: %s %v", c.name, name, n)
			}
		}
		at := w.Start().Add(7 * time.Minute)
		users := w.Metrics(Query{Namespace: Namespace, Name: "UserErrors", Stat: "Sum", Period: time.Minute, From: at, To: at.Add(time.Minute), AskedAt: at.Add(time.Hour)})
		if (len(users) > 0) != c.users {
			t.Errorf("%s: user errors %v", c.name, users)
		}
		feed, _ := w.Feed("checkout")
		if !slices.ContainsFunc(feed.Errors, func(e CodeCount) bool { return e.Code == c.code && e.Count > 1000 }) {
			t.Errorf("%s: the feed says %v", c.name, feed.Errors)
		}
	}
}

func TestWhatArrivesIsConsumedWhateverBecomesOfTheAnswer(t *testing.T) {
	for name, f := range map[string]scenario.NetworkFault{"reset": {ResetAfter: true}, "drip": {Drip: 1}} {
		w, before, during, after := hurt(t, scenario.Fault{Network: &f}, nil)
		if during.Success > 0.01 || after.Success < 0.999 {
			t.Errorf("%s: success %v, then %v", name, during.Success, after.Success)
		}
		units := minuteSum(w, "ConsumedWriteCapacityUnits", 7*time.Minute)
		near(t, name+": units", units, during.Attempts, 0.02)
		if units < 0.98*before.Attempts {
			t.Errorf("%s: %v units, calm %v", name, units, before.Attempts)
		}
		if n := minuteSum(w, "SystemErrors", 7*time.Minute, "Operation", "PutItem"); n > 0 {
			t.Errorf("%s: %v system errors", name, n)
		}
	}
}

// One packet in ten is lost, on the way there or back: a fifth of the calls wait for a retransmission of 200 ms and more, and
// the service knows nothing of it.
func TestLostPacketsCostRetransmissionTimeouts(t *testing.T) {
	w, before, during, _ := hurt(t, scenario.Fault{Network: &scenario.NetworkFault{Loss: 0.1}}, nil)
	if during.P50 > 2*before.P50 || during.P99 < 400*time.Millisecond || during.Success < 0.99 {
		t.Errorf("p50 %v, was %v; p99 %v; success %v", during.P50, before.P50, during.P99, during.Success)
	}
	latency := func(m time.Duration) float64 {
		at := w.Start().Add(m * time.Minute)
		p := w.Metrics(Query{
			Namespace: Namespace, Name: "SuccessfulRequestLatency", Dims: map[string]string{"TableName": "orders", "Operation": "PutItem"}, Stat: "Average",
			Period: time.Minute, From: at, To: at.Add(time.Minute), AskedAt: at.Add(time.Hour),
		})
		return p[0].Value
	}
	near(t, "the service's own latency", latency(7), latency(3), 0.1)
	share := 0.0
	for _, d := range both(resent(0.1, FirstTimeout), resent(0.1, FirstTimeout)) {
		share += d.share
	}
	if math.Abs(share-1) > 1e-9 {
		t.Errorf("the shares add up to %v", share)
	}
}

func TestNewConnectionsPayForSlowNames(t *testing.T) {
	_, before, during, _ := hurt(t, scenario.Fault{Network: &scenario.NetworkFault{DNS: 400 * time.Millisecond}}, func(sc *scenario.Scenario) {
		sc.Traffic[0].Network.NewConnections = 0.05
	})
	if during.P99 < 400*time.Millisecond || during.P50 > 2*before.P50 || during.Success < 0.999 {
		t.Errorf("p99 %v, p50 %v, success %v", during.P99, during.P50, during.Success)
	}
}

func TestFaultsElsewhereDoNotHurtTheApp(t *testing.T) {
	for name, f := range map[string]scenario.Fault{
		"here":              {Where: scenario.WhereHere, Network: &scenario.NetworkFault{NXDomain: true}},
		"another service":   {Service: "cloudwatch", ErrorRate: 1, Code: "InternalServerError"},
		"another operation": {Access: "denied", Operations: []string{"UpdateTable"}},
		"AWS's own key":     {KMS: true},
		"the clocks":        {Skew: time.Hour},
	} {
		if _, _, during, _ := hurt(t, f, nil); during.Success < 0.999 {
			t.Errorf("%s: success %v", name, during.Success)
		}
	}
}

func TestTheNewestFaultWinsAndTheOneBelowComesBack(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		fault := func(at, until time.Duration, code string) scenario.Event {
			return scenario.Event{At: at * time.Minute, Until: until * time.Minute, Fault: &scenario.Fault{Where: scenario.WhereBoth, Access: code}}
		}
		sc.Events = []scenario.Event{fault(1, 9, "denied"), fault(3, 5, "expired")}
	}))
	for at, want := range []string{0: "", 2: "denied", 4: "expired", 6: "denied", 10: ""} {
		w.now = time.Duration(at) * time.Minute
		if got := w.Fault(FromHere, "cloudtrail", "LookupEvents", "").Access; at%2 == 0 && at != 8 && got != want {
			t.Errorf("minute %d: %q, want %q", at, got, want)
		}
	}
}

func TestALateCloudWatchKeepsWhatItHasPublished(t *testing.T) {
	delay := func(by time.Duration) *World {
		return build(t, small(func(sc *scenario.Scenario) {
			if by > 0 {
				sc.Events = []scenario.Event{{At: 10 * time.Minute, Until: scenario.Forever, Fault: &scenario.Fault{Service: "cloudwatch", Where: scenario.WhereBoth, Delay: by}}}
			}
		}))
	}
	shown := func(w *World, at time.Duration) int {
		w.Advance(at)
		return len(w.Metrics(Query{
			Namespace: Namespace, Name: "ConsumedWriteCapacityUnits", Dims: map[string]string{"TableName": "orders"}, Stat: "Sum", Period: time.Minute,
			From: w.Start(), To: w.Start().Add(at), AskedAt: w.Start().Add(at),
		}))
	}
	calm, late := delay(0), delay(10*time.Minute)
	published := shown(calm, 10*time.Minute)
	if got := shown(late, 15*time.Minute); got != published {
		t.Errorf("%d points while nothing new comes, %d before", got, published)
	}
	if a, b := shown(late, 25*time.Minute), shown(calm, 15*time.Minute); a != b {
		t.Errorf("ten minutes late there are %d points, %d without the delay", a, b)
	}
}

func TestADisabledKeyLocksTheTable(t *testing.T) {
	w, _, _, _ := hurt(t, scenario.Fault{KMS: true}, func(sc *scenario.Scenario) { sc.Tables[0].CustomerKMS = true })
	for at, want := range map[time.Duration]Status{7: Locked, 12: Active} {
		w.now = at * time.Minute
		if v, _ := w.Describe("orders"); v.Status != want {
			t.Errorf("minute %d: %s", at, v.Status)
		}
	}
}
