package sim

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

const (
	controlPrefix  = "/_ddbloop/"
	maxControlBody = 64 << 10
)

func isControl(path string) bool { return strings.HasPrefix(path, controlPrefix) }

// paced is a clock whose pace can be changed while it runs.
type paced interface {
	Speed() float64
	SetSpeed(times float64) error
}

// control answers the simulator's own endpoint: what the world looks like from outside, its levers, its clock, new events and
// the clients' feeds. It never shows the scenario's truth.
func (s *Sim) control(c Clock, r *http.Request) *wire.Response {
	if r.Header.Get("Origin") != "" {
		return refusal(http.StatusForbidden, "web pages may not use this endpoint")
	}
	area, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, controlPrefix), "/")
	switch r.Method + " " + area {
	case "GET world":
		return s.showWorld(c)
	case "POST levers":
		return s.pull(r.Context(), c, name, true)
	case "DELETE levers":
		return s.pull(r.Context(), c, name, false)
	case "POST clock":
		return setPace(c, r)
	case "POST events":
		return s.inject(c, r)
	case "GET feed":
		return s.showFeed(c, name)
	}
	return refusal(http.StatusNotFound, "no such thing: "+r.Method+" /_ddbloop/"+area)
}

func jsonAnswer(status int, v any) *wire.Response {
	body, err := json.Marshal(v)
	if err != nil {
		return refusal(http.StatusInternalServerError, err.Error())
	}
	return &wire.Response{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: append(body, '\n')}
}

func refusal(status int, why string) *wire.Response {
	return jsonAnswer(status, map[string]string{"error": why})
}

// leverView is a lever as the endpoint shows it.
type leverView struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Does    string `json:"does"`
	Delay   string `json:"delay"`
	On      bool   `json:"on"`
	InForce bool   `json:"in_force"`
}

func show(l world.Lever) leverView {
	return leverView{l.Name, l.Title, l.Does, l.Delay.String(), l.On, l.InForce}
}

func (s *Sim) showWorld(c Clock) *wire.Response {
	now := c.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	view := struct {
		Scenario string      `json:"scenario"`
		T        string      `json:"t"`
		Now      time.Time   `json:"now"`
		Speed    float64     `json:"speed"`
		Levers   []leverView `json:"levers"`
	}{s.sc.Name, s.at(now).Round(time.Millisecond).String(), now.UTC(), pace(c), []leverView{}}
	for _, l := range s.world.Levers() {
		view.Levers = append(view.Levers, show(l))
	}
	return jsonAnswer(http.StatusOK, view)
}

func pace(c Clock) float64 {
	if p, ok := c.(paced); ok {
		return p.Speed()
	}
	return 1
}

// pull takes a lever into force or out of it and answers once that is so.
func (s *Sim) pull(ctx context.Context, c Clock, name string, on bool) *wire.Response {
	s.mu.Lock()
	now := s.at(c.Now())
	_, known := s.lever(name)
	ready := now
	var err error
	if known {
		ready, err = s.world.SetLever(name, on)
	}
	s.mu.Unlock()
	switch {
	case !known:
		return refusal(http.StatusNotFound, "this scenario has no such lever")
	case err != nil:
		return refusal(http.StatusConflict, err.Error())
	}
	if ready > now {
		if err := c.Sleep(ctx, ready-now); err != nil {
			return refusal(http.StatusGatewayTimeout, "the lever was called, but the wait for it ended early: "+err.Error())
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(c.Now())
	l, _ := s.lever(name)
	return jsonAnswer(http.StatusOK, show(l))
}

// lever finds a lever; the caller holds the lock.
func (s *Sim) lever(name string) (world.Lever, bool) {
	for _, l := range s.world.Levers() {
		if l.Name == name {
			return l, true
		}
	}
	return world.Lever{}, false
}

func setPace(c Clock, r *http.Request) *wire.Response {
	body, err := controlBody(r)
	var want struct {
		Speed float64 `json:"speed"`
	}
	if err == nil {
		err = json.Unmarshal(body, &want)
	}
	if err != nil || want.Speed <= 0 || want.Speed > 1000 {
		return refusal(http.StatusBadRequest, `expected {"speed":N} with N over 0 and at most 1000`)
	}
	p, ok := c.(paced)
	if !ok {
		return refusal(http.StatusConflict, "this clock runs at one pace")
	}
	if err := p.SetSpeed(want.Speed); err != nil {
		return refusal(http.StatusConflict, err.Error())
	}
	return jsonAnswer(http.StatusOK, map[string]float64{"speed": p.Speed()})
}

// inject lets an event happen now; it is written as in a scenario, without at.
func (s *Sim) inject(c Clock, r *http.Request) *wire.Response {
	body, err := controlBody(r)
	if err != nil {
		return refusal(http.StatusBadRequest, err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.sc.ParseEvent("event", body, s.at(c.Now()))
	if err == nil {
		err = s.world.Inject(e)
	}
	if err != nil {
		return refusal(http.StatusBadRequest, err.Error())
	}
	return jsonAnswer(http.StatusOK, map[string]string{"at": e.At.String()})
}

func controlBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	return io.ReadAll(http.MaxBytesReader(nil, r.Body, maxControlBody))
}
