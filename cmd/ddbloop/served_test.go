package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/sim"
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// served serves a scenario over a real socket, its clock meeting this machine's that long after its start, and points the
// environment at it.
func served(t *testing.T, text string, from time.Duration) {
	t.Helper()
	clean(t)
	name := strings.TrimSpace(strings.TrimPrefix(strings.SplitN(text[strings.Index(text, "scenario:"):], "\n", 2)[0], "scenario:"))
	sc, err := scenario.Parse(name+".yaml", []byte(text), scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sc.Start = time.Now().UTC().Truncate(time.Second).Add(-from)
	w, err := sim.New(sc)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	clk := clock.NewScaled(sc.Start.Add(from), 1, time.Now)
	w.Inspect(clk, func(*world.World) {})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.Serve(ctx, l, clk) // ends with ctx
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	for _, service := range []string{"DYNAMODB", "CLOUDWATCH", "APPLICATION_AUTO_SCALING", "CLOUDTRAIL"} {
		t.Setenv("AWS_ENDPOINT_URL_"+service, "http://"+l.Addr().String())
	}
	t.Setenv("AWS_REGION", sc.Region)
	t.Setenv("AWS_ACCESS_KEY_ID", "embedded")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "embedded")
}

// scenarioText is an embedded scenario with some of its lines replaced: old, new, old, new …
func scenarioText(t *testing.T, name string, edits ...string) string {
	t.Helper()
	raw, err := os.ReadFile("../../engine/sim/scenarios/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for i := 0; i+1 < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("%s has no %q any more: this test edits it", name, edits[i])
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	return text
}

// typed runs a command line as a shell would and returns what it printed and its exit code.
func typed(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	var b bytes.Buffer
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetOut(&b)
	err := cmd.ExecuteContext(context.Background())
	if err != nil && err.Error() != "" {
		t.Logf("%s: %v", strings.Join(args, " "), err)
	}
	return b.String(), codeOf(err)
}
