package source

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// tailWindow is how far back from the end the collector looks first for its last event. Pools that share a partition
// and events of other collectors may make it look further.
const tailWindow = 256

// identity is the identity of a raw event: source, source event id and moment, hashed.
type identity uint64

func identityOf(raw *football.RawEvent) identity {
	h := fnv.New64a()
	for _, part := range []string{raw.Source, raw.SourceEventID, string(raw.Moment)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return identity(h.Sum64())
}

// lastPublished is the last event of a feed that the log has.
type lastPublished struct {
	found    bool
	sequence int64
	identity identity
	digest   string // of the feed up to it; "" in logs of before there was one
	raw      *football.RawEvent
	others   bool // where none was found: the log has events of the pool from other collectors
}

// published is the set of a feed's events that the log has.
type published struct {
	next int64                   // the sequence of the first that does not, when the feed is the one that was published
	set  map[identity]feedDigest // the content that each event had when it was last published
}

// contains reports whether the log has the event as it is: one whose content has changed is published again, and what
// it changes follows as a correction.
func (p published) contains(raw *football.RawEvent) bool {
	content, ok := p.set[identityOf(raw)]
	return ok && content == contentOf(raw)
}

// findLastPublished finds the last event of the feed in its partition.
func (p *publisher) findLastPublished(ctx context.Context) (lastPublished, error) {
	var found lastPublished
	for window := int64(tailWindow); ; window *= 16 {
		whole, err := p.scanPartition(ctx, window, func(r *kgo.Record) error {
			sequence, ok := p.ownSequence(r)
			if !ok {
				found.others = found.others || string(r.Key) == string(p.feed.Pool)
				return nil
			}
			raw, err := p.decodeRecord(ctx, r)
			if err != nil || raw == nil {
				return err
			}
			digest, _ := kafkalog.Header(r, HeaderDigest)
			found = lastPublished{true, sequence, identityOf(raw), string(digest), raw, false}
			return nil
		})
		if err != nil || found.found || whole {
			return found, err
		}
	}
}

// resumeAfter reads past what was published. When the feed has changed since (files came or went), so that its events
// do not have their old places, or when the collector got another name, it reads the whole partition and publishes
// what is not there.
func (p *publisher) resumeAfter(ctx context.Context, tail lastPublished) (published, error) {
	if !tail.found && !tail.others {
		return published{}, nil
	}
	if tail.found {
		same, err := p.skipToTail(ctx, tail)
		if err != nil {
			return published{}, err
		}
		if same {
			p.log.Info("go on where the feed was", "pool", p.feed.Pool, "sequence", tail.sequence)
			return published{next: tail.sequence + 1}, nil
		}
		p.log.Warn("the feed has changed since it was published: publish what is new or has changed; "+
			"what is older than 30 days "+
			"needs the history to be folded anew", "pool", p.feed.Pool, "sequence", tail.sequence)
		if err := p.reopenFeed(ctx); err != nil {
			return published{}, err
		}
	}
	set := map[identity]feedDigest{}
	_, err := p.scanPartition(ctx, 0, func(r *kgo.Record) error {
		if string(r.Key) != string(p.feed.Pool) {
			return nil
		}
		raw, err := p.decodeRecord(ctx, r)
		if raw != nil {
			set[identityOf(raw)] = contentOf(raw)
		}
		return err
	})
	return published{set: set}, err
}

// skipToTail moves the feed behind its last published event, and reports whether that event still has its place. A feed
// that can't be read again from its beginning does so by itself.
func (p *publisher) skipToTail(ctx context.Context, tail lastPublished) (same bool, _ error) {
	if p.feed.Resume != nil {
		return p.feed.Resume(ctx, tail.raw)
	}
	for sequence := int64(0); sequence <= tail.sequence; sequence++ {
		raw, err := p.nextEvent(ctx)
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		same = sequence == tail.sequence && identityOf(raw) == tail.identity &&
			(tail.digest == "" || tail.digest == p.digest.String())
		p.pacer.skipPublished(raw)
	}
	return same, nil
}

// reopenFeed goes back to the beginning of the feed.
func (p *publisher) reopenFeed(ctx context.Context) error {
	feeds, err := p.openMergedFeeds(ctx)
	if err != nil {
		return err
	}
	for _, feed := range feeds {
		if feed.Pool == p.feed.Pool {
			p.feed, p.pacer, p.digest = feed, newPacer(p.cfg.Pace, feed.LiveFrom), feedDigest{}
		}
	}
	return nil
}

// ownSequence returns the sequence of a record that this collector published for this pool.
func (p *publisher) ownSequence(r *kgo.Record) (int64, bool) {
	if string(r.Key) != string(p.feed.Pool) || r.Attrs.IsControl() {
		return 0, false
	}
	var name string
	var sequence int64 = -1
	for _, h := range r.Headers {
		switch h.Key {
		case HeaderCollector:
			name = string(h.Value)
		case HeaderSequence:
			if n, err := strconv.ParseInt(string(h.Value), 10, 64); err == nil {
				sequence = n
			}
		}
	}
	return sequence, name == p.cfg.Name && sequence >= 0
}

// decodeRecord returns the raw event in a record, or nil when nobody can read it: another's poison must not stop the
// feed.
func (p *publisher) decodeRecord(ctx context.Context, r *kgo.Record) (*football.RawEvent, error) {
	raw, err := wire.Decode(ctx, p.serde, wire.RawEvent, r.Value)
	if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read back %s: %w", kafkalog.AddressOf(r), err)
	}
	return raw, nil
}

// scanPartition calls visit with the last records of the partition, at most window of them (0: all), in order. It
// reports whether that was the whole partition. It reads committed records only: repairs and changes of models are
// written to raw-events in transactions.
func (p *publisher) scanPartition(
	ctx context.Context, window int64, visit func(*kgo.Record) error,
) (whole bool, _ error) {
	reader, err := kafkalog.Open(p.cfg.Client)
	if err != nil {
		return false, err
	}
	defer reader.Close()
	topic, partition := p.rawEvents, p.poolPartition()
	spans, err := reader.Spans(ctx, topic)
	if err != nil {
		return false, err
	}
	held, ok := spans[partition]
	if !ok {
		return false, fmt.Errorf("topic %s has no partition %d: create the topics with TOUCHLINE_PARTITIONS=%d first",
			topic, partition, p.cfg.Partitions)
	}
	span := held
	if window > 0 {
		span.Start = max(held.Start, held.End-window)
	}
	if err := reader.Read(ctx, topic, map[int32]kafkalog.Span{partition: span}, visit); err != nil {
		return false, fmt.Errorf("read back %s, partition %d: %w", topic, partition, err)
	}
	return span.Start == held.Start, nil
}
