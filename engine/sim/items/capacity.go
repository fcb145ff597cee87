package items

import "math"

// The rules of this file are AWS's ("Read and write operations" and "Capacity unit consumption" in the developer guide).

const (
	readUnit  = 4 << 10
	writeUnit = 1 << 10
)

// ReadUnits is the price of a read of so many bytes: 4 KB a unit, half of it when eventually consistent. Bytes are what was
// examined, in one item or added up over a query's; nothing found still costs the minimum of one (or a half).
func ReadUnits(bytes int, consistent bool) float64 {
	units := math.Max(1, math.Ceil(float64(bytes)/readUnit))
	if !consistent {
		units /= 2
	}
	return units
}

// WriteUnits is the price of a write: 1 KB a unit, of the larger of the item before and after.
func WriteUnits(before, after int) float64 {
	return math.Max(1, math.Ceil(float64(max(before, after))/writeUnit))
}

// IndexWriteUnits is what a write costs an index, given its entry before and after (nil: not in the index): nothing when the
// entry stays as it is, one write when it comes, goes or changes, two when its key changes.
func IndexWriteUnits(before, after Item, keyChanged bool) float64 {
	switch {
	case before == nil && after == nil:
		return 0
	case before == nil:
		return WriteUnits(0, Size(after))
	case after == nil:
		return WriteUnits(Size(before), 0)
	case keyChanged:
		return WriteUnits(Size(before), 0) + WriteUnits(0, Size(after))
	case equalItems(before, after):
		return 0
	}
	return WriteUnits(Size(before), Size(after))
}
