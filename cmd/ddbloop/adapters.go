package main

import (
	"context"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

// describer reads what plans rest on, and what is checked before a change is sent.
type describer struct {
	account *ddbaws.Account
	scales  bool // whether there is an Application Auto Scaling to ask; without one nothing is registered
}

// Describe implements engine.Describer.
func (d describer) Describe(ctx context.Context, table string) (history.TableSnapshot, error) {
	snap, err := d.account.DescribeTable(ctx, table)
	if err != nil {
		return snap, failed(err)
	}
	return snap, nil
}

// writer puts the one request of a change into the engine's words.
type writer struct{ to *ddbaws.Writer }

// Scaling implements engine.Describer.
func (d describer) Scaling(ctx context.Context, targets []string) ([]history.ScalingDescribed, error) {
	if !d.scales {
		return nil, nil
	}
	list, err := d.account.ScalingNow(ctx, targets)
	if err != nil {
		return nil, failed(err)
	}
	return list, nil
}

// Insights implements engine.Describer.
func (d describer) Insights(ctx context.Context, target string) (string, error) {
	mode, err := d.account.InsightsMode(ctx, target)
	if err != nil {
		return "", failed(err)
	}
	return mode, nil
}

// Tags implements engine.Describer.
func (d describer) Tags(ctx context.Context, table string) (map[string]string, error) {
	tags, err := d.account.Tags(ctx, table)
	if err != nil {
		return nil, failed(err)
	}
	return tags, nil
}

// Send implements engine.Writer.
func (w writer) Send(ctx context.Context, table string, set []history.Setting) engine.Answer {
	id, err := w.to.Send(ctx, table, set)
	if err == nil {
		return engine.Answer{OK: true, Request: id}
	}
	f := ddbaws.Classify(err)
	return engine.Answer{Unsure: f.MaybeApplied(), Code: f.Code, Text: f.Text, Request: f.RequestID}
}

// writerFor builds the writing client, and only when the flag and the policy allow changes: read-only means that there is none.
func writerFor(account *ddbaws.Account, allowed bool, p *inForce) (engine.Writer, error) {
	if !allowed {
		return nil, nil
	}
	w, err := ddbaws.NewWriter(account, allowed, func() time.Duration { return p.now().Life })
	if err != nil {
		return nil, err
	}
	return writer{w}, nil
}

// plainError is an AWS failure in one clean line.
type plainError struct{ text string }

func (p plainError) Error() string { return p.text }

func failed(err error) error { return plainError{ddbaws.Classify(err).Text} }
