package source

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
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

// ChangedPools returns the pools whose history in the log is not the beginning of what the sources have now: a row was
// corrected, moved, put in between or taken out. Only a history that is folded anew gives what the sources have. So has
// a pool that was published before there were digests. It publishes nothing. Pools that another collector published are
// left out.
func (c *Collector) ChangedPools(ctx context.Context) ([]football.PoolID, error) {
	published, err := c.readPublished(ctx)
	if err != nil || len(published) == 0 {
		return nil, err
	}
	feeds, err := c.openMergedFeeds(ctx)
	if err != nil {
		return nil, err
	}
	var changed []football.PoolID
	for _, feed := range feeds {
		last, ok := published[feed.Pool]
		delete(published, feed.Pool)
		if !ok || feed.Resume != nil {
			continue
		}
		if last.digest == "" { // it was published by a program that read files otherwise
			changed = append(changed, feed.Pool)
			continue
		}
		same, err := hasBeginning(ctx, feed, last)
		if err != nil {
			return nil, err
		}
		if !same {
			changed = append(changed, feed.Pool)
		}
	}
	for pool := range published { // no file has them any more
		changed = append(changed, pool)
	}
	slices.Sort(changed)
	return changed, nil
}

// publishedFeed is how far a feed was published.
type publishedFeed struct {
	sequence int64
	digest   string
}

// readPublished reads the headers of raw-events: how far this collector published each pool.
func (c *Collector) readPublished(ctx context.Context) (map[football.PoolID]publishedFeed, error) {
	reader, err := kafkalog.Open(c.cfg.Client)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	spans, err := reader.Spans(ctx, c.rawEvents)
	if err != nil {
		return nil, err
	}
	published := map[football.PoolID]publishedFeed{}
	err = reader.Read(ctx, c.rawEvents, spans, func(r *kgo.Record) error {
		name, _ := kafkalog.Header(r, HeaderCollector)
		text, _ := kafkalog.Header(r, HeaderSequence)
		sequence, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil || string(name) != c.cfg.Name {
			return nil //nolint:nilerr // a record of somebody else
		}
		digest, _ := kafkalog.Header(r, HeaderDigest)
		published[football.PoolID(r.Key)] = publishedFeed{sequence, string(digest)}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read back %s: %w", c.rawEvents, err)
	}
	return published, nil
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
