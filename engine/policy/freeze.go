package policy

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ddbloop/ddbloop/engine/change"
)

var weekdays = map[string]time.Weekday{
	"mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday, "sun": time.Sunday,
}

var clock = regexp.MustCompile(`^([01]\d|2[0-3]):([0-5]\d)$`)

// windows reads times in which nothing is changed.
func (d *decoder) windows(to *[]change.Window) func(*yaml.Node) {
	return func(n *yaml.Node) {
		d.list(n, "windows", func(x *yaml.Node) {
			if w, ok := d.window(x); ok {
				*to = append(*to, w)
			}
		})
	}
}

// window is {from, to, why} or {days, at, for, zone, why}.
func (d *decoder) window(n *yaml.Node) (w change.Window, ok bool) {
	before := len(d.problems)
	w.Zone = time.UTC
	at := ""
	d.fields(n, map[string]func(*yaml.Node){
		"from": d.instant(&w.From), "to": d.instant(&w.To),
		"days": func(v *yaml.Node) {
			d.list(v, "days", func(x *yaml.Node) {
				day, known := weekdays[x.Value]
				if !known {
					d.wrong(x, "%q is no day: mon, tue, wed, thu, fri, sat, sun", x.Value)
				}
				w.Days = append(w.Days, day)
			})
		},
		"at":  d.match(&at, clock.String(), "a time of day in quotes, as \"17:00\""),
		"for": d.week(&w.Length), "zone": d.zone(&w.Zone),
		"why": func(v *yaml.Node) {
			if text, is := d.scalar(v, "why nothing is changed then"); is {
				w.Why = text
			}
		},
	})
	if at != "" {
		hours, minutes, _ := strings.Cut(at, ":")
		h, _ := strconv.Atoi(hours) // two digits: checked
		m, _ := strconv.Atoi(minutes)
		w.Start = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	}
	if len(d.problems) > before {
		return w, false
	}
	weekly, once := len(w.Days) > 0, !w.From.IsZero() || !w.To.IsZero()
	switch {
	case weekly == once:
		d.wrong(n, "a window is {from, to, why}, or {days, at, for, zone, why}")
	case once && !w.From.Before(w.To):
		d.wrong(n, "the window ends before it begins")
	case weekly && (at == "" || w.Length <= 0):
		d.wrong(n, "a weekly window needs at and for")
	case w.Why == "":
		d.wrong(n, "a window needs why: it is what a person reads at that time")
	}
	return w, len(d.problems) == before
}

func (d *decoder) instant(to *time.Time) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v, ok := d.scalar(n, "an instant as 2026-12-24T18:00:00Z")
		if !ok {
			return
		}
		at, err := time.Parse(time.RFC3339, v)
		if err != nil {
			d.wrong(n, "%q is no instant as 2026-12-24T18:00:00Z", v)
		}
		*to = at
	}
}

func (d *decoder) week(to *time.Duration) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v, _ := d.scalar(n, "a length of time, up to 168h")
		x, err := time.ParseDuration(v)
		if v != "" && (err != nil || x <= 0 || x > 168*time.Hour) {
			d.wrong(n, "%q is no length of time such as 64h, up to 168h", v)
		}
		*to = x
	}
}

func (d *decoder) zone(to **time.Location) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v, ok := d.scalar(n, "a time zone such as Europe/Berlin")
		if !ok {
			return
		}
		z, err := time.LoadLocation(v)
		if err != nil || v == "Local" {
			d.wrong(n, "no time zone %q on this machine: a name such as Europe/Berlin, or UTC", v)
			return
		}
		*to = z
	}
}
