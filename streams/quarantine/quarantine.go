// Package quarantine reads what stages refused and settles it: an entry is replayed into raw-events or dropped, and a
// settlement appended to the same log says so (decision 0006).
package quarantine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Entry is a quarantined record with where and when it was written.
type Entry struct {
	Partition int32
	Offset    int64
	Time      time.Time
	*football.Quarantined
}

// ID names the entry: partition and offset in the quarantine topic, joined by "/".
func (e Entry) ID() string { return fmt.Sprintf("%d/%d", e.Partition, e.Offset) }

// Read calls each for every entry of the quarantine topic, partition by partition in offset order, up to now.
// Settlements are passed over: see ReadSettlements.
func Read(
	ctx context.Context, opts []kgo.Opt, names wire.Namespace, serde *wire.Serde, each func(Entry) error,
) error {
	return readRecords(ctx, opts, names, func(r *kgo.Record) error {
		if r.Value == nil {
			return nil
		}
		entry, err := decodeEntry(ctx, names, serde, r)
		if err != nil {
			return err
		}
		return each(entry)
	})
}

// readRecords calls each for every record of the topic, settlements among them.
func readRecords(ctx context.Context, opts []kgo.Opt, names wire.Namespace, each func(*kgo.Record) error) error {
	reader, err := kafkalog.Open(opts)
	if err != nil {
		return err
	}
	defer reader.Close()
	return reader.ReadToEnd(ctx, names.Topic(wire.TopicQuarantine), each)
}

// EntryByID returns the entry that ID names.
func EntryByID(
	ctx context.Context, opts []kgo.Opt, names wire.Namespace, serde *wire.Serde, id string,
) (Entry, error) {
	topic := names.Topic(wire.TopicQuarantine)
	partition, offset, err := parseEntryID(id)
	if err != nil {
		return Entry{}, err
	}
	var found *Entry
	_, err = kafkalog.Scan(ctx, opts, topic, partition, offset, offset+1, func(r *kgo.Record) error {
		if r.Value == nil {
			return nil // a settlement
		}
		entry, err := decodeEntry(ctx, names, serde, kafkalog.Clone(r))
		found = &entry
		return err
	})
	if err != nil {
		return Entry{}, err
	}
	if found == nil {
		return Entry{}, fmt.Errorf("no entry %s in %s: see `touchline quarantine list`", id, topic)
	}
	return *found, nil
}

// decodeEntry returns an entry. One that nobody can read is an entry about itself.
func decodeEntry(
	ctx context.Context, names wire.Namespace, serde *wire.Serde, r *kgo.Record,
) (Entry, error) {
	refused, err := wire.Decode(ctx, serde, wire.Quarantined, r.Value)
	if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
		topic, _ := names.LocalName(r.Topic)
		return Entry{r.Partition, r.Offset, r.Timestamp, &football.Quarantined{
			Topic: topic, Partition: r.Partition, Offset: r.Offset, Reason: football.RefusedUndecodable,
			Detail: "no stage wrote this entry: " + err.Error(), Original: r.Value,
		}}, nil
	}
	if err != nil {
		return Entry{}, fmt.Errorf("decode %s: %w", kafkalog.AddressOf(r), err)
	}
	return Entry{r.Partition, r.Offset, r.Timestamp, refused}, nil
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
