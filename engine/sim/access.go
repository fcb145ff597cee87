package sim

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// denied refuses what the role of ddbloop's shell lacks. The applications have roles of their own.
func (v *visit) denied() error {
	action := string(v.call.Service) + ":" + v.call.Operation
	if v.from != world.FromHere || !slices.Contains(v.sc.Here.Deny, action) {
		return nil
	}
	message := fmt.Sprintf("User: arn:aws:sts::%s:assumed-role/ddbloop/session is not authorized to perform: %s on resource: * because no identity-based policy allows the %s action",
		v.sc.Account, action, action)
	if v.call.Service == wire.DynamoDB {
		return wire.Refuse("AccessDeniedException", message)
	}
	return &wire.Failure{Status: http.StatusForbidden, Code: "AccessDenied", Message: message}
}
