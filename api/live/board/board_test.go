package board_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/outbox"
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/schemas/football"
)

// log is one life of the topics, with one partition each.
func log(life byte) record.Log { return record.Log{IDs: [record.TopicCount][16]byte{{life}, {life}}} }

func positions(life byte, predictions, events int64) record.Positions {
	return record.Positions{Log: log(life), Next: [record.TopicCount][]int64{{predictions}, {events}}}
}

func forecast(match football.MatchID, offset int64) *record.Record {
	return &record.Record{Topic: record.Predictions, Offset: offset, Match: match, Model: "goals", Sequence: offset,
		Competition: "E0", Home: "arsenal", Away: "chelsea", Phase: football.InPlay, Value: []byte{0}}
}

// load returns a board that follows a log from the given positions on.
func load(t *testing.T, ring int, at record.Positions) (b *board.Board, rebuilt *int) {
	t.Helper()
	rebuilt = new(int)
	b = board.New(board.Config{Keep: time.Hour, Ring: ring, OnRebuilt: func() { *rebuilt++ }})
	if b.Health() != board.HealthStale {
		t.Errorf("got health %q before a start", b.Health())
	}
	b.Load(start(at))
	return b, rebuilt
}

func start(at record.Positions) board.Start {
	return board.Start{At: at, Ends: at.Clone().Next, Epoch: 1}
}

func subscription(filter record.Filter) *board.Subscription {
	return &board.Subscription{Stream: frame.Stream{ID: "s"}, Filter: filter, Outbox: outbox.New(100, false)}
}

// taken empties the outbox: for each message its kind, the offsets of its records, and the cursor.
func taken(s *board.Subscription) (list []string) {
	for {
		m, _ := s.Outbox.TakeMessage()
		switch {
		case m == nil:
			return list
		case m.Image != nil:
			var offsets []int64
			for _, r := range m.Image {
				offsets = append(offsets, r.Offset)
			}
			list = append(list, fmt.Sprint("image ", offsets, " at ", m.At.Next))
		default:
			list = append(list, fmt.Sprint("delta ", m.Delta.Record.Offset, " at ", m.At.Next))
		}
	}
}

