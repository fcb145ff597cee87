package items

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Key names the attributes of a primary key, both strings; Sort is empty where there is none.
type Key struct {
	Partition, Sort string
}

// names lists the key's attributes.
func (k Key) names() []string {
	if k.Sort == "" {
		return []string{k.Partition}
	}
	return []string{k.Partition, k.Sort}
}

// Has reports whether the attribute belongs to the key.
func (k Key) Has(name string) bool {
	return name == k.Partition || k.Sort != "" && name == k.Sort
}

// Index is a global secondary index. All projects every attribute; otherwise the keys alone, plus Include.
type Index struct {
	Name    string
	Key     Key
	All     bool
	Include []string
}

// entry is what the index holds of an item, nil when the item lacks one of the index's keys.
func (x Index) entry(table Key, it Item) Item {
	for _, name := range x.Key.names() {
		if _, ok := it[name]; !ok {
			return nil
		}
	}
	if x.All {
		return it
	}
	out := Item{}
	for _, list := range [][]string{table.names(), x.Key.names(), x.Include} {
		for _, name := range list {
			if v, ok := it[name]; ok {
				out[name] = v
			}
		}
	}
	return out
}

// Limits of a key's value in bytes (developer guide, "Quotas").
const (
	maxPartitionKey = 2048
	maxSortKey      = 1024
)

// checkKey refuses a Key member that is not exactly the table's key.
func (k Key) checkKey(key Item) error {
	if len(key) != len(k.names()) {
		return invalid("The provided key element does not match the schema")
	}
	for _, name := range k.names() {
		if _, is := key[name].(*vS); !is {
			return invalid("The provided key element does not match the schema")
		}
	}
	return k.checkSizes(key)
}

// checkItem refuses an item that lacks a key attribute or has one of another type.
func (k Key) checkItem(it Item) error {
	for _, name := range k.names() {
		v, ok := it[name]
		if !ok {
			return invalid("One or more parameter values were invalid: Missing the key %s in the item", printable(name))
		}
		if err := keyType(name, v); err != nil {
			return err
		}
	}
	return k.checkSizes(it)
}

func keyType(name string, v types.AttributeValue) error {
	if _, is := v.(*vS); !is {
		return invalid("One or more parameter values were invalid: Type mismatch for key %s expected: S actual: %s", printable(name), typeOf(v))
	}
	return nil
}

func (k Key) checkSizes(it Item) error {
	for _, name := range k.names() {
		most, which := maxPartitionKey, "hashkey"
		if name != k.Partition {
			most, which = maxSortKey, "rangekey"
		}
		switch n := len(textOf(it[name])); {
		case n == 0:
			return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: %s", printable(name))
		case n > most:
			return invalid("One or more parameter values were invalid: Size of %s has exceeded the maximum size limit of%d bytes", which, most)
		}
	}
	return nil
}
