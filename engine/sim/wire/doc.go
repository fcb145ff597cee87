// Package wire speaks the protocols of the embedded AWS: it turns an HTTP request into the SDK's own input type and the
// SDK's output type, or a refusal, into the HTTP answer. DynamoDB is awsJson1.0, CloudWatch is Smithy RPC v2 in CBOR, as the
// Go SDK sends them. It knows nothing of what the operations do.
package wire
