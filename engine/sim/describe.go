package sim

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// describe writes a table as DescribeTable does: what is not set is left out, not zero.
func describe(t world.TableView) *types.TableDescription {
	d := &types.TableDescription{
		TableName: &t.Name, TableArn: &t.ARN, TableId: &t.ID, TableStatus: types.TableStatus(t.Status), CreationDateTime: when(t.Created),
		ItemCount: &t.Items, TableSizeBytes: &t.Bytes, DeletionProtectionEnabled: aws.Bool(false),
		KeySchema: keySchema(t.Key), AttributeDefinitions: attributes(t),
		ProvisionedThroughput: provision(t.Provisioned), OnDemandThroughput: caps(t.Max),
		BillingModeSummary: billing(t),
	}
	if t.Warm != (world.Throughput{}) {
		d.WarmThroughput = &types.TableWarmThroughputDescription{
			ReadUnitsPerSecond: units(t.Warm.Read), WriteUnitsPerSecond: units(t.Warm.Write), Status: types.TableStatus(t.WarmStatus),
		}
	}
	if t.CustomerKMS {
		d.SSEDescription = &types.SSEDescription{Status: types.SSEStatusEnabled, SSEType: types.SSETypeKms}
	}
	if t.LSI {
		d.LocalSecondaryIndexes = []types.LocalSecondaryIndexDescription{localIndex(t)}
	}
	if t.Stream {
		d.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages}
		label := t.Created.UTC().Format("2006-01-02T15:04:05.000")
		d.LatestStreamLabel, d.LatestStreamArn = &label, aws.String(t.ARN+"/stream/"+label)
	}
	for _, r := range t.Replicas {
		d.Replicas = append(d.Replicas, types.ReplicaDescription{RegionName: aws.String(r.Region), ReplicaStatus: types.ReplicaStatus(r.Status)})
	}
	if d.Replicas != nil {
		d.GlobalTableVersion = aws.String("2019.11.21")
	}
	for _, x := range t.Indexes {
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, describeIndex(x))
	}
	return d
}

func describeIndex(x world.IndexView) types.GlobalSecondaryIndexDescription {
	d := types.GlobalSecondaryIndexDescription{
		IndexName: &x.Name, IndexArn: &x.ARN, IndexStatus: types.IndexStatus(x.Status), ItemCount: &x.Items, IndexSizeBytes: &x.Bytes,
		KeySchema: keySchema(x.Key), Projection: projection(x.Projection),
		ProvisionedThroughput: provision(x.Provisioned), OnDemandThroughput: caps(x.Max),
	}
	if x.Backfilling || x.Status == world.Creating {
		d.Backfilling = aws.Bool(x.Backfilling)
	}
	if x.Warm != (world.Throughput{}) {
		d.WarmThroughput = &types.GlobalSecondaryIndexWarmThroughputDescription{
			ReadUnitsPerSecond: units(x.Warm.Read), WriteUnitsPerSecond: units(x.Warm.Write), Status: types.IndexStatus(x.WarmStatus),
		}
	}
	return d
}

// localIndex stands for the local secondary index of a scenario, which says no more of it than that it is there.
func localIndex(t world.TableView) types.LocalSecondaryIndexDescription {
	return types.LocalSecondaryIndexDescription{
		IndexName: aws.String("local"), IndexArn: aws.String(t.ARN + "/index/local"), ItemCount: aws.Int64(0), IndexSizeBytes: aws.Int64(0),
		KeySchema: keySchema(world.KeySchema{Partition: t.Key.Partition, Sort: localSort}), Projection: projection("keys_only"),
	}
}

const localSort = "local_sort"

// attributes lists the key attributes; all are strings here.
func attributes(t world.TableView) []types.AttributeDefinition {
	names := []string{t.Key.Partition, t.Key.Sort}
	if t.LSI {
		names = append(names, localSort)
	}
	for _, x := range t.Indexes {
		names = append(names, x.Key.Partition, x.Key.Sort)
	}
	slices.Sort(names)
	var out []types.AttributeDefinition
	for _, name := range slices.Compact(names) {
		if name != "" {
			out = append(out, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS})
		}
	}
	return out
}

func keySchema(k world.KeySchema) []types.KeySchemaElement {
	out := []types.KeySchemaElement{{AttributeName: aws.String(k.Partition), KeyType: types.KeyTypeHash}}
	if k.Sort != "" {
		out = append(out, types.KeySchemaElement{AttributeName: aws.String(k.Sort), KeyType: types.KeyTypeRange})
	}
	return out
}

func projection(p string) *types.Projection {
	kind := map[string]types.ProjectionType{"all": types.ProjectionTypeAll, "keys_only": types.ProjectionTypeKeysOnly, "include": types.ProjectionTypeInclude}[p]
	return &types.Projection{ProjectionType: kind}
}

// billing is left out for a table that has been provisioned all its life.
func billing(t world.TableView) *types.BillingModeSummary {
	b := &types.BillingModeSummary{BillingMode: types.BillingModeProvisioned, LastUpdateToPayPerRequestDateTime: when(t.ModeSince)}
	if t.Mode == world.OnDemand {
		b.BillingMode = types.BillingModePayPerRequest
	} else if t.ModeSince.IsZero() {
		return nil
	}
	return b
}

func provision(p world.Provision) *types.ProvisionedThroughputDescription {
	return &types.ProvisionedThroughputDescription{
		ReadCapacityUnits: units(p.Read), WriteCapacityUnits: units(p.Write), NumberOfDecreasesToday: aws.Int64(int64(p.DecreasesToday)),
		LastIncreaseDateTime: when(p.LastIncrease), LastDecreaseDateTime: when(p.LastDecrease),
	}
}

// caps are an on-demand table's limits; -1 is how the service spells that there is none.
func caps(t world.Throughput) *types.OnDemandThroughput {
	if t == (world.Throughput{}) {
		return nil
	}
	side := func(n float64) *int64 {
		if n <= 0 {
			n = -1
		}
		return units(n)
	}
	return &types.OnDemandThroughput{MaxReadRequestUnits: side(t.Read), MaxWriteRequestUnits: side(t.Write)}
}

func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
