package history

import "time"

// Words of a lab on two variants of a read, A and B.
const (
	LabFaster = "faster" // B takes less time
	LabSlower = "slower"
	LabFewer  = "fewer" // B uses fewer read units
	LabMore   = "more"
	LabSame   = "same" // the interval lies within what does not matter

	AnswerSame      = "same"      // the same items in every pair
	AnswerDifferent = "different" // never, or not because the table moved
	AnswerMoved     = "moved"     // the items themselves changed while the lab ran
	AnswerUnknown   = "unknown"   // cannot be compared: items without keys, or cut off

	LabWinner    = "winner"        // one variant is better, and nothing speaks against it
	LabTrade     = "trade-off"     // faster, but for more units
	LabNone      = "no difference" // in time and in units
	LabDifferent = "not the same"  // whatever they cost, they answer something else
	LabFailing   = "fails"         // one variant, or both, did not answer as they should
	LabUnproven  = Unproven        // too little was measured, or too noisy
)

// LabStarted says that two variants of a read of one table are being measured side by side.
type LabStarted struct {
	ID     string        `json:"id"` // L1, L2 …
	Table  string        `json:"table"`
	Probe  string        `json:"probe,omitempty"` // the team's probe that A is
	A      LabVariant    `json:"a"`
	B      LabVariant    `json:"b"`
	Rounds int           `json:"rounds"` // pairs to measure
	Units  float64       `json:"units"`  // read units per second allowed
	Total  float64       `json:"total"`  // read units allowed altogether
	Within time.Duration `json:"within"` // time allowed
}

// LabVariant is what can be said of a request without its expressions, names and values.
type LabVariant struct {
	Name  string `json:"name"`           // of the file, the probe or the flag that it came from
	File  string `json:"file,omitempty"` // of B beside a probe: where it lay, as it was named
	Op    string `json:"op"`
	Index string `json:"index,omitempty"`
	Shape string `json:"shape"` // such as "Query on by-status, filter, pages of 25"
	Pages int    `json:"pages"` // followed over at most so many
}

// LabMeasured is how a lab that goes on stands; a later one replaces an earlier one.
type LabMeasured struct {
	ID     string    `json:"id"`
	Result LabResult `json:"result"`
}

// LabFinished is how a lab ended.
type LabFinished struct {
	ID     string    `json:"id"`
	Result LabResult `json:"result"`
}

// LabResult is what a lab has found. It holds no value of any item.
type LabResult struct {
	Pairs   int           `json:"pairs"`            // answered on both sides, and compared
	Rounds  int           `json:"rounds"`           // planned
	Lost    int           `json:"lost"`             // pairs with a request that failed
	Ended   string        `json:"ended"`            // why before all rounds were done; "" = all were, or it goes on
	Failed  bool          `json:"failed,omitempty"` // requests that failed ended it
	Spent   float64       `json:"spent"`            // read units
	Took    time.Duration `json:"took"`
	Latency LabDifference `json:"latency"` // of B against A
	Units   LabDifference `json:"units"`
	Answer  string        `json:"answer"` // an answer word
	Agreed  int           `json:"agreed"` // pairs with the same answer, of those that could be compared
	Alike   int           `json:"alike"`  // pairs whose answers could be compared
	Verdict string        `json:"verdict"`
	Winner  string        `json:"winner,omitempty"` // a | b
	Why     string        `json:"why"`              // the verdict in a sentence or two
	A       LabSide       `json:"a"`
	B       LabSide       `json:"b"`
	Edges   []float64     `json:"edges,omitempty"` // upper edges of the bins of both sides, in ms; the last bin has none
	Priced  string        `json:"priced"`          // day and Region of the price, or that it is not known
}

// LabDifference is how B differs from A within pairs: −0.3 = 30 % less.
type LabDifference struct {
	Word   string   `json:"word"`   // faster | slower | fewer | more | same | unproven
	Change float64  `json:"change"` // meaningless where Word is unproven and Low is null
	Low    *float64 `json:"low"`    // 99 % interval that holds at every look; null = none yet
	High   *float64 `json:"high"`
}

// LabSide is one variant of a lab. Means and quantiles are of the pairs that were answered on both sides.
type LabSide struct {
	N         int            `json:"n"`
	Worth     int            `json:"worth"` // independent measurements that n are worth: they follow each other
	Errors    int            `json:"errors"`
	Throttles int            `json:"throttles"` // of Errors
	Codes     map[string]int `json:"codes,omitempty"`
	P50       LabQuantile    `json:"p50"`
	P90       LabQuantile    `json:"p90"`
	P99       LabQuantile    `json:"p99"`
	Phases    LabPhases      `json:"phases"`
	Units     float64        `json:"units"`          // per call, mean
	PerItem   *float64       `json:"units_per_item"` // read units per item returned; null = none was
	Pages     float64        `json:"pages"`
	Examined  *float64       `json:"examined"` // items a call; null = a statement does not say
	Returned  float64        `json:"returned"`
	Cut       int            `json:"cut"`     // calls that were followed no further although there was more
	Million   *float64       `json:"million"` // USD per million calls, on demand; null = price unknown
	Bins      []int          `json:"bins,omitempty"`
}

// LabQuantile is a quantile of the time of a call in ms with its 95 % interval; a bound that so few measurements do not give is null.
type LabQuantile struct {
	Value float64  `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
}

// LabPhases is where the time of a call went, mean in ms.
type LabPhases struct {
	Pool    float64 `json:"pool"`
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"`
	TLS     float64 `json:"tls"`
	Wait    float64 `json:"wait"` // request written → first byte
	Body    float64 `json:"body"`
	New     int     `json:"new"` // calls that opened a connection
}

// Kind names LabStarted in the journal.
func (LabStarted) Kind() string { return "lab.started" }

// Kind names LabMeasured in the journal.
func (LabMeasured) Kind() string { return "lab.measured" }

// Kind names LabFinished in the journal.
func (LabFinished) Kind() string { return "lab.finished" }
