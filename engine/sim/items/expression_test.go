package items

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var sample = Item{
	"tenant":  &vS{Value: "tenant-1"},
	"age":     &vN{Value: "41"},
	"price":   &vN{Value: "9.50"},
	"note":    &vS{Value: "größe"},
	"bin":     &vB{Value: []byte{1, 2, 3}},
	"yes":     &vBool{Value: true},
	"nothing": &vNull{Value: true},
	"tags":    &vSS{Value: []string{"b", "a"}},
	"nums":    &vNS{Value: []string{"1", "2.0"}},
	"lst":     &vL{Value: []types.AttributeValue{&vS{Value: "x"}, &vN{Value: "7"}}},
	"doc":     &vM{Value: Item{"nest": &vM{Value: Item{"deep": &vN{Value: "3"}}}, "a.b": &vS{Value: "dotted"}}},
}

var (
	testNames  = map[string]string{"#s": "status", "#age": "age", "#d": "doc", "#ab": "a.b", "#n": "name"}
	testValues = Item{
		":n40": &vN{Value: "40"}, ":n41": &vN{Value: "41.000"}, ":n50": &vN{Value: "5E+1"}, ":t": &vS{Value: "tenant-1"}, ":g": &vS{Value: "gr"},
		":set": &vSS{Value: []string{"a", "b"}}, ":a": &vS{Value: "a"}, ":two": &vN{Value: "2"}, ":yes": &vBool{Value: true}, ":S": &vS{Value: "S"},
		":x": &vS{Value: "x"}, ":bytes": &vB{Value: []byte{1, 2}}, ":six": &vN{Value: "7"}, ":Q": &vS{Value: "Q"},
	}
)

