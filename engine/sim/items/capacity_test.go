package items

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestReadUnits(t *testing.T) {
	for _, c := range []struct {
		name       string
		bytes      int
		consistent bool
		want       float64
	}{
		{"a missing item costs the minimum", 0, true, 1},
		{"and half of it when eventual", 0, false, 0.5},
		{"AWS: 3 KB strongly is one unit", 3 << 10, true, 1},
		{"AWS: 8 KB strongly is two", 8 << 10, true, 2},
		{"AWS: 8 KB eventually is one", 8 << 10, false, 1},
		{"one byte more is a unit more", 4<<10 + 1, true, 2},
		{"AWS: a query of 40.8 KB strongly is 11", 41779, true, 11},
		{"AWS: a query of 27 KB eventually is 3.5", 27 << 10, false, 3.5},
		{"AWS: a full page is 128 eventually", 1 << 20, false, 128},
		{"and 256 strongly", 1 << 20, true, 256},
	} {
		if got := ReadUnits(c.bytes, c.consistent); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWriteUnits(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after int
		want          float64
	}{
		{"deleting what is not there", 0, 0, 1},
		{"AWS: 1 KB", 0, 1 << 10, 1},
		{"AWS: 1.5 KB is two", 0, 1536, 2},
		{"AWS: 2.5 KB is three", 0, 2560, 3},
		{"the larger of before and after", 3 << 10, 200, 3},
		{"a delete costs the item", 5 << 10, 0, 5},
	} {
		if got := WriteUnits(c.before, c.after); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestIndexWriteUnits(t *testing.T) {
	entry := func(status string, n int) Item {
		return Item{"status": &vS{Value: status}, "fill": &vS{Value: strings.Repeat("x", n)}}
	}
	for _, c := range []struct {
		name          string
		before, after Item
		moved         bool
		want          float64
	}{
		{"never in the index", nil, nil, false, 0},
		{"enters", nil, entry("a", 10), true, 1},
		{"leaves", entry("a", 10), nil, true, 1},
		{"key changes: out and in", entry("a", 10), entry("b", 10), true, 2},
		{"key changes: each side by its size", entry("a", 1500), entry("b", 10), true, 3},
		{"projected attribute changes", entry("a", 10), entry("a", 11), false, 1},
		{"nothing projected changes", entry("a", 10), entry("a", 10), false, 0},
	} {
		if got := IndexWriteUnits(c.before, c.after, c.moved); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestSize(t *testing.T) {
	for _, c := range []struct {
		name string
		v    types.AttributeValue
		want int
	}{
		{"text in UTF-8", &vS{Value: "größe"}, 7},
		{"a number: half a byte a digit and one", &vN{Value: "12345"}, 4},
		{"leading and trailing zeros are free", &vN{Value: "0012000"}, 2},
		{"binary", &vB{Value: make([]byte, 9)}, 9},
		{"boolean", &vBool{}, 1},
		{"null", &vNull{}, 1},
		{"set", &vSS{Value: []string{"ab", "c"}}, 3},
		{"empty list", &vL{}, 3},
		{"list", &vL{Value: []types.AttributeValue{&vS{Value: "ab"}}}, 6},
		{"map: names too", &vM{Value: Item{"k": &vS{Value: "ab"}}}, 7},
	} {
		if got := Size(Item{"a": c.v}); got != c.want+1 {
			t.Errorf("%s: %d, want %d", c.name, got-1, c.want)
		}
	}
}
