package world

import "time"

// World is one embedded AWS account in one region. Build it with New.
type World struct {
	start time.Time
	now   time.Duration
}