func TestConditionHolds(t *testing.T) {
	for text, want := range map[string]bool{
		"age = :n41":                     true,
		"age > :n40 AND age < :n50":      true,
		"age >= :n41 and NOT age > :n41": true,
		"#age BETWEEN :n40 AND :n50":     true,
		"price BETWEEN :n40 AND :n50":    false,
		"age IN (:n40, :n41)":            true,
		"tenant IN (:x, :g)":             false,
		"tenant = :n41":                  false, // types differ
		"tenant <> :n41":                 true,
		"#s <> :t":                       true, // absent differs
		"#s = :t":                        false,
		"NOT #s = :t":                    true,
		"tenant > :n40":                  false,
		"begins_with(note, :g)":          true,
		"begins_with(age, :g)":           false,
		"begins_with(bin, :bytes)":       true,
		"contains(note, :g)":             true,
		"contains(tags, :a)":             true,
		"contains(tags, :x)":             false,
		"contains(nums, :two)":           true,
		"contains(lst, :x)":              true,
		"contains(lst, :six)":            true,
		"contains(bin, :bytes)":          true,
		"tags = :set":                    true,
		"attribute_exists(#d)":           true,
		"attribute_exists(doc.gone)":     false,
		"attribute_not_exists(#n)":       true,
		"attribute_type(tenant, :S)":     true,
		"attribute_type(age, :S)":        false,
		"size(note) = :six":              true, // UTF-8 bytes
		"size(tags) = :two":              true,
		"size(age) > :two":               false, // numbers have no size
		"doc.#ab = :x OR lst[0] = :x":    true,
		"lst[9] = :x":                    false,
		"doc.nest.deep < :n40":           true,
		"yes = :yes":                     true,
		"(age = :n40 OR age = :n41) AND (NOT (tenant = :x))":       true,
		"age = :n40 OR age = :n41 AND tenant = :x":                 false, // AND binds tighter
		"attribute_exists(nothing)AND(yes=:yes)":                   true,
		"age = price":                                              false,
		"size(doc.nest) < :two":                                    true,
		":x = :x":                                                  true, // values may be the same
		"((age = :n40) OR (age = :n41))":                           true, // no parenthesis is redundant
		"NOT NOT yes = :yes":                                       true,
		"tenant = :t AND age BETWEEN :n40 AND :n50 AND yes = :yes": true,
	} {
		p, err := NewPlaceholders(testNames, testValues)
		if err != nil {
			t.Fatal(err)
		}
		c, err := p.Condition("FilterExpression", text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := c.Holds(sample); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestConditionIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "can not be empty",
		"age":                            "Syntax error",
		"age =":                          "Syntax error",
		"age = :n40 AND":                 "Syntax error",
		"(age = :n40":                    "Syntax error",
		"age = :n40)":                    "Syntax error",
		"age == :n40":                    "Syntax error",
		"age = 40":                       "Syntax error",
		"age ! :n40":                     "Syntax error",
		"status = :x":                    "reserved keyword: status",
		"#missing = :x":                  "attribute name: #missing",
		"age = :missing":                 "attribute value: :missing",
		"starts_with(note, :g)":          "Invalid function name; function: starts_with",
		"begins_with(note)":              "number of operands: 1",
		"attribute_exists(:x)":           "requires a document path",
		"attribute_type(age, :Q)":        "Invalid attribute type name",
		"attribute_type(age, :two)":      "operand type: N",
		"begins_with(note, :two)":        "operand type: N",
		"age < :yes":                     "operand type: BOOL",
		"age = age":                      "must be distinct",
		"age BETWEEN :n50 AND :n40":      "upper bound to be greater",
		"((age = :n40))":                 "redundant parentheses",
		"size(note)":                     "not allowed to be used this way",
		"contains(note, note)":           "operator: contains, first operand: [note]",
		"doc.nest >= doc.nest":           "first operand: [doc, nest]",
		"age BETWEEN :n40 AND :x":        "same data type",
		"age IN ()":                      "Syntax error",
		"age = size":                     "reserved keyword: size",
		"age = contains(tags, :a)":       "not allowed to be used this way",
		"lst[-1] = :x":                   "Syntax error",
		"lst[99999999999999999999] = :x": "Syntax error",
		strings.Repeat("(", 5000):        "maximum allowed size",
		"age = :n40" + strings.Repeat(" or age = :n40", 200): "too many operators",
	} {
		p, _ := NewPlaceholders(testNames, testValues)
		_, err := p.Condition("FilterExpression", text)
		var invalid *Invalid
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want …%s…", text, err, want)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	p, err := NewPlaceholders(map[string]string{"#a": "age", "#b": "note"}, Item{":v": &vN{Value: "1"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Condition("FilterExpression", "#a = :v"); err != nil {
		t.Fatal(err)
	}
	if err := p.Unused(); err == nil || !strings.Contains(err.Error(), "unused in expressions: keys: {#b}") {
		t.Errorf("unused: %v", err)
	}
	for _, bad := range []string{"a", "#", "#a-b", ":v", ""} {
		if _, err := NewPlaceholders(map[string]string{bad: "x"}, nil); err == nil {
			t.Errorf("name %q was accepted", bad)
		}
	}
	for _, v := range []types.AttributeValue{&vN{Value: "one"}, &vN{Value: "1e999999999"}, &vN{Value: strings.Repeat("1", 39)}, &vSS{}, &vSS{Value: []string{"a", "a"}}, &vNS{Value: []string{"1", "1.0"}}, nil} {
		if _, err := NewPlaceholders(nil, Item{":v": v}); err == nil {
			t.Errorf("value %v was accepted", v)
		}
	}
}

func TestProjection(t *testing.T) {
	p, _ := NewPlaceholders(testNames, nil)
	got, err := p.Projection("tenant, doc.nest.deep, lst[1], #n, #d.#ab")
	if err != nil {
		t.Fatal(err)
	}
	want := Item{
		"tenant": &vS{Value: "tenant-1"}, "lst": &vL{Value: []types.AttributeValue{&vN{Value: "7"}}},
		"doc": &vM{Value: Item{"nest": &vM{Value: Item{"deep": &vN{Value: "3"}}}, "a.b": &vS{Value: "dotted"}}},
	}
	if !equalItems(got.Apply(sample), want) {
		t.Errorf("projected %v", got.Apply(sample))
	}
	for _, bad := range []string{"tenant, tenant", "doc, doc.nest", "doc.nest, doc", "tenant,", ":v", "size(tenant)", "lst[0"} {
		if _, err := p.Projection(bad); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

func TestReservedWords(t *testing.T) {
	if n := len(reservedWords); n != 573 {
		t.Errorf("%d reserved words, the developer guide lists 573", n)
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "1.0": "1", "-0": "0", "007": "7", "1e3": "1000", "1E-3": "0.001", "-12.340": "-12.34", ".5": "0.5", "5.": "5",
		"9.9999999999999999999999999999999999999E+125": "99999999999999999999999999999999999999" + strings.Repeat("0", 88),
	} {
		n, err := parseNumber(text)
		if err != nil || n.String() != want {
			t.Errorf("%s: %s %v, want %s", text, n, err, want)
		}
	}
	for _, bad := range []string{"", "-", ".", "1e", "e1", "1e126", "1e-131", "0x1", "NaN", "1_0", "1 ", "--1", "1e99999999999"} {
		if n, err := parseNumber(bad); err == nil {
			t.Errorf("%q became %s", bad, n)
		}
	}
	for _, c := range []struct{ a, b, sum, difference string }{
		{"1", "2", "3", "-1"}, {"0.1", "0.2", "0.3", "-0.1"}, {"-5", "5", "0", "-10"}, {"1e20", "1", "100000000000000000001", "99999999999999999999"},
	} {
		a, _ := parseNumber(c.a)
		b, _ := parseNumber(c.b)
		sum, err := a.add(b, false)
		difference, err2 := a.add(b, true)
		if err != nil || err2 != nil || sum.String() != c.sum || difference.String() != c.difference {
			t.Errorf("%s and %s: %s, %s", c.a, c.b, sum, difference)
		}
	}
	big, _ := parseNumber("1e125")
	small, _ := parseNumber("1e-130")
	if sum, err := big.add(small, false); err == nil {
		t.Errorf("a sum of 255 digits came out as %s", sum)
	}
}
