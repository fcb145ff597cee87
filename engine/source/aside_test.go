package source

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/ddbloop/ddbloop/history"
)

// asideReader answers what the test says.
type asideReader struct {
	scaling func() ([]history.ScalingDescribed, []history.ScalingActed, error)
	rules   int
	names   [][]string
}

func (r *asideReader) Scaling(context.Context, []string) ([]history.ScalingDescribed, []history.ScalingActed, error) {
	return r.scaling()
}

func (r *asideReader) Trail(context.Context, string, time.Time) ([]history.CallRecorded, error) {
	return []history.CallRecorded{{ID: "1", By: "ana", Call: "UpdateTable", Target: "orders"}}, nil
}

func (r *asideReader) Alarms(_ context.Context, names []string) ([]history.AlarmChanged, error) {
	r.names = append(r.names, names)
	return []history.AlarmChanged{{Name: "ours", Target: "orders/by-status", State: "ALARM"}, {Name: "theirs", Target: "other", State: "ALARM"}, {Name: "no table", State: "ALARM"}}, nil
}

func (r *asideReader) InsightRules(context.Context, string) (string, string, error) {
	r.rules++
	return "rule", "", nil
}

func (r *asideReader) Keys(_ context.Context, _ string, from, to time.Time, name func(string) string) (history.KeysRanked, error) {
	return history.KeysRanked{From: from.Unix(), To: to.Unix(), Sum: 10, Keys: []history.KeyShare{{Tag: name("tenant\x007\x1b"), Share: 0.9}}}, nil
}

func (r *asideReader) AlarmHistory(_ context.Context, name string, _ time.Time) ([]history.AlarmTurned, error) {
	return []history.AlarmTurned{{Name: name, At: start.Add(-time.Hour), Text: "Alarm updated from OK to ALARM"}}, nil
}

func (r *asideReader) Quotas(context.Context) (history.QuotasRead, error) {
	return history.QuotasRead{TableRead: 40000}, nil
}

func asidesOf(w *world, r AsideReader, throttled ...string) map[string]*Aside {
	out := map[string]*Aside{}
	for _, a := range NewAsides(AsidesConfig{
		Clock: w, From: r, To: w, Rand: half, Tables: []string{"orders"},
		Snapshot:  func(string) (history.TableSnapshot, bool) { return history.TableSnapshot{}, false },
		Throttled: func() []string { return throttled },
	}) {
		out[a.c.Name] = a
	}
	return out
}

func TestAsidesTellWhatIsNewOnce(t *testing.T) {
	w, r := newWorld(), &asideReader{}
	eyes := asidesOf(w, r)
	for _, name := range []string{"cloudtrail", "alarms", "alarm history", "quotas"} {
		w.Go(func() { eyes[name].Run(context.Background()) })
	}
	w.Run(start.Add(3*time.Hour), nil)
	w.Stop()
	if calls, alarms, quotas := of[history.CallRecorded](w), of[history.AlarmChanged](w), of[history.QuotasRead](w); len(calls) != 1 || len(quotas) != 1 ||
		len(alarms) != 1 || alarms[0].Name != "ours" {
		t.Errorf("told %v, %v and %v", calls, alarms, quotas)
	}
	if turned := of[history.AlarmTurned](w); len(turned) != 1 || turned[0].Name != "ours" {
		t.Errorf("told of %v", turned)
	}
	if len(r.names[0]) != 0 || len(r.names[1]) != 1 || r.names[1][0] != "ours" {
		t.Errorf("asked for the alarms %v: all of them first, then ours", r.names[:2])
	}
}

