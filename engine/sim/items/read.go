package items

import (
	"slices"
)

// MaxPage is how many bytes one Query or Scan examines before it returns a key to go on from.
const MaxPage = 1 << 20

// Read is a Query or, without a key condition, a Scan.
type Read struct {
	Index             string // "" for the table
	Key               *KeyCondition
	Filter            *Condition
	Projection        *Projection
	Backward          bool
	Limit             int  // items examined, 0 = no limit
	Start             Item // ExclusiveStartKey, nil = the beginning
	Segment, Segments int  // of a parallel Scan; Segments 0 = one
	Whole             bool // Select = ALL_ATTRIBUTES
	Loose             bool // the filter may look at key attributes, as PartiQL's may
}

// Page is what one request found.
type Page struct {
	Items   []Item
	Scanned int  // items examined
	Bytes   int  // size of the examined items, which is what is paid for
	Last    Item // LastEvaluatedKey, nil at the end
}

// IndexOf returns an index of the table.
func (s *Store) IndexOf(name string) (Index, bool) {
	for _, x := range s.indexes {
		if x.Name == name {
			return x.Index, true
		}
	}
	return Index{}, false
}

// Read runs the request.
func (s *Store) Read(r Read) (Page, error) {
	v, err := s.view(r)
	if err != nil {
		return Page{}, err
	}
	rows, err := v.span(r)
	if err != nil {
		return Page{}, err
	}
	var page Page
	var last Item // the item that was examined last
	for i := range rows {
		at := rows[i]
		if r.Backward {
			at = rows[len(rows)-1-i]
		}
		it := v.index.entry(s.key, s.full(at.rec))
		if !v.matches(r, at, it) {
			continue
		}
		n := Size(it)
		if page.Scanned > 0 && page.Bytes+n > MaxPage {
			page.Last = v.start(last)
			return page, nil
		}
		page.Scanned++
		page.Bytes += n
		if r.Filter.Holds(it) {
			page.Items = append(page.Items, r.Projection.Apply(it))
		}
		if last = at.rec.item; page.Scanned == r.Limit {
			page.Last = v.start(last)
			return page, nil
		}
	}
	return page, nil
}

// view is the table or an index as something that is read in order.
type view struct {
	store *Store
	index Index
	rows  []row
	table bool
}

func (s *Store) view(r Read) (view, error) {
	if r.Index == "" {
		// The table is an index on its own key that holds everything.
		v := view{s, Index{Key: s.key, All: true}, s.rows, true}
		return v, v.check(r)
	}
	for _, x := range s.indexes {
		if x.Name == r.Index {
			v := view{s, x.Index, x.rows, false}
			return v, v.check(r)
		}
	}
	return view{}, invalid("The table does not have the specified index: %s", printable(r.Index))
}

// check refuses what an index cannot give and what a filter may not look at.
func (v view) check(r Read) error {
	if r.Key != nil && r.Filter != nil && !r.Loose {
		for _, p := range r.Filter.paths {
			if v.index.Key.Has(p[0].name) {
				return invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", printable(p[0].name))
			}
		}
	}
	if v.index.All {
		return nil
	}
	if r.Whole {
		return invalid("One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", v.index.Name)
	}
	if r.Projection != nil {
		for _, name := range r.Projection.Names() {
			if !v.index.Key.Has(name) && !v.store.key.Has(name) && !slices.Contains(v.index.Include, name) {
				return invalid("One or more parameter values were invalid: Global secondary index %s does not project %s", v.index.Name, printable(name))
			}
		}
	}
	return nil
}

// span cuts out the rows that the request may touch: one partition for a query, one segment for a scan, after the start key.
func (v view) span(r Read) ([]row, error) {
	rows := v.rows
	if r.Key != nil {
		first := placed(r.Key.partition, "", "", nil)
		from, _ := slices.BinarySearchFunc(rows, first, row.order)
		to := from
		for to < len(rows) && rows[to].hash == first.hash && rows[to].partition == first.partition {
			to++
		}
		rows = rows[from:to]
	}
	if r.Start == nil {
		return rows, nil
	}
	at, err := v.position(r)
	if err != nil {
		return nil, err
	}
	i, found := slices.BinarySearchFunc(rows, at, row.order)
	if r.Backward {
		return rows[:i], nil
	}
	if found {
		i++
	}
	return rows[i:], nil
}

// position is where a start key points; the item need not exist any more.
func (v view) position(r Read) (row, error) {
	want := v.start(r.Start)
	if len(want) != len(r.Start) || len(want) != len(v.keyNames()) {
		return row{}, invalid("The provided starting key is invalid")
	}
	for _, value := range want {
		if _, is := value.(*vS); !is {
			return row{}, invalid("The provided starting key is invalid: One or more parameter values were invalid: Type mismatch for key")
		}
	}
	if r.Key != nil && textOf(want[v.index.Key.Partition]) != r.Key.partition {
		return row{}, invalid("The provided starting key is outside query boundaries based on provided conditions")
	}
	if r.Key != nil && r.Key.sort != nil && !r.Key.sort.holds(want) {
		return row{}, invalid("The provided starting key does not match the range key predicate")
	}
	if v.table {
		return v.store.tableRow(want, nil), nil
	}
	return v.store.indexRow(v.index.Key, want, nil), nil
}

// matches applies the range of a query or the segment of a scan.
func (v view) matches(r Read, at row, it Item) bool {
	if r.Key != nil {
		return r.Key.sort == nil || r.Key.sort.holds(it)
	}
	return r.Segments < 2 || int(at.hash>>33)%r.Segments == r.Segment
}

// keyNames lists the attributes of a start key: the table's key and the index's.
func (v view) keyNames() []string {
	names := slices.Concat(v.store.key.names(), v.index.Key.names())
	slices.Sort(names)
	return slices.Compact(names)
}

// start is the key to go on from after an item.
func (v view) start(it Item) Item {
	out := Item{}
	for _, name := range v.keyNames() {
		if value, ok := it[name]; ok {
			out[name] = value
		}
	}
	return out
}