func want(t *testing.T, s *board.Subscription, want ...string) {
	t.Helper()
	if got := taken(s); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAnImageThenDeltasWithoutAGap(t *testing.T) {
	t.Parallel()
	b, _ := load(t, 10, positions(1, 5, 0))
	b.ApplyRecords([]*record.Record{forecast("m", 5), forecast("n", 6), forecast("m", 7)})
	s, other := subscription(record.Filter{Match: "m"}), subscription(record.Filter{Team: "nobody"})
	for _, s := range []*board.Subscription{s, other} {
		if err := b.SubscribeWithImage(s, nil); err != nil {
			t.Fatal(err)
		}
	}
	b.ApplyRecords([]*record.Record{forecast("m", 7), forecast("n", 8), forecast("m", 9)}) // 7 is delivered twice
	want(t, s, "image [7] at [[8] [0]]", "delta 9 at [[10] [0]]")
	want(t, other, "image [] at [[8] [0]]")
	b.Unsubscribe(s)
	b.ApplyRecords([]*record.Record{forecast("m", 10)})
	want(t, s)
}

func TestJoiningTakesWhatWasMissedFromTheRing(t *testing.T) {
	t.Parallel()
	b, _ := load(t, 2, positions(1, 0, 0))
	b.ApplyRecords([]*record.Record{forecast("m", 0), forecast("m", 1), forecast("m", 2)})
	s := subscription(record.Filter{})
	target, joined, err := b.JoinTail(s, positions(1, 0, 0))
	if joined || err != nil || target.Next[record.Predictions][0] != 3 {
		t.Fatalf("the ring does not reach back to 0: got %v, %v, %v", target, joined, err)
	}
	if _, joined, err = b.JoinTail(s, positions(1, 1, 0)); !joined || err != nil {
		t.Fatalf("got %v, %v", joined, err)
	}
	b.ApplyRecords([]*record.Record{forecast("m", 3)})
	want(t, s, "delta 1 at [[2] [0]]", "delta 2 at [[3] [0]]", "delta 3 at [[4] [0]]")
}

// Another instance, which was further, gave the cursor: what this board is still to apply was delivered already.
func TestABoardThatIsBehindTheCursorKeepsBackWhatItCovers(t *testing.T) {
	t.Parallel()
	b, _ := load(t, 10, positions(1, 0, 0))
	s := subscription(record.Filter{})
	if _, joined, _ := b.JoinTail(s, positions(1, 2, 0)); !joined {
		t.Fatal("not joined")
	}
	if _, ok := b.TailPositions([]*board.Subscription{s}); ok {
		t.Error("the board's positions are before the subscription's")
	}
	b.ApplyRecords([]*record.Record{forecast("m", 0), forecast("m", 1), forecast("m", 2), forecast("m", 3)})
	want(t, s, "delta 2 at [[3] [0]]", "delta 3 at [[4] [0]]")
	if at, ok := b.TailPositions([]*board.Subscription{s}); !ok || at.Next[record.Predictions][0] != 4 {
		t.Errorf("got %v, %v", at, ok)
	}
}

func TestAMatchLeavesSomeTimeAfterItWasSettled(t *testing.T) {
	t.Parallel()
	b, _ := load(t, 10, positions(1, 0, 0))
	over, later := forecast("over", 0), forecast("later", 1)
	over.Phase, over.At = football.Settled, 1
	later.At = football.Instant(1).Add(2 * time.Hour)
	b.ApplyRecords([]*record.Record{over})
	if _, current := b.Places("over"); !current {
		t.Error("a match that has just been settled is current")
	}
	b.ApplyRecords([]*record.Record{later})
	places, current := b.Places("over")
	if current || len(places) != 1 || places["goals"].Value != nil || !b.Knows("over") {
		t.Errorf("got %v, current %v: only the place of its forecast is remembered", places, current)
	}
	s := subscription(record.Filter{})
	if err := b.SubscribeWithImage(s, []*record.Record{over, later}); err != nil {
		t.Fatal(err)
	}
	want(t, s, "image [1 0] at [[2] [0]]") // of later the board's own, of over what came from elsewhere
}

func TestALogThatWasRebuiltEndsTheConnections(t *testing.T) {
	t.Parallel()
	b, rebuilt := load(t, 10, positions(1, 0, 0))
	b.ApplyRecords([]*record.Record{forecast("m", 0)})
	if at, begun := b.Load(start(positions(1, 0, 0))); begun || at.Next[record.Predictions][0] != 1 || *rebuilt != 0 {
		t.Errorf("the same log goes on where it was: got %v, %v, %d", at, begun, *rebuilt)
	}
	if at, begun := b.Load(start(positions(2, 0, 0))); !begun || at.Next[record.Predictions][0] != 0 || *rebuilt != 1 {
		t.Errorf("another log begins anew: got %v, %v, %d", at, begun, *rebuilt)
	}
	if b.Knows("m") {
		t.Error("the match of the old log is still known")
	}
	if _, _, err := b.JoinTail(subscription(record.Filter{}), positions(1, 0, 0)); !errors.Is(err, board.ErrOtherLog) {
		t.Errorf("got %v, want %v", err, board.ErrOtherLog)
	}
}

func TestHealthComparesTheEndsWithWhatIsApplied(t *testing.T) {
	t.Parallel()
	b, _ := load(t, 10, positions(1, 0, 0))
	for _, step := range []struct {
		do   func()
		want string
		lag  int64
	}{
		{func() {}, board.HealthLive, 0},
		{func() { b.NoteEnd(record.Predictions, 0, 2) }, board.HealthCatchingUp, 2},
		{func() { b.ApplyRecords([]*record.Record{forecast("m", 0)}) }, board.HealthCatchingUp, 1},
		{func() { b.ApplyRecords([]*record.Record{{Offset: 1, Control: true}}) }, board.HealthLive, 0},
	} {
		step.do()
		if got := b.Health(); got != step.want || b.Lag() != step.lag {
			t.Errorf("got %s, lag %d, want %s, %d", got, b.Lag(), step.want, step.lag)
		}
	}
}

func TestNobodySubscribesBeforeTheStart(t *testing.T) {
	t.Parallel()
	b := board.New(board.Config{Keep: time.Hour, Ring: 1})
	if err := b.SubscribeWithImage(subscription(record.Filter{}), nil); !errors.Is(err, board.ErrNotLoaded) {
		t.Errorf("got %v, want %v", err, board.ErrNotLoaded)
	}
	if !b.Positions().IsZero() {
		t.Error("a board has positions before the start")
	}
}