// A missing permission turns one eye off, by its name, and is asked for again every ten minutes.
//
// Mutant: treat a denial as any other failure.
func TestAMissingPermissionTurnsOneEyeOff(t *testing.T) {
	asked, granted := 0, false
	r := &asideReader{scaling: func() ([]history.ScalingDescribed, []history.ScalingActed, error) {
		if asked++; !granted {
			return nil, nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
		}
		return []history.ScalingDescribed{{Target: "orders", Side: "write", Max: 10}}, nil, nil
	}}
	w := newWorld()
	eye := asidesOf(w, r)["scaling"]
	w.Go(func() { eye.Run(context.Background()) })
	w.Run(start.Add(25*time.Minute), nil)
	if said := of[history.SourceChanged](w); asked != 3 || len(said) != 1 || said[0].State != "denied" ||
		said[0].Text != "needs application-autoscaling:DescribeScalableTargets, DescribeScalingPolicies and DescribeScalingActivities" {
		t.Errorf("asked %d times, said %+v", asked, said)
	}
	granted = true
	w.Run(start.Add(31*time.Minute), nil)
	w.Stop()
	if got := of[history.ScalingDescribed](w); len(got) != 1 || w.state().Sources["scaling"].State != "ok" {
		t.Errorf("after it was granted: %v, %+v", got, w.state().Sources["scaling"])
	}
}

func TestAPolicyThatIsTakenAwayIsGone(t *testing.T) {
	n := 0
	r := &asideReader{scaling: func() ([]history.ScalingDescribed, []history.ScalingActed, error) {
		if n++; n > 2 {
			return nil, nil, nil
		}
		return []history.ScalingDescribed{{Target: "orders", Side: "read", Max: 10}}, nil, nil
	}}
	w := newWorld()
	eye := asidesOf(w, r)["scaling"]
	w.run(t, eye.Run, 5*time.Minute)
	if got := of[history.ScalingDescribed](w); len(got) != 2 || got[0].Gone || !got[1].Gone {
		t.Errorf("told %+v", got)
	}
}

// Reports of Contributor Insights cost: they are read only of what is refused now.
func TestKeysAreAskedForWhatIsRefused(t *testing.T) {
	w, r := newWorld(), &asideReader{}
	eye := asidesOf(w, r)["insights"]
	w.run(t, eye.Run, 10*time.Minute)
	if r.rules != 0 {
		t.Errorf("asked %d times though nothing is refused", r.rules)
	}
	// An eye that has asked nothing has seen nothing: no age makes it look well. Mutant: a look that asked nothing went well.
	if src := w.state().Sources["insights"]; src.State != "idle" || !src.LastOK.IsZero() || len(w.state().Timeline) != 0 {
		t.Errorf("nothing was asked: %+v, timeline %v", src, w.state().Timeline)
	}
	w = newWorld()
	eye = asidesOf(w, r, "orders")["insights"]
	w.run(t, eye.Run, 90*time.Second)
	if got := of[history.KeysRanked](w); len(got) != 2 || got[0].Target != "orders" || got[0].Rule != "throttled" {
		t.Errorf("told %+v", got)
	}
}

// Key values leave as tags, the same for the same key and secret, unless somebody asked for them; then harmless.
//
// Mutant: reveal always.
func TestKeysAreTagsUnlessRevealed(t *testing.T) {
	for _, reveal := range []bool{false, true} {
		w := newWorld()
		for _, a := range NewAsides(AsidesConfig{
			Clock: w, From: &asideReader{}, To: w, Rand: half, Tables: []string{"orders"}, Secret: []byte("s"), Reveal: reveal,
			Snapshot:  func(string) (history.TableSnapshot, bool) { return history.TableSnapshot{}, false },
			Throttled: func() []string { return []string{"orders"} },
		}) {
			if a.c.Name == "insights" {
				w.run(t, a.Run, 90*time.Second)
			}
		}
		for _, k := range of[history.KeysRanked](w) {
			if tag := k.Keys[0].Tag; reveal != (tag == `tenant / 7\u001b`) || !reveal && (len(tag) != 10 || strings.Contains(tag, "tenant")) {
				t.Errorf("revealed %v: %q", reveal, tag)
			}
		}
		if len(of[history.KeysRanked](w)) == 0 {
			t.Error("nothing was ranked")
		}
	}
}
