package wire

import (
	"net/http"

	"github.com/aws/smithy-go"
)

// Failure is a refusal: the exception's class as the service's model names it, its message and its HTTP status. Details is the
// SDK's exception value where it says more than a message.
type Failure struct {
	Status  int
	Code    string
	Message string
	Details smithy.Serializable
}

// Error is the class and the message.
func (f *Failure) Error() string { return f.Code + ": " + f.Message }

// Refuse makes a client error (HTTP 400).
func Refuse(code, message string) *Failure {
	return &Failure{Status: http.StatusBadRequest, Code: code, Message: message}
}

// Response is an HTTP answer in full.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}
