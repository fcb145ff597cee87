package sim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// iamPrefix is the service's name in IAM actions where scenarios name it otherwise.
var iamPrefix = map[string]string{"autoscaling": "application-autoscaling"}

// action is the IAM action that a call needs. A transaction of reads has none of its own, and a
// statement needs that of what it does (service authorization reference).
func action(call *wire.Call) string {
	prefix, operation := string(call.Service), call.Operation
	if p, ok := iamPrefix[prefix]; ok {
		prefix = p
	}
	switch operation {
	case "TransactGetItems":
		operation = "GetItem"
	case "ExecuteStatement":
		operation = "PartiQLSelect" // nothing else is served here
	}
	return prefix + ":" + operation
}

// permits reports whether an IAM action pattern, in which a star stands for anything, is about the action.
func permits(pattern, action string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == action
	}
	last := len(parts) - 1
	if !strings.HasPrefix(action, parts[0]) || !strings.HasSuffix(action, parts[last]) || len(action) < len(parts[0])+len(parts[last]) {
		return false
	}
	rest := action[len(parts[0]) : len(action)-len(parts[last])]
	for _, part := range parts[1:last] {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			return false
		}
		rest = after
	}
	return true
}

// denied refuses what the role of ddbloop's shell lacks (the applications have roles of their own), and whatever a fault of
// access hits. A denial that reaches DynamoDB is a user error; an expired token is not (guesses).
func (v *visit) denied() error {
	needed := action(v.call)
	switch v.world.Fault(v.from, string(v.call.Service), v.call.Operation, tableOf(v.call.Input)).Access {
	case "expired":
		return v.forbidden("ExpiredToken", "The security token included in the request is expired")
	case "denied":
		if v.call.Service == wire.DynamoDB {
			v.world.CountError(tableOf(v.call.Input), "AccessDeniedException")
		}
		return v.unauthorized(needed, "with an explicit deny in an identity-based policy")
	}
	if v.from == world.FromHere && slices.ContainsFunc(v.sc.Here.Deny, func(pattern string) bool { return permits(pattern, needed) }) {
		return v.unauthorized(needed, "because no identity-based policy allows the "+needed+" action")
	}
	return nil
}

func (v *visit) unauthorized(needed, why string) error {
	role := "ddbloop"
	if v.from == world.FromApp {
		role = "application"
	}
	return v.forbidden("AccessDenied", fmt.Sprintf("User: arn:aws:sts::%s:assumed-role/%s/session is not authorized to perform: %s on resource: * %s",
		v.sc.Account, role, needed, why))
}

// forbidden spells a refusal as the service's protocol does: CloudWatch by the query protocol's names with 403, the JSON
// services as an exception with 400.
func (v *visit) forbidden(code, message string) error {
	if v.call.Service == wire.CloudWatch {
		return &wire.Failure{Status: http.StatusForbidden, Code: code, Message: message}
	}
	return wire.Refuse(code+"Exception", message)
}

// tolerance is how far a signature's time may be from the service's clock: 5 minutes with DynamoDB, 15 elsewhere (common
// errors of the API references).
var tolerance = map[wire.Service]time.Duration{wire.DynamoDB: 5 * time.Minute}

// untimely refuses a request that was signed too far from the service's own time. The answer's date lets the SDK correct
// itself; both codes are among those that it then tries again.
func untimely(service wire.Service, signed, theirs time.Time) *wire.Failure {
	most, ok := tolerance[service]
	if !ok {
		most = 15 * time.Minute
	}
	if signed.IsZero() || theirs.Sub(signed).Abs() <= most {
		return nil
	}
	const stamp = "20060102T150405Z"
	message := fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - %d min.)",
		signed.UTC().Format(stamp), theirs.Add(-most).UTC().Format(stamp), theirs.UTC().Format(stamp), int(most.Minutes()))
	if signed.After(theirs) {
		message = fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + %d min.)",
			signed.UTC().Format(stamp), theirs.Add(most).UTC().Format(stamp), theirs.UTC().Format(stamp), int(most.Minutes()))
	}
	if service == wire.CloudWatch {
		return &wire.Failure{Status: http.StatusForbidden, Code: "SignatureDoesNotMatch", Message: message}
	}
	return wire.Refuse("InvalidSignatureException", message)
}
