package frame

import (
	"time"

	"github.com/touchline/touchline/api/resource"
)

// The types of frames.
const (
	TypeImage            = "image"
	TypePrediction       = "prediction"
	TypeEvent            = "event"
	TypeResumed          = "resumed"
	TypeUnsubscribed     = "unsubscribed"
	TypeSnapshotRequired = "snapshot_required"
	TypeHeartbeat        = "heartbeat"
	TypePong             = "pong"
	TypeError            = "error"
	TypeClosing          = "closing"
)

// Frame is what the server sends, in JSON.
type Frame struct {
	Type   string `json:"type"`
	ID     string `json:"id,omitempty"`     // of the subscription
	Cursor string `json:"cursor,omitempty"` // true once this frame is applied
	Health string `json:"health,omitempty"` // live, catching-up or stale: how far the feed is behind the log
	Code   string `json:"code,omitempty"`   // of an error or a snapshot_required
	Detail string `json:"detail,omitempty"` // a sentence for people
	Data   any    `json:"data,omitempty"`
}

// Image is the data of an image frame.
type Image struct {
	Matches []*Match `json:"matches"` // by kick-off; matches without one last
}

// Match is a match in an image.
type Match struct {
	ID          string                `json:"id"`
	Competition string                `json:"competition"`
	Season      string                `json:"season"`
	Home        resource.Team         `json:"home"`
	Away        resource.Team         `json:"away"`
	Kickoff     *time.Time            `json:"kickoff"`
	Live        resource.Live         `json:"live"`
	Predictions []resource.Prediction `json:"predictions"` // by model
}

// The close codes of a websocket. docs/protocol.md lists them with what a client should do.
const (
	CloseNormal    = 1000 // the client left
	CloseGoingAway = 1001 // the server stops: connect again, resume
	CloseTooBig    = 1009 // a message over 8 KiB: a mistake of the client
	CloseBadClient = 4400 // ten messages in a row made no sense: a mistake of the client
	CloseSlow      = 4408 // frames wait for too long: resume, or ask for conflation
	CloseRebuilt   = 4410 // the log was rebuilt: connect again without a cursor
)
