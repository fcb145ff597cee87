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
	Own        []OwnMetric // what the callers publish about themselves in CloudWatch
}

// OwnMetric is a CloudWatch metric that a caller publishes about itself.
type OwnMetric struct {
	Client     string
	Table      string
	Index      string
	What       string // latency (ms or s, as its unit says) | calls | attempts | errors
	Namespace  string
	Metric     string
	Dimensions map[string]string
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
