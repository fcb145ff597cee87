package sim

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/ddbloop/ddbloop/engine/sim/items"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

func (v *visit) describeTable(in *dynamodb.DescribeTableInput) (any, error) {
	t, _, err := v.table(in.TableName)
	if err != nil {
		return nil, err
	}
	return &dynamodb.DescribeTableOutput{Table: describe(t)}, nil
}

func (v *visit) listTables(in *dynamodb.ListTablesInput) (any, error) {
	limit := 100
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	if limit < 1 || limit > 100 {
		return nil, &items.Invalid{Message: "1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must be between 1 and 100"}
	}
	names := slices.DeleteFunc(slices.Clone(v.world.Tables()), func(name string) bool {
		_, here := v.world.DescribeIn(v.region, name)
		return !here || name <= aws.ToString(in.ExclusiveStartTableName)
	})
	out := &dynamodb.ListTablesOutput{TableNames: names}
	if len(names) > limit {
		out.TableNames = names[:limit]
		out.LastEvaluatedTableName = aws.String(names[limit-1])
	}
	return out, nil
}

func (v *visit) describeEndpoints() (any, error) {
	return &dynamodb.DescribeEndpointsOutput{Endpoints: []types.Endpoint{
		{Address: aws.String("dynamodb." + v.region + ".amazonaws.com"), CachePeriodInMinutes: 1440},
	}}, nil
}

func (v *visit) describeLimits() (any, error) {
	q := v.world.Quotas()
	return &dynamodb.DescribeLimitsOutput{
		AccountMaxReadCapacityUnits: units(q.Account.Read), AccountMaxWriteCapacityUnits: units(q.Account.Write),
		TableMaxReadCapacityUnits: units(q.Table.Read), TableMaxWriteCapacityUnits: units(q.Table.Write),
	}, nil
}

func (v *visit) updateTable(in *dynamodb.UpdateTableInput) (any, error) {
	t, _, err := v.table(in.TableName)
	if err != nil {
		return nil, err
	}
	u, err := tableUpdate(t.Name, in)
	if err != nil {
		return nil, v.rejected(t.Name, err)
	}
	u.Region = v.region
	if err := v.world.Update(u, v.principal()); err != nil {
		return nil, err
	}
	after, _ := v.world.DescribeIn(v.region, t.Name)
	return &dynamodb.UpdateTableOutput{TableDescription: describe(after)}, nil
}

// tableUpdate translates the request; what the world cannot do is refused by name.
func tableUpdate(table string, in *dynamodb.UpdateTableInput) (world.TableUpdate, error) {
	refuse := map[string]bool{
		"DeletionProtectionEnabled": in.DeletionProtectionEnabled != nil, "DisassociationProtectionEnabled": in.DisassociationProtectionEnabled != nil,
		"GlobalTableSettingsReplicationMode": in.GlobalTableSettingsReplicationMode != "", "GlobalTableWitnessUpdates": in.GlobalTableWitnessUpdates != nil,
		"MultiRegionConsistency": in.MultiRegionConsistency != "", "ReplicaUpdates": in.ReplicaUpdates != nil, "SSESpecification": in.SSESpecification != nil,
		"StreamSpecification": in.StreamSpecification != nil, "TableClass": in.TableClass != "", "VectorIndexUpdates": in.VectorIndexUpdates != nil,
	}
	u := world.TableUpdate{Table: table}
	for _, name := range slices.Sorted(maps.Keys(refuse)) {
		if refuse[name] {
			return u, &items.Invalid{Message: "UpdateTable: the parameter " + name + " is not supported here"}
		}
	}
	switch in.BillingMode {
	case types.BillingModeProvisioned:
		u.Mode = world.Provisioned
	case types.BillingModePayPerRequest:
		u.Mode = world.OnDemand
	}
	var err error
	if u.Provisioned, err = provisioned(in.ProvisionedThroughput); err != nil {
		return u, err
	}
	u.Max, u.Warm = onDemand(in.OnDemandThroughput), warm(in.WarmThroughput)
	for _, x := range in.GlobalSecondaryIndexUpdates {
		if x.Create != nil || x.Delete != nil {
			if err := indexUpdate(&u, in, x); err != nil {
				return u, err
			}
			continue
		}
		if x.Update == nil || x.Update.IndexName == nil {
			return u, &items.Invalid{Message: "UpdateTable: an element of GlobalSecondaryIndexUpdates needs Create, Update or Delete, with an IndexName"}
		}
		p, err := provisioned(x.Update.ProvisionedThroughput)
		if err != nil {
			return u, err
		}
		u.Indexes = append(u.Indexes, world.IndexUpdate{
			Name: *x.Update.IndexName, Provisioned: p, Max: onDemand(x.Update.OnDemandThroughput), Warm: warm(x.Update.WarmThroughput),
		})
	}
	return u, nil
}

