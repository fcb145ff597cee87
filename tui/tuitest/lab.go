package tuitest

import "github.com/ddbloop/ddbloop/history"

// Lab is the incident with a lab that has measured 24 of 60 pairs: a key against a filter.
func Lab() *Script {
	ms := func(v, low, high float64) history.LabQuantile {
		return history.LabQuantile{Value: v, Low: &low, High: &high}
	}
	low, high, a, b := -0.56, -0.28, 250.0, 50.0
	edges := []float64{1, 1.6, 2.5, 4, 6.3, 10, 15.8, 25}
	return Incident(false).At(63 * min1).By("ana").Add(
		history.LabStarted{
			ID: "L1", Table: "orders", Probe: "get-order", Rounds: 60, Units: 25, Total: 3000, Within: 5 * min1,
			A: history.LabVariant{Name: "get-order", Op: "Query", Index: "by-status", Shape: "Query on by-status, filter", Pages: 1},
			B: history.LabVariant{Name: "by-customer.json", Op: "Query", Shape: "Query", Pages: 1},
		},
	).By("").At(64 * min1).Add(history.LabMeasured{ID: "L1", Result: history.LabResult{
		Pairs: 24, Rounds: 60, Spent: 825, Took: min1, Answer: history.AnswerSame, Agreed: 24, Alike: 24, Verdict: history.LabWinner, Winner: "b",
		Why:     "B is better. B against A: 44 % faster (99 % interval −56 … −28 %); 80 % fewer read units, 27.5 → 5.5 a call",
		Latency: history.LabDifference{Word: history.LabFaster, Change: -0.44, Low: &low, High: &high},
		Units:   history.LabDifference{Word: history.LabFewer, Change: -0.8},
		Edges:   edges,
		A: history.LabSide{
			N: 24, Worth: 18, P50: ms(10.3, 8.9, 12.1), P99: ms(21.5, 15.5, 30), Units: 27.5, Examined: &a, Returned: 50, Pages: 1,
			Bins: []int{0, 0, 0, 0, 0, 9, 11, 4, 0},
		},
		B: history.LabSide{
			N: 24, Worth: 24, P50: ms(6.2, 5.6, 6.5), P99: ms(7.7, 7.5, 9), Units: 5.5, Examined: &b, Returned: 50, Pages: 1,
			Bins: []int{0, 0, 0, 1, 12, 11, 0, 0, 0},
		},
	}}).sorted()
}
