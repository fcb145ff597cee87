package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// Bench opens labs: two variants of a read, measured side by side from this shell.
type Bench interface {
	// Open reads variant B from a file in the form of the AWS CLI's --cli-input-json and puts it beside one of the team's probes,
	// which is A; an empty name is the only probe there is.
	Open(probe, file string) (OpenLab, error)
}

// OpenLab is a lab that is ready to run.
type OpenLab struct {
	Started history.LabStarted
	// Run measures until it is done, ctx ends or stopped gives a reason, and says in between how it stands.
	Run func(ctx context.Context, stopped func() string, say func(history.LabResult)) history.LabResult
	// Ask lets the probe ask as B from its next request on, or as A again.
	Ask func(b bool)
}

// startLab opens a lab and lets it run beside everything else. One runs at a time.
func (e *Engine) startLab(c StartLab) error {
	if e.opt.Bench == nil {
		return errors.New("this session has no lab")
	}
	lab, err := e.opt.Bench.Open(c.Probe, c.File)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopLab != nil {
		return errors.New("a lab runs already: end it first")
	}
	lab.Started.ID = fmt.Sprintf("L%d", len(e.state.Labs)+1)
	if err := e.record(e.opt.Actor, lab.Started); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(e.ctx)
	e.stopLab = cancel
	e.labs[lab.Started.ID] = lab
	e.opt.Clock.Go(func() { e.runLab(ctx, lab) })
	return nil
}

func (e *Engine) runLab(ctx context.Context, lab OpenLab) {
	s := lab.Started
	targets := []string{goalOf(s.Table, s.A.Index), goalOf(s.Table, s.B.Index)}
	r := lab.Run(ctx, func() (why string) {
		e.View(func(st *history.State) {
			for _, target := range targets {
				if diagnose.ReadsRefused(st, e.opt.Clock.Now(), target) {
					why = target + " refuses reads: the lab takes from what its callers need"
				}
			}
		})
		return why
	}, func(r history.LabResult) { e.Emit(history.LabMeasured{ID: s.ID, Result: r}) })
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopLab()
	e.stopLab = nil
	_ = e.record(history.Actor{}, history.LabFinished{ID: s.ID, Result: r})
}

// ask lets the probe of a lab ask as the variant that won, or as before. It is of this process: another one has other probes.
func (e *Engine) ask(p history.ChangePlanned) Answer {
	e.mu.Lock()
	defer e.mu.Unlock()
	lab, ok := e.labs[p.Lab]
	if !ok {
		return Answer{Code: "NoLab", Text: "lab " + p.Lab + " ran in another process: run it again"}
	}
	lab.Ask(p.UndoOf == "")
	return Answer{OK: true}
}

// endLab ends the lab that runs; what it has found by then is kept.
func (e *Engine) endLab() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopLab == nil {
		return errors.New("no lab runs")
	}
	e.stopLab()
	return nil
}
