package wire

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// dynamo and metrics make requests to the two services.
func dynamo(operation, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	return r
}

func metrics(operation string, body []byte) *http.Request {
	return httptest.NewRequest(http.MethodPost, cloudwatchPath+operation, bytes.NewReader(body))
}

func TestReadJSON(t *testing.T) {
	call, fail := Read(dynamo("Query", `{"TableName":"t","Limit":5,"ScanIndexForward":false,"Select":"COUNT","ConsistentRead":null,
		"ExpressionAttributeNames":{"#a":"b"},"ExpressionAttributeValues":{":v":{"L":[{"S":"x"},{"N":"1.5"},{"M":{"k":{"BOOL":true}}},{"B":"AQI="},{"NULL":true},{"SS":["p","q"]},{"NS":["1"]},{"BS":["AQ=="]}]}}}`))
	if fail != nil {
		t.Fatal(fail)
	}
	want := &dynamodb.QueryInput{
		TableName: aws.String("t"), Limit: aws.Int32(5), ScanIndexForward: aws.Bool(false), Select: types.SelectCount,
		ExpressionAttributeNames: map[string]string{"#a": "b"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":v": &types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberS{Value: "x"}, &types.AttributeValueMemberN{Value: "1.5"},
			&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"k": &types.AttributeValueMemberBOOL{Value: true}}},
			&types.AttributeValueMemberB{Value: []byte{1, 2}}, &types.AttributeValueMemberNULL{Value: true},
			&types.AttributeValueMemberSS{Value: []string{"p", "q"}}, &types.AttributeValueMemberNS{Value: []string{"1"}}, &types.AttributeValueMemberBS{Value: [][]byte{{1}}},
		}}},
	}
	if call.Service != DynamoDB || call.Operation != "Query" || !reflect.DeepEqual(call.Input, want) {
		t.Errorf("%+v", call.Input)
	}
}

func TestReadCBOR(t *testing.T) {
	in := &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(time.Unix(1772546400, 250e6).UTC()), EndTime: aws.Time(time.Unix(1772550000, 0).UTC()), ScanBy: cwtypes.ScanByTimestampAscending, MaxDatapoints: aws.Int32(7),
		MetricDataQueries: []cwtypes.MetricDataQuery{{Id: aws.String("m1"), ReturnData: aws.Bool(true), MetricStat: &cwtypes.MetricStat{
			Period: aws.Int32(60), Stat: aws.String("Sum"), Unit: cwtypes.StandardUnitCount,
			Metric: &cwtypes.Metric{Namespace: aws.String("AWS/DynamoDB"), MetricName: aws.String("x"), Dimensions: []cwtypes.Dimension{{Name: aws.String("TableName"), Value: aws.String("t")}}},
		}}},
	}
	body, err := encode(cborWriter, cborSchema, in)
	if err != nil {
		t.Fatal(err)
	}
	call, fail := Read(metrics("GetMetricData", body))
	if fail != nil || call.Service != CloudWatch || !reflect.DeepEqual(call.Input, in) {
		t.Errorf("%v %+v", fail, call.Input)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(body)
	_ = z.Close()
	r := metrics("GetMetricData", packed.Bytes())
	r.Header.Set("Content-Encoding", "gzip")
	if call, fail := Read(r); fail != nil || !reflect.DeepEqual(call.Input, in) {
		t.Errorf("gzip: %v", fail)
	}
}

