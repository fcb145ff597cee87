// Package history is what happened: the vocabulary of events, the State they fold into, and what is
// read out of both (postmortem, search). Nothing in it asks AWS anything or looks at a clock.
package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Event is one thing that happened, as the journal keeps it. Order is Seq's, never At's: clocks jump.
type Event struct {
	Seq   uint64        // 1, 2, 3 … within a session, given by the journal
	At    time.Time     // session clock, UTC
	Mono  time.Duration // since the writing process started, immune to clock jumps
	Actor Actor
	Body  Body
}

// Actor is who caused an event: a person's configured (else OS) name, with the AWS identity they act
// under. The program itself is the zero Actor.
type Actor struct {
	Name string `json:"name,omitempty"`
	AWS  string `json:"aws,omitempty"` // caller ARN
}

// Body is the typed content of an event. Bodies are plain data; Kind names them in the journal.
type Body interface{ Kind() string }

// Class says how durable an event must be before the next step may follow it.
type Class int

const (
	// May events are synced with the next Must event, or within a second.
	May Class = iota
	// Must events are on stable storage before they are acknowledged.
	Must
)

// Unknown is a body written by a newer version: kept and shown as "unknown event", never dropped.
type Unknown struct {
	Name string
	Raw  json.RawMessage
}

// Kind returns the name the newer version wrote.
func (u Unknown) Kind() string { return u.Name }

// MarshalJSON returns the raw body, so that re-encoding an unknown event changes nothing.
func (u Unknown) MarshalJSON() ([]byte, error) {
	if u.Raw == nil {
		return []byte("null"), nil
	}
	return u.Raw, nil
}

type envelope struct {
	Kind  string          `json:"kind"`
	At    time.Time       `json:"at"`
	Mono  time.Duration   `json:"mono"`
	Actor Actor           `json:"actor,omitzero"`
	Body  json.RawMessage `json:"body"`
}

// Encode returns the journal payload of an event. Seq is not part of it: the frame carries it.
func Encode(e Event) ([]byte, error) {
	if e.Body == nil || e.Body.Kind() == "" {
		return nil, errors.New("encode event: it has no kind")
	}
	body, err := json.Marshal(e.Body)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.Body.Kind(), err)
	}
	return json.Marshal(envelope{Kind: e.Body.Kind(), At: e.At.UTC(), Mono: e.Mono, Actor: e.Actor, Body: body})
}

// Decode reads one journal payload. A kind it does not know, or a body of another shape than it knows,
// becomes Unknown: a newer version's event must not hide those behind it.
func Decode(seq uint64, payload []byte) (Event, error) {
	var env envelope
	if err := json.Unmarshal(payload, &env); err != nil {
		return Event{}, fmt.Errorf("event %d: %w", seq, err)
	}
	if env.Kind == "" {
		return Event{}, fmt.Errorf("event %d: no kind", seq)
	}
	e := Event{Seq: seq, At: env.At.UTC(), Mono: env.Mono, Actor: env.Actor}
	if k, ok := kinds[env.Kind]; ok && string(env.Body) != "null" { // null fits every struct and says nothing
		if body, err := k.decode(env.Body); err == nil {
			e.Body = body
			return e, nil
		}
	}
	e.Body = Unknown{Name: env.Kind, Raw: append(json.RawMessage(nil), env.Body...)}
	return e, nil
}

// ClassOf returns how durable a body must be. An unknown kind is treated as Must.
func ClassOf(b Body) Class {
	if k, ok := kinds[b.Kind()]; ok {
		return k.class
	}
	return Must
}
