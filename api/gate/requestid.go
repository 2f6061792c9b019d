package gate

import (
	"crypto/rand"
	"net/http"
	"regexp"

	"github.com/touchline/touchline/api/problem"
)

// saneID is what a request's id may look like: it is written to logs and answers as it is.
var saneID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// requestID returns the id that the request came with, so that a log line of a proxy and one of ours can be joined. One
// that is missing, too long or of other characters is replaced.
func requestID(r *http.Request) string {
	if id := r.Header.Get(problem.RequestIDHeader); saneID.MatchString(id) {
		return id
	}
	return rand.Text()
}
