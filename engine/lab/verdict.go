package lab

import (
	"fmt"
	"math"
	"strings"

	"github.com/ddbloop/ddbloop/engine/price"
	"github.com/ddbloop/ddbloop/history"
)

// alikeTime and alikeUnits are how far apart two variants may be and still be called the same, when the whole interval says so.
const (
	alikeTime  = 0.10
	alikeUnits = 0.01
)

// failing is the share of pairs that a variant may lose before its times say little: those that failed are not among them.
const failing = 0.05

// result is how the lab stands.
func (r *run) result(ended string) history.LabResult {
	t := &r.count
	out := history.LabResult{
		Pairs: len(t.kept[0]), Rounds: r.c.Rounds, Lost: t.lost, Ended: ended, Failed: r.hurt, Spent: r.spent, Took: r.c.Clock.Now().Sub(r.began),
		Latency: timeOf(&t.latency), Units: t.unitsOf(),
		Agreed: t.answers.agreed, Alike: t.answers.alike,
		A: t.summary(0, r.c.Region), B: t.summary(1, r.c.Region), Edges: edges(), Priced: priced(r.c.Region),
	}
	var answerWhy string
	out.Answer, answerWhy = t.answers.word()
	judge(&out, answerWhy)
	return out
}

func timeOf(p *Pairs) history.LabDifference {
	return differenceOf(p, alikeTime, history.LabFaster, history.LabSlower)
}

// unitsOf compares what was used. Units are counted, not measured: what holds in each of the fewest pairs or more needs no interval.
func (t *tally) unitsOf() history.LabDifference {
	n := len(t.kept[0])
	if n < fewest {
		return history.LabDifference{Word: history.LabUnproven}
	}
	d := differenceOf(&t.units, alikeUnits, history.LabFewer, history.LabMore)
	if a := mean(t.kept[0]); d.Low == nil && a > 0 {
		d.Change = mean(t.kept[1])/a - 1
	}
	switch {
	case t.fewer+t.more == 0:
		zero := 0.0
		return history.LabDifference{Word: history.LabSame, Low: &zero, High: &zero}
	case t.fewer == n:
		d.Word = history.LabFewer
	case t.more == n:
		d.Word = history.LabMore
	}
	return d
}

func mean(calls []call) (sum float64) {
	for _, c := range calls {
		sum += c.Units
	}
	return sum / float64(len(calls))
}

func differenceOf(p *Pairs, alike float64, less, more string) history.LabDifference {
	d := history.LabDifference{Word: history.LabUnproven}
	change, low, high, ok := p.Change()
	if !ok {
		return d
	}
	d.Change, d.Low, d.High = change, &low, &high
	switch {
	case low > -alike && high < alike:
		d.Word = history.LabSame
	case high < 0:
		d.Word = less
	case low > 0:
		d.Word = more
	}
	return d
}

// judge finds the verdict, the winner and the sentence.
func judge(r *history.LabResult, answerWhy string) {
	r.Verdict, r.Winner = verdict(r)
	var say []string
	switch r.Verdict {
	case history.LabDifferent:
		say = append(say, answerWhy+": what they cost cannot be compared like for like")
	case history.LabFailing:
		say = append(say, fmt.Sprintf("A failed in %d and B in %d of %d pairs: those are missing from its times", r.A.Errors, r.B.Errors, r.Pairs+r.Lost))
	case history.LabUnproven:
		say = append(say, unproven(r))
	case history.LabWinner:
		say = append(say, strings.ToUpper(r.Winner)+" is better")
	case history.LabTrade:
		say = append(say, "a trade-off")
	case history.LabNone:
		say = append(say, "no difference that matters")
	}
	if r.Pairs >= fewest {
		say = append(say, "B against A: "+timeWords(r.Latency)+"; "+unitWords(r))
	}
	if answerWhy != "" && r.Verdict != history.LabDifferent && r.Pairs > 0 {
		say = append(say, answerWhy)
	}
	r.Why = strings.Join(say, ". ")
}

func verdict(r *history.LabResult) (word, winner string) {
	lost := failing * float64(r.Pairs+r.Lost)
	switch {
	case r.Pairs+r.Lost > 0 && (float64(r.A.Errors) > lost || float64(r.B.Errors) > lost):
		return history.LabFailing, ""
	case r.Pairs >= fewest && r.Answer == history.AnswerDifferent:
		return history.LabDifferent, ""
	}
	// −1 says that B is better.
	sign := map[string]int{history.LabFaster: -1, history.LabFewer: -1, history.LabSlower: 1, history.LabMore: 1}
	time, units := sign[r.Latency.Word], sign[r.Units.Word]
	switch {
	case time*units < 0:
		return history.LabTrade, ""
	case time+units < 0:
		return history.LabWinner, "b"
	case time+units > 0:
		return history.LabWinner, "a"
	case r.Latency.Word == history.LabSame && r.Units.Word == history.LabSame:
		return history.LabNone, ""
	}
	return history.LabUnproven, ""
}

// unproven says what is missing for a word.
func unproven(r *history.LabResult) string {
	if r.Pairs < fewest {
		return fmt.Sprintf("unproven: %d pairs were answered, and a word needs %d or more", r.Pairs, fewest)
	}
	return fmt.Sprintf("unproven after %d pairs: the interval holds both faster and slower", r.Pairs)
}

func timeWords(d history.LabDifference) string {
	if d.Low == nil {
		return "time unproven"
	}
	between := "99 % interval " + interval(d)
	switch d.Word {
	case history.LabSame:
		return "the same time within a tenth (" + between + ")"
	case history.LabUnproven:
		return "time unproven (" + between + ")"
	}
	if d.Change >= 1 {
		return fmt.Sprintf("%.1f times the time (%s)", 1+d.Change, between)
	}
	return fmt.Sprintf("%.0f %% %s (%s)", 100*math.Abs(d.Change), d.Word, between)
}

func unitWords(r *history.LabResult) string {
	switch r.Units.Word {
	case history.LabSame:
		return fmt.Sprintf("the same read units, %s a call", units(r.A.Units))
	case history.LabUnproven:
		return fmt.Sprintf("read units unproven, %s → %s a call", units(r.A.Units), units(r.B.Units))
	}
	if r.Units.Change >= 1 {
		return fmt.Sprintf("%.1f times the read units, %s → %s a call", 1+r.Units.Change, units(r.A.Units), units(r.B.Units))
	}
	return fmt.Sprintf("%.0f %% %s read units, %s → %s a call", 100*math.Abs(r.Units.Change), r.Units.Word, units(r.A.Units), units(r.B.Units))
}

// interval prints both ends as signed percentages.
func interval(d history.LabDifference) string {
	return strings.ReplaceAll(fmt.Sprintf("%+.0f … %+.0f %%", 100**d.Low, 100**d.High), "-", "−")
}

func units(u float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", u), ".0") }

// million is what a million calls of so many units cost on demand, in USD; nil where the price is not known.
func million(region string, units float64) *float64 {
	p, ok := price.Of(region, price.OnDemandRead)
	if !ok {
		return nil
	}
	usd := 1e6 * units * p.USD
	return &usd
}

func priced(region string) string {
	if _, ok := price.Of(region, price.OnDemandRead); !ok {
		return "the price of read units in " + region + " is not known"
	}
	return "on-demand list price of " + region + ", checked " + price.Checked
}
