package layout

// Pane is one of the four panes.
type Pane int

// The panes, in the order of their number keys.
const (
	Metrics Pane = iota
	Runbook
	Timeline
	Effects
	Panes // how many there are
)

// String returns the pane's title.
func (p Pane) String() string { return [...]string{"Metrics", "Runbook", "Timeline", "Effects"}[p] }

// The smallest screen that is drawn.
const (
	MinWidth  = 40
	MinHeight = 10
)

// Mode is the shape of the screen.
type Mode int

// The shapes.
const (
	TooSmall Mode = iota
	One           // the focused pane only
	List          // four panes one below the other, as rows
	Two           // charts and runbook side by side, timeline and effects below
	Three         // charts, runbook and effects side by side, lanes below
)

// Breaks are the sizes at which the shape changes: at least this wide and this high.
type Breaks struct{ ListW, ListH, TwoW, TwoH, ThreeW, ThreeH int }

// DefaultBreaks fit the usual terminals.
var DefaultBreaks = Breaks{ListW: 60, ListH: 18, TwoW: 100, TwoH: 30, ThreeW: 160, ThreeH: 46}

// Input is everything that the layout depends on.
type Input struct {
	W, H   int
	Breaks Breaks
	Focus  Pane
	Full   bool       // the focused pane takes the whole body
	Ask    int        // rows that a card which waits for a person needs in the effects pane; 0 = none waits
	Armed  bool       // it is being approved: other panes give way
	Want   [Panes]int // rows each pane could fill, in List mode
}

// Map is the screen cut up. A pane that is not shown has an empty rectangle.
type Map struct {
	Mode   Mode
	Header Rect
	Body   Rect
	Footer Rect
	Pane   [Panes]Rect
}

// Header is always this high: identity, verdict, disposition, freshness.
const headerRows = 4

// ModeFor returns the shape for a size.
func ModeFor(w, h int, b Breaks) Mode {
	switch {
	case w < MinWidth || h < MinHeight:
		return TooSmall
	case w >= b.ThreeW && h >= b.ThreeH:
		return Three
	case w >= b.TwoW && h >= b.TwoH:
		return Two
	case w >= b.ListW && h >= b.ListH:
		return List
	}
	return One
}

// Solve cuts the screen up.
func Solve(in Input) Map {
	m := Map{Mode: ModeFor(in.W, in.H, in.Breaks)}
	if m.Mode == TooSmall {
		return m
	}
	whole := Rect{W: in.W, H: in.H}
	foot := 2
	if in.H < in.Breaks.ListH {
		foot = 1
	}
	head := headerRows
	if m.Mode == One && in.Armed { // identity and verdict only
		head = 2
	}
	m.Header, whole = whole.top(head)
	m.Body, m.Footer = whole.top(whole.H - foot)
	switch {
	case in.Full || m.Mode == One:
		m.Pane[in.Focus] = m.Body
	case m.Mode == List:
		m.stack(in)
	case m.Mode == Two:
		m.two(in)
	default:
		m.three(in)
	}
	return m
}

func (m *Map) two(in Input) {
	low := clamp(m.Body.H*2/5, 10, 16)
	if in.Ask > 0 {
		low = clamp(in.Ask+2, clamp(m.Body.H*2/5, 13, 18), max(18, m.Body.H-14))
	}
	low = min(low, m.Body.H-7)
	upper, lower := m.Body.top(m.Body.H - low)
	side := clamp(in.W/3, 40, 56)
	m.Pane[Metrics], m.Pane[Runbook] = upper.left(in.W - side)
	m.Pane[Timeline], m.Pane[Effects] = lower.left(in.W - clamp(in.W*9/20, 48, 72))
}

func (m *Map) three(in Input) {
	low := clamp(m.Body.H/3, 14, 20)
	upper, lower := m.Body.top(m.Body.H - low)
	side := clamp(in.W/5, 40, 48)
	var rest Rect
	m.Pane[Metrics], rest = upper.left(in.W - 2*side)
	m.Pane[Runbook], m.Pane[Effects] = rest.left(side)
	m.Pane[Timeline] = lower
}

// weights say how much a pane matters in List mode without and with the focus. The charts have it when
// the program starts, so that it must not cost the runbook its rows there.
var (
	weights = [Panes]float64{Metrics: 3, Runbook: 4, Timeline: 1.3, Effects: 1.7}
	focused = [Panes]float64{Metrics: 6, Runbook: 9, Timeline: 9, Effects: 9}
)

// stack gives every pane its title row and one row, then hands out the rest one by one to the pane that
// is furthest behind its weight and could still fill a row; the focused pane weighs most.
func (m *Map) stack(in Input) {
	var rows [Panes]int
	free := m.Body.H - 2*int(Panes)
	for p := range rows {
		rows[p] = 1
	}
	if in.Ask > 0 {
		more := clamp(in.Ask-1, 0, free)
		rows[Effects], free = rows[Effects]+more, free-more
	}
	for _, p := range []Pane{Timeline, Metrics, Runbook} { // down to their titles
		if in.Armed && rows[Effects] < in.Ask {
			rows[Effects], rows[p] = rows[Effects]+rows[p], 0
		}
	}
	for ; free > 0; free-- {
		best, score := in.Focus, 0.0
		for p := range Panes {
			w := weights[p]
			if p == in.Focus || in.Ask > 0 && p == Effects {
				w = focused[p]
			}
			if got := w / float64(max(1, rows[p])); rows[p] < in.Want[p] && got > score {
				best, score = p, got
			}
		}
		rows[best]++
	}
	rest := m.Body
	for p := range Panes {
		m.Pane[p], rest = rest.top(rows[p] + 1)
	}
}

func clamp(v, low, high int) int { return max(low, min(v, high)) }
