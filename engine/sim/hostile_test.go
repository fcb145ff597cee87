package sim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// hostileConnections is how many connections are held against the server: .ci/run asks for 10,000.
func hostileConnections(t *testing.T) int {
	text := os.Getenv("DDBLOOP_CONNECTIONS")
	if text == "" {
		return 500
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("DDBLOOP_CONNECTIONS: %v", err)
	}
	return n
}

// hold opens connections, sends the text on each, and keeps them open until the test ends.
func hold(t *testing.T, addr string, n int, text func(i int) string) {
	t.Helper()
	var kept []net.Conn
	t.Cleanup(func() {
		for _, c := range kept {
			_ = c.Close()
		}
	})
	for i := range n {
		// Many addresses of this machine, as one has too few ports for so many connections that are closed.
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(i/250), byte(1+i%250))}, Timeout: 10 * time.Second}
		c, err := d.Dial("tcp", addr)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		kept = append(kept, c)
		_, _ = io.WriteString(c, text(i)) // the server may have closed it by then
	}
}

// memory is what the process holds of heap and stacks, in bytes.
func memory() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// A hostile client holds connections with nothing, half a header, half a body of a huge announced size, or answers it never
// reads: the others are served meanwhile, and memory stays bounded.
//
// Mutant: accept without dropping the oldest, and the honest caller waits for the others' timeouts.
func TestHostileClients(t *testing.T) {
	n := hostileConnections(t)
	head := "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810."
	scan := head + "Scan\r\nContent-Length: 22\r\n\r\n{\"TableName\":\"orders\"}"
	for name, text := range map[string]func(i int) string{
		"silence":                   func(int) string { return "" },
		"half a header":             func(i int) string { return head + strings.Repeat("x", i%500) },
		"a huge body that never is": func(int) string { return head + "PutItem\r\nContent-Length: 16000000\r\n\r\n{" },
		"a body that stops half way": func(int) string {
			return head + "PutItem\r\nContent-Length: 900000\r\n\r\n" + strings.Repeat(" ", 100_000)
		},
		"answers that nobody reads": func(int) string { return strings.Repeat(scan, 3) },
	} {
		t.Run(name, func(t *testing.T) {
			s, clock := newBench(t)
			addr := listen(t, s, clock)
			before := memory()
			most := n
			switch {
			case strings.HasPrefix(name, "answers"):
				most = n / 10 // each of them costs a whole table, three times over
			case strings.HasPrefix(name, "a"):
				most = n / 4 // those that send much are fewer
			}
			hold(t, addr, most, text)
			db := honest(t, addr)
			slowest := time.Duration(0)
			for range 20 {
				from := time.Now()
				if _, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("orders")}); err != nil {
					t.Fatalf("the honest caller is not served: %v", err)
				}
				slowest = max(slowest, time.Since(from))
			}
			if grown := int64(memory()) - int64(before); grown > 128<<20 {
				t.Errorf("%d connections cost %d MiB", most, grown>>20)
			} else {
				t.Logf("%d connections: %d MiB more, slowest honest answer %v", most, grown>>20, slowest)
			}
		})
	}
}

func honest(t *testing.T, addr string) *dynamodb.Client {
	tr := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(tr.CloseIdleConnections)
	cfg := config(t, &http.Client{Transport: tr, Timeout: headerTimeout - time.Second}, "http://"+addr)
	return dynamodb.NewFromConfig(cfg)
}

// listen serves the simulator on loopback until the test ends.
func listen(t *testing.T, s *Sim, c Clock) (addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(serving, ln, c) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}

// Documents that nest without end, or announce more than they hold, are refused and cost nothing.
func TestHostileDocuments(t *testing.T) {
	s, clock := newBench(t)
	const metrics = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
	for i, c := range []struct {
		path, body string
	}{
		{metrics, strings.Repeat("\x81", 900_000)},
		{metrics, strings.Repeat("\x9f", 900_000)},
		{metrics, strings.Repeat("\xc1", 900_000)},
		{metrics, strings.Repeat("\xa1aa", 300_000)},
		{metrics, "\x9b\xff\xff\xff\xff\xff\xff\xff\xff"},
		{metrics, "\xbb\x00\x00\x00\x0f\xff\xff\xff\xff"},
		{metrics, "\x7b\x00\x00\x00\xff\xff\xff\xff\xff"},
		{"/", strings.Repeat(`{"a":`, 100_000)},
		{"/", strings.Repeat(`[`, 1_000_000)},
		{"/", `{"TableName":"orders","Key":` + strings.Repeat(`{"M":{"a":`, 4000) + `1` + strings.Repeat(`}}`, 4000) + `}`},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			req, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://x"+c.path, bytes.NewReader([]byte(c.body)))
			if c.path == "/" {
				req.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
			}
			w := &answer{header: http.Header{}}
			s.Handler(clock).ServeHTTP(w, req)
			if w.status != http.StatusBadRequest || w.body.Len() == 0 || w.body.Len() > 1000 {
				t.Errorf("%d, %d bytes", w.status, w.body.Len())
			}
		})
	}
}

type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }
