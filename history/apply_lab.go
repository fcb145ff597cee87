package history

import "time"

// Lab is two variants of a read, measured side by side, and how they stand.
type Lab struct {
	Info     LabStarted `json:"info"`
	Started  time.Time  `json:"started"`
	By       string     `json:"by,omitempty"`
	Finished time.Time  `json:"finished,omitzero"`
	Result   *LabResult `json:"result,omitempty"`
}

// Lab returns the lab with an id, or nil.
func (s *State) Lab(id string) *Lab {
	for _, l := range s.Labs {
		if l.Info.ID == id {
			return l
		}
	}
	return nil
}

func (s *State) applyLab(e Event) {
	switch b := e.Body.(type) {
	case LabStarted:
		s.Labs = append(s.Labs, &Lab{Info: b, Started: e.At, By: e.Actor.Name})
		s.say(e, "people", "info", b.ID, "lab "+b.ID+" on "+b.Table+": A "+b.A.Name+" ("+b.A.Shape+"), B "+b.B.Name+" ("+b.B.Shape+")")
	case LabMeasured:
		if l := s.Lab(b.ID); l != nil && l.Finished.IsZero() {
			l.Result = &b.Result
		}
	case LabFinished:
		l := s.Lab(b.ID)
		if l == nil {
			return
		}
		l.Result, l.Finished = &b.Result, e.At
		level := "info"
		if b.Result.Winner != "" {
			level = "good"
		}
		s.say(e, "people", level, b.ID, "lab "+b.ID+" ended: "+b.Result.Why)
	}
}
