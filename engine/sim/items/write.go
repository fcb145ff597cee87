package items

// Write is a put, an update or a delete that has been computed but not yet applied: what it costs is known, and whether its
// condition holds, before the world has let it through.
type Write struct {
	Before, After Item // nil: not there
	Failed        bool // the condition does not hold; nothing will change
	Units         float64
	Indexes       []IndexCost

	store *Store
	key   Item
}

// IndexCost is what a write costs one index, and the index's partition value that it touches.
type IndexCost struct {
	Index     string
	Partition string
	Units     float64
}

// Put computes a PutItem.
func (s *Store) Put(it Item, cond *Condition) (*Write, error) {
	if err := s.checkItem(it); err != nil {
		return nil, err
	}
	before, _, err := s.Get(s.keyOf(it))
	if err != nil {
		return nil, err
	}
	return s.write(s.keyOf(it), before, it, cond)
}

// Check computes a condition check of a transaction: nothing is written, and the item's size is paid for.
func (s *Store) Check(key Item, cond *Condition) (*Write, error) {
	before, _, err := s.Get(key)
	if err != nil {
		return nil, err
	}
	return s.write(key, before, before, cond)
}

// Delete computes a DeleteItem.
func (s *Store) Delete(key Item, cond *Condition) (*Write, error) {
	before, _, err := s.Get(key)
	if err != nil {
		return nil, err
	}
	return s.write(key, before, nil, cond)
}

// Update computes an UpdateItem; a nil update only makes sure that the item is there.
func (s *Store) Update(key Item, u *Update, cond *Condition) (*Write, error) {
	before, _, err := s.Get(key)
	if err != nil {
		return nil, err
	}
	if !cond.Holds(before) {
		return s.write(key, before, before, cond) // a condition is judged before the update's own errors
	}
	after, err := u.apply(s.key, key, before)
	if err != nil {
		return nil, err
	}
	if err := s.checkItem(after); err != nil {
		return nil, err
	}
	return s.write(key, before, after, cond)
}

func (s *Store) checkItem(it Item) error {
	if err := checkAll(it, 1); err != nil {
		return err
	}
	if err := s.key.checkItem(it); err != nil {
		return err
	}
	for _, x := range s.indexes {
		for _, name := range x.Key.names() {
			v, ok := it[name]
			if !ok {
				continue
			}
			if err := keyType(name, v); err != nil {
				return err
			}
			if textOf(v) == "" {
				return invalid("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: %s, IndexKey: %s", x.Name, printable(name))
			}
		}
	}
	if n := Size(it); n > MaxItemBytes {
		return invalid("Item size has exceeded the maximum allowed size")
	}
	return nil
}

func (s *Store) write(key, before, after Item, cond *Condition) (*Write, error) {
	w := &Write{Before: before, After: after, Units: WriteUnits(Size(before), Size(after)), store: s, key: key}
	if !cond.Holds(before) {
		w.Failed, w.After = true, before
		w.Units = WriteUnits(Size(before), 0)
		return w, nil
	}
	if s.written+Size(after) > maxWritten {
		return nil, invalid("This simulated table takes no more than %d MiB of written items", maxWritten>>20)
	}
	for _, x := range s.indexes {
		w.cost(x.Index)
	}
	return w, nil
}

// cost adds what the write costs an index.
func (w *Write) cost(x Index) {
	before, after := x.entry(w.store.key, w.Before), x.entry(w.store.key, w.After)
	moved := false
	for _, name := range x.Key.names() {
		moved = moved || textOf(w.Before[name]) != textOf(w.After[name])
	}
	units := IndexWriteUnits(before, after, moved)
	if units == 0 {
		return
	}
	touched := after
	if touched == nil {
		touched = before
	}
	w.Indexes = append(w.Indexes, IndexCost{x.Name, textOf(touched[x.Key.Partition]), units})
}

// Apply makes the write; a failed condition changes nothing.
func (w *Write) Apply() {
	if w.Failed {
		return
	}
	if i, ok := w.store.find(w.key); ok {
		w.store.remove(i)
	}
	if w.After != nil {
		w.store.insert(&record{item: w.After})
		w.store.written += Size(w.After)
	}
}
