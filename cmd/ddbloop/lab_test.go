package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

func labbed(t *testing.T, args ...string) (string, error) {
	t.Helper()
	clean(t)
	var out bytes.Buffer
	cmd := root()
	cmd.SetArgs(append([]string{"lab"}, args...))
	cmd.SetOut(&out)
	err := cmd.ExecuteContext(context.Background())
	return out.String(), err
}

// TestLabDemo: the key beats the filter, for the same answer, whatever the coin says.
func TestLabDemo(t *testing.T) {
	for _, seed := range []string{"1", "2", "3"} {
		out, err := labbed(t, "--demo", "--seed", seed, "--format", "json")
		if err != nil {
			t.Fatal(err)
		}
		var r labReport
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		got := r.Result
		if got.Winner != "b" || got.Latency.Word != history.LabFaster || got.Units.Word != history.LabFewer || got.Answer != history.AnswerSame || got.Pairs != 60 {
			t.Errorf("seed %s: %+v", seed, got)
		}
		if got.A.Examined == nil || *got.A.Examined != 250 || got.A.Returned != 50 || got.B.Examined == nil || *got.B.Examined != 50 || *got.A.Million <= *got.B.Million {
			t.Errorf("seed %s: %+v and %+v", seed, got.A, got.B)
		}
		if strings.Contains(out, "customer-5") || strings.Contains(out, "status-1") {
			t.Errorf("the report holds a value: %s", out)
		}
	}
}

// TestLabExports: the winner is a request that can be read again, as a file of the AWS CLI; without one nothing is written.
func TestLabExports(t *testing.T) {
	file := filepath.Join(t.TempDir(), "winner.json")
	out, err := labbed(t, "--demo", "--seed", "1", "--export", file)
	if err != nil || !strings.Contains(out, "aws dynamodb query --cli-input-json file://"+file) || !strings.Contains(out, "B is better") {
		t.Fatalf("%v: %s", err, out)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ddbaws.NewRead("", "", "", 0, raw)
	if err != nil || r.Op != "Query" || r.Table != "orders" || r.Index != "" {
		t.Fatalf("%+v, %v from %s", r, err, raw)
	}
	none := filepath.Join(t.TempDir(), "none.json")
	_, err = labbed(t, "--demo", "--rounds", "3", "--export", none)
	if codeOf(err) != exitFailed || !strings.Contains(err.Error(), "neither variant is better") {
		t.Fatal(err)
	}
	if _, err := os.Stat(none); !os.IsNotExist(err) {
		t.Errorf("%v: a winner was written although there is none", err)
	}
}
