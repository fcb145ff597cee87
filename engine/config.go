package engine

import (
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// Config is what a team has told ddbloop about one set of tables.
type Config struct {
	Tables  []string
	Region  string
	Account string
	Clients []history.Client // callers with their objectives
	Probes  []ProbeConfig
	Feeds   []FeedConfig
	Levers  []history.Lever
}

// ProbeConfig is one of the team's own read-only requests, sent from this shell.
type ProbeConfig struct {
	Name  string
	Table string
	Index string
	Op    string // GetItem | Query
	Every time.Duration
	Input []byte // the AWS CLI's --cli-input-json form of the request
}

// FeedConfig is the application's own OpenMetrics endpoint.
type FeedConfig struct {
	Name  string // client name
	Table string
	Index string
	URL   string
	Every time.Duration
}
