package items

// KeyCondition is a parsed KeyConditionExpression: one partition, perhaps a range of it.
type KeyCondition struct {
	partition string
	sort      condition // nil: the whole partition
}

// Partition is the partition value that the query reads.
func (k *KeyCondition) Partition() string { return k.partition }

const keyKind = "KeyConditionExpression"

// KeyCondition parses a KeyConditionExpression against the key of the table or index that is queried.
func (p *Placeholders) KeyCondition(text string, key Key) (*KeyCondition, error) {
	c, err := p.Condition(keyKind, text)
	if err != nil {
		return nil, err
	}
	terms, err := conjunction(c.root)
	if err != nil {
		return nil, err
	}
	out, seen := &KeyCondition{}, map[string]bool{}
	for _, t := range terms {
		t = turned(t)
		name, err := keyTerm(t)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, invalid("KeyConditionExpressions must only contain one condition per key")
		}
		seen[name] = true
		switch {
		case name == key.Partition:
			eq, is := t.(compare)
			if !is || eq.op != "=" {
				return nil, invalid("Query key condition not supported")
			}
			v, _ := eq.right.get(nil)
			out.partition = textOf(v)
		case key.Sort != "" && name == key.Sort:
			out.sort = t
		}
	}
	if len(terms) > 2 {
		return nil, invalid("Conditions can be of length 1 or 2 only")
	}
	if !seen[key.Partition] {
		return nil, invalid("Query condition missed key schema element: %s", printable(key.Partition))
	}
	if len(terms) > 1 && out.sort == nil {
		if key.Sort == "" {
			return nil, invalid("Query key condition not supported")
		}
		return nil, invalid("Query condition missed key schema element: %s", printable(key.Sort))
	}
	if out.partition == "" {
		return nil, invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: %s", printable(key.Partition))
	}
	return out, nil
}

// conjunction flattens the ANDs; anything else between terms is not a key condition.
func conjunction(c condition) ([]condition, error) {
	switch n := c.(type) {
	case both:
		left, err := conjunction(n.left)
		if err != nil {
			return nil, err
		}
		right, err := conjunction(n.right)
		return append(left, right...), err
	case either:
		return nil, invalid("Invalid operator used in %s: OR", keyKind)
	case not:
		return nil, invalid("Invalid operator used in %s: NOT", keyKind)
	case within:
		return nil, invalid("Invalid operator used in %s: IN", keyKind)
	}
	return []condition{c}, nil
}

// turned puts the attribute of a comparison on its left.
func turned(c condition) condition {
	n, is := c.(compare)
	if !is {
		return c
	}
	if _, value := n.left.(literal); !value {
		return c
	}
	if op, ok := map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}[n.op]; ok {
		n.op = op
	}
	return compare{n.op, n.right, n.left}
}

// keyTerm checks one term's form and returns the attribute that it is about. Keys are strings here, so its values are.
func keyTerm(c condition) (string, error) {
	var left operand
	var right []operand
	switch n := c.(type) {
	case compare:
		if n.op == "<>" {
			return "", invalid("Invalid operator used in %s: <>", keyKind)
		}
		left, right = n.left, []operand{n.right}
	case between:
		left, right = n.v, []operand{n.low, n.high}
	case call:
		if n.name != "begins_with" {
			return "", invalid("Invalid operator used in %s: %s", keyKind, n.name)
		}
		left, right = n.args[0], n.args[1:]
	}
	for _, o := range append(right, left) {
		if _, nested := o.(sizeOf); nested {
			return "", invalid("KeyConditionExpressions cannot contain nested operations")
		}
	}
	p, is := left.(path)
	if !is || len(p) > 1 {
		return "", invalid("Invalid %s: a key attribute must stand on the left of each condition", keyKind)
	}
	for _, o := range right {
		l, is := o.(literal)
		if !is {
			return "", invalid("Invalid %s: a key attribute can only be compared with a value", keyKind)
		}
		if typeOf(l.v) != "S" {
			return "", invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
		}
	}
	return p[0].name, nil
}
