package history

import "strings"

// CodeClass groups error codes, AWS's exceptions and our own words for what happens on the way, by who can do something
// about them.
type CodeClass string

// The classes.
const (
	CodeThrottled CodeClass = "throttled" // refused for throughput
	CodeServer    CodeClass = "server"    // HTTP 500
	CodeTimeout   CodeClass = "timeout"   // the caller gave up
	CodeDNS       CodeClass = "dns"       // the name did not resolve
	CodeNetwork   CodeClass = "network"   // connection refused, reset or lost
	CodeAccess    CodeClass = "access"    // permissions, credentials, keys of encryption
	CodeCondition CodeClass = "condition" // a condition was false
	CodeConflict  CodeClass = "conflict"  // transactions in each other's way
	CodeInvalid   CodeClass = "invalid"   // a request that cannot be right
	CodeOther     CodeClass = "other"
)

var classes = map[string]CodeClass{
	"ProvisionedThroughputExceededException": CodeThrottled, "ThrottlingException": CodeThrottled,
	"RequestLimitExceeded": CodeThrottled, "ThrottlingError": CodeThrottled, "Throttling": CodeThrottled,
	"UnprocessedItems": CodeThrottled, "UnprocessedKeys": CodeThrottled, // how a batch says that a limit refused some of its items
	"InternalServerError": CodeServer, "InternalServerErrorException": CodeServer, "InternalFailure": CodeServer,
	"ServiceUnavailable": CodeServer, "ServiceUnavailableException": CodeServer,
	"RequestTimeout": CodeTimeout, "RequestTimeoutException": CodeTimeout, "timeout": CodeTimeout,
	"dns": CodeDNS, "UnknownHostException": CodeDNS, "DNSError": CodeDNS,
	"connect": CodeNetwork, "tls": CodeNetwork, "reset": CodeNetwork, "ConnectionRefused": CodeNetwork, "ConnectionReset": CodeNetwork,
	"ConnectionError": CodeNetwork, "NetworkingError": CodeNetwork,
	"AccessDenied": CodeAccess, "AccessDeniedException": CodeAccess, "UnrecognizedClientException": CodeAccess,
	"ExpiredToken": CodeAccess, "ExpiredTokenException": CodeAccess, "InvalidSignatureException": CodeAccess,
	"MissingAuthenticationTokenException": CodeAccess, "InvalidClientTokenId": CodeAccess,
	"ConditionalCheckFailedException": CodeCondition, "ConditionalCheckFailed": CodeCondition,
	"TransactionCanceledException": CodeConflict, "TransactionConflictException": CodeConflict,
	"TransactionInProgressException": CodeConflict, "TransactionConflict": CodeConflict,
	"ValidationException": CodeInvalid, "ResourceNotFoundException": CodeInvalid, "SerializationException": CodeInvalid,
	"ItemCollectionSizeLimitExceededException": CodeInvalid,
}

// HTTPCode begins our own word for an HTTP status that came without an AWS error.
const HTTPCode = "HTTP "

// CodeClassOf returns the class of an error code; what is not known is CodeOther.
func CodeClassOf(code string) CodeClass {
	if c, ok := classes[code]; ok {
		return c
	}
	switch {
	case strings.HasPrefix(code, "KMS"):
		return CodeAccess
	case strings.HasPrefix(code, HTTPCode+"5"):
		return CodeServer
	}
	return CodeOther
}

// ThrottleCode reports whether an error code is a refusal for throughput.
func ThrottleCode(code string) bool { return CodeClassOf(code) == CodeThrottled }
