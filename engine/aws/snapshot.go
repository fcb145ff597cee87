package aws

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/history"
)

// Snapshot takes from DescribeTable what an incident can turn on. Any part may be absent. A table without a billing summary
// is provisioned: DynamoDB leaves it out for tables that never were on-demand (API reference, BillingModeSummary).
func Snapshot(name string, t *types.TableDescription) history.TableSnapshot {
	s := history.TableSnapshot{Name: name, Mode: history.Provisioned}
	if t == nil {
		return s
	}
	s.ID, s.Status = Clean(value(t.TableId)), Clean(string(t.TableStatus))
	if b := t.BillingModeSummary; b != nil && b.BillingMode == types.BillingModePayPerRequest {
		s.Mode = history.OnDemand
	}
	s.Items, s.Bytes = value(t.ItemCount), value(t.TableSizeBytes)
	s.PartitionKey, s.SortKey = keys(t.KeySchema)
	s.Throughput = throughput(t.ProvisionedThroughput, t.OnDemandThroughput)
	if w := t.WarmThroughput; w != nil {
		s.Throughput.WarmRead, s.Throughput.WarmWrite = value(w.ReadUnitsPerSecond), value(w.WriteUnitsPerSecond)
		s.Throughput.Warming = w.Status == types.TableStatusUpdating
	}
	if p := t.ProvisionedThroughput; p != nil {
		s.LastIncrease, s.LastDecrease = value(p.LastIncreaseDateTime).UTC(), value(p.LastDecreaseDateTime).UTC()
		s.DecreasesToday = value(p.NumberOfDecreasesToday)
	}
	if b := t.BillingModeSummary; b != nil {
		s.ModeSince = value(b.LastUpdateToPayPerRequestDateTime).UTC()
	}
	s.LSI = len(t.LocalSecondaryIndexes) > 0
	if sp := t.StreamSpecification; sp != nil {
		if s.Stream = value(sp.StreamEnabled); s.Stream {
			s.StreamLabel = Clean(value(t.LatestStreamLabel))
		}
	}
	if e := t.SSEDescription; e != nil && e.SSEType == types.SSETypeKms {
		s.KMS = Clean(string(e.Status))
		if e.InaccessibleEncryptionDateTime != nil {
			s.KMS = "INACCESSIBLE since " + e.InaccessibleEncryptionDateTime.UTC().Format("15:04 MST")
		}
	}
	for _, r := range t.Replicas {
		s.Replicas = append(s.Replicas, Clean(value(r.RegionName)))
	}
	slices.Sort(s.Replicas)
	for _, g := range t.GlobalSecondaryIndexes {
		s.Indexes = append(s.Indexes, index(g))
	}
	slices.SortFunc(s.Indexes, func(a, b history.IndexSnapshot) int { return cmp.Compare(a.Name, b.Name) })
	return s
}

func index(g types.GlobalSecondaryIndexDescription) history.IndexSnapshot {
	i := history.IndexSnapshot{
		Name: Clean(value(g.IndexName)), Status: Clean(string(g.IndexStatus)), Backfilling: value(g.Backfilling),
		Throughput: throughput(g.ProvisionedThroughput, g.OnDemandThroughput),
	}
	i.PartitionKey, i.SortKey = keys(g.KeySchema)
	if w := g.WarmThroughput; w != nil {
		i.Throughput.WarmRead, i.Throughput.WarmWrite = value(w.ReadUnitsPerSecond), value(w.WriteUnitsPerSecond)
		i.Throughput.Warming = w.Status == types.IndexStatusUpdating
	}
	if p := g.ProvisionedThroughput; p != nil {
		i.DecreasesToday, i.LastDecrease = value(p.NumberOfDecreasesToday), value(p.LastDecreaseDateTime).UTC()
	}
	return i
}

// throughput reads what is set. A cap of -1 means that there is none.
func throughput(p *types.ProvisionedThroughputDescription, o *types.OnDemandThroughput) history.Throughput {
	var t history.Throughput
	if p != nil {
		t.Read, t.Write = value(p.ReadCapacityUnits), value(p.WriteCapacityUnits)
	}
	if o != nil {
		t.MaxRead, t.MaxWrite = max(0, value(o.MaxReadRequestUnits)), max(0, value(o.MaxWriteRequestUnits))
	}
	return t
}

func keys(schema []types.KeySchemaElement) (partition, sort string) {
	for _, k := range schema {
		switch k.KeyType {
		case types.KeyTypeHash:
			partition = Clean(value(k.AttributeName))
		case types.KeyTypeRange:
			sort = Clean(value(k.AttributeName))
		}
	}
	return partition, sort
}
