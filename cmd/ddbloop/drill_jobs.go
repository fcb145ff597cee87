package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// inOrder carries jobs out, so many at a time, and shows each result as soon as all before it have been shown. It returns the
// results that it showed.
func inOrder(ctx context.Context, jobs []job, workers int, run func(context.Context, job) (drillResult, error), show func(drillResult) error) ([]drillResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	type outcome struct {
		r   drillResult
		err error
	}
	results := make([]chan outcome, len(jobs))
	for i := range results {
		results[i] = make(chan outcome, 1)
	}
	next := make(chan int)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	for range min(workers, len(jobs)) {
		all.Go(func() {
			for i := range next {
				r, err := run(ctx, jobs[i])
				results[i] <- outcome{r, err}
			}
		})
	}
	all.Go(func() {
		defer close(next)
		for i := range jobs {
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	})
	var done []drillResult
	for i := range jobs {
		select {
		case <-ctx.Done():
			return done, ctx.Err()
		case o := <-results[i]:
			if o.err != nil {
				return done, o.err
			}
			if err := show(o.r); err != nil {
				return done, err
			}
			done = append(done, o.r)
		}
	}
	return done, nil
}

// separately runs each job in a process of its own: their processor times can be told apart, and what one leaves in memory goes
// with it.
func separately(o drillOptions) (func(context.Context, job) (drillResult, error), error) {
	self, err := os.Executable()
	if err != nil {
		return nil, usage("--jobs %d: this program cannot find itself to start another: %v; use --jobs 1", o.jobs, err)
	}
	return func(ctx context.Context, j job) (drillResult, error) {
		args := []string{
			"drill", j.from, "--jobs", "1", "--format", "json", "--seed", strconv.FormatInt(j.seed, 10),
			"--magnitude", j.sc.Magnitude, "--think", o.think.String(),
		}
		for _, r := range o.runbooks {
			args = append(args, "--runbook", r)
		}
		if o.until != "" {
			args = append(args, "--until", o.until)
		}
		if o.out != "" {
			args = append(args, "--out", o.out)
		}
		if j.try != nil {
			args = append(args, "--try", j.try.String())
		}
		cmd := exec.CommandContext(ctx, self, args...)
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = 5 * time.Second
		var out, complaint bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaint
		err := cmd.Run()
		var r drillResult
		var exit *exec.ExitError
		switch {
		case ctx.Err() != nil:
			return r, ctx.Err()
		case err != nil && !(errors.As(err, &exit) && exit.ExitCode() == exitFailed && out.Len() > 0):
			return r, usage("%s: %s", j.from, strings.TrimPrefix(strings.TrimSpace(complaint.String()+" "+err.Error()), "ddbloop: "))
		}
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			return r, usage("%s: the run's own process printed no result: %v", j.from, err)
		}
		return r, nil
	}, nil
}
