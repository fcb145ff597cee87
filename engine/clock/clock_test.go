package clock

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

var start = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestVirtualTakesTurnsInOrder(t *testing.T) {
	run := func() []string {
		v := NewVirtual(start)
		var log []string
		for _, p := range []struct {
			name string
			step time.Duration
		}{{"a", 2 * time.Second}, {"b", time.Second}, {"c", time.Second}} {
			v.Go(func() {
				for {
					log = append(log, fmt.Sprintf("%s@%d", p.name, v.Now().Sub(start)/time.Second))
					if v.Sleep(context.Background(), p.step) != nil {
						return
					}
				}
			})
		}
		v.Run(start.Add(2*time.Second), nil)
		v.Stop()
		return log
	}
	want := []string{"a@0", "b@0", "c@0", "b@1", "c@1", "a@2", "b@2", "c@2"}
	for range 20 {
		if d := cmp.Diff(want, run()); d != "" {
			t.Fatal(d)
		}
	}
}

func TestVirtualDeadlineIsSimulated(t *testing.T) {
	v := NewVirtual(start)
	ctx, cancel := v.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	ctx, cancel = v.WithTimeout(ctx, 2*time.Hour)
	defer cancel()
	if at, ok := v.Deadline(ctx); !ok || !at.Equal(start.Add(time.Hour)) {
		t.Fatalf("deadline %v %v, want the nearer one", at, ok)
	}
	if ctx.Err() != nil {
		t.Fatal("the wall clock ended a simulated deadline")
	}
}

func TestBellWakesAWaiter(t *testing.T) {
	v := NewVirtual(start)
	bell := NewBell()
	var woke time.Time
	v.Go(func() {
		_ = v.Wait(context.Background(), time.Hour, bell)
		woke = v.Now()
	})
	v.Go(func() {
		_ = v.Sleep(context.Background(), 3*time.Second)
		bell.Ring()
	})
	v.Run(start.Add(2*time.Hour), nil)
	if got := woke.Sub(start); got != 3*time.Second {
		t.Fatalf("woke after %v, want 3s", got)
	}
}

func TestStopEndsSleepers(t *testing.T) {
	v := NewVirtual(start)
	var err error
	v.Go(func() { err = v.Sleep(context.Background(), time.Hour) })
	v.Run(start.Add(time.Minute), nil)
	v.Stop()
	if !errors.Is(err, ErrStopped) {
		t.Fatalf("got %v, want ErrStopped", err)
	}
}

// stepped is a wall clock that jumps by what is waited for.
type stepped struct{ now time.Time }

func (s *stepped) Now() time.Time { return s.now }
func (s *stepped) After(d time.Duration) <-chan time.Time {
	s.now = s.now.Add(d)
	c := make(chan time.Time, 1)
	c <- s.now
	return c
}

func TestPacedKeepsStepWithTheWall(t *testing.T) {
	v := NewVirtual(start)
	wall := &stepped{now: time.Unix(0, 0)}
	ctx, cancel := context.WithCancel(context.Background())
	ticks := 0
	v.Go(func() {
		for v.Sleep(ctx, time.Second) == nil {
			if ticks++; ticks == 60 {
				cancel()
			}
		}
	})
	v.RunPaced(ctx, wall, func() float64 { return 6 })
	if got := wall.now.Sub(time.Unix(0, 0)); got < 9*time.Second || got > 11*time.Second {
		t.Fatalf("60 simulated seconds at speed 6 took %v of wall clock, want about 10s", got)
	}
}

func TestDoRunsOnTheClock(t *testing.T) {
	v := NewVirtual(start)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); v.RunPaced(ctx, wallPace{}, func() float64 { return 1000 }) }()
	ran := false
	if !v.Do(ctx, func() { ran = v.Sleep(ctx, time.Second) == nil }) || !ran {
		t.Fatal("the command did not run to its end")
	}
	cancel()
	<-ended
	if v.Do(ctx, func() {}) {
		t.Fatal("a stopped clock ran a command")
	}
}

type wallPace struct{}

func (wallPace) Now() time.Time                         { return time.Now() }
func (wallPace) After(d time.Duration) <-chan time.Time { return time.After(d) }

func TestRealWaits(t *testing.T) {
	var r Real
	bell := NewBell()
	bell.Ring()
	if err := r.Wait(context.Background(), time.Hour, bell); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := r.WithTimeout(context.Background(), 0)
	defer cancel()
	if err := r.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	r.Go(func() {})
	r.Join()
}
