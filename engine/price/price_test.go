package price

import (
	"math"
	"testing"
)

func TestPerHour(t *testing.T) {
	for _, c := range []struct {
		name   string
		region string
		delta  Capacity
		want   string
	}{
		{"a thousand writes", "us-east-1", Capacity{Write: 1000}, "+$0.65/h"},
		{"a thousand reads", "us-east-1", Capacity{Read: 1000}, "+$0.13/h"},
		{"one of each", "us-east-1", Capacity{Read: 1, Write: 1}, "+$0.00078/h"},
		{"a decrease", "us-east-1", Capacity{Write: -2000}, "-$1.30/h"},
		{"reads for writes", "us-east-1", Capacity{Read: 5, Write: -1}, "$0.00/h"},
		{"nothing", "us-east-1", Capacity{}, "$0.00/h"},
		{"another region", "eu-west-1", Capacity{Write: 1000}, "unknown"},
		{"no region", "", Capacity{Write: 1000}, "unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			usd, ok := List{}.PerHour(c.region, c.delta)
			if got := Format(usd, ok); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// AWS publishes monthly figures for one unit: 730 hours of it.
func TestMonth(t *testing.T) {
	w, _ := List{}.PerHour("us-east-1", Capacity{Write: 1})
	r, _ := List{}.PerHour("us-east-1", Capacity{Read: 1})
	if math.Abs(PerMonth(w)-0.4745) > 1e-9 || math.Abs(PerMonth(r)-0.0949) > 1e-9 {
		t.Errorf("a WCU-month is %g and an RCU-month %g, want 0.4745 and 0.0949", PerMonth(w), PerMonth(r))
	}
}

func TestOnDemand(t *testing.T) {
	w, ok := List{}.OnDemandPerHour("us-east-1", Capacity{Write: 1000})
	if !ok || math.Abs(w-2.25) > 1e-9 {
		t.Errorf("1,000 writes a second cost %g, want 2.25", w)
	}
	// A fully used unit costs about 3.46 times as much on demand.
	p, _ := List{}.PerHour("us-east-1", Capacity{Write: 1000})
	if ratio := w / p; math.Abs(ratio-3.46) > 0.01 {
		t.Errorf("on-demand to provisioned is %.3f, want 3.46", ratio)
	}
	if _, ok := (List{}).OnDemandPerHour("ap-south-1", Capacity{Write: 1}); ok {
		t.Error("an unknown region has a price")
	}
}

func TestMetrics(t *testing.T) {
	for _, c := range []struct {
		n    int
		want string
	}{
		{2400, "$0.024"}, // 40 series every minute for an hour
		{432000, "$4.32"},
		{1, "$0.00001"},
		{0, "$0.00"},
	} {
		usd, ok := Metrics("us-east-1", c.n)
		if got := FormatTotal(usd, ok); got != c.want {
			t.Errorf("%d metrics: %s, want %s", c.n, got, c.want)
		}
	}
	usd, ok := Metrics("eu-central-1", 1000)
	if got := FormatTotal(usd, ok); got != "unknown" {
		t.Errorf("an unknown region costs %s", got)
	}
}

func TestEveryPriceHasASource(t *testing.T) {
	for item, p := range usEast1 {
		if p.USD <= 0 || p.Source == "" {
			t.Errorf("%s: %+v", item, p)
		}
	}
}
