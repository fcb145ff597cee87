package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui"
)

// ledger stands before the embedded AWS and counts what passes, by operation.
type ledger struct {
	mu    sync.Mutex
	calls map[string]int
}

// guard puts a ledger in front of every service that the environment names.
func guard(t *testing.T) *ledger {
	t.Helper()
	l := &ledger{calls: map[string]int{}}
	to, err := url.Parse(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) } // whoever asked has gone
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op := r.Header.Get("X-Amz-Target")
		if op == "" {
			op = path.Base(r.URL.Path) // CBOR: …/operation/GetMetricData
		}
		l.mu.Lock()
		l.calls[op[strings.LastIndex(op, ".")+1:]]++
		l.mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	for _, service := range []string{"DYNAMODB", "CLOUDWATCH", "APPLICATION_AUTO_SCALING", "CLOUDTRAIL"} {
		t.Setenv("AWS_ENDPOINT_URL_"+service, s.URL)
	}
	return l
}

// reads are all operations that cannot change anything: whatever else is asked for counts as a write.
var reads = []string{"Describe", "List", "Get", "Lookup", "Query", "Scan"}

func (l *ledger) count() (all int, writes []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
next:
	for op, n := range l.calls {
		all += n
		for _, r := range reads {
			if strings.HasPrefix(op, r) {
				continue next
			}
		}
		writes = append(writes, fmt.Sprintf("%s %d times", op, n))
	}
	return all, writes
}

// typing is what the monkey can press: every key of the cockpit but those that leave it, pastes, and new sizes of the
// terminal, as a terminal sends them.
func typing(r *rand.Rand) string {
	named := []string{"\r", "\t", "\x1b[Z", "\x7f", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x0c", " "}
	words := []string{"E1-orders", "E1", "carts", "yes", "raise", "500"}
	switch n := r.IntN(100); {
	case n < 2:
		return fmt.Sprintf("\x1b[48;%d;%d;0;0t", 8+r.IntN(60), 30+r.IntN(190))
	case n < 5:
		return "\x1b[200~" + words[r.IntN(len(words))] + "\n\x1b[201~"
	case n < 10:
		return words[r.IntN(len(words))] + "\r"
	case n < 35:
		return named[r.IntN(len(named))]
	}
	for {
		if c := rune('!' + r.IntN('~'-'!'+1)); c != 'q' {
			return string(c)
		}
	}
}

// monkeyKeys is how many keys are pressed; DDBLOOP_KEYS asks for more.
func monkeyKeys() int {
	if n, err := strconv.Atoi(os.Getenv("DDBLOOP_KEYS")); err == nil && n > 0 {
		return n
	}
	return 1_500
}

// TestMonkeyOnAReadOnlyCockpit: keys without sense into the cockpit of an incident under way, and every change given to the loop
// past the screen as well, approved with the right hash and token; nothing that could write leaves the process. The same hands on
// an armed session do write: the ledger would have seen it.
//
// Mutant: build the writing client whatever the flag says.
func TestMonkeyOnAReadOnlyCockpit(t *testing.T) {
	served(t, scenarioText(t, "underprovisioned-table", "region: eu-west-1", "region: us-east-1"), 12*time.Minute)
	for _, armed := range []bool{false, true} {
		t.Run(fmt.Sprintf("armed=%v", armed), func(t *testing.T) {
			l := guard(t)
			ctx, cancel := context.WithCancel(context.Background())
			w, err := openWatch(ctx, []string{"carts"}, watchOptions{allow: armed, screen: screenOptions{sessions: filepath.Join(t.TempDir(), "s")}})
			if err != nil {
				t.Fatal(err)
			}
			w.begin(ctx)
			trouble(ctx, t, w)
			if armed {
				pastTheScreen(ctx, w)
			} else {
				if w.writer != nil {
					t.Error("a read-only session has a writing client")
				}
				var hands sync.WaitGroup
				hands.Go(func() { pastTheScreen(ctx, w) })
				drawn := play(ctx, t, w, rand.New(rand.NewPCG(7, 7)), monkeyKeys())
				hands.Wait()
				for _, view := range []string{"THROTTLED", "list of runbooks", "carts", "note", "read-only"} {
					if !strings.Contains(drawn, view) {
						t.Errorf("the monkey has not seen %q", view)
					}
				}
			}
			cancel()
			w.site.clk.(*clock.Real).Join()
			if err := w.journal.Close(); err != nil {
				t.Error(err)
			}
			if all, writes := l.count(); armed != (len(writes) > 0) || all < 20 {
				t.Errorf("%d requests, of them writing: %v", all, writes)
			}
		})
	}
}

// trouble waits until the incident is understood.
func trouble(ctx context.Context, t *testing.T, w *watching) {
	t.Helper()
	for range 300 {
		good := false
		w.loop.View(func(s *history.State) { good = s.Assessed.Layer.Verdict == history.LayerThrottled && s.Run != nil })
		if good {
			return
		}
		_ = w.site.clk.Sleep(ctx, 50*time.Millisecond)
	}
	t.Fatal("no incident with a runbook to play with")
}

// play types so many keys into the screen, leaves it, and returns all that was drawn. The screen takes the next key when it has
// dealt with the last, as the pipe holds none.
func play(ctx context.Context, t *testing.T, w *watching, r *rand.Rand, keys int) string {
	in, keyboard := io.Pipe()
	var drawn strings.Builder
	var left sync.WaitGroup
	left.Go(func() {
		err := tui.Run(ctx, tui.Options{
			Loop: w.loop, Events: w.screen.sub, Now: w.site.clk.Now, Wall: time.Now, Input: in, Output: &drawn, Env: []string{"TERM=xterm-256color", "LANG=C.UTF-8"},
		})
		if err != nil {
			t.Error(err)
		}
		_ = in.Close()
	})
	_, err := io.WriteString(keyboard, "\x1b[48;24;80;0;0t")
	for range keys {
		if err == nil {
			_, err = io.WriteString(keyboard, typing(r))
		}
	}
	if err != nil {
		t.Errorf("the screen was left before its time: %v", err)
	}
	for err == nil { // out of whatever is open, one look at the keys on a screen that is painted anew, then out
		for _, typed := range []string{"\x1b", "?", "\x1b[48;50;160;0;0t", "q"} {
			_ = w.site.clk.Sleep(ctx, 100*time.Millisecond) // an escape alone is one that nothing follows
			if _, err = io.WriteString(keyboard, typed); err != nil {
				break
			}
		}
	}
	left.Wait()
	return drawn.String()
}

// pastTheScreen gives the loop every change that there is, and approves what it plans with the right hash and token.
func pastTheScreen(ctx context.Context, w *watching) {
	for _, what := range []string{"table.write", "table.read", "mode.on_demand", "warm.write", "insights", "autoscaling.max", "lever:x"} {
		_ = w.loop.Do(ctx, engine.PlanChange{What: what, Target: "carts"})
		var plans []history.ChangePlanned
		w.loop.View(func(s *history.State) {
			for _, c := range s.Changes {
				plans = append(plans, c.Plan)
			}
		})
		for _, p := range plans {
			_ = w.loop.Do(ctx, engine.Approve{ID: p.ID, Hash: p.Hash, Token: p.Token})
			_ = w.loop.Do(ctx, engine.Undo{ID: p.ID})
		}
	}
}
