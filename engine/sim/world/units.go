package world

import (
	"math"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

const pageBytes = 1 << 20 // most that one Query or Scan request examines

// cost is what one request of a client asks of a table and its indexes.
type cost struct {
	read  float64   // units at the table or at the index that is queried
	write float64   // units at the table
	index []float64 // write units by index
	bytes float64   // examined or written
}

// costOf follows "DynamoDB read and write operations" in the developer guide: 4 KB a read unit, half of it when eventual;
// 1 KB a write unit; Query and Scan round the sum of what they examine, before any filter.
func costOf(c *scenario.Traffic, t *scenario.Table) cost {
	size := t.ItemBytes
	for i := range t.Indexes {
		if t.Indexes[i].Name == c.Index {
			size = projectedBytes(t.Indexes[i].Projection, size)
		}
	}
	k := cost{index: make([]float64, len(t.Indexes))}
	switch c.Operation {
	case "GetItem", "BatchGetItem", "TransactGetItems":
		k.bytes = size
	case "Query", "Scan", "ExecuteStatement":
		k.bytes = min(pageBytes, c.Examined/max(1, c.Pages)*size)
	case "PutItem", "BatchWriteItem", "TransactWriteItems":
		k.bytes = c.ItemBytes
	case "UpdateItem":
		k.bytes = max(c.ItemBytes, size) // the larger of before and after
	case "DeleteItem":
		k.bytes = size
	}
	each := 1.0
	if transactional(c.Operation) { // prepared and committed: twice the units, of every item (developer guide, "Transactions")
		each = 2 * max(1, c.Batch)
	}
	if !scenario.Writes(c.Operation) {
		k.read = each * max(1, math.Ceil(k.bytes/4096))
		if !c.Consistent && !transactional(c.Operation) {
			k.read /= 2
		}
		return k
	}
	k.write = each * max(1, math.Ceil(k.bytes/1024))
	for i := range t.Indexes {
		k.index[i] = k.write * c.WritesTo(t.Indexes[i].Name)
	}
	return k
}

// projectedBytes is the size of an item in an index (guess: keys are 100 bytes, an include list is half the item).
func projectedBytes(p scenario.Projection, size float64) float64 {
	switch p {
	case scenario.ProjectKeysOnly:
		return min(size, 100)
	case scenario.ProjectInclude:
		return size / 2
	}
	return size
}

// speed is the server-side time of an operation: a log-normal body and a rarer, slower one. Every figure is a guess within
// AWS's "single-digit milliseconds" for single items.
type speed struct {
	median float64 // seconds, for an empty item
	perKB  float64 // seconds per KB examined or written
}

var speeds = map[string]speed{
	"GetItem": {0.0019, 0.00002}, "Query": {0.0026, 0.000025}, "Scan": {0.0032, 0.000025},
	"ExecuteStatement": {0.0029, 0.000025},
	"PutItem":          {0.0034, 0.00005}, "UpdateItem": {0.0038, 0.00005}, "DeleteItem": {0.0032, 0.00002},
	"BatchGetItem": {0.0035, 0.000025}, "BatchWriteItem": {0.0055, 0.00005},
	"TransactGetItems": {0.0055, 0.00003}, "TransactWriteItems": {0.0085, 0.00008},
}

const (
	bodySigma = 0.28
	tailShare = 0.004
	tailTimes = 6.0
	tailSigma = 0.5
)

// serverTime is the distribution of n requests' time at the service.
func serverTime(operation string, bytes, n float64) mix {
	v, ok := speeds[operation]
	if !ok {
		v = speed{0.005, 0.00005}
	}
	median := v.median + v.perKB*bytes/1024
	return mix{
		lognormal(n*(1-tailShare), 0, median, bodySigma),
		lognormal(n*tailShare, 0, median*tailTimes, tailSigma),
	}
}
