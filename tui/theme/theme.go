// Package theme holds what the cockpit looks like: style tokens, the colours they get on dark and light
// terminals, and the glyph sets. Drawing code names tokens and glyphs only.
package theme

// Token names a style. The zero token is plain text.
type Token uint8

// The tokens.
const (
	Text Token = iota
	Strong
	Dim
	Faint
	Border
	Focus
	OK
	Warn
	Crit
	Stale
	Info
	Chart
	ChartWarn
	ChartCrit
	Limit
	Mark
	Cursor
	Selected
	Frozen
	Armed
	ReadOnly
	Key
	count
)

// Theme maps every token to the parameters of its SGR sequence; an empty one is plain text.
type Theme [count]string

// Dark is for dark backgrounds, and for terminals that do not say.
var Dark = Theme{
	Strong: "1", Dim: "38;5;248", Faint: "38;5;241", Border: "38;5;239", Focus: "1;38;5;75",
	OK: "38;5;79", Warn: "38;5;221", Crit: "1;38;5;203", Stale: "38;5;180", Info: "38;5;110",
	Chart: "38;5;67", ChartWarn: "38;5;179", ChartCrit: "38;5;167", Limit: "38;5;137", Mark: "38;5;176",
	Cursor: "1;38;5;231", Selected: "1;48;5;237", Frozen: "1;7;38;5;75", Armed: "1;7;38;5;214", ReadOnly: "7;38;5;248", Key: "1;38;5;75",
}

// Light is for light backgrounds.
var Light = Theme{
	Strong: "1", Dim: "38;5;240", Faint: "38;5;246", Border: "38;5;250", Focus: "1;38;5;25",
	OK: "38;5;29", Warn: "38;5;130", Crit: "1;38;5;160", Stale: "38;5;94", Info: "38;5;24",
	Chart: "38;5;67", ChartWarn: "38;5;172", ChartCrit: "38;5;160", Limit: "38;5;94", Mark: "38;5;90",
	Cursor: "1;38;5;16", Selected: "1;48;5;253", Frozen: "1;7;38;5;25", Armed: "1;7;38;5;166", ReadOnly: "7;38;5;240", Key: "1;38;5;25",
}

// For returns the theme that fits the terminal's background.
func For(dark bool) *Theme {
	if dark {
		return &Dark
	}
	return &Light
}
