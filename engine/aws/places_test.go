package aws

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/ddbloop/ddbloop/engine/clock"
)

// TestEndpoints: what counts is where the SDK would send a request of ours, whichever setting says so, and nothing else. Mutants: look at
// every AWS_ENDPOINT_URL_…; look at the environment alone; forget a service.
func TestEndpoints(t *testing.T) {
	for name, c := range map[string]struct {
		env     map[string]string
		profile string
		at      string // where DynamoDB is
		refused string
	}{
		"AWS's own":               {},
		"of all":                  {env: map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, at: "http://127.0.0.1:1"},
		"of another service":      {env: map[string]string{"AWS_ENDPOINT_URL_S3": "nonsense"}},
		"of STS":                  {env: map[string]string{"AWS_ENDPOINT_URL_STS": "nonsense"}, refused: "AWS_ENDPOINT_URL_STS"},
		"of auto scaling":         {env: map[string]string{"AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING": "nonsense"}, refused: "AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING"},
		"of CloudTrail":           {env: map[string]string{"AWS_ENDPOINT_URL_CLOUDTRAIL": "ftp://a"}, refused: "AWS_ENDPOINT_URL_CLOUDTRAIL"},
		"of CloudWatch":           {env: map[string]string{"AWS_ENDPOINT_URL_CLOUDWATCH": "http://"}, refused: "AWS_ENDPOINT_URL_CLOUDWATCH"},
		"ignored":                 {env: map[string]string{"AWS_ENDPOINT_URL": "nonsense", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}},
		"of the profile":          {profile: "endpoint_url = http://127.0.0.1:2\n", at: "http://127.0.0.1:2"},
		"of the profile, no such": {profile: "endpoint_url = 127.0.0.1:2\n", refused: "the profile's endpoint_url"},
	} {
		t.Run(name, func(t *testing.T) {
			bare(t)
			t.Setenv("AWS_ACCESS_KEY_ID", "a")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			if err := os.WriteFile(os.Getenv("AWS_CONFIG_FILE"), []byte("[default]\n"+c.profile), 0o600); err != nil {
				t.Fatal(err)
			}
			a, err := Connect(context.Background(), Options{Region: "eu-west-1", Clock: clock.NewVirtual(start)})
			if (err == nil) != (c.refused == "") || err != nil && !strings.Contains(err.Error(), c.refused) {
				t.Fatalf("refused with %v, want %q", err, c.refused)
			}
			if err == nil && a.Endpoint("DYNAMODB") != c.at {
				t.Errorf("DynamoDB is at %q, want %q", a.Endpoint("DYNAMODB"), c.at)
			}
		})
	}
}
