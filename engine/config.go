package engine

import (
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// Config is what a team has told ddbloop about one set of tables.
type Config struct {
	Tables     []string
	Region     string
	Account    string
	Clients    []history.Client // callers with their objectives
	Probes     []ProbeConfig
	ProbeUnits float64 // read units per second that all probes of a table may use; 0 = a small default
	Feeds      []FeedConfig
	Levers     []history.Lever
	Own        []OwnMetric // the team's own metrics in CloudWatch
	Budget     float64     // USD an hour that polls of CloudWatch may cost; 0 = the default
}

// OwnMetric is a CloudWatch metric of the team's own, under the name of a signal: one of its own choice, or one of the catalogue's that callers
// publish, as Published gives.
type OwnMetric struct {
	Signal     string
	Client     string // whose it is; "" = the table's
	Table      string
	Index      string
	Namespace  string
	Metric     string
	Dimensions map[string]string
	Stat       string
	Unit       string        // as the catalogue writes units
	Times      float64       // factor from CloudWatch's unit; 0 = 1
	Zero       bool          // a settled period without a value is a 0
	Period     time.Duration // 0 = a minute
}

// Published are the signals of what one caller publishes about itself: latency | calls | attempts | errors.
func Published(what string, m OwnMetric) []OwnMetric {
	as := func(signal, stat, unit string, zero bool) OwnMetric {
		out := m
		out.Signal, out.Stat, out.Unit, out.Zero = signal, stat, unit, zero
		return out
	}
	if what == "latency" {
		return []OwnMetric{as("client_latency_p50", "p50", "ms", false), as("client_latency_p99", "p99", "ms", false)}
	}
	return []OwnMetric{as("client_"+what, "Sum", "/s", true)}
}

// ProbeConfig is one of the team's own read-only requests, sent from this shell.
type ProbeConfig struct {
	Name      string
	Table     string
	Index     string
	Op        string // GetItem | Query | Scan | ExecuteStatement; "" = as the input says
	Pages     int    // how many pages of it are read; 0 = 1
	Every     time.Duration
	Timeout   time.Duration // of one request with all its pages; 0 = 2 s
	Throttled bool          // asks on although the table refuses reads
	Input     []byte        // the AWS CLI's --cli-input-json form of the request
}

// FeedConfig is the application's own OpenMetrics endpoint.
type FeedConfig struct {
	Name  string // client name
	Table string
	Index string
	URL   string
	Every time.Duration
}
