package wire

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// harmless are members that change nothing about an answer here, with the reason.
var harmless = map[string]string{
	"AttributeDefinitions":        "the model's keys are strings, whatever their type",
	"LabelOptions":                "labels hold no time",
	"PolicyName":                  "a side has one policy",
	"PolicyType":                  "the other types' configurations are refused",
	"RoleARN":                     "the service's own role is used in any case",
	"Tags":                        "nothing here has tags",
	"ReturnItemCollectionMetrics": "a table without a local index has none to return; one with an LSI is of the model only",
}

// Every member of every input that is served is read by the server: what nobody reads would be half answered. When the SDK's
// inputs grow, this says so.
func TestEveryMemberIsRead(t *testing.T) {
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(data)
	}
	for _, inputs := range []map[string]func() any{dynamoInputs, cloudwatchInputs, scalingInputs, trailInputs} {
		for _, operation := range slices.Sorted(maps.Keys(inputs)) {
			in := reflect.TypeOf(inputs[operation]()).Elem()
			for i := range in.NumField() {
				f := in.Field(i)
				if !f.IsExported() || harmless[f.Name] != "" || slices.Contains(refused[operation], f.Name) {
					continue
				}
				if !regexp.MustCompile(`\.` + f.Name + `\b`).MatchString(code.String()) {
					t.Errorf("%s.%s is read by nobody: handle or refuse it", operation, f.Name)
				}
			}
		}
	}
}

func TestWhatIsNotServedIsRefused(t *testing.T) {
	for _, c := range []struct{ target, body, member string }{
		{cloudwatchTarget + "DescribeAlarms", `{"ActionPrefix":"arn"}`, "ActionPrefix"},
		{trailTarget + "LookupEvents", `{"EventCategory":"insight"}`, "EventCategory"},
		{scalingTarget + "DescribeScalingPolicies", `{"ServiceNamespace":"dynamodb","PolicyNames":["x"]}`, "PolicyNames"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
		r.Header.Set("X-Amz-Target", c.target)
		_, fail := Read(r)
		if fail == nil || !strings.Contains(fail.Message, c.member) {
			t.Errorf("%s: %+v", c.target, fail)
		}
	}
}
