package streams

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// QuarantineEntry is a quarantined record with where and when it was written.
type QuarantineEntry struct {
	Partition int32
	Offset    int64
	Time      time.Time
	*football.Quarantined
}

// ID names the entry: partition and offset in the quarantine topic, joined by "/".
func (e QuarantineEntry) ID() string { return fmt.Sprintf("%d/%d", e.Partition, e.Offset) }

// ReadQuarantine calls each for every entry of the quarantine topic, partition by partition in offset order, up to now.
// Settlements are passed over: see ReadSettlements.
func ReadQuarantine(ctx context.Context, opts []kgo.Opt, serde *wire.Serde, each func(QuarantineEntry) error) error {
	return readQuarantine(ctx, opts, func(r *kgo.Record) error {
		if r.Value == nil {
			return nil
		}
		entry, err := decodeEntry(ctx, serde, r)
		if err != nil {
			return err
		}
		return each(entry)
	})
}

// readQuarantine calls each for every record of the topic, settlements among them.
func readQuarantine(ctx context.Context, opts []kgo.Opt, each func(*kgo.Record) error) error {
	reader, adm, err := committedReader(opts)
	if err != nil {
		return err
	}
	defer reader.Close()
	partitions, err := partitionsOf(ctx, adm, wire.TopicQuarantine)
	if err != nil {
		return err
	}
	return readToEnd(ctx, reader, adm, wire.TopicQuarantine, partitions, nil, each)
}

// QuarantineEntryByID returns the entry that ID names.
func QuarantineEntryByID(ctx context.Context, opts []kgo.Opt, serde *wire.Serde, id string) (QuarantineEntry, error) {
	partition, offset, err := parseEntryID(id)
	if err != nil {
		return QuarantineEntry{}, err
	}
	var found *QuarantineEntry
	_, err = scan(ctx, opts, wire.TopicQuarantine, partition, offset, offset+1, func(r *kgo.Record) error {
		if r.Value == nil {
			return nil // a settlement
		}
		entry, err := decodeEntry(ctx, serde, keep(r))
		found = &entry
		return err
	})
	if err != nil {
		return QuarantineEntry{}, err
	}
	if found == nil {
		return QuarantineEntry{}, fmt.Errorf("no entry %s in %s: see `touchline quarantine list`", id, wire.TopicQuarantine)
	}
	return *found, nil
}

// decodeEntry returns an entry. One that nobody can read is an entry about itself.
func decodeEntry(ctx context.Context, serde *wire.Serde, r *kgo.Record) (QuarantineEntry, error) {
	v, err := serde.Decode(ctx, wire.Quarantined, r.Value)
	if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
		return QuarantineEntry{r.Partition, r.Offset, r.Timestamp, &football.Quarantined{
			Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Reason: football.RefusedUndecodable,
			Detail: "no stage wrote this entry: " + err.Error(), Original: r.Value,
		}}, nil
	}
	if err != nil {
		return QuarantineEntry{}, fmt.Errorf("%s %d/%d: %w", r.Topic, r.Partition, r.Offset, err)
	}
	return QuarantineEntry{r.Partition, r.Offset, r.Timestamp, v.(*football.Quarantined)}, nil
}

func parseEntryID(id string) (partition int32, offset int64, err error) {
	p, o, ok := strings.Cut(id, "/")
	if ok {
		var n int64
		if n, err = strconv.ParseInt(p, 10, 32); err == nil {
			partition = int32(n)
			if offset, err = strconv.ParseInt(o, 10, 64); err == nil {
				return partition, offset, nil
			}
		}
	}
	return 0, 0, fmt.Errorf("%q names no entry: want partition/offset as `touchline quarantine list` prints it", id)
}
