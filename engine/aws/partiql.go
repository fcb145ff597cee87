package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// selection is a PartiQL statement that has been found to be a SELECT, with the table and index that it reads.
type selection struct {
	in           dynamodb.ExecuteStatementInput
	table, index *string
}

type cliStatement struct {
	Statement              string
	Parameters             []attribute `json:",omitempty"`
	ConsistentRead         *bool       `json:",omitempty"`
	Limit                  *int32      `json:",omitempty"`
	ReturnConsumedCapacity string      `json:",omitempty"` // always overridden
}

func selectInput(raw []byte) (*selection, error) {
	var in cliStatement
	if err := strict(raw, &in); err != nil {
		return nil, err
	}
	table, index, err := selects(in.Statement)
	if err != nil {
		return nil, err
	}
	if err := sane(in.Limit, largestScan); err != nil {
		return nil, err
	}
	s := &selection{table: &table, in: dynamodb.ExecuteStatementInput{
		Statement: sdk.String(in.Statement), ConsistentRead: in.ConsistentRead, Limit: in.Limit,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
	}}
	if index != "" {
		s.index = &index
	}
	for i, p := range in.Parameters {
		v, err := p.value(0)
		if err != nil {
			return nil, fmt.Errorf("parameter %d: %w", i+1, err)
		}
		s.in.Parameters = append(s.in.Parameters, v)
	}
	return s, nil
}

// writing are the words with which PartiQL changes something (Developer Guide, "PartiQL for DynamoDB statements"). None may
// stand anywhere in a statement of ours outside quotes, whatever the grammar would make of it there.
var writing = map[string]bool{
	"INSERT": true, "UPDATE": true, "DELETE": true, "UPSERT": true, "REPLACE": true, "INTO": true, "SET": true, "REMOVE": true,
	"EXEC": true, "EXECUTE": true, "CREATE": true, "DROP": true, "ALTER": true, "TRUNCATE": true, "MERGE": true,
}

// selects reads one SELECT and returns what it reads from. It refuses every other statement, several in one, and comments.
func selects(statement string) (table, index string, err error) {
	words, err := partiQL(statement)
	if err != nil {
		return "", "", err
	}
	if len(words) == 0 || words[0].upper() != "SELECT" {
		return "", "", errors.New("only a SELECT can be a probe")
	}
	from := -1
	for i, w := range words {
		if writing[w.upper()] {
			return "", "", fmt.Errorf("only a SELECT can be a probe, and this one says %s", w.upper())
		}
		if from < 0 && w.upper() == "FROM" {
			from = i
		}
	}
	if from < 0 || from+1 >= len(words) || !words[from+1].name() {
		return "", "", errors.New("the SELECT names no table")
	}
	table = words[from+1].text
	if rest := words[from+2:]; len(rest) >= 2 && rest[0].upper() == "." {
		if !rest[1].name() {
			return "", "", errors.New("the SELECT names no index after the dot")
		}
		index = rest[1].text
	}
	return table, index, nil
}

// word is one token of a statement; a quoted one says its quote.
type word struct {
	text  string
	quote byte // 0, ' or "
}

// upper is a word outside quotes in capitals; "" of one within.
func (w word) upper() string {
	if w.quote != 0 {
		return ""
	}
	return strings.ToUpper(w.text)
}

// name reports whether the word can name a table.
func (w word) name() bool {
	return w.text != "" && w.quote != '\'' && (w.quote == '"' || nameByte(w.text[0]))
}

func nameByte(c byte) bool {
	return c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

// partiQL cuts a statement into words, quoted texts and single other characters. A quote is doubled within its own kind.
func partiQL(s string) ([]word, error) {
	var out []word
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'' || c == '"':
			text, next := untilQuote(s, i)
			if next < 0 {
				return nil, errors.New("a quote is not closed")
			}
			out, i = append(out, word{text, c}), next
		case c == ';' || strings.HasPrefix(s[i:], "--") || strings.HasPrefix(s[i:], "/*") || c == '`':
			return nil, errors.New("a statement of a probe is one SELECT without comments")
		case nameByte(c):
			end := i
			for end < len(s) && nameByte(s[end]) {
				end++
			}
			out, i = append(out, word{text: s[i:end]}), end
		default:
			out, i = append(out, word{text: s[i : i+1]}), i+1
		}
	}
	return out, nil
}

// untilQuote reads a quoted text that begins at i, and returns where the rest begins; -1 when it does not end.
func untilQuote(s string, i int) (string, int) {
	var b strings.Builder
	quote := s[i]
	for i++; i < len(s); i++ {
		if s[i] != quote {
			b.WriteByte(s[i])
			continue
		}
		if i+1 >= len(s) || s[i+1] != quote {
			return b.String(), i + 1
		}
		b.WriteByte(quote)
		i++
	}
	return "", -1
}

func (a *Account) selects(ctx context.Context, in dynamodb.ExecuteStatementInput, at *position) (Reading, items, error) {
	in.NextToken = at.token
	out, err := a.db.ExecuteStatement(ctx, &in)
	if err != nil {
		return Reading{}, nil, err
	}
	at.token = out.NextToken
	return page(out.ConsumedCapacity, 0, int32(len(out.Items)), out.ResultMetadata), out.Items, nil
}

// opOf says which operation a request is of, by the members that only one has; "" when it cannot be told.
func opOf(input []byte) string {
	var has map[string]json.RawMessage
	if json.Unmarshal(input, &has) != nil {
		return ""
	}
	for _, m := range [...][2]string{
		{"Statement", "ExecuteStatement"},
		{"KeyConditionExpression", "Query"},
		{"Key", "GetItem"},
		{"TotalSegments", "Scan"},
		{"Segment", "Scan"},
		{"FilterExpression", "Scan"},
		{"Limit", "Scan"},
	} {
		if _, ok := has[m[0]]; ok {
			return m[1]
		}
	}
	return ""
}