// indexUpdate translates the creation or the deletion of an index.
func indexUpdate(u *world.TableUpdate, in *dynamodb.UpdateTableInput, x types.GlobalSecondaryIndexUpdate) error {
	if len(in.GlobalSecondaryIndexUpdates) > 1 || x.Update != nil || x.Create != nil && x.Delete != nil {
		return &world.Error{Code: "LimitExceededException", Message: "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"}
	}
	if d := x.Delete; d != nil {
		u.DeleteIndex = aws.ToString(d.IndexName)
		return nil
	}
	c := x.Create
	n := &world.NewIndex{Name: aws.ToString(c.IndexName), Projection: "all"}
	for _, k := range c.KeySchema {
		switch {
		case k.KeyType == types.KeyTypeHash && n.Key.Partition == "":
			n.Key.Partition = aws.ToString(k.AttributeName)
		case k.KeyType == types.KeyTypeRange && n.Key.Sort == "":
			n.Key.Sort = aws.ToString(k.AttributeName)
		default:
			return &items.Invalid{Message: "UpdateTable: an index with several attributes in one key is not supported here"}
		}
	}
	if n.Key.Partition == "" || n.Name == "" || c.Projection == nil {
		return &items.Invalid{Message: "One or more parameter values were invalid: IndexName, KeySchema and Projection are required"}
	}
	for kind, name := range map[types.ProjectionType]string{types.ProjectionTypeAll: "all", types.ProjectionTypeKeysOnly: "keys_only", types.ProjectionTypeInclude: "include"} {
		if c.Projection.ProjectionType == kind {
			n.Projection = name
		}
	}
	p, err := provisioned(c.ProvisionedThroughput)
	if err != nil {
		return err
	}
	if p != nil {
		n.Provisioned = *p
	}
	if m := onDemand(c.OnDemandThroughput); m != nil {
		n.Max = *m
	}
	u.CreateIndex = n
	return nil
}

// identity is STS's word on who calls.
func (v *visit) identity() (any, error) {
	return &sts.GetCallerIdentityOutput{
		Account: aws.String(v.sc.Account), UserId: aws.String(v.principal()), Arn: aws.String("arn:aws:iam::" + v.sc.Account + ":user/" + v.principal()),
	}, nil
}

func provisioned(p *types.ProvisionedThroughput) (*world.Throughput, error) {
	if p == nil {
		return nil, nil
	}
	if aws.ToInt64(p.ReadCapacityUnits) < 1 || aws.ToInt64(p.WriteCapacityUnits) < 1 {
		return nil, &items.Invalid{Message: "1 validation error detected: Value at 'provisionedThroughput' failed to satisfy constraint: Member must have value greater than or equal to 1"}
	}
	return &world.Throughput{Read: float64(*p.ReadCapacityUnits), Write: float64(*p.WriteCapacityUnits)}, nil
}

func onDemand(p *types.OnDemandThroughput) *world.Throughput {
	if p == nil {
		return nil
	}
	return &world.Throughput{Read: float64(aws.ToInt64(p.MaxReadRequestUnits)), Write: float64(aws.ToInt64(p.MaxWriteRequestUnits))}
}

func warm(p *types.WarmThroughput) *world.Throughput {
	if p == nil {
		return nil
	}
	return &world.Throughput{Read: float64(aws.ToInt64(p.ReadUnitsPerSecond)), Write: float64(aws.ToInt64(p.WriteUnitsPerSecond))}
}

func units(n float64) *int64 { return aws.Int64(int64(n)) }
