package door

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/outbox"
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/schemas/football"
)

// Limits of what a client may send.
const (
	maxMessage      = 8 << 10 // bytes of a message
	maxBadInARow    = 10      // messages that make no sense
	maxSubscription = 64      // bytes of a subscription's id
)

// The actions that a client may ask for.
const (
	actionSubscribe   = "subscribe"
	actionUnsubscribe = "unsubscribe"
	actionPing        = "ping"
)

// The details that a client may ask for.
const (
	detailFull    = "full" // the default
	detailCompact = "compact"
)

// request is what a client asks for.
type request struct {
	Action      string                 `json:"action"`
	ID          string                 `json:"id"`
	Match       football.MatchID       `json:"match"`
	Competition football.CompetitionID `json:"competition"`
	Team        football.TeamID        `json:"team"`
	Model       string                 `json:"model"`
	Detail      string                 `json:"detail"`
	Cursor      string                 `json:"cursor"`
}

// parseRequest reads a message of a websocket. The error is a *frame.Refusal.
func parseRequest(message []byte) (request, error) {
	var r request
	decoder := json.NewDecoder(bytes.NewReader(message))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return r, frame.Refuse("bad-json", "the message is not a JSON object: %s", err)
		}
		return r, frame.Refuse("bad-message",
			"the message has a field that it must not have, or of the wrong type: %s", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return r, frame.Refuse("bad-json", "there is something after the JSON object")
	}
	switch r.Action {
	case actionSubscribe:
		return r, r.checkSubscribe()
	case actionUnsubscribe:
		if r.ID == "" {
			return r, frame.Refuse("bad-message", "unsubscribe needs the id of a subscription")
		}
		return r, nil
	case actionPing:
		return r, nil
	}
	return r, frame.Refuse("unknown-action", "action %q is none of subscribe, unsubscribe, ping", r.Action)
}

func (r *request) checkSubscribe() error {
	switch {
	case r.ID == "" || len(r.ID) > maxSubscription:
		return frame.Refuse("bad-message", "subscribe needs an id of 1 to %d bytes, which comes back in every frame",
			maxSubscription)
	case r.Detail != "" && r.Detail != detailFull && r.Detail != detailCompact:
		return frame.Refuse("bad-message", "detail %q is neither full nor compact", r.Detail)
	}
	return nil
}

// newSubscription returns the subscription that the request asks for.
func (r *request) newSubscription(out *outbox.Outbox) *board.Subscription {
	return &board.Subscription{
		Stream: frame.Stream{ID: r.ID, Full: r.Detail != detailCompact},
		Filter: record.Filter{Match: r.Match, Competition: r.Competition, Team: r.Team, Model: r.Model},
		Outbox: out,
	}
}
