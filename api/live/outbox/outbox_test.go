package outbox_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/outbox"
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/schemas/football"
)

func delta(s *frame.Stream, match football.MatchID, offset int64) *frame.Message {
	return &frame.Message{
		Stream: s,
		Delta:  &frame.Delta{Record: &record.Record{Match: match, Model: "goals", Offset: offset}},
	}
}

// drain takes all that waits.
func drain(o *outbox.Outbox) (taken []string, ending *outbox.Ending) {
	for {
		m, ended := o.TakeMessage()
		if m == nil {
			return taken, ended
		}
		if m.Notice != nil {
			taken = append(taken, m.Notice.Type)
			continue
		}
		taken = append(taken, fmt.Sprint(m.Stream.ID, " ", m.Delta.Record.Match, " ", m.Delta.Record.Offset))
	}
}

func TestOverTheBoundTheNewestOfAKeyStays(t *testing.T) {
	t.Parallel()
	a, b := &frame.Stream{ID: "a"}, &frame.Stream{ID: "b"}
	o := outbox.New(4, false)
	for offset := range int64(2) {
		o.PushMessage(delta(a, "x", offset))
	}
	o.PushMessage(delta(b, "x", 2))
	o.PushMessage(frame.NewNotice(frame.Frame{Type: frame.TypePong}))
	o.PushMessage(delta(a, "x", 3)) // the fifth: drops the newest of its key, offset 1
	o.PushMessage(delta(a, "y", 4)) // nothing to drop
	o.PushMessage(delta(a, "x", 5))
	got, _ := drain(o)
	if want := []string{"a x 0", "b x 2", "pong", "a y 4", "a x 5"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := o.Conflated(); n != 2 {
		t.Errorf("got %d conflated, want 2", n)
	}
}

func TestASubscriberMayAlwaysConflate(t *testing.T) {
	t.Parallel()
	a := &frame.Stream{ID: "a"}
	o := outbox.New(100, true)
	for offset := range int64(3) {
		o.PushMessage(delta(a, "x", offset))
	}
	if got, _ := drain(o); !slices.Equal(got, []string{"a x 2"}) {
		t.Errorf("got %q", got)
	}
}

func TestAReaderThatIsTooSlowEnds(t *testing.T) {
	t.Parallel()
	a := &frame.Stream{ID: "a"}
	o := outbox.New(2, false)
	for i := range 9 {
		o.PushMessage(delta(a, football.MatchID(fmt.Sprint(i)), int64(i)))
	}
	got, ending := drain(o)
	if len(got) != 0 || ending == nil || ending.Code != frame.CloseSlow {
		t.Errorf("got %q, %v", got, ending)
	}
	o.EndConnection(frame.CloseGoingAway, "later")
	if _, ending = drain(o); ending.Code != frame.CloseSlow {
		t.Errorf("got code %d: the first reason counts", ending.Code)
	}
	if o.WaitForRoom(nil) {
		t.Error("there is room in an outbox that has ended")
	}
}

func TestWhatWaitsForASubscriptionThatEndedIsDropped(t *testing.T) {
	t.Parallel()
	a, b := &frame.Stream{ID: "a"}, &frame.Stream{ID: "a"} // the client took the name again
	o := outbox.New(10, false)
	o.PushMessage(delta(a, "x", 0))
	o.PushMessage(delta(b, "x", 1))
	o.DropStream(a)
	if got, _ := drain(o); !slices.Equal(got, []string{"a x 1"}) || o.Length() != 0 {
		t.Errorf("got %q", got)
	}
}

func TestAReplayWaitsForRoom(t *testing.T) {
	t.Parallel()
	a := &frame.Stream{ID: "a"}
	o := outbox.New(4, false)
	o.PushMessage(delta(a, "x", 0))
	if !o.WaitForRoom(nil) {
		t.Fatal("half of the queue is free")
	}
	o.PushMessage(delta(a, "y", 1))
	stopped := make(chan struct{})
	close(stopped)
	if o.WaitForRoom(stopped) {
		t.Error("half of the queue is full")
	}
	done := make(chan bool)
	go func() { done <- o.WaitForRoom(nil) }()
	drain(o)
	if !<-done {
		t.Error("the queue is empty")
	}
}
