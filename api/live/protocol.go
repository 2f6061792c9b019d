package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// The close codes of a websocket. docs/protocol.md lists them with what a client should do.
const (
	CloseGoingAway  = 1001 // the server stops: connect again, resume
	CloseTooBig     = 1009 // a message over 8 KiB: a mistake of the client
	CloseBadClient  = 4400 // ten messages in a row made no sense: a mistake of the client
	CloseSlow       = 4408 // frames wait for too long: resume, or ask for conflation
	CloseRebuilt    = 4410 // the log was rebuilt: connect again without a cursor
	maxMessage      = 8 << 10
	maxBadInARow    = 10
	maxSubscription = 64 // bytes of a subscription's id
)

// request is what a client says.
type request struct {
	Action      string                 `json:"action"`
	ID          string                 `json:"id"`
	Match       football.MatchID       `json:"match"`
	Competition football.CompetitionID `json:"competition"`
	Team        football.TeamID        `json:"team"`
	Model       string                 `json:"model"`
	Detail      string                 `json:"detail"` // "full" (default) or "compact"
	Cursor      string                 `json:"cursor"`
}

func parseRequest(message []byte) (request, error) {
	var r request
	decoder := json.NewDecoder(bytes.NewReader(message))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return r, refuse("bad-json", "the message is not a JSON object: %s", err)
		}
		return r, refuse("bad-message", "the message has a field that it must not have, or of the wrong type: %s", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return r, refuse("bad-json", "there is something after the JSON object")
	}
	switch r.Action {
	case "subscribe":
		return r, r.validate()
	case "unsubscribe":
		if r.ID == "" {
			return r, refuse("bad-message", "unsubscribe needs the id of a subscription")
		}
		return r, nil
	case "ping":
		return r, nil
	}
	return r, refuse("unknown-action", "action %q is none of subscribe, unsubscribe, ping", r.Action)
}

func (r *request) validate() error {
	switch {
	case r.ID == "" || len(r.ID) > maxSubscription:
		return refuse("bad-message", "subscribe needs an id of 1 to %d bytes, which comes back in every frame", maxSubscription)
	case r.Detail != "" && r.Detail != "full" && r.Detail != "compact":
		return refuse("bad-message", "detail %q is neither full nor compact", r.Detail)
	}
	return nil
}

func (r *request) subscription(out *outbox) *subscription {
	return &subscription{id: r.ID, full: r.Detail != "compact", out: out,
		filter: Filter{Match: r.Match, Competition: r.Competition, Team: r.Team, Model: r.Model}}
}

// pace is what a connection asks for in its URL.
type pace struct {
	heartbeat time.Duration
	conflate  time.Duration // frames leave at most this often, the newest of each key; 0: all, as they come
}

func (h *Hub) pace(query url.Values, known ...string) (pace, error) {
	p := pace{heartbeat: h.cfg.Heartbeat}
	for name := range query {
		switch name {
		case "heartbeat_s":
			n, err := strconv.Atoi(query.Get(name))
			if err != nil || n < 1 || n > 300 {
				return p, refuse("bad-parameter", "heartbeat_s %q is not a number of seconds from 1 to 300", query.Get(name))
			}
			p.heartbeat = time.Duration(n) * time.Second
		case "conflate_ms":
			n, err := strconv.Atoi(query.Get(name))
			if err != nil || n < 0 || n > 60_000 {
				return p, refuse("bad-parameter", "conflate_ms %q is not a number of milliseconds from 0 to 60000", query.Get(name))
			}
			p.conflate = time.Duration(n) * time.Millisecond
		default:
			found := false
			for _, k := range known {
				found = found || k == name
			}
			if !found {
				return p, refuse("bad-parameter", "there is no parameter %q here", name)
			}
		}
	}
	return p, nil
}

// refuseHTTP answers a request that never became a stream.
func refuseHTTP(w http.ResponseWriter, status int, err error) {
	detail, code := err.Error(), "bad-parameter"
	var r *refusal
	if errors.As(err, &r) {
		code = r.code
	}
	w.Header().Set("Content-Type", "application/problem+json")
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "/problems/" + code, "title": http.StatusText(status), "status": status, "detail": detail}) // a client that is gone misses it
}

// errorFrame is what a client is told that asked for something impossible.
func errorFrame(id string, err error) *message {
	f := frame{Type: "error", ID: id, Code: "internal", Detail: "something broke here; the log of the server says more"}
	var refused *refusal
	var required *snapshotRequired
	switch {
	case errors.As(err, &refused):
		f.Code, f.Detail = refused.code, refused.detail
	case errors.As(err, &required):
		f = frame{Type: "snapshot_required", ID: id, Code: required.code,
			Detail: fmt.Sprintf("%s; subscribe again without a cursor", required.detail)}
	}
	return &message{notice: &notice{frame: f}}
}
