package theme

// Set is a choice of glyphs, from richest to plainest.
type Set int

// The glyph sets. Braille needs a font that has it, Block only Unicode, ASCII nothing.
const (
	Braille Set = iota
	Block
	ASCII
	sets
)

// Next returns the set that follows, in a circle.
func (s Set) Next() Set { return (s + 1) % sets }

// String names the set.
func (s Set) String() string { return [...]string{"braille", "block", "ascii"}[s] }

// Glyphs are the signs of one set. Every state has a sign and a word, so colour is never needed.
type Glyphs struct {
	Set                                                 Set
	OK, Warn, Crit, Stale, None                         string
	Done, Failed, Asked, Here, Todo                     string
	TopLeft, TopRight, BottomLeft, BottomRight, Across  string
	Down, LimitLine, MarkLine, CursorLine, Gap, Missing string
	Arrow, Dot, Ellipsis, Bar, Minus, Follow            string
	Before                                              [2]string // a value of yesterday, and of a week ago
	Degree                                              [9]string // an eighth each, 0 empty
}

var rich = Glyphs{
	Set: Braille,
	OK:  "●", Warn: "▲", Crit: "✖", Stale: "~", None: "·",
	Done: "✓", Failed: "✖", Asked: "?", Here: "▸", Todo: "·",
	TopLeft: "╭", TopRight: "╮", BottomLeft: "╰", BottomRight: "╯", Across: "─", Down: "│",
	LimitLine: "┄", MarkLine: "┊", CursorLine: "│", Gap: "░", Missing: "—",
	Arrow: "→", Dot: "·", Ellipsis: "…", Bar: "▌", Minus: "−", Follow: "▾",
	Before: [2]string{"·", "×"},
	Degree: [9]string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
}

var plainGlyphs = Glyphs{
	Set: ASCII,
	OK:  "o", Warn: "!", Crit: "X", Stale: "~", None: ".",
	Done: "v", Failed: "X", Asked: "?", Here: ">", Todo: ".",
	TopLeft: "+", TopRight: "+", BottomLeft: "+", BottomRight: "+", Across: "-", Down: "|",
	LimitLine: "-", MarkLine: ":", CursorLine: "|", Gap: "%", Missing: "-",
	Arrow: "->", Dot: ".", Ellipsis: "..", Bar: "#", Minus: "-", Follow: "v",
	Before: [2]string{"'", "x"},
	Degree: [9]string{" ", "_", ".", ",", "-", "=", "+", "*", "#"},
}

// GlyphsOf returns the glyphs of a set.
func GlyphsOf(s Set) *Glyphs {
	if s == ASCII {
		return &plainGlyphs
	}
	g := rich
	g.Set = s
	return &g
}
