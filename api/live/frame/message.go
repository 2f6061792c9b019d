package frame

import (
	"errors"
	"fmt"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/touchline/touchline/api/live/record"
)

// Stream is what a subscription wants of its frames. Frames of one stream are told from others' by its address.
type Stream struct {
	ID   string // the client's name for the subscription
	Full bool   // with grid, markets and reasons
}

// Message is one frame to be: exactly one of Delta, Image and Notice is set. It does not change once it is queued.
type Message struct {
	Stream *Stream // nil: the frame belongs to the connection, not to a subscription
	Delta  *Delta
	Image  []*record.Record // by match, then model; not nil, but perhaps empty, for an image
	Notice *Frame           // without data of the log

	At         record.Positions // the cursor that goes with the frame
	WithCursor bool             // whether a notice carries it
	// OwnCursor says that the cursor is the subscription's own, as in a replay, not that of all who follow the tail.
	// Such a frame is not shared.
	OwnCursor bool
}

// Delta is a record that is sent, with its rendered forms.
type Delta struct {
	Record *record.Record

	mu       sync.Mutex
	prepared map[Stream]*websocket.PreparedMessage // guarded by mu
}

// maxPrepared is the most rendered forms of one record that are kept: the names of subscriptions are the clients'
// choice.
const maxPrepared = 64

// NewNotice returns a message without data of the log.
func NewNotice(f Frame) *Message { return &Message{Notice: &f} }

// Refusal is what a client did wrong: a code for programs and a sentence for people.
type Refusal struct {
	Code   string
	Detail string
}

func (r *Refusal) Error() string { return r.Detail }

// Refuse returns a refusal.
func Refuse(code, format string, args ...any) *Refusal {
	return &Refusal{code, fmt.Sprintf(format, args...)}
}

// SnapshotRequired is for a cursor that leads nowhere: the client must begin with an image.
type SnapshotRequired struct {
	Code   string
	Detail string
}

func (s *SnapshotRequired) Error() string { return s.Detail }

// NewError returns the message for a client that asked for something impossible. What broke inside stays in the log.
func NewError(id string, err error) *Message {
	f := Frame{
		Type:   TypeError,
		ID:     id,
		Code:   "internal",
		Detail: "something broke here; the log of the server says more",
	}
	var refused *Refusal
	var required *SnapshotRequired
	switch {
	case errors.As(err, &refused):
		f.Code, f.Detail = refused.Code, refused.Detail
	case errors.As(err, &required):
		f = Frame{Type: TypeSnapshotRequired, ID: id, Code: required.Code,
			Detail: fmt.Sprintf("%s; subscribe again without a cursor", required.Detail)}
	}
	return NewNotice(f)
}
