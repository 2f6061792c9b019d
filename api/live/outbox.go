package live

import (
	"container/list"
	"sync"
	"time"
)

// outbox is a connection's queue. Over its bound it drops, of one subscription and key, the older record for the newer;
// over four times its bound the reader is too slow and the connection ends.
type outbox struct {
	bound    int
	conflate bool // always, not only over the bound: the subscriber's choice

	mu     sync.Mutex
	queue  list.List // of *message
	newest map[string]*list.Element
	ended  *ending
	wake   chan struct{} // has a value when there is something to do
	room   chan struct{} // has a value when the queue has become shorter

	conflated int64
}

// message is one frame to be: a record, an image or a notice. It is rendered by the goroutine that writes it.
type message struct {
	sub    *subscription
	rec    *record
	image  *image
	notice *notice
	at     positions // the cursor that goes with it
	own    bool      // the cursor is the subscription's own, not that of all who follow the tail
}

// ending says why a connection ends.
type ending struct {
	code   int
	reason string
}

func newOutbox(bound int, conflate bool) *outbox {
	return &outbox{bound: bound, conflate: conflate, newest: map[string]*list.Element{}, wake: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// push appends a message. It never blocks.
func (o *outbox) push(m *message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended != nil {
		return
	}
	if m.rec != nil {
		key := m.sub.id + "\x00" + m.rec.key()
		if old, ok := o.newest[key]; ok && (o.conflate || o.queue.Len() >= o.bound) {
			o.queue.Remove(old)
			o.conflated++
		}
		o.newest[key] = o.queue.PushBack(m)
	} else {
		o.queue.PushBack(m)
	}
	if o.queue.Len() > 4*o.bound {
		o.ended = &ending{CloseSlow, "too slow: frames wait for you; resume from your last cursor, or ask for conflation"}
	}
	notify(o.wake)
}

// pop returns the next message, or nil.
func (o *outbox) pop() (*message, *ending) {
	o.mu.Lock()
	defer o.mu.Unlock()
	front := o.queue.Front()
	if front == nil || o.ended != nil {
		return nil, o.ended
	}
	m := o.queue.Remove(front).(*message)
	if m.rec != nil {
		key := m.sub.id + "\x00" + m.rec.key()
		if o.newest[key] == front {
			delete(o.newest, key)
		}
	}
	if o.queue.Len() < o.bound/2 {
		notify(o.room)
	}
	return m, nil
}

// forget drops what waits for a subscription that ended.
func (o *outbox) forget(s *subscription) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for e := o.queue.Front(); e != nil; {
		next := e.Next()
		if m := e.Value.(*message); m.sub == s {
			o.queue.Remove(e)
			if m.rec != nil {
				delete(o.newest, s.id+"\x00"+m.rec.key())
			}
		}
		e = next
	}
}

// end ends the connection once its writer sees it. The first reason stands.
func (o *outbox) end(code int, reason string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended == nil {
		o.ended = &ending{code, reason}
	}
	notify(o.wake)
	notify(o.room)
}

// waitForRoom blocks a replay while half of the queue is full. It returns false once the connection has ended.
func (o *outbox) waitForRoom(done <-chan struct{}) bool {
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

func (o *outbox) length() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queue.Len()
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
