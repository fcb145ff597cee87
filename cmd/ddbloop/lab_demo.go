package main

import (
	"context"
	"encoding/json"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/lab"
	"github.com/ddbloop/ddbloop/engine/sim"
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// labWorld is the table of lab --demo: calm, with some customers whose orders can be found by their key, or by reading an index
// and filtering.
const labWorld = `scenario: lab-demo
title: A filter where a key would do
seed: 5
start: 2026-03-03T14:00:00Z
history: 1h
duration: 40m
region: us-east-1
account: "123456789012"
tables:
  - name: orders
    mode: on_demand
    key: {partition: customer, sort: created_at, distinct: 20}
    items: 1000
    item_bytes: 900
    indexes:
      - {name: by-status, key: {partition: status, sort: created_at, distinct: 4}, projection: all}
traffic:
  - {name: checkout, table: orders, operation: PutItem, rate: 40, item_bytes: 900}
truth: {kind: calm, layer: healthy}
`

// demoLab finds one customer's orders by a filter, and by the key.
func demoLab(ctx context.Context, limits lab.Limits, chance func() float64) (labReport, lab.Bench, error) {
	sc, err := scenario.Parse("lab-demo.yaml", []byte(labWorld), scenario.Options{})
	if err != nil {
		return labReport{}, lab.Bench{}, err
	}
	s, err := sim.New(sc)
	if err != nil {
		return labReport{}, lab.Bench{}, err
	}
	clk := clock.NewVirtual(sc.Start)
	account, err := ddbaws.Connect(ctx, ddbaws.Options{
		Region: sc.Region, Clock: clk, HTTPClient: s.Client(clk, world.FromHere), Keys: &ddbaws.Keys{ID: "AKIDEMBEDDED", Secret: "embedded"},
	})
	if err != nil {
		return labReport{}, lab.Bench{}, err
	}
	bench, err := demoBench()
	if err != nil {
		return labReport{}, bench, err
	}
	table := sc.Tables[0]
	c := lab.Config{
		Clock: clk, From: account, Chance: chance, Bench: bench, Region: sc.Region, Limits: limits, Secret: labSecret(),
		Keys: []string{table.Key.Partition, table.Key.Sort},
	}
	var out labReport
	clk.Go(func() { out = reportOf(c, lab.Run(ctx, c)) })
	clk.Run(sc.Start.Add(24*time.Hour), nil)
	return out, bench, nil
}

func demoBench() (lab.Bench, error) {
	value := func(s string) map[string]string { return map[string]string{"S": s} }
	a, err := json.Marshal(map[string]any{
		"TableName": "orders", "IndexName": "by-status", "KeyConditionExpression": "#s = :s", "FilterExpression": "customer = :c",
		"ExpressionAttributeNames": map[string]string{"#s": "status"}, "ExpressionAttributeValues": map[string]any{":s": value("status-1"), ":c": value("customer-5")},
	})
	if err != nil {
		return lab.Bench{}, err
	}
	b, err := json.Marshal(map[string]any{
		"TableName": "orders", "KeyConditionExpression": "customer = :c", "ExpressionAttributeValues": map[string]any{":c": value("customer-5")},
	})
	if err != nil {
		return lab.Bench{}, err
	}
	return lab.NewBench(lab.Variant{Name: "by-status.json", Input: a}, lab.Variant{Name: "by-customer.json", Input: b})
}
