package aws

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// regions is the shape of a Region's name.
var regions = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// reachable refuses a Region and endpoints that no request could be sent to: the SDK would fail at every one of them, in words of its own.
func reachable(region string, environ []string) error {
	switch {
	case region == "":
		return errors.New("no AWS Region: pass --region, set AWS_REGION, or add region to the profile")
	case !regions.MatchString(region):
		return fmt.Errorf("%q is no AWS Region, as eu-west-1 is: check --region and AWS_REGION", region)
	}
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		if value == "" || name != "AWS_ENDPOINT_URL" && !strings.HasPrefix(name, "AWS_ENDPOINT_URL_") {
			continue
		}
		if u, err := url.Parse(value); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
			return fmt.Errorf("%s is %q, not an address as http://127.0.0.1:8000 is", name, value)
		}
	}
	return nil
}
