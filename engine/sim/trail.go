package sim

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// Limits of LookupEvents (API reference).
const (
	maxEvents      = 50
	lookupsASecond = 2
)

// lookupEvents shows control-plane calls, newest first, from the moment on at which CloudTrail finds them.
func (v *visit) lookupEvents(in *cloudtrail.LookupEventsInput) (any, error) {
	if second := v.now.Unix(); second != v.lookups.second {
		v.lookups.second, v.lookups.n = second, 0
	}
	if v.lookups.n++; v.lookups.n > lookupsASecond {
		return nil, wire.Refuse("ThrottlingException", "Rate exceeded")
	}
	if len(in.LookupAttributes) > 1 {
		return nil, wire.Refuse("InvalidLookupAttributesException", "Only one lookup attribute can be given.")
	}
	var list []types.Event
	for _, e := range v.world.Trail() {
		if e.Shown.After(v.now) || e.Region != v.region || in.StartTime != nil && e.At.Before(*in.StartTime) || in.EndTime != nil && e.At.After(*in.EndTime) {
			continue
		}
		if ok, err := matchesAttribute(e, in.LookupAttributes); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		list = append(list, v.event(e))
	}
	slices.SortStableFunc(list, func(a, b types.Event) int { return b.EventTime.Compare(*a.EventTime) })
	from, err := readOffset(in.NextToken, len(list))
	if err != nil {
		return nil, wire.Refuse("InvalidNextTokenException", "The token that is not valid.")
	}
	size := maxEvents
	if in.MaxResults != nil {
		if size = int(*in.MaxResults); size < 1 || size > maxEvents {
			return nil, wire.Refuse("InvalidMaxResultsException", "A maximum of 50 results is allowed.")
		}
	}
	out := &cloudtrail.LookupEventsOutput{Events: append([]types.Event{}, list[from:min(len(list), from+size)]...)}
	if from+size < len(list) {
		out.NextToken = offsetToken(from + size)
	}
	return out, nil
}

func matchesAttribute(e world.TrailEvent, attributes []types.LookupAttribute) (bool, error) {
	for _, a := range attributes {
		want := aws.ToString(a.AttributeValue)
		var have string
		switch a.AttributeKey {
		case types.LookupAttributeKeyResourceName:
			have = e.Table
		case types.LookupAttributeKeyEventName:
			have = e.Name
		case types.LookupAttributeKeyEventSource:
			have = e.Source
		case types.LookupAttributeKeyUsername:
			have = e.User
		case types.LookupAttributeKeyEventId:
			have = e.ID
		case types.LookupAttributeKeyReadOnly:
			have = strconv.FormatBool(e.ReadOnly)
		default:
			return false, wire.Refuse("InvalidLookupAttributesException", "The lookup attribute "+string(a.AttributeKey)+" is not served here.")
		}
		if have != want {
			return false, nil
		}
	}
	return true, nil
}

func (v *visit) event(e world.TrailEvent) types.Event {
	record := map[string]any{
		"eventVersion": "1.11", "eventTime": e.At.UTC().Format(time.RFC3339), "eventSource": e.Source, "eventName": e.Name, "awsRegion": e.Region,
		"eventID": e.ID, "readOnly": e.ReadOnly, "requestParameters": e.Request, "recipientAccountId": v.sc.Account, "eventType": "AwsApiCall",
		"userIdentity": identityOf(e.User, v.sc.Account),
	}
	if e.Error != "" {
		record["errorCode"] = e.Error
	}
	raw, err := json.Marshal(record)
	if err != nil {
		raw = []byte("{}") // the parts are strings and numbers: they always marshal
	}
	out := types.Event{
		EventId: aws.String(e.ID), EventName: aws.String(e.Name), EventSource: aws.String(e.Source), EventTime: aws.Time(e.At),
		ReadOnly: aws.String(strconv.FormatBool(e.ReadOnly)), Username: aws.String(e.User), CloudTrailEvent: aws.String(string(raw)),
	}
	if e.Table != "" {
		out.Resources = []types.Resource{{ResourceName: aws.String(e.Table), ResourceType: aws.String("AWS::DynamoDB::Table")}}
	}
	return out
}

func identityOf(user, account string) map[string]any {
	if strings.HasPrefix(user, "AWSServiceRole") {
		return map[string]any{"type": "AssumedRole", "invokedBy": "dynamodb.application-autoscaling.amazonaws.com", "arn": "arn:aws:sts::" + account + ":assumed-role/" + user + "/AutoScaling-ManageAlarms"}
	}
	return map[string]any{"type": "IAMUser", "userName": user, "arn": "arn:aws:iam::" + account + ":user/" + user}
}
