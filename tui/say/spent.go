package say

import (
	"fmt"

	"github.com/ddbloop/ddbloop/engine/price"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/metric"
)

// Spent is what measuring has cost this session so far: in USD, or in metrics asked for where no price is known. Signals that rest for the sake of the budget
// are said. "" before anything was asked.
func Spent(s *history.State) string {
	if s.Queries == 0 {
		return ""
	}
	text := metric.Number(float64(s.Queries+s.Rankings)) + " metrics asked"
	if usd, ok := s.Cost(); ok {
		text = "cost " + price.FormatTotal(usd, true)
	}
	if s.Resting > 0 {
		text += fmt.Sprintf(", %d rest", s.Resting)
	}
	return text
}
