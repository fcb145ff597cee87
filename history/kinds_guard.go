package history

import "time"

// ChangesHeld says that a person, or the hold file, stopped every step that has not been sent, or that they let them go on. What
// was sent goes on all the same.
type ChangesHeld struct {
	Held bool   `json:"held"`
	Why  string `json:"why"`
	File bool   `json:"file,omitempty"` // by the hold file; only its going away ends it
}

// UndoTimed sets when a change in force is taken back unless it is kept. A zero time keeps it.
type UndoTimed struct {
	ID string    `json:"id"`
	At time.Time `json:"at,omitzero"`
}

// UndoProposed says that a change should be taken back, and why. Nothing is planned by it.
type UndoProposed struct {
	ID  string `json:"id"`
	Why string `json:"why"`
}

// ChangeCarried is a change that an earlier session on the same table left in force, or without an answer. It can be undone from
// here; its effect is not judged.
type ChangeCarried struct {
	Plan     ChangePlanned `json:"plan"` // with the id that it has here
	Session  string        `json:"session"`
	ID       string        `json:"id"` // that it had there
	State    string        `json:"state"`
	By       string        `json:"by,omitempty"`
	Planned  time.Time     `json:"planned"`
	Intended time.Time     `json:"intended"`
	Answered time.Time     `json:"answered,omitzero"`
	Settled  time.Time     `json:"settled,omitzero"`
	UndoAt   time.Time     `json:"undo_at,omitzero"`
}

// Origin names a change across sessions: by the session that made it, and the id that it had there.
func (c ChangeCarried) Origin() string { return c.Session + " " + c.ID }

// Hold is why nothing is sent just now.
type Hold struct {
	Why   string    `json:"why"`
	By    string    `json:"by,omitempty"`
	Since time.Time `json:"since"`
	File  bool      `json:"file,omitempty"`
	Under *Hold     `json:"under,omitempty"` // of a hold file: a person's stop, which stays when the file goes
}

// Kind names ChangesHeld in the journal.
func (ChangesHeld) Kind() string { return "changes.held" }

// Kind names UndoTimed in the journal.
func (UndoTimed) Kind() string { return "undo.timed" }

// Kind names UndoProposed in the journal.
func (UndoProposed) Kind() string { return "undo.proposed" }

// Kind names ChangeCarried in the journal.
func (ChangeCarried) Kind() string { return "change.carried" }
