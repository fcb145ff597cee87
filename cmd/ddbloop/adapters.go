package main

import (
	"context"

	"github.com/ddbloop/ddbloop/engine"
	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

// describer reads tables for plans and for the check before a change is sent.
type describer struct{ account *ddbaws.Account }

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

// SetThroughput implements engine.Writer.
func (w writer) SetThroughput(ctx context.Context, table, index string, read, write int64) engine.Answer {
	id, err := w.to.SetThroughput(ctx, table, index, read, write)
	if err == nil {
		return engine.Answer{OK: true, Request: id}
	}
	f := ddbaws.Classify(err)
	return engine.Answer{Unsure: f.MaybeApplied(), Code: f.Code, Text: f.Text, Request: f.RequestID}
}

// writerFor builds the writing client, and only when changes are allowed: read-only means that there is none.
func writerFor(account *ddbaws.Account, allowed bool) (engine.Writer, error) {
	if !allowed {
		return nil, nil
	}
	w, err := ddbaws.NewWriter(account, allowed)
	if err != nil {
		return nil, err
	}
	return writer{w}, nil
}

// plainError is an AWS failure in one clean line.
type plainError struct{ text string }

func (p plainError) Error() string { return p.text }

func failed(err error) error { return plainError{ddbaws.Classify(err).Text} }
