package aws

import (
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ddbloop/ddbloop/engine/clock"
)

// bare takes away what the machine's own environment says of AWS.
func bare(t *testing.T) {
	t.Helper()
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // remembers the value, to put it back
			_ = os.Unsetenv(name)
		}
	}
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func TestConnectSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		opts Options
		want string
	}{
		"no region":       {map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}, Options{}, "no AWS Region: pass --region"},
		"no credentials":  {nil, Options{Region: "eu-west-1"}, "no AWS credentials: set AWS_PROFILE"},
		"bad profile":     {nil, Options{Region: "eu-west-1", Profile: "prdo"}, "AWS profile prdo does not exist"},
		"bad bundle":      {map[string]string{"AWS_CA_BUNDLE": "/nowhere.pem"}, Options{Region: "eu-west-1"}, "AWS configuration: "},
		"keys, no region": {nil, Options{Keys: &Keys{ID: "a", Secret: "b"}}, "no AWS Region"},
	} {
		t.Run(name, func(t *testing.T) {
			bare(t)
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			c.opts.Clock = clock.NewVirtual(start)
			_, err := Connect(context.Background(), c.opts)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n\r") {
				t.Fatalf("got %v, want %q…", err, c.want)
			}
		})
	}
}

// TestBundleAndLog reaches a TLS server whose certificate only AWS_CA_BUNDLE knows. Its answer has no checksum, of which the
// SDK warns: the warning belongs in our log, not on the screen.
func TestBundleAndLog(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"Table":{"TableName":"orders","TableStatus":"ACTIVE"}}`)
	}))
	defer srv.Close()
	bare(t)
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", srv.URL)
	var log bytes.Buffer
	a, err := Connect(context.Background(), Options{Region: "eu-west-1", Clock: &clock.Real{}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	stderr := os.Stderr
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = w
	snap, err := a.DescribeTable(context.Background(), "orders")
	os.Stderr = stderr
	_ = w.Close()
	spilt, _ := io.ReadAll(r)
	if err != nil || snap.Status != "ACTIVE" {
		t.Fatalf("got %+v, %v", snap, err)
	}
	if len(spilt) > 0 || !strings.Contains(log.String(), "aws sdk") {
		t.Fatalf("stderr got %q, our log %q", spilt, log.String())
	}
}

// oneRead is an account at an endpoint of the test's, and a request for it.
func oneRead(t *testing.T, url string) (*Account, *Read) {
	t.Helper()
	bare(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
	a, err := Connect(context.Background(), Options{Region: "eu-west-1", Clock: &clock.Real{}})
	if err != nil {
		t.Fatal(err)
	}
	read, err := NewRead("GetItem", "orders", "", 0, []byte(`{"Key":{"pk":{"S":"a"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return a, read
}

// TestPhases: a fresh connection shows what it cost, a reused one does not.
func TestPhases(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"Item":{"pk":{"S":"a"}},"ConsumedCapacity":{"CapacityUnits":0.5}}`)
	}))
	defer srv.Close()
	a, read := oneRead(t, srv.URL)
	reused := false
	for i := 0; i < 50 && !reused; i++ { // net/http gives a connection back a moment after the answer was read
		got, err := a.Read(context.Background(), read)
		if reused = got.Reused; err != nil || (got.Connect > 0) == reused || i == 0 && reused {
			t.Fatalf("request %d: %+v, %v", i, got, err)
		}
		if got.Units != 0.5 || got.Returned != 1 || got.Examined != 1 || got.Pages != 1 {
			t.Fatalf("request %d: %+v", i, got)
		}
	}
	if !reused {
		t.Fatal("no connection was ever reused")
	}
}

// TestRotatedFileIsNoticed: AWS refuses the keys, the file changes, and the next call 10 s later uses the new ones.
func TestRotatedFileIsNoticed(t *testing.T) {
	bare(t)
	file := os.Getenv("AWS_SHARED_CREDENTIALS_FILE")
	keys := func(id string) {
		if err := os.WriteFile(file, []byte("[default]\naws_access_key_id = "+id+"\naws_secret_access_key = s\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keys("OLD")
	v, calls := clock.NewVirtual(start), 0
	a, err := Connect(context.Background(), Options{Region: "eu-west-1", Clock: v, HTTPClient: &http.Client{Transport: wire(func(r *http.Request) (*http.Response, error) {
		calls++
		if strings.Contains(r.Header.Get("Authorization"), "Credential=NEW/") {
			return says(r, 200, `{"Table":{"TableStatus":"ACTIVE"}}`), nil
		}
		return says(r, 400, `{"__type":"x#ExpiredTokenException"}`), nil
	})}})
	if err != nil {
		t.Fatal(err)
	}
	describe := func() Reason {
		_, err := a.DescribeTable(context.Background(), "orders")
		return Classify(err).Reason
	}
	if got := describe(); got != Expired {
		t.Fatalf("got %q", got)
	}
	if got := describe(); got != Expired { // reads the chain again: still the old keys
		t.Fatalf("got %q", got)
	}
	keys("NEW")
	if got := describe(); got != Expired {
		t.Fatalf("looked again within 10 s: %q", got)
	}
	v.Run(start.Add(renewEvery), nil)
	if got := describe(); got != "" || calls != 4 {
		t.Fatalf("the rotated file was not noticed: %q after %d calls", got, calls)
	}
}

type provider func() (sdk.Credentials, error)

func (p provider) Retrieve(context.Context) (sdk.Credentials, error) { return p() }

func TestCredentialsThatCannotBeHad(t *testing.T) {
	now, asked := start, 0
	r := &renewing{now: func() time.Time { return now }, load: func(context.Context) (sdk.CredentialsProvider, error) { return nil, io.EOF }}
	r.inner = provider(func() (sdk.Credentials, error) { asked++; return sdk.Credentials{}, io.ErrNoProgress })
	for range 25 {
		_, err := r.Retrieve(context.Background())
		if f := Classify(err); f.Reason != Expired || f.MaybeApplied() || !strings.HasPrefix(f.Text, "cannot get AWS credentials") {
			t.Fatalf("got %+v", f)
		}
		now = now.Add(time.Second)
	}
	if asked != 3 {
		t.Fatalf("asked %d times in 25 s, want one in 10 s", asked)
	}
}

// noMore is a policy that asks for no more life than a change needs.
func noMore() time.Duration { return 0 }

// What the policy asks for is asked at each change. Mutant: the life of the first change.
func TestChangesNeedCredentialsThatLast(t *testing.T) {
	a := account(t, func(r *http.Request) (*http.Response, error) { return says(r, 200, accepted), nil })
	asked := time.Duration(0)
	w, err := NewWriter(a, true, func() time.Duration { return asked })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		asked, left time.Duration
		want        Reason
	}{
		{0, lifeNeeded, ""},
		{0, lifeNeeded - time.Second, Expired},
		{0, -time.Hour, Expired},
		{time.Hour, time.Hour, ""},
		{time.Hour, time.Hour - time.Second, Expired},
		{time.Second, lifeNeeded - time.Second, Expired},
	} {
		asked = c.asked
		a.creds.inner = provider(func() (sdk.Credentials, error) {
			return sdk.Credentials{AccessKeyID: "a", SecretAccessKey: "b", CanExpire: true, Expires: start.Add(c.left)}, nil
		})
		_, err := w.Send(context.Background(), "orders", capacitySet("", 1, 2))
		if f := Classify(err); f.Reason != c.want || err != nil && f.MaybeApplied() {
			t.Errorf("%s left of %s: got %+v, want %q", c.left, c.asked, f, c.want)
		}
	}
}

// TestWaitInVain: a request that was sent and given up on has waited; one that found no connection has not.
func TestWaitInVain(t *testing.T) {
	ctx, giveUp := context.WithCancel(context.Background())
	defer giveUp()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		giveUp()
		<-r.Context().Done()
	}))
	defer srv.Close()
	a, read := oneRead(t, srv.URL)
	if got, err := a.Read(ctx, read); err == nil || got.Wait <= 0 {
		t.Errorf("waited %s in vain, error %v", got.Wait, err)
	}
	srv.Close()
	if got, err := a.Read(context.Background(), read); err == nil || got.Wait != 0 {
		t.Errorf("nobody listens: waited %s, error %v", got.Wait, err)
	}
}
