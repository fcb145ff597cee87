package tui

import (
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// seg is one part of a line. When the line is too long, parts with the least weight are shortened first,
// then left out; a part without a short form is left out at once. Weight keep is never left out.
type seg struct {
	text, short string
	tok         theme.Token
	weight      int  // to be left out
	soft        int  // to be shortened; 0 = weight
	right       bool // belongs to the right end of the line
}

const keep = 100

// fitSegs shortens until the parts and the gaps between them fit into w cells.
func fitSegs(segs []seg, w, gap int, ellipsis string) []seg {
	out := make([]seg, 0, len(segs))
	for _, s := range segs {
		if s.text != "" {
			out = append(out, s)
		}
	}
	for {
		total := -gap
		for _, s := range out {
			total += draw.Width(s.text) + gap
		}
		if total <= w || len(out) == 0 {
			return out
		}
		low := 0
		for i, s := range out {
			if s.firmness() < out[low].firmness() {
				low = i
			}
		}
		s := &out[low]
		switch {
		case s.short != "" && s.short != s.text:
			s.text, s.short = s.short, ""
		case s.weight < keep:
			out = append(out[:low], out[low+1:]...)
		default:
			longest(out).cut(total-w, ellipsis)
			return out
		}
	}
}

// firmness is how long the part stays as it is.
func (s seg) firmness() int {
	if s.short != "" && s.soft > 0 {
		return s.soft
	}
	return s.weight
}

func longest(segs []seg) *seg {
	at := 0
	for i := range segs {
		if draw.Width(segs[i].text) > draw.Width(segs[at].text) {
			at = i
		}
	}
	return &segs[at]
}

func (s *seg) cut(by int, ellipsis string) {
	s.text = draw.Fit(s.text, max(1, draw.Width(s.text)-by), ellipsis)
}

// line writes the parts with a separator between them and returns the column after them.
func line(a draw.Area, x, y int, segs []seg, sep string) int {
	for i, s := range segs {
		if i > 0 {
			x = a.Text(x, y, theme.Faint, sep)
		}
		x = a.Text(x, y, s.tok, s.text)
	}
	return x
}
