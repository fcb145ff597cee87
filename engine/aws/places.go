package aws

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
)

// regions is the shape of a Region's name.
var regions = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Services are those that ddbloop asks, as the environment's AWS_ENDPOINT_URL_… names them.
var Services = []string{"DYNAMODB", "CLOUDWATCH", "APPLICATION_AUTO_SCALING", "CLOUDTRAIL", "STS"}

// Endpoint is where the environment or the profile sends the requests to one of Services; "" = AWS's own.
func (a *Account) Endpoint(service string) string {
	var at *string
	switch service { // the SDK has worked out which setting wins
	case "DYNAMODB":
		at = a.db.Options().BaseEndpoint
	case "CLOUDWATCH":
		at = a.cw.Options().BaseEndpoint
	case "APPLICATION_AUTO_SCALING":
		at = a.scaling.Options().BaseEndpoint
	case "CLOUDTRAIL":
		at = a.trail.Options().BaseEndpoint
	case "STS":
		at = a.sts.Options().BaseEndpoint
	}
	return sdk.ToString(at)
}

// reachable refuses a Region and endpoints that no request could be sent to: the SDK would fail at every one of them, in words of its own.
func (a *Account) reachable() error {
	switch region := a.cfg.Region; {
	case region == "":
		return errors.New("no AWS Region: pass --region, set AWS_REGION, or add region to the profile")
	case !regions.MatchString(region):
		return fmt.Errorf("%q is no AWS Region, as eu-west-1 is: check --region and AWS_REGION", region)
	}
	for _, service := range Services {
		at := a.Endpoint(service)
		if u, err := url.Parse(at); at != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "") {
			return fmt.Errorf("%q is not an address as http://127.0.0.1:8000 is: check AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_%s and the profile's endpoint_url", at, service)
		}
	}
	return nil
}
