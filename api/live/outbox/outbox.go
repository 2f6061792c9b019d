// Package outbox is a connection's bounded queue of messages, emptied by the one goroutine that writes to the
// connection.
//
// Over its bound it drops, of one subscription and key, the older record for the newer, which goes to the end. So
// frames leave in the order of their positions, and a cursor that has left never covers a record that neither left nor
// was replaced by one still to come. Over four times its bound, where nothing can be dropped any more, the reader is
// too slow and the connection ends.
package outbox

import (
	"container/list"
	"sync"
	"time"

	"github.com/touchline/touchline/api/live/frame"
)

// endFactor times the bound is how many messages may wait before the connection ends.
const endFactor = 4

// Outbox is the queue of one connection. It is safe for concurrent use; one goroutine takes messages.
type Outbox struct {
	bound    int  // messages that may wait before records are conflated
	conflate bool // always, not only over the bound: the subscriber's choice
	wake     chan struct{}
	room     chan struct{} // has a value when the queue has become shorter

	mu        sync.Mutex // guards what follows
	queue     list.List  // of *frame.Message
	newest    map[conflationKey]*list.Element
	ended     *Ending
	conflated int64
}

// conflationKey names what a newer record replaces: a key of one subscription.
type conflationKey struct {
	stream *frame.Stream
	key    string
}

// Ending is why a connection ends.
type Ending struct {
	Code   int // a close code of package frame
	Reason string
}

// New returns an outbox of that bound. With conflate it keeps only the newest of each key from the first message on.
func New(bound int, conflate bool) *Outbox {
	return &Outbox{bound: bound, conflate: conflate, newest: map[conflationKey]*list.Element{},
		wake: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// Wake has a value when there is something to take.
func (o *Outbox) Wake() <-chan struct{} { return o.wake }

// Bound is how many messages may wait before records are conflated.
func (o *Outbox) Bound() int { return o.bound }

// PushMessage appends a message. It never blocks; what comes after the end is dropped.
func (o *Outbox) PushMessage(m *frame.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended != nil {
		return
	}
	element := o.queue.PushBack(m)
	if m.Delta != nil {
		key := keyOfMessage(m)
		if old, ok := o.newest[key]; ok && (o.conflate || o.queue.Len() > o.bound) {
			o.queue.Remove(old)
			o.conflated++
		}
		o.newest[key] = element
	}
	if o.queue.Len() > endFactor*o.bound {
		o.ended = &Ending{frame.CloseSlow,
			"too slow: frames wait for you; resume from your last cursor, or ask for conflation"}
	}
	signal(o.wake)
}

// TakeMessage returns the next message, or nil where there is none or the connection ends.
func (o *Outbox) TakeMessage() (*frame.Message, *Ending) {
	o.mu.Lock()
	defer o.mu.Unlock()
	front := o.queue.Front()
	if front == nil || o.ended != nil {
		return nil, o.ended
	}
	m := o.queue.Remove(front).(*frame.Message)
	if m.Delta != nil {
		if key := keyOfMessage(m); o.newest[key] == front {
			delete(o.newest, key)
		}
	}
	if o.queue.Len() < o.bound/2 {
		signal(o.room)
	}
	return m, nil
}

// DropStream drops what waits for a subscription that ended.
func (o *Outbox) DropStream(s *frame.Stream) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for e := o.queue.Front(); e != nil; {
		next := e.Next()
		if m := e.Value.(*frame.Message); m.Stream == s {
			o.queue.Remove(e)
			if m.Delta != nil {
				delete(o.newest, keyOfMessage(m))
			}
		}
		e = next
	}
}

// EndConnection ends the connection once its writer sees it. The first reason counts.
func (o *Outbox) EndConnection(code int, reason string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended == nil {
		o.ended = &Ending{code, reason}
	}
	signal(o.wake)
	signal(o.room)
}

// WaitForRoom blocks a replay while half of the queue is full. It returns false once the connection has ended or done
// is closed.
func (o *Outbox) WaitForRoom(done <-chan struct{}) bool {
	for {
		o.mu.Lock()
		full, ended := o.queue.Len() >= o.bound/2, o.ended != nil
		o.mu.Unlock()
		if ended {
			return false
		}
		if !full {
			return true
		}
		select {
		case <-o.room:
		case <-done:
			return false
		case <-time.After(time.Second): // a value of room that another replay took
		}
	}
}

// Length is how many messages wait.
func (o *Outbox) Length() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queue.Len()
}

// Conflated is how many records were dropped for a newer one.
func (o *Outbox) Conflated() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.conflated
}

func keyOfMessage(m *frame.Message) conflationKey {
	return conflationKey{m.Stream, m.Delta.Record.ConflationKey()}
}

// signal leaves a value in the channel unless there is one already.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
