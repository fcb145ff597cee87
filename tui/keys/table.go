package keys

// Groups, in the order of the help page.
const (
	Look = "look"
	Work = "runbook"
	Act  = "change"
	Tell = "people"
	App  = "screen"
)

// Groups lists them.
var Groups = []string{Look, Work, Act, Tell, App}

func noRun(f Facts) string {
	if !f.Run {
		return "no runbook is open: o opens one"
	}
	return ""
}

func step(kind, why string) func(Facts) string {
	return func(f Facts) string {
		if s := noRun(f); s != "" {
			return s
		}
		if f.Step != kind {
			return why
		}
		return ""
	}
}

func approvable(f Facts) string {
	switch {
	case f.ReadOnly != "":
		return f.ReadOnly
	case f.Frozen:
		return "the screen is frozen: space shows the present first"
	case !f.Planned:
		return "no change is planned: p plans the act of the current step"
	}
	return ""
}

func noIncident(f Facts) string {
	if !f.Incident {
		return "no incident is open"
	}
	return ""
}

// All is the table. No key stands in it twice.
var All = []Binding{
	{Do: PaneMetrics, Keys: []string{"1"}, Show: "1", Short: "metrics", Help: "go to the charts", Group: Look},
	{Do: PaneRunbook, Keys: []string{"2"}, Show: "2", Short: "runbook", Help: "go to the runbook", Group: Look},
	{Do: PaneTimeline, Keys: []string{"3"}, Show: "3", Short: "timeline", Help: "go to the timeline", Group: Look},
	{Do: PaneEffects, Keys: []string{"4"}, Show: "4", Short: "effects", Help: "go to the changes and their effects", Group: Look},
	{Do: NextPane, Keys: []string{"tab"}, Show: "tab", Short: "pane", Help: "next pane", Group: Look},
	{Do: PrevPane, Keys: []string{"shift+tab"}, Show: "shift+tab", Short: "back", Help: "previous pane", Group: Look},
	{Do: Full, Keys: []string{"f"}, Show: "f", Short: "full", Help: "this pane alone, and back", Group: Look},
	{Do: Down, Keys: []string{"j", "down"}, Show: "j ↓", Short: "down", Help: "next row, step, event or card", Group: Look},
	{Do: Up, Keys: []string{"k", "up"}, Show: "k ↑", Short: "up", Help: "previous row, step, event or card", Group: Look},
	{Do: PageDown, Keys: []string{"pgdown"}, Show: "pgdn", Short: "page", Help: "ten rows down; of the changes, further down in the card", Group: Look},
	{Do: PageUp, Keys: []string{"pgup"}, Show: "pgup", Short: "page", Help: "ten rows up; of the changes, further up in the card", Group: Look},
	{Do: Newest, Keys: []string{"G", "end"}, Show: "G", Short: "newest", Help: "follow the newest event again, time cursor off", Group: Look},
	{Do: Earlier, Keys: []string{"left"}, Show: "←", Short: "earlier", Help: "time cursor to the left, on all charts and the timeline", Group: Look},
	{Do: Later, Keys: []string{"right"}, Show: "→", Short: "later", Help: "time cursor to the right", Group: Look},
	{Do: ZoomIn, Keys: []string{"z"}, Show: "z", Short: "zoom", Help: "shorter window: 3h, 60m, 15m", Group: Look},
	{Do: ZoomOut, Keys: []string{"Z"}, Show: "Z", Short: "wider", Help: "longer window: 15m, 60m, 3h", Group: Look},
	{Do: Freeze, Keys: []string{"space"}, Show: "space", Short: "freeze", Help: "hold the picture still; measuring goes on, space again shows the present", Group: Look},
	{Do: Verdict, Keys: []string{"v"}, Show: "v", Short: "why", Help: "why this verdict: the candidates, what speaks for and against each, what would decide, when it began, what moved first", Group: Look},

	{Do: Open, Keys: []string{"o"}, Show: "o", Short: "open runbook", Help: "list of runbooks, the fitting ones first", Group: Work},
	{Do: Enter, Keys: []string{"enter"}, Show: "⏎", Short: "go on", Help: "runbook: take the favoured branch, plan the act, answer the question; elsewhere: this pane alone", Group: Work},
	{
		Do: Decide, Keys: []string{"d"}, Show: "d", Short: "other branch", Help: "choose a branch yourself; against the data it needs a reason", Group: Work,
		Disabled: step("decide", "the current step is no decision"),
	},
	{
		Do: Plan, Keys: []string{"p"}, Show: "p", Short: "plan", Help: "work out the change of the current act; nothing is sent", Group: Work, Dangerous: true,
		Disabled: step("act", "the current step is no act"),
	},
	{Do: Done, Keys: []string{"x"}, Show: "x", Short: "done", Help: "tick the current step off by hand", Group: Work, Disabled: noRun},
	{Do: Skip, Keys: []string{"s"}, Show: "s", Short: "skip", Help: "skip the current step, with a reason", Group: Work, Disabled: noRun},

	{Do: Arm, Keys: []string{"a"}, Show: "a", Short: "approve", Help: "approve the planned change: opens the strip in its card, then the token is typed", Group: Act, Dangerous: true, Disabled: approvable},
	{Do: Drop, Keys: []string{"D"}, Show: "D", Short: "drop", Help: "give the planned change up", Group: Act, Disabled: func(f Facts) string {
		if !f.Planned {
			return "no change is planned"
		}
		return ""
	}},
	{Do: Undo, Keys: []string{"u"}, Show: "u", Short: "undo", Help: "plan the inverse of the change in force; it needs its own approval", Group: Act, Dangerous: true, Disabled: func(f Facts) string {
		if !f.InForce {
			return "no change is in force"
		}
		return ""
	}},
	{Do: Change, Keys: []string{"+"}, Show: "+", Short: "change", Help: "work out a change that no runbook asks for: write 200, or a kind with its target and amount; nothing is sent", Group: Act, Dangerous: true, Disabled: func(f Facts) string {
		return f.ReadOnly
	}},
	{Do: Timer, Keys: []string{"t"}, Show: "t", Short: "timer", Help: "have the change in force taken back after a while unless it is kept, or keep it", Group: Act, Disabled: func(f Facts) string {
		if f.ReadOnly == "" && !f.InForce {
			return "no change is in force"
		}
		return f.ReadOnly
	}},
	{Do: Hold, Keys: []string{"!"}, Show: "!", Short: "hold", Help: "stop every change that has not been sent, or let them go on", Group: Act},

	{Do: Lab, Keys: []string{"L"}, Show: "L", Short: "lab", Help: "measure another variant of a probe's request beside it: its file, as for the AWS CLI; again ends it", Group: Act, Disabled: func(f Facts) string {
		if !f.Probe {
			return "no probe of your own to compare with: config.yaml names them, ddbloop lab needs none"
		}
		return ""
	}},

	{Do: Note, Keys: []string{"n"}, Show: "n", Short: "note", Help: "type a note into the timeline", Group: Tell},
	{Do: Escalate, Keys: []string{"e"}, Show: "e", Short: "escalate", Help: "hand the incident on, with a reason", Group: Tell, Disabled: noIncident},
	{Do: Close, Keys: []string{"c"}, Show: "c", Short: "close", Help: "close the incident, with a reason", Group: Tell, Disabled: noIncident},
	{Do: Postmortem, Keys: []string{"w"}, Show: "w", Short: "write up", Help: "write the postmortem draft as it stands", Group: Tell},
	{Do: Copy, Keys: []string{"y"}, Show: "y", Short: "copy", Help: "show the row as plain text and put it into the clipboard", Group: Tell},

	{Do: Back, Keys: []string{"esc"}, Show: "esc", Short: "back", Help: "out of a strip, a list, the help, the full pane; then time cursor off", Group: App},
	{Do: Glyphs, Keys: []string{"g"}, Show: "g", Short: "glyphs", Help: "braille, blocks or ASCII", Group: App},
	{Do: Help, Keys: []string{"?"}, Show: "?", Short: "help", Help: "this page", Group: App},
	{Do: Redraw, Keys: []string{"ctrl+l"}, Show: "ctrl+l", Short: "redraw", Help: "paint the whole screen anew, after a bad line has garbled it", Group: App},
	{Do: Suspend, Keys: []string{"ctrl+z"}, Show: "ctrl+z", Short: "shell", Help: "back to the shell for a while; fg returns, measuring goes on", Group: App},
	{Do: Quit, Keys: []string{"q", "ctrl+c"}, Show: "q", Short: "quit", Help: "leave; the session stays in its journal", Group: App},
}
