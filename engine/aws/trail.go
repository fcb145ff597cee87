package aws

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/ddbloop/ddbloop/history"
)

// Trail reads the control-plane calls on a table since an instant, oldest first, as far as CloudTrail has them: at most its
// newest 50. The error is for Classify.
func (a *Account) Trail(ctx context.Context, table string, since time.Time) ([]history.CallRecorded, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.trail.LookupEvents(ctx, &cloudtrail.LookupEventsInput{
		LookupAttributes: []types.LookupAttribute{{AttributeKey: types.LookupAttributeKeyResourceName, AttributeValue: &table}},
		StartTime:        &since, MaxResults: sdk.Int32(50),
	})
	if err != nil {
		return nil, a.noted(err)
	}
	var list []history.CallRecorded
	for _, e := range slices.Backward(out.Events) {
		if value(e.ReadOnly) == "true" {
			continue
		}
		c := history.CallRecorded{ID: Clean(value(e.EventId)), At: value(e.EventTime).UTC(), By: Clean(value(e.Username)), Call: Clean(value(e.EventName)), Target: table}
		var detail trailDetail
		if json.Unmarshal([]byte(value(e.CloudTrailEvent)), &detail) == nil { // what cannot be read is left out
			c.Text, c.Error = detail.Asked.words(), Clean(detail.Error)
		}
		list = append(list, c)
	}
	return list, nil
}

type trailDetail struct {
	Error string     `json:"errorCode"`
	Asked trailAsked `json:"requestParameters"`
}

// trailAsked is what is read of a call's parameters; numbers may come as text.
type trailAsked struct {
	trailSettings
	Mode    string                     `json:"billingMode"`
	Indexes []map[string]trailSettings `json:"globalSecondaryIndexUpdates"` // by update, create or delete
	Min     any                        `json:"minCapacity"`
	Max     any                        `json:"maxCapacity"`
	Insight string                     `json:"contributorInsightsAction"`
}

type trailSettings struct {
	Name        string         `json:"indexName"`
	Provisioned map[string]any `json:"provisionedThroughput"`
	OnDemand    map[string]any `json:"onDemandThroughput"`
	Warm        map[string]any `json:"warmThroughput"`
}

func (t trailSettings) words() []string {
	var out []string
	for _, p := range []struct {
		in              map[string]any
		what, key, name string
	}{
		{t.Provisioned, "", "readCapacityUnits", "read"},
		{t.Provisioned, "", "writeCapacityUnits", "write"},
		{t.OnDemand, "max ", "maxReadRequestUnits", "read"},
		{t.OnDemand, "max ", "maxWriteRequestUnits", "write"},
		{t.Warm, "warm ", "readUnitsPerSecond", "read"},
		{t.Warm, "warm ", "writeUnitsPerSecond", "write"},
	} {
		if v, ok := p.in[p.key]; ok {
			out = append(out, fmt.Sprintf("%s%s %v", p.what, p.name, v))
		}
	}
	return out
}

// words says in short what a call asked for.
func (t trailAsked) words() string {
	out := t.trailSettings.words()
	if t.Mode != "" {
		out = append(out, "mode "+t.Mode)
	}
	for _, i := range t.Indexes {
		for _, verb := range [3]string{"update", "create", "delete"} {
			if s, ok := i[verb]; ok {
				out = append(out, strings.TrimSpace(verb+" index "+s.Name+" "+strings.Join(s.words(), ", ")))
			}
		}
	}
	if t.Min != nil || t.Max != nil {
		out = append(out, fmt.Sprintf("min %v, max %v", cmp.Or(t.Min, any("as it was")), cmp.Or(t.Max, any("as it was"))))
	}
	if t.Insight != "" {
		out = append(out, "Contributor Insights "+t.Insight)
	}
	return Clean(strings.Join(out, ", "))
}
