package main

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ddbloop/ddbloop/history/plain"
)

// teamName is what the team calls something. It stands on screens and in postmortems: nothing in it may steer a terminal or hide.
type teamName string

// UnmarshalYAML implements yaml.Unmarshaler.
func (t *teamName) UnmarshalYAML(n *yaml.Node) error {
	var s string
	if err := n.Decode(&s); err != nil {
		return err
	}
	if plain.Text(s) != s {
		return fmt.Errorf("line %d: name %s has characters that cannot be seen or steer a terminal", n.Line, plain.Text(s))
	}
	*t = teamName(s)
	return nil
}

// teamOp is an operation of DynamoDB; "" where none is named.
type teamOp string

// operations are those that read or write items, as AWS spells them.
var operations = strings.Fields("GetItem Query Scan PutItem UpdateItem DeleteItem BatchGetItem BatchWriteItem TransactGetItems TransactWriteItems " +
	"ExecuteStatement BatchExecuteStatement ExecuteTransaction")

// UnmarshalYAML implements yaml.Unmarshaler.
func (o *teamOp) UnmarshalYAML(n *yaml.Node) error {
	var s string
	if err := n.Decode(&s); err != nil {
		return err
	}
	if s != "" && !slices.Contains(operations, s) {
		return fmt.Errorf("line %d: operation is one of %s, not %q", n.Line, strings.Join(operations, " "), s)
	}
	*o = teamOp(s)
	return nil
}
