package runbooks

import (
	"strings"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// freeze resolves an expectation for a run, so that the goal cannot drift.
func (x *Expect) freeze(run history.RunbookOpened) *history.Expectation {
	if x == nil {
		return nil
	}
	name, _ := cond.Sided(x.Signal.Name, run.Side)
	out := &history.Expectation{
		Signal: name, Target: run.Target, Op: x.Signal.Op, Direction: x.Direction, By: x.By, Within: x.Within,
	}
	if x.Signal.Of == "table" {
		out.Target, _, _ = strings.Cut(run.Target, "/")
	}
	for _, h := range x.Harm {
		signal, _ := cond.Sided(h.Signal, run.Side)
		out.Harm = append(out.Harm, history.HarmSignal{Signal: signal, Factor: h.Factor})
	}
	return out
}
