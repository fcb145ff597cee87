package world

import (
	"math"
	"strconv"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// maxHeads is how many keys are followed one by one; what lies beyond is spread evenly, as hashing would.
const maxHeads = 64

// risingMove is how long ever-rising keys stay on one partition (guess).
const risingMove = 3600

// keyShare is one partition value and its share of a client's requests.
type keyShare struct {
	key   string
	pos   float64 // place in the hash space [0, 1)
	share float64
}

// profile is how requests fall on the hash space: some keys one by one, the tail evenly.
type profile struct {
	heads  []keyShare
	tail   float64
	rising bool
}

// keyName is the partition value number i of a key: the same in the item store and in the physics.
func keyName(attribute string, i int) string { return attribute + "-" + strconv.Itoa(i) }

// position is where a partition value lies in the hash space of its table or index.
func position(value string) float64 { return unit(hash(value)) }

// newProfile spreads requests as the scenario says. epoch counts the moves of ever-rising keys.
func newProfile(k scenario.Keys, key scenario.Key, epoch int64) profile {
	distinct := max(key.Distinct, 1)
	share := func(i int) float64 { return 0 }
	rest := 1.0 // what falls evenly on all values
	hot := 0
	switch k.Kind {
	case scenario.Rising:
		value := key.Partition + "-rising-" + strconv.FormatInt(epoch, 10)
		return profile{heads: []keyShare{{value, position(value), 1}}, rising: true}
	case scenario.Hot:
		hot = min(max(k.Keys, 1), distinct)
		rest = 1 - k.Share
		if hot <= maxHeads {
			n := hot // hot itself grows below, where the values are few
			share = func(i int) float64 {
				if i < n {
					return k.Share / float64(n)
				}
				return 0
			}
		} else {
			hot, rest = 0, 1
		}
	case scenario.Zipf:
		hot, rest = min(maxHeads, distinct), 0
		total := harmonic(distinct, k.S)
		share = func(i int) float64 { return math.Pow(float64(i+1), -k.S) / total }
	}
	if distinct <= maxHeads {
		hot = distinct // so few values do not fill the hash space evenly
	}
	p := profile{tail: 1}
	for i := range hot {
		s := share(i)
		if distinct <= maxHeads {
			s += rest / float64(distinct)
		}
		value := keyName(key.Partition, i)
		p.heads = append(p.heads, keyShare{value, position(value), s})
		p.tail -= s
	}
	if p.tail < 1e-9 {
		p.tail = 0
	}
	return p
}

// harmonic is the sum of i^-s for i from 1 to n; the far end is integrated.
func harmonic(n int, s float64) float64 {
	const exact = 10000
	sum := 0.0
	for i := 1; i <= min(n, exact); i++ {
		sum += math.Pow(float64(i), -s)
	}
	if n > exact {
		a, b := exact+0.5, float64(n)+0.5
		if s == 1 {
			return sum + math.Log(b/a)
		}
		return sum + (math.Pow(b, 1-s)-math.Pow(a, 1-s))/(1-s)
	}
	return sum
}
