package door

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/problem"
)

// pace is what a connection asks for in its URL.
type pace struct {
	heartbeat time.Duration // of silence before a heartbeat
	conflate  time.Duration // frames leave at most this often, the newest of each key; 0: all, as they come
}

// parsePace reads heartbeat_s and conflate_ms. Parameters that are neither these nor known are refused.
func (d *Door) parsePace(query url.Values, known ...string) (pace, error) {
	p := pace{heartbeat: d.cfg.Heartbeat}
	for name := range query {
		text := query.Get(name)
		switch {
		case name == "heartbeat_s":
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 || n > 300 {
				return p, frame.Refuse("bad-parameter", "heartbeat_s %q is not a number of seconds from 1 to 300", text)
			}
			p.heartbeat = time.Duration(n) * time.Second
		case name == "conflate_ms":
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > 60_000 {
				return p, frame.Refuse("bad-parameter",
					"conflate_ms %q is not a number of milliseconds from 0 to 60000", text)
			}
			p.conflate = time.Duration(n) * time.Millisecond
		case !slices.Contains(known, name):
			return p, frame.Refuse("bad-parameter", "there is no parameter %q here", name)
		}
	}
	return p, nil
}

// waitPace keeps the next frames back for as long as the client asked for. It returns false when ctx is done before.
func (p pace) waitPace(ctx context.Context) bool {
	if p.conflate <= 0 {
		return true
	}
	select {
	case <-time.After(p.conflate):
		return true
	case <-ctx.Done():
		return false
	}
}

// refuseHTTP answers a request that never became a stream.
func refuseHTTP(w http.ResponseWriter, r *http.Request, status int, err error) {
	code := "bad-parameter"
	var refused *frame.Refusal
	if errors.As(err, &refused) {
		code = refused.Code
	}
	problem.Write(w, r, problem.New(status, code, "%s", err))
}