func TestReadRefuses(t *testing.T) {
	bomb := func() *http.Request {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(make([]byte, 2<<20))
		_ = z.Close()
		r := metrics("ListMetrics", packed.Bytes())
		r.Header.Set("Content-Encoding", "gzip")
		return r
	}()
	noGzip := metrics("ListMetrics", []byte("plain"))
	noGzip.Header.Set("Content-Encoding", "gzip")
	brotli := metrics("ListMetrics", nil)
	brotli.Header.Set("Content-Encoding", "br")
	for name, c := range map[string]struct {
		r            *http.Request
		code, detail string
	}{
		"an operation that is not here":  {dynamo("CreateTable", `{}`), "UnknownOperationException", "not served"},
		"an operation that is not AWS's": {metrics("Nonsense", nil), "UnknownOperationException", "not served"},
		"no JSON":                        {dynamo("GetItem", `{"TableName":`), "SerializationException", "not JSON"},
		"two values":                     {dynamo("GetItem", `{}{}`), "SerializationException", "more than one"},
		"a list":                         {dynamo("GetItem", `[]`), "SerializationException", "not an object"},
		"a number as text":               {dynamo("GetItem", `{"TableName":1}`), "SerializationException", "TableName is not a string"},
		"text as number":                 {dynamo("Query", `{"Limit":"1"}`), "SerializationException", "Limit is not an integer"},
		"a fraction as integer":          {dynamo("Query", `{"Limit":1.5}`), "SerializationException", "integer"},
		"an integer out of range":        {dynamo("Query", `{"Limit":4294967296}`), "SerializationException", "in range"},
		"an unknown member":              {dynamo("GetItem", `{"Tablename":"x"}`), "ValidationException", `"Tablename" is not supported`},
		"metadata of the SDK":            {dynamo("GetItem", `{"noSmithyDocumentSerde":{}}`), "ValidationException", "not supported"},
		"an unknown enum value":          {dynamo("Query", `{"Select":"SOME"}`), "ValidationException", "enum value set"},
		"a value of two types":           {dynamo("GetItem", `{"Key":{"a":{"S":"x","N":"1"}}}`), "ValidationException", "exactly one"},
		"a value of no type":             {dynamo("GetItem", `{"Key":{"a":{}}}`), "ValidationException", "exactly one"},
		"a value of an unknown type":     {dynamo("GetItem", `{"Key":{"a":{"X":"x"}}}`), "SerializationException", "known type"},
		"a number value that is one":     {dynamo("GetItem", `{"Key":{"a":{"N":1}}}`), "SerializationException", "known type"},
		"binary that is not base64":      {dynamo("GetItem", `{"Key":{"a":{"B":"*"}}}`), "SerializationException", ""},
		"documents without end":          {dynamo("PutItem", `{"Item":{"a":`+strings.Repeat(`{"L":[`, 500)+strings.Repeat(`]}`, 500)+`}}`), "SerializationException", "attribute value"},
		"lists without end":              {dynamo("GetItem", strings.Repeat(`[`, 100_000)), "SerializationException", ""},
		"17 MiB":                         {dynamo("PutItem", strings.Repeat(" ", 17<<20)), "RequestEntityTooLargeException", ""},
		"2 MiB to CloudWatch":            {metrics("ListMetrics", make([]byte, 2<<20)), "RequestEntityTooLargeException", ""},
		"a bomb":                         {bomb, "RequestEntityTooLargeException", ""},
		"not gzip":                       {noGzip, "SerializationException", "not gzip"},
		"brotli":                         {brotli, "SerializationException", "not gzip"},
		"CBOR cut short":                 {metrics("ListMetrics", []byte{0xa1, 0x61}), "SerializationException", "not CBOR"},
		"CBOR with a tail":               {metrics("ListMetrics", []byte{0xa0, 0xa0}), "SerializationException", "CBOR"},
		"CBOR lists without end":         {metrics("ListMetrics", bytes.Repeat([]byte{0x81}, 10_000)), "SerializationException", "not CBOR"},
		"CBOR of a huge length":          {metrics("ListMetrics", []byte{0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), "SerializationException", ""},
		"a CBOR list":                    {metrics("ListMetrics", []byte{0x80}), "SerializationException", "not an object"},
		"a CBOR member that is not":      {metrics("ListMetrics", []byte{0xa1, 0x61, 'x', 0x01}), "InvalidParameterValueException", "not supported"},
		"a CBOR time that is text":       {metrics("GetMetricData", append([]byte{0xa1, 0x69}, "StartTimea1"...)), "SerializationException", ""},
	} {
		call, fail := Read(c.r)
		if fail == nil || fail.Code != c.code || !strings.Contains(fail.Message, c.detail) {
			t.Errorf("%s: %v", name, fail)
			continue
		}
		if resp := call.Fail(fail); resp.Status < 400 || len(resp.Body) == 0 || len(resp.Body) > 2000 {
			t.Errorf("%s: status %d, %d bytes", name, resp.Status, len(resp.Body))
		}
	}
}

func TestNoCall(t *testing.T) {
	elsewhere := httptest.NewRequest(http.MethodPost, "/", nil)
	elsewhere.Header.Set("X-Amz-Target", "Kinesis_20131202.ListStreams")
	for _, r := range []*http.Request{elsewhere, httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRequest(http.MethodGet, cloudwatchPath+"ListMetrics", nil)} {
		if call, fail := Read(r); call != nil || fail != nil {
			t.Errorf("%s %s was taken for %s", r.Method, r.URL, call.Operation)
		}
	}
}

func TestJSONErrorsSpellTheirMembers(t *testing.T) {
	reasons := []types.ThrottlingReason{{Reason: aws.String("TableWriteKeyRangeThroughputExceeded"), Resource: aws.String("arn")}}
	for outer, details := range map[string]smithy.Serializable{
		"ThrottlingReasons": &types.ProvisionedThroughputExceededException{Message: aws.String("m"), ThrottlingReasons: reasons},
		"throttlingReasons": &types.ThrottlingException{Message: aws.String("m"), ThrottlingReasons: reasons},
	} {
		resp := json10{}.refuse(&Failure{Status: 400, Code: "X", Message: "m", Details: details})
		var body map[string]any
		if err := json.Unmarshal(resp.Body, &body); err != nil {
			t.Fatal(err)
		}
		list, _ := body[outer].([]any)
		if len(list) != 1 || list[0].(map[string]any)["reason"] != *reasons[0].Reason || body["__type"] != "com.amazonaws.dynamodb.v20120810#X" {
			t.Errorf("%s: %s", outer, resp.Body)
		}
		if got := resp.Header.Get("X-Amz-Crc32"); got != strconv.FormatUint(uint64(crc32.ChecksumIEEE(resp.Body)), 10) {
			t.Errorf("%s: checksum %s", outer, got)
		}
	}
}

// FuzzRead feeds bodies to both decoders: they answer or refuse, and never panic.
func FuzzRead(f *testing.F) {
	for _, in := range []smithy.Serializable{
		&cloudwatch.ListMetricsInput{Namespace: aws.String("n"), Dimensions: []cwtypes.DimensionFilter{{Name: aws.String("a")}}},
		&cloudwatch.GetMetricStatisticsInput{StartTime: aws.Time(time.Unix(1, 0)), Period: aws.Int32(60), Statistics: []cwtypes.Statistic{"Sum"}},
	} {
		body, err := encode(cborWriter, cborSchema, in)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(`{"TableName":"t","Key":{"a":{"M":{"b":{"NS":["1"]}}}}}`))
	f.Add([]byte{0xbf, 0x69, 'S', 't', 'a', 'r', 't', 'T', 'i', 'm', 'e', 0xc1, 0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0, 0xff})
	f.Add([]byte{0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, operation := range []string{"GetMetricData", "GetMetricStatistics", "ListMetrics", "DescribeAlarms"} {
			call, fail := Read(metrics(operation, body).WithContext(context.Background()))
			if (fail == nil) == (call.Input == nil) {
				t.Fatalf("%s: %v, input %v", operation, fail, call.Input)
			}
		}
		for _, operation := range []string{"Query", "UpdateTable", "PutItem"} {
			call, fail := Read(dynamo(operation, string(body)))
			if (fail == nil) == (call.Input == nil) {
				t.Fatalf("%s: %v, input %v", operation, fail, call.Input)
			}
		}
	})
}
