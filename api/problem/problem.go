package problem

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// ContentType is the media type of a problem document.
const ContentType = "application/problem+json"

// RequestIDHeader is the header under which a request's id travels in requests and answers.
const RequestIDHeader = "X-Request-Id"

// Problem is an error as a client gets it. It is an error, so that it travels through a handler as one.
type Problem struct {
	Type      string `json:"type"`   // "/problems/not-found"
	Title     string `json:"title"`  // the same for every problem of the type
	Status    int    `json:"status"` // of the HTTP answer, 400 to 599
	Detail    string `json:"detail"`
	Instance  string `json:"instance,omitempty"`   // the path that was asked for
	Field     string `json:"field,omitempty"`      // the parameter that is wrong
	RequestID string `json:"request_id,omitempty"` // under which the server's log has this request
}

func (p *Problem) Error() string { return p.Detail }

// New returns a problem whose type is /problems/code and whose title is that of the status.
func New(status int, code, format string, args ...any) *Problem {
	return &Problem{
		Type:   "/problems/" + code,
		Title:  http.StatusText(status),
		Status: status,
		Detail: fmt.Sprintf(format, args...),
	}
}

// BadParameter returns the problem of a parameter, named field, that has no sense (400).
func BadParameter(field, format string, args ...any) *Problem {
	p := New(http.StatusBadRequest, "bad-parameter", format, args...)
	p.Title, p.Field = "A parameter is wrong", field
	return p
}

// NotFound returns the problem of something that does not exist (404).
func NotFound(format string, args ...any) *Problem {
	p := New(http.StatusNotFound, "not-found", format, args...)
	p.Title = "There is no such thing"
	return p
}

// Internal returns the problem of something that broke inside (500). The detail must not tell what: that is for the
// log.
func Internal(detail string) *Problem {
	p := New(http.StatusInternalServerError, "internal", "%s", detail)
	p.Title = "Something broke here"
	return p
}

// Write answers the request with the problem. It adds the instance and the request id, which the gate has put into the
// answer's header, and to a 503 when to try again.
func Write(w http.ResponseWriter, r *http.Request, p *Problem) {
	whole := *p
	whole.Instance = r.URL.Path
	whole.RequestID = w.Header().Get(RequestIDHeader)
	if whole.Status == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Del("Content-Length") // of the answer that this one replaces
	w.Header().Set("Content-Type", ContentType)
	w.WriteHeader(whole.Status)
	_ = json.NewEncoder(w).Encode(whole) // a client that is gone misses it
}
