package source

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// feedDigest is the digest of the events of a feed from its first one on, each chained to the one before: two feeds
// have the same digest at an event if all up to it is the same, in content and order.
type feedDigest [16]byte

// chainEvent chains the next event. When it was fetched is no part of it.
func (d *feedDigest) chainEvent(raw *football.RawEvent) {
	h := sha256.New()
	h.Write(d[:])
	for _, part := range [...]string{
		raw.Source, raw.SourceEventID, raw.SourceMatchID, string(raw.Moment), string(raw.Competition),
		string(raw.Season), raw.ContentType,
	} {
		h.Write(binary.AppendUvarint(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	h.Write(binary.AppendVarint(nil, int64(raw.At)))
	h.Write(raw.Payload)
	copy(d[:], h.Sum(nil))
}

func (d *feedDigest) String() string { return hex.EncodeToString(d[:]) }

// contentOf is the digest of one event by itself.
func contentOf(raw *football.RawEvent) feedDigest {
	var d feedDigest
	d.chainEvent(raw)
	return d
}

// Changes is how the log differs from what the sources have now.
type Changes struct {
	// Pools whose history in the log is not the beginning of what the sources have: a row was corrected, moved, put in
	// between or taken out, or no source has the pool any more. Only a history that is folded anew gives what the
	// sources have. Sorted.
	Pools []football.PoolID
	// Foreign is how many raw events no source of this collector can give again: those of other producers and
	// collectors, and those that an operator published again from quarantine. Announcements of models are none, for
	// they follow from football.models.
	Foreign int
}

// FindChanges compares the log with what the sources have now. A pool that was published before there were digests has
// changed. It publishes nothing.
func (c *Collector) FindChanges(ctx context.Context) (Changes, error) {
	published, foreign, err := c.readPublished(ctx)
	if err != nil || len(published) == 0 {
		return Changes{nil, foreign}, err
	}
	feeds, err := c.openMergedFeeds(ctx)
	if err != nil {
		return Changes{}, err
	}
	changes := Changes{Foreign: foreign}
	for _, feed := range feeds {
		last, ok := published[feed.Pool]
		delete(published, feed.Pool)
		if !ok || feed.Resume != nil {
			continue
		}
		same := last.digest != "" // else it was published by a program that read files otherwise
		if same {
			if same, err = hasBeginning(ctx, feed, last); err != nil {
				return Changes{}, err
			}
		}
		if !same {
			changes.Pools = append(changes.Pools, feed.Pool)
		}
	}
	changes.Pools = slices.AppendSeq(changes.Pools, maps.Keys(published)) // which no file has any more
	slices.Sort(changes.Pools)
	return changes, nil
}

// publishedFeed is how far a feed was published.
type publishedFeed struct {
	sequence int64
	digest   string
}

// readPublished reads raw-events: how far this collector published each pool, by headers alone, and how many events are
// foreign.
func (c *Collector) readPublished(ctx context.Context) (
	published map[football.PoolID]publishedFeed, foreign int, err error,
) {
	reader, err := kafkalog.Open(c.cfg.Client)
	if err != nil {
		return nil, 0, err
	}
	defer reader.Close()
	spans, err := reader.Spans(ctx, c.rawEvents)
	if err != nil {
		return nil, 0, err
	}
	published = map[football.PoolID]publishedFeed{}
	err = reader.Read(ctx, c.rawEvents, spans, func(r *kgo.Record) error {
		name, _ := kafkalog.Header(r, HeaderCollector)
		text, _ := kafkalog.Header(r, HeaderSequence)
		sequence, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil || string(name) != c.cfg.Name {
			raw, err := wire.Decode(ctx, c.serde, wire.RawEvent, r.Value)
			if err != nil || raw.Source != football.SourceModels {
				foreign++ // what nobody can read is nobody's
			}
			return nil
		}
		digest, _ := kafkalog.Header(r, HeaderDigest)
		published[football.PoolID(r.Key)] = publishedFeed{sequence, string(digest)}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read back %s: %w", c.rawEvents, err)
	}
	return published, foreign, nil
}

// hasBeginning reports whether the feed begins with what was published.
func hasBeginning(ctx context.Context, feed Feed, last publishedFeed) (bool, error) {
	var digest feedDigest
	for range last.sequence + 1 {
		raw, err := feed.Next(ctx)
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("read the feed of pool %s: %w", feed.Pool, err)
		}
		cutOversized(raw)
		digest.chainEvent(raw)
	}
	return digest.String() == last.digest, nil
}
