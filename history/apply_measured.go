package history

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *State) applyMeasured(e Event) {
	switch b := e.Body.(type) {
	case TableDescribed:
		s.described(e, b)
	case MetricsPolled:
		s.polled(e, b)
	case ProbeAnswered:
		s.probed(e, b)
	case FeedScraped:
		s.scraped(e, b)
	case SourceChanged:
		s.sourceChanged(e, b)
	}
}

func (s *State) source(name string, at time.Time) *Source {
	src := s.Sources[name]
	if src == nil {
		src = &Source{Name: name, State: "ok", Since: at}
		s.Sources[name] = src
	}
	return src
}

func (s *State) described(e Event, b TableDescribed) {
	s.source("describe", e.At).LastOK = e.At
	t := s.Tables[b.Name]
	if t == nil {
		t = &Table{}
		s.Tables[b.Name] = t
	}
	t.Described = e.At
	if b.Table == nil {
		return
	}
	if t.Snap != nil {
		for _, d := range Differences(*t.Snap, *b.Table) {
			s.saySetting(e, d)
			s.settingMoved(e, d)
		}
	}
	t.Snap, t.Changed = b.Table, e.At
	limits := func(goal string, th Throughput) {
		for signal, v := range map[string]int64{ReadLimit: th.Read, WriteLimit: th.Write} {
			sr := s.series(SeriesKey{Signal: signal, Target: goal}, "units/s", 1, false)
			sr.Merge([]Point{{T: e.At.Unix(), V: float64(v)}})
		}
	}
	limits(b.Name, b.Table.Throughput)
	for _, i := range b.Table.Indexes {
		limits(target(b.Name, i.Name), i.Throughput)
	}
}

// Difference is one setting that changed between two snapshots of a table.
type Difference struct {
	What, Was, Is   string // Was and Is in words; What alone says that an index came or went
	Target, Setting string // What in its parts: a table or table/index, and one of the Set… names, "status" or "index"
}

// String says it in one line.
func (d Difference) String() string {
	if d.Was == d.Is {
		return d.What
	}
	return d.What + ": " + d.Was + " → " + d.Is
}

// Differences says what changed between two snapshots of a table.
func Differences(a, b TableSnapshot) []Difference {
	var out []Difference
	put := func(target, setting, was, is string) {
		if was != is {
			out = append(out, Difference{target + " " + strings.ReplaceAll(setting, "_", " "), was, is, target, setting})
		}
	}
	put(b.Name, "status", a.Status, b.Status)
	put(b.Name, SetMode, a.Mode, b.Mode)
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	through := func(name string, x, y Throughput) {
		put(name, SetRead, n(x.Read), n(y.Read))
		put(name, SetWrite, n(x.Write), n(y.Write))
		put(name, SetMaxRead, n(x.MaxRead), n(y.MaxRead))
		put(name, SetMaxWrite, n(x.MaxWrite), n(y.MaxWrite))
		put(name, SetWarmRead, n(x.WarmRead), n(y.WarmRead))
		put(name, SetWarmWrite, n(x.WarmWrite), n(y.WarmWrite))
	}
	through(b.Name, a.Throughput, b.Throughput)
	old := map[string]IndexSnapshot{}
	for _, i := range a.Indexes {
		old[i.Name] = i
	}
	for _, i := range b.Indexes {
		name := b.Name + "/" + i.Name
		was, had := old[i.Name]
		delete(old, i.Name)
		if !had {
			out = append(out, Difference{What: name + ": index created (" + i.Status + ")", Target: name, Setting: SetIndex})
			continue
		}
		put(name, "status", was.Status, i.Status)
		through(name, was.Throughput, i.Throughput)
	}
	for _, i := range a.Indexes {
		if _, gone := old[i.Name]; gone {
			out = append(out, Difference{What: b.Name + "/" + i.Name + ": index deleted", Target: b.Name + "/" + i.Name, Setting: SetIndex})
		}
	}
	return out
}

func (s *State) polled(e Event, b MetricsPolled) {
	s.source(b.Source, e.At).LastOK = e.At
	s.Queries += b.Queries
	s.Resting, s.Every = b.Resting, b.Every
	for key, status := range b.Status {
		if status == "" {
			delete(s.Status, key)
			continue
		}
		if s.Status == nil {
			s.Status = map[string]string{}
		}
		s.Status[key] = status
	}
	for _, u := range b.Series {
		sr := s.series(u.Key, u.Unit, int64(u.Period), u.Zero)
		from := b.From
		if u.From > 0 {
			from = min(from, u.From)
		}
		if sr.From == 0 || from < sr.From {
			sr.From = from
		}
		sr.Merge(u.Points)
	}
	if b.SettledTo > 0 {
		for _, sr := range s.Series {
			if sr.Zero {
				sr.settle(b.From, b.SettledTo)
			}
		}
	}
}

func (s *State) series(k SeriesKey, unit string, period int64, zero bool) *Series {
	name := k.String()
	sr := s.Series[name]
	if sr == nil {
		sr = &Series{Key: k, Unit: unit, Period: period, Zero: zero, Points: []Point{}}
		s.Series[name] = sr
	}
	return sr
}

