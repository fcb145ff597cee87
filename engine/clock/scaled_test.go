package clock

import (
	"context"
	"testing"
	"time"
)

func TestScaledKeepsItsTimeWhenThePaceChanges(t *testing.T) {
	wall := time.Unix(1000, 0)
	s := NewScaled(start, 6, func() time.Time { return wall })
	wall = wall.Add(10 * time.Second)
	if err := s.SetSpeed(1); err != nil {
		t.Fatal(err)
	}
	wall = wall.Add(5 * time.Second)
	if got := s.Now().Sub(start); got != 65*time.Second {
		t.Fatalf("after 10 s at speed 6 and 5 s at speed 1: %v, want 1m5s", got)
	}
	ctx, cancel := context.WithDeadline(context.Background(), wall.Add(2*time.Second))
	defer cancel()
	if at, ok := s.Deadline(ctx); !ok || at.Sub(start) != 67*time.Second {
		t.Fatalf("deadline %v", at.Sub(start))
	}
	if s.SetSpeed(0) == nil || s.SetSpeed(1e6) == nil {
		t.Fatal("an impossible speed was taken")
	}
}
