package diagnose

import "github.com/ddbloop/ddbloop/history"

// decider is what tells two kinds that look alike apart.
type decider struct{ a, b, text string }

// deciders lists the look-alikes, the nearest of each kind first.
var deciders = []decider{
	{HotPartition, UnderprovisionedTab, "KeyRange against Provisioned throttle events in CloudWatch, or the reason that a refused probe is given"},
	{OnDemandRamp, HotPartition, "what the table serves against its warm throughput; with Contributor Insights on, whether one key holds the throttles"},
	{OnDemandCap, AccountQuota, "MaxOnDemand against AccountLimit throttle events in CloudWatch"},
	{OnDemandCap, OnDemandRamp, "MaxOnDemand against KeyRange throttle events in CloudWatch"},
	{GSIBackpressure, GSIHotKey, "Provisioned against KeyRange throttle events of the index in CloudWatch"},
	{GSIBackfill, GSIBackpressure, "whether DescribeTable says that the index is being built"},
	{GSIHotKey, HotPartition, "whether the throttle events are the index's or the table's own"},
	{ScanStorm, UnderprovisionedTab, "the count of Scan requests against usual"},
	{AutoscalingLag, AutoscalingMax, "the policy's maximum against the capacity that is set, and whether it is suspended"},
	{AutoscalingMax, UnderprovisionedTab, "whether Application Auto Scaling knows a policy for this side"},
	{ScaleIn, UnderprovisionedTab, "whether the capacity was lowered: provisioned capacity in CloudWatch, UpdateTable in CloudTrail"},
	{AutoscalingLag, UnderprovisionedTab, "whether Application Auto Scaling knows a policy for this side"},
	{FilterDrift, LargeItems, "whether writes take more units too: then it is the items"},
	{FilterDrift, ScanStorm, "units a Query against the count of Scan requests"},
	{LargeItems, ServiceLatency, "whether a request takes more units than usual"},
	{ServiceLatency, ClientLatency, "SuccessfulRequestLatency of the minutes in which the callers were slow; a probe of the same table from here"},
	{PaginationBlowup, ClientLatency, "requests a call: the caller's attempts against its calls"},
	{PaginationBlowup, RetryStorm, "whether the additional requests fail: pages do not"},
	{RetryStorm, ServiceLatency, "the server's own latency: was it slow before they gave up?"},
	{RetryStorm, DNSFailure, "whether any attempt is answered; requests that CloudWatch counts"},
	{DNSFailure, UpstreamDrop, "whether callers still try: their attempts against their calls"},
	{AccessDenied, RequestErrors, "the code of the refused attempts, which a caller's feed or log has"},
	{ConditionalFailures, TransactionConflict, "ConditionalCheckFailedRequests against TransactionConflict in CloudWatch"},
	{RequestErrors, ConditionalFailures, "UserErrors of the account against ConditionalCheckFailedRequests of the table"},
	{ServiceErrors, DNSFailure, "whether answers come at all: HTTP 500 is one"},
	{StreamLag, TTLStorm, "TimeToLiveDeletedItemCount against usual"},
	{ReplicaLag, TTLStorm, "TimeToLiveDeletedItemCount against usual"},
	{KinesisCapture, StreamLag, "AgeOfOldestUnreplicatedRecord of the table against the consumers' own IteratorAge"},
	{UpstreamDrop, AccessDenied, "whether callers still try: their attempts against their calls"},
	{MonitoringOutage, CredentialsExpired, "whether other calls with the same credentials are answered"},
}

// rival names what the first hypothesis could be taken for, and what tells them apart: the second in rank where it is one of its
// look-alikes, else the nearest.
func rival(ranked []history.Hypothesis) {
	if len(ranked) == 0 || ranked[0].Kind == Calm {
		return
	}
	top := &ranked[0]
	for _, d := range deciders {
		other := d.b
		switch top.Kind {
		case d.a:
		case d.b:
			other = d.a
		default:
			continue
		}
		if len(ranked) > 1 && ranked[1].Kind == other {
			top.Rival, top.Decider = other, d.text
			return
		}
		if top.Rival == "" {
			top.Rival, top.Decider = other, d.text
		}
	}
}
