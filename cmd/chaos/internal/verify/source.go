package verify

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/source"
)

// Source holds the raw events against the source that they come from, opened once more: each event at least once, the
// first time in order, with the same payload. A collector that was killed may publish some again; that is no fault, for
// normalize drops them.
type Source struct {
	serde    *wire.Serde
	feeds    map[string]*sourceFeed // by pool
	Repeated int                    // events that stand in the log again
	result   Result
}

// sourceFeed is a pool's feed with what the log should show next of it.
type sourceFeed struct {
	source.Feed
	next int64 // sequence of the event that Feed.Next returns next
}

// NewSource opens the source.
func NewSource(ctx context.Context, src source.Source, serde *wire.Serde) (*Source, error) {
	feeds, err := src.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the source to check against: %w", err)
	}
	s := &Source{serde: serde, feeds: map[string]*sourceFeed{}, result: Result{Name: wire.TopicRawEvents}}
	for _, feed := range feeds {
		s.feeds[string(feed.Pool)] = &sourceFeed{Feed: feed}
	}
	return s, nil
}

// Take holds the next record of raw-events against the source. What no collector wrote is left out.
func (s *Source) Take(ctx context.Context, record *kgo.Record) error {
	sequence, ok := sequenceOf(record)
	if !ok {
		return nil
	}
	feed := s.feeds[string(record.Key)]
	if feed == nil {
		s.result.Foreign++
		s.result.addExample("%s/%d/%d: the source has no pool %q", record.Topic, record.Partition, record.Offset,
			record.Key)
		return nil
	}
	if sequence < feed.next {
		s.Repeated++
		return nil
	}
	s.result.Found++
	for ; feed.next < sequence; feed.next++ {
		s.result.Lost++
		s.result.Expected++
		s.result.addExample("event %d of pool %s is not there", feed.next, record.Key)
		if _, err := feed.Next(ctx); err != nil {
			return fmt.Errorf("read the source to check against: %w", err)
		}
	}
	want, err := feed.Next(ctx)
	if err != nil {
		return fmt.Errorf("read the source to check against: %w", err)
	}
	feed.next++
	s.result.Expected++
	got, err := wire.Decode(ctx, s.serde, wire.RawEvent, record.Value)
	if err != nil {
		return err
	}
	if !sameRawEvent(want, got) {
		s.result.Lost++
		s.result.Foreign++
		s.result.addExample("event %d of pool %s is not what the source says", sequence, record.Key)
	}
	return nil
}

// Result returns what was found so far.
func (s *Source) Result() Result { return s.result }

// sameRawEvent reports whether two raw events say the same; when they were fetched does not count.
func sameRawEvent(a, b *football.RawEvent) bool {
	x, y := *a, *b
	x.FetchedAt, y.FetchedAt = 0, 0
	if !bytes.Equal(x.Payload, y.Payload) {
		return false
	}
	x.Payload, y.Payload = nil, nil
	return fmt.Sprint(x) == fmt.Sprint(y)
}

// sequenceOf returns the place in its feed of a record that a collector wrote.
func sequenceOf(record *kgo.Record) (int64, bool) {
	for _, h := range record.Headers {
		if h.Key == source.HeaderSequence {
			n, err := strconv.ParseInt(string(h.Value), 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
