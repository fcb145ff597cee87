package world

import (
	"math"
	"strings"
)

// A batch call carries many items, each admitted by itself: items that are refused come back as unprocessed, inside an answer
// that says 200, and the caller sends them again (API reference, "BatchGetItem", "BatchWriteItem"). The model therefore lets
// items flow and counts calls at the edges. A transaction is one request that costs its items' units together.

// unprocessed is the word under which a feed counts calls whose items were left over after the last attempt (guess: the
// service has none for it).
const unprocessed = "UnprocessedItems"

func batched(operation string) bool { return strings.HasPrefix(operation, "Batch") }

func transactional(operation string) bool { return strings.HasPrefix(operation, "Transact") }

// items is how many requests of the model one request on the wire is.
func (c *client) items() float64 {
	if batched(c.now.Operation) {
		return max(1, c.now.Batch)
	}
	return 1
}

// allRefused is the share of batches all of whose items were refused: only those count as throttled requests, and only those are
// answered with an exception (developer guide, "DynamoDB metrics and dimensions").
func allRefused(refused, items float64) float64 {
	if items <= 1 {
		return refused
	}
	return math.Pow(refused, items)
}
