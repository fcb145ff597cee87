package signal

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Page is docs/signals.md: the catalogue for people.
func Page() string {
	var b strings.Builder
	b.WriteString(`# Signals

This page is made from the catalogue in ` + "`engine/signal`" + `, which the poller, the diagnosis, ` + "`check`" + ` and the linter of runbooks use as well; a test
fails when they differ, and ` + "`go test ./engine/signal -update`" + ` writes it anew.

A name here is what a runbook's condition may say, with its target and, where it is split, an operation, probe or client:
` + "`write_throttles@orders/by-status`" + `, ` + "`latency_p99#Query`" + `. A team adds metrics of its own in config.yaml: see the end of this page.

**Missing** says what a period without a value means once CloudWatch has had the time to publish it (` + lagText(minute) + ` on the grid of a minute, ` + lagText(five) + ` on
that of five). *None* means that nothing happened: AWS publishes no zeros for it. *Unknown* stays unknown. A value is shown as stale when it is older than ` +
		short(Stale(minute)) + ` on the grid of a minute, ` + short(Stale(five)) + ` on that of five, counted from the end of its period.

**Asked** says how often a poll asks. Signals that are *optional* carry no verdict, and rest first when polls would cost more than the budget
(` + "`cloudwatch_budget`" + ` in config.yaml, USD an hour, 0.50 by default); after them polls come more seldom.

## From CloudWatch

| signal | unit | what | metric and statistic | split by | grid | asked | missing |
|---|---|---|---|---|---|---|---|
`)
	for _, s := range All {
		if s.Source == CloudWatch {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s %s | %s | %s | %s | %s |\n", s.Name, orNone(s.Unit), s.Help, s.Metric, s.Stat, scopeWords[s.Scope], short(s.Period), askedText(s), missingText(s))
		}
	}
	b.WriteString("\n## From other eyes\n\n| signal | unit | what | eye |\n|---|---|---|---|\n")
	for _, s := range All {
		if s.Source != CloudWatch && s.Source != Derived {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Name, orNone(s.Unit), s.Help, s.Source)
		}
	}
	b.WriteString("\n## Worked out from those\n\nA value exists where every part of it is known; a share of nothing is no number.\n\n| signal | unit | what |\n|---|---|---|\n")
	for _, s := range All {
		if s.Source == Derived {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, orNone(s.Unit), s.Help)
		}
	}
	b.WriteString(metricsText())
	b.WriteString(ownText)
	return b.String()
}

// metricsText is what AWS documents, with where.
func metricsText() string {
	var b strings.Builder
	b.WriteString(`
## The metrics

S = Sum, A = Average, m = Minimum, M = Maximum, N = SampleCount, p = percentiles: the statistics that mean something. CloudWatch adds nothing up over
a missing dimension: a table's series holds nothing of its indexes.

| namespace | metric | dimensions | unit | statistics | grid | usual lag | source |
|---|---|---|---|---|---|---|---|
`)
	for _, m := range Metrics {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", m.Namespace, m.Name, m.Dims, m.Unit, m.Stats, short(m.Grid), lagText(m.Grid), m.From)
	}
	b.WriteString("\nSources:\n\n")
	var keys []string
	for key := range Sources {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		fmt.Fprintf(&b, "- %s: <%s>\n", key, Sources[key])
	}
	b.WriteString("\nThe lags are what third parties measured; AWS promises none. The poller learns the real ones and asks when values are there.\n")
	return b.String()
}

const ownText = `
## Metrics of your own

` + "```yaml" + `
signals:
  - name: checkout_p99            # 3 to 40 lower-case letters, digits and _; not a name of this page
    table: orders                 # the table it tells of; index: too, if it is about one
    namespace: Shop
    metric: Latency
    dimensions: {Service: checkout}
    stat: p99                     # Sum Average Minimum Maximum SampleCount or a percentile
    unit: ms                      # ms s /s % units units/s items bytes, or left out; s is shown as ms, % as a share
    period: 1m                    # or 5m
    zero: false                   # true: nothing is published for nothing, so a settled gap is a 0
` + "```" + `

They are polled with the rest, stand in the list of metrics and in ` + "`check`" + `, and a runbook's conditions may use them. What a *client* publishes about
itself (latency, calls, attempts, errors) belongs under that client, where the diagnosis knows what it means:

` + "```yaml" + `
clients:
  - name: checkout
    table: orders
    publishes:
      - {what: latency, namespace: Shop, metric: Latency, dimensions: {Service: checkout}}
` + "```" + `
`

var scopeWords = map[Scope]string{
	Table: "table", TableIndex: "table, index", Capped: "table, index with a maximum", TableOp: "table and operation", Account: "account", Building: "index being built",
	Replica: "table and replica", Origin: "table and source", Capture: "table's change capture", Stream: "table's stream",
	Vector: "table's vector index", Function: "Lambda function", Usage: "account",
}

func orNone(unit string) string {
	if unit == "" {
		return "–"
	}
	return unit
}

func short(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return d.String()
}

func lagText(grid time.Duration) string {
	if grid <= minute {
		return "1–2 min"
	}
	return "5–10 min"
}

func askedText(s Signal) string {
	text := "each " + short(max(s.Period, s.Every))
	if s.Optional {
		text += ", optional"
	}
	return text
}

func missingText(s Signal) string {
	if s.Zero {
		return "none"
	}
	return "unknown"
}
