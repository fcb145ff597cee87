package main

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history/journal"
	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// configuration reads config.yaml and what it names.
func (r *report) configuration(given string) team {
	path, _ := configFile(given)
	t, err := readTeam(given)
	if err != nil {
		r.add("config", problem, "%v", err)
		return team{}
	}
	if t.dir == "" && path == "" {
		r.add("config", note, "neither HOME nor XDG_CONFIG_HOME is set, and no --config: there are no objectives, feeds, probes or levers")
		return t
	}
	if t.dir == "" {
		r.add("config", note, "no %s: without it there are no objectives, feeds, probes or levers", path)
		return t
	}
	if _, err := t.library(); err != nil {
		r.add("config", problem, "%v", err)
		return t
	}
	if _, err := t.config(t.tables(), nil); err != nil {
		r.add("config", problem, "%v", err)
		return t
	}
	r.add("config", fine, "%s: %d clients, %d probes, %d levers, tables %s", path, len(t.Clients), len(t.Probes), len(t.Levers), orNone(t.tables()))
	if t.Marks != "" {
		if info, err := os.Stat(t.Marks); errors.Is(err, fs.ErrNotExist) {
			r.add("config", note, "marks: %s is not there yet", t.Marks)
		} else if err != nil || !info.Mode().IsRegular() {
			r.add("config", problem, "marks: %s cannot be read as a file", t.Marks)
		}
	}
	return t
}

// tables are those that the configuration names, each once.
func (t team) tables() []string {
	var list []string
	add := func(name string) {
		if name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	for _, c := range t.Clients {
		add(c.Table)
	}
	for _, p := range t.Probes {
		add(p.Table)
	}
	return list
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// terminal says what the screen has to work with.
func (r *report) terminal() {
	env := os.Environ()
	if !term.IsTerminal(os.Stdout.Fd()) {
		r.add("terminal", note, "this is no terminal: watch needs --plain here")
		return
	}
	w, h, err := term.GetSize(os.Stdout.Fd())
	switch {
	case err != nil:
		r.add("terminal", problem, "its size cannot be read: %v", err)
	case w < layout.MinWidth || h < layout.MinHeight:
		r.add("terminal", problem, "%d×%d is too small: the cockpit needs %d×%d", w, h, layout.MinWidth, layout.MinHeight)
	default:
		r.add("terminal", fine, "%d×%d, TERM=%s, %s", w, h, theme.Lookup(env, "TERM"), colours(colorprofile.Detect(os.Stdout, env)))
	}
	if theme.Lookup(env, "TERM") == "dumb" {
		r.add("terminal", note, "TERM=dumb cannot move its cursor: lines are printed instead of a screen")
	}
	if theme.SetFor(env) == theme.ASCII {
		r.add("terminal", note, "the locale is not UTF-8: glyphs are ASCII; set LANG=C.UTF-8 for charts in braille")
	} else {
		r.add("terminal", fine, "UTF-8")
	}
}

func colours(p colorprofile.Profile) string {
	switch p {
	case colorprofile.TrueColor:
		return "true colour"
	case colorprofile.ANSI256:
		return "256 colours"
	case colorprofile.ANSI:
		return "16 colours"
	}
	return "no colours"
}

// leastSpace is what a day's journal takes at most, bytes.
const leastSpace = 64 << 20

// folder looks at where sessions are kept, without writing anything.
func (r *report) folder(given string) {
	dir, err := sessionsDir(given)
	if err != nil {
		r.add("journal", problem, "%v", err)
		return
	}
	there := dir
	for there != filepath.Dir(there) { // the nearest folder that exists
		if _, err := os.Lstat(there); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		there = filepath.Dir(there)
	}
	if there == dir {
		if err := (journal.OS{}).Check(dir); err != nil {
			r.add("journal", problem, "%v", reason(err))
			return
		}
	}
	const write = 2 // access(2)'s W_OK
	if err := syscall.Access(there, write); err != nil {
		r.add("journal", problem, "%s cannot be kept: %s: %v; pass --sessions DIR", dir, there, err)
		return
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(there, &disk); err != nil {
		r.add("journal", problem, "%s: %v", there, err)
		return
	}
	free := disk.Bavail * uint64(disk.Bsize)
	if free < leastSpace {
		r.add("journal", problem, "%s has %d MiB left; a day of a large table takes %d", there, free>>20, leastSpace>>20)
		return
	}
	word := "ours"
	if there != dir {
		word = "will be made"
	}
	r.add("journal", fine, "%s: %s, %d MiB free", dir, word, free>>20)
}

// network says which way requests take.
func (r *report) network() {
	found := false
	names := strings.Fields("HTTPS_PROXY https_proxy HTTP_PROXY http_proxy")
	if strings.EqualFold(os.Getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") {
		r.add("network", note, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: no endpoint of the environment or the profile counts")
	} else {
		names = append(names, "AWS_ENDPOINT_URL")
		for _, service := range ddbaws.Services {
			names = append(names, "AWS_ENDPOINT_URL_"+service)
		}
	}
	for _, name := range names {
		value := os.Getenv(name)
		if value == "" {
			continue
		}
		found = true
		u, err := url.Parse(value)
		if err != nil || u.Host == "" || u.Scheme == "" {
			r.add("network", problem, "%s is no URL", name)
			continue
		}
		r.add("network", note, "%s goes to %s://%s", name, u.Scheme, u.Host) // never with a password in it
	}
	if no := os.Getenv("NO_PROXY") + os.Getenv("no_proxy"); no != "" {
		r.add("network", note, "no proxy for %s", no)
	}
	if ca := os.Getenv("AWS_CA_BUNDLE"); ca != "" {
		if _, err := readFile(ca); err != nil {
			r.add("network", problem, "AWS_CA_BUNDLE %s: %v", ca, reason(err))
		} else {
			r.add("network", note, "AWS_CA_BUNDLE %s", ca)
		}
	}
	if !found {
		r.add("network", fine, "AWS's own endpoints, no proxy")
	}
}
