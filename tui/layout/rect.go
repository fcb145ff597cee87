// Package layout cuts the screen into named rectangles: a pure function of size and state.
package layout

// Rect is a rectangle of cells.
type Rect struct{ X, Y, W, H int }

// Empty reports whether nothing can be drawn in it.
func (r Rect) Empty() bool { return r.W <= 0 || r.H <= 0 }

// Inset returns the rectangle inside a one-cell border.
func (r Rect) Inset() Rect {
	return Rect{X: r.X + 1, Y: r.Y + 1, W: max(0, r.W-2), H: max(0, r.H-2)}
}

// top cuts h rows off the upper edge and returns them and the rest.
func (r Rect) top(h int) (Rect, Rect) {
	h = min(max(h, 0), r.H)
	return Rect{r.X, r.Y, r.W, h}, Rect{r.X, r.Y + h, r.W, r.H - h}
}

// left cuts w columns off the left edge and returns them and the rest.
func (r Rect) left(w int) (Rect, Rect) {
	w = min(max(w, 0), r.W)
	return Rect{r.X, r.Y, w, r.H}, Rect{r.X + w, r.Y, r.W - w, r.H}
}
