package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/engine/sim/items"
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// Clock is the time that requests take place in.
type Clock interface {
	Now() time.Time
	// Sleep waits for d, or until ctx is done and then says why.
	Sleep(ctx context.Context, d time.Duration) error
	// Deadline is the instant on this clock at which ctx ends.
	Deadline(ctx context.Context) (time.Time, bool)
}

// physics is what this package needs of a world.
type physics interface {
	Start() time.Time
	Now() time.Duration
	Advance(t time.Duration)
	Tables() []string
	Quotas() world.Quotas
	Key(table, index string, i int) string
	Admit(r world.Request) world.Outcome
	CountError(table, code string)
	Fault(from world.Where, service, operation, table string) world.Fault
	Describe(table string) (world.TableView, bool)
	DescribeIn(region, table string) (world.TableView, bool)
	Update(u world.TableUpdate, by string) error
	Metrics(q world.Query) []world.Point
	ListMetrics(region, namespace, name string, askedAt time.Time) []world.MetricID
	Contributors(q world.InsightQuery) (world.InsightReport, bool)
	SetInsights(table string, mode scenario.Insights, by string) error
	Scaling() []world.ScalingView
	Activities() []world.Activity
	Scale(c world.ScalingCall, by string) error
	Unscale(table, index, side, by string) error
	Alarms() []world.AlarmView
	AlarmHistory() []world.AlarmEvent
	Trail() []world.TrailEvent
	ItemBytes(table string) float64
	Feed(client string) (world.FeedCounters, bool)
	Levers() []world.Lever
	SetLever(name string, on bool) (time.Duration, error)
	Network(from world.Where, table string) world.NetworkState
	Skew(from world.Where) time.Duration
	Inject(e scenario.Event) error
}

// Sim is one embedded AWS account in one region. It is safe for concurrent use.
type Sim struct {
	sc *scenario.Scenario

	mu      sync.Mutex // guards everything below; never held while a clock is slept on
	world   physics
	stores  map[string]*items.Store
	ids     *rand.Rand // request ids
	luck    *rand.Rand // whom a fault hits
	clients uint64
	tokens  map[string]remembered // transactions by idempotency token
	lookups struct {              // of CloudTrail, in the second so far
		second int64
		n      int
	}
}

// newSim builds the protocols around a world.
func newSim(sc *scenario.Scenario, w physics) *Sim {
	s := &Sim{sc: sc, world: w, stores: map[string]*items.Store{}, tokens: map[string]remembered{}, ids: rand.New(rand.NewPCG(uint64(sc.Seed), 1)), luck: rand.New(rand.NewPCG(uint64(sc.Seed), 2))}
	for _, t := range sc.Tables {
		s.stores[t.Name] = items.New(itemSpec(sc, t))
	}
	return s
}

// itemSpec says what items a table begins with. Indexes that a later call creates are prepared too, so that the items have
// their attributes from the start; they can be read once the world shows them.
func itemSpec(sc *scenario.Scenario, t scenario.Table) items.Spec {
	spec := items.Spec{
		Key:      items.Key{Partition: t.Key.Partition, Sort: t.Key.Sort},
		Distinct: t.Key.Distinct,
		Spread:   map[string]int{},
		Items:    int(min(t.Items, items.MaxItems)),
		Bytes:    int(t.ItemBytes),
		Until:    sc.Start,
	}
	indexes := t.Indexes
	for _, e := range sc.Events {
		if c := e.Call; c != nil && c.Table == t.Name && c.CreateIndex != nil {
			indexes = append(indexes[:len(indexes):len(indexes)], c.CreateIndex.Index)
		}
	}
	for _, x := range indexes {
		spec.Indexes = append(spec.Indexes, items.Index{
			Name: x.Name, All: x.Projection == scenario.ProjectAll,
			Key: items.Key{Partition: x.Key.Partition, Sort: x.Key.Sort},
		})
		spec.Spread[x.Name] = x.Key.Distinct
	}
	return spec
}

// at moves the world to the clock's present and returns the simulated time since its start.
func (s *Sim) at(now time.Time) time.Duration {
	t := now.Sub(s.world.Start())
	s.world.Advance(t)
	return t
}

// ProbeKey is the key of an existing item: of the hottest partition value when hot, else of one in the middle of the range.
// It is nil for a table that does not exist or has no items.
func (s *Sim) ProbeKey(table string, hot bool) map[string]types.AttributeValue {
	s.mu.Lock()
	defer s.mu.Unlock()
	store, ok := s.stores[table]
	if !ok {
		return nil
	}
	i := 0
	if t, ok := s.world.Describe(table); ok && !hot {
		i = min(t.Key.Distinct, items.MaxItems) / 2
	}
	return store.First(s.world.Key(table, "", i))
}

// requestID makes the next request id, in DynamoDB's manner.
func (s *Sim) requestID() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	var b strings.Builder
	b.Grow(52)
	for range 52 {
		b.WriteByte(alphabet[s.ids.IntN(len(alphabet))])
	}
	return b.String()
}

// tableName takes the name out of a table's ARN.
func tableName(nameOrARN *string) (string, error) {
	if nameOrARN == nil || *nameOrARN == "" {
		return "", &items.Invalid{Message: "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null"}
	}
	name := *nameOrARN
	if strings.HasPrefix(name, "arn:") {
		_, after, ok := strings.Cut(name, ":table/")
		if !ok || strings.Contains(after, "/") {
			return "", &items.Invalid{Message: "Invalid table ARN"}
		}
		name = after
	}
	if len(name) > 255 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != "" {
		return "", invalidName(name)
	}
	return name, nil
}

func invalidName(name string) error {
	return &items.Invalid{Message: fmt.Sprintf("Invalid table name %q", name[:min(len(name), 255)])}
}