func target(table, index string) string {
	if index == "" {
		return table
	}
	return table + "/" + index
}

func (s *State) probed(e Event, b ProbeAnswered) {
	src := s.source("probe:"+b.Probe, e.At)
	if b.OK || ThrottleCode(b.Code) {
		src.LastOK = e.At
	}
	p := &Probe{Last: b, At: e.At}
	if was := s.Probes[b.Probe]; len(b.Reasons) > 0 {
		p.Refused, p.Reasons = e.At, b.Reasons
	} else if was != nil {
		p.Refused, p.Reasons = was.Refused, was.Reasons
	}
	s.Probes[b.Probe] = p
	period := max(1, int64(b.Every/time.Second))
	goal, t := target(b.Table, b.Index), e.At.Unix()/period*period
	add := func(signal, unit string, v float64) {
		s.series(SeriesKey{Signal: signal, Target: goal, Op: b.Probe}, unit, period, false).Merge([]Point{{T: t, V: v}})
	}
	add(ProbeOK, "", truth(b.OK))
	took := func(signal string, d time.Duration) {
		if d > 0 {
			add(signal, "ms", Millis(d))
		}
	}
	took(ProbeConnect, b.DNS+b.Connect+b.TLS)
	took(ProbeDNS, b.DNS)
	took(ProbeTLS, b.TLS)
	took(ProbePool, b.Pool)
	took(ProbeBody, b.Body)
	if b.Retries > 0 {
		add(ProbeRetries, "", float64(b.Retries))
	}
	if b.OK {
		add(ProbeLatency, "ms", Millis(b.Total))
		add(ProbeServer, "ms", Millis(b.Wait))
	}
	if b.NoData() {
		return
	}
	if t := s.Tables[b.Table]; t != nil && t.Snap != nil && t.Snap.Mode == "on_demand" {
		s.Probed += b.Units
	}
	if b.OK || ThrottleCode(b.Code) { // who got no answer was not let in, and not refused either
		add(ProbeThrottled, "", truth(ThrottleCode(b.Code)))
	}
	if !b.OK {
		return
	}
	add(ProbeUnits, "units", b.Units)
	if b.OfIndex > 0 {
		add(ProbeIndexUnits, "units", b.OfIndex)
	}
	add(ProbePages, "", float64(max(1, b.Pages)))
	add(ProbeReturned, "items", float64(b.Returned))
	if b.Op != "ExecuteStatement" { // its answer does not say what it examined
		add(ProbeExamined, "items", float64(b.Examined))
	}
}

// Millis returns a duration in milliseconds, rounded to the microsecond.
func Millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (s *State) scraped(e Event, b FeedScraped) {
	s.source("feed:"+b.Feed, e.At).LastOK = e.At
	s.Feeds[b.Feed] = &Feed{Last: b, At: e.At}
	if b.Seconds <= 0 {
		return
	}
	period := max(1, int64(b.Seconds+0.5))
	goal, t := target(b.Table, b.Index), e.At.Unix()/period*period
	add := func(signal, unit string, v float64) {
		s.series(SeriesKey{Signal: signal, Target: goal, Op: b.Feed}, unit, period, false).Merge([]Point{{T: t, V: v}})
	}
	throttled, failed := 0.0, 0.0
	classes := map[CodeClass]float64{}
	for _, code := range slices.Sorted(maps.Keys(b.Errors)) { // sums must not depend on the order of a map
		n := b.Errors[code]
		failed += n
		class := CodeClassOf(code)
		classes[class] += n
		if class == CodeThrottled {
			throttled += n
		}
	}
	for class, n := range classes {
		key := SeriesKey{Signal: FeedCode, Target: goal, Op: b.Feed + ":" + string(class)}
		s.series(key, "/s", period, false).Merge([]Point{{T: t, V: n / b.Seconds}})
	}
	add(FeedCalls, "/s", b.Calls/b.Seconds)
	add(FeedAttempts, "/s", b.Attempts/b.Seconds)
	add(FeedThrottled, "/s", throttled/b.Seconds)
	add(FeedErrors, "/s", failed/b.Seconds)
	add(FeedFailed, "/s", b.Failed/b.Seconds)
	if b.Calls > 0 {
		add(FeedP50, "ms", b.P50)
		add(FeedP99, "ms", b.P99)
	}
}

func (s *State) sourceChanged(e Event, b SourceChanged) {
	src := s.source(b.Name, e.At)
	if src.State != b.State && (b.State == "idle" || src.State == "idle" && b.State == "ok") {
		src.Since = e.At // whether it has something to ask is no news
	} else if src.State != b.State {
		src.Since = e.At
		level := "warn"
		if b.State == "ok" {
			level = "good"
		}
		text := b.Name + " " + b.State
		if b.Text != "" {
			text += ": " + b.Text
		}
		s.say(e, "source", level, "", text)
	}
	src.State, src.Reason, src.Text, src.Retry, src.Every = b.State, b.Reason, b.Text, time.Time{}, b.Every
	if b.Retry > 0 {
		src.Retry = e.At.Add(b.Retry)
	}
	if b.State == "ok" {
		src.LastOK = e.At
	}
}
