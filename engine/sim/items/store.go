package items

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Spec says what a table's store holds at the beginning.
type Spec struct {
	Key      Key
	Distinct int // partition values of the table
	Indexes  []Index
	Spread   map[string]int // index name → partition values of the index
	Items    int            // how many items; more than MaxItems are not kept
	Bytes    int            // mean size of an item
	Until    time.Time      // the newest item's time
}

// MaxItems is how many generated items a table has, and maxWritten how many bytes of written ones it takes on top: this is
// a test bed for requests, not a database.
const (
	MaxItems   = 1000
	maxWritten = 64 << 20
)

// payload is the attribute that brings a generated item to its size.
const payload = "payload"

// Store holds one table's items. It is not safe for concurrent use.
type Store struct {
	key     Key
	rows    []row
	indexes []index
	bytes   int // size that generated items have now
	written int // bytes of items that came from outside
}

type index struct {
	Index
	rows []row
}

// row is an item in its place: by hash of the partition value (a scan's order), then partition, sort and table key.
type row struct {
	hash                 uint64
	partition, sort, tie string
	rec                  *record
}

// record is one item. A generated one keeps its payload out of the map, so that its size can follow the scenario's.
type record struct {
	item      Item
	generated bool
	filled    Item // item with the payload, as of size
	size      int
}

// New generates the items of a table: item i has the partition value "<attribute>-<i mod distinct>" and an ISO time, one
// second after its predecessor's, as sort value; index keys likewise. Items that would have the same key exist once.
func New(s Spec) *Store {
	st := &Store{key: s.Key, bytes: s.Bytes}
	for _, x := range s.Indexes {
		st.indexes = append(st.indexes, index{Index: x})
	}
	n := min(s.Items, MaxItems)
	for i := range n {
		it := Item{}
		at := s.Until.Add(time.Duration(i+1-n) * time.Second).UTC().Format("2006-01-02T15:04:05Z")
		// The table's own key wins where an index shares an attribute with it.
		for _, x := range s.Indexes {
			put(it, x.Key, i, s.Spread[x.Name], at)
		}
		put(it, s.Key, i, s.Distinct, at)
		if _, exists := st.find(it); !exists {
			st.insert(&record{item: it, generated: true})
		}
	}
	return st
}

func put(it Item, k Key, i, distinct int, at string) {
	it[k.Partition] = &vS{Value: KeyValue(k.Partition, i%max(distinct, 1))}
	if k.Sort != "" {
		it[k.Sort] = &vS{Value: at}
	}
}

// KeyValue is the i-th value of a key attribute.
func KeyValue(attribute string, i int) string { return attribute + "-" + strconv.Itoa(i) }

// SetItemBytes changes the size of all generated items.
func (s *Store) SetItemBytes(n int) { s.bytes = n }

// full is the record's item as a reader sees it. The result must not be changed.
func (s *Store) full(r *record) Item {
	if !r.generated {
		return r.item
	}
	if r.filled == nil || r.size != s.bytes {
		rest := min(s.bytes, MaxItemBytes) - Size(r.item) - len(payload)
		r.filled, r.size = maps.Clone(r.item), s.bytes
		if rest > 0 {
			r.filled[payload] = &vS{Value: filler[:rest]}
		}
	}
	return r.filled
}

// filler is shared by all payloads.
var filler = strings.Repeat("ddbloop ", MaxItemBytes/8)

func placed(partition, sort, tie string, rec *record) row {
	h := fnv.New64a()
	_, _ = h.Write([]byte(partition)) // never fails
	return row{h.Sum64(), partition, sort, tie, rec}
}

func (r row) order(o row) int {
	return cmp.Or(cmp.Compare(r.hash, o.hash), strings.Compare(r.partition, o.partition), strings.Compare(r.sort, o.sort), strings.Compare(r.tie, o.tie))
}

// tableRow and indexRow are where an item belongs.
func (s *Store) tableRow(it Item, rec *record) row {
	return placed(textOf(it[s.key.Partition]), textOf(it[s.key.Sort]), "", rec)
}

func (s *Store) indexRow(k Key, it Item, rec *record) row {
	tie := textOf(it[s.key.Partition]) + "\x00" + textOf(it[s.key.Sort])
	return placed(textOf(it[k.Partition]), textOf(it[k.Sort]), tie, rec)
}

func (s *Store) find(key Item) (int, bool) {
	return slices.BinarySearchFunc(s.rows, s.tableRow(key, nil), row.order)
}

func (s *Store) insert(rec *record) {
	place := s.tableRow(rec.item, rec)
	i, _ := slices.BinarySearchFunc(s.rows, place, row.order)
	s.rows = slices.Insert(s.rows, i, place)
	for x := range s.indexes {
		ix := &s.indexes[x]
		if ix.entry(s.key, rec.item) == nil {
			continue
		}
		place := s.indexRow(ix.Key, rec.item, rec)
		i, _ := slices.BinarySearchFunc(ix.rows, place, row.order)
		ix.rows = slices.Insert(ix.rows, i, place)
	}
}

func (s *Store) remove(at int) {
	rec := s.rows[at].rec
	s.rows = slices.Delete(s.rows, at, at+1)
	for x := range s.indexes {
		ix := &s.indexes[x]
		if i, ok := slices.BinarySearchFunc(ix.rows, s.indexRow(ix.Key, rec.item, nil), row.order); ok {
			ix.rows = slices.Delete(ix.rows, i, i+1)
		}
	}
	if !rec.generated {
		s.written -= Size(rec.item)
	}
}

// Get finds an item by its key.
func (s *Store) Get(key Item) (Item, bool, error) {
	if err := s.key.checkKey(key); err != nil {
		return nil, false, err
	}
	i, ok := s.find(key)
	if !ok {
		return nil, false, nil
	}
	return s.full(s.rows[i].rec), true, nil
}

// First is the key of the first item whose table partition value is that, or of any item when there is none; nil when the
// table is empty.
func (s *Store) First(partition string) Item {
	for _, r := range s.rows {
		if r.partition == partition {
			return s.keyOf(r.rec.item)
		}
	}
	if len(s.rows) == 0 {
		return nil
	}
	return s.keyOf(s.rows[0].rec.item)
}

func (s *Store) keyOf(it Item) Item {
	out := Item{}
	for _, name := range s.key.names() {
		out[name] = it[name]
	}
	return out
}

// Partition is the partition value of an item or key.
func (s *Store) Partition(it map[string]types.AttributeValue) string {
	return textOf(it[s.key.Partition])
}

// Identity tells items of the table apart by the values of their key attributes; anything that holds them will do.
func (s *Store) Identity(it Item) [2]string {
	return [2]string{textOf(it[s.key.Partition]), textOf(it[s.key.Sort])}
}
