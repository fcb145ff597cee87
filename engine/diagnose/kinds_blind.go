package diagnose

import (
	"fmt"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// blindKinds are those in which it is ddbloop that cannot see.
func (f *facts) blindKinds(layer string) []weighed {
	out, expired := newWeighed(MonitoringOutage, f.region(), prior), newWeighed(CredentialsExpired, f.region(), prior)
	dead := 0
	for name, src := range f.s.Sources {
		if src.State == "expired" || src.Reason == "expired" {
			dead++
			if name == "cloudwatch" || name == "describe" {
				dead++
			}
		}
	}
	if dead > 0 {
		expired.pro(strong+clear, "AWS says that this shell's credentials have expired")
	} else {
		expired.con(strong, "the credentials of this shell are in order")
	}
	cw := f.s.Sources["cloudwatch"]
	describes := f.answers("describe")
	switch {
	case dead > 0:
		out.con(strong, "the credentials have expired: it is not CloudWatch")
	case cw == nil || cw.LastOK.IsZero() && f.now.Sub(f.s.Started) < time.Minute:
		out.con(clear, "CloudWatch has not had time to answer")
	case !f.metrics.fresh && (describes || f.probesAnswer()):
		out.pro(strong, fmt.Sprintf("%s, while DynamoDB itself answers", f.metrics.why))
	case !f.metrics.fresh:
		out.pro(clear, f.metrics.why+", and nothing else answers either")
	case cw.State != "ok":
		out.pro(strong, "CloudWatch is "+cw.State+": "+cw.Text)
	case f.metrics.blind != "":
		out.pro(2*clear, f.metrics.blind)
	default:
		out.con(strong, "CloudWatch answers and is up to date")
	}
	if layer != history.LayerUnknown && layer != history.LayerHealthy {
		out.con(strong+clear, "layer is "+layer+": another eye sees what hurts, and that comes first")
		expired.con(clear, "layer is "+layer)
	}
	return []weighed{out, expired}
}

func (f *facts) answers(source string) bool {
	src := f.s.Sources[source]
	return src != nil && src.State == "ok" && f.now.Sub(src.LastOK) <= time.Minute
}

func (f *facts) probesAnswer() bool {
	for _, p := range f.probes {
		if p.fresh && p.ok > 0 {
			return true
		}
	}
	return false
}
