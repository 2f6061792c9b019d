package streams

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
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
func ReadQuarantine(ctx context.Context, opts []kgo.Opt, serde *wire.Serde, each func(QuarantineEntry) error) error {
	reader, adm, err := quarantineReader(opts)
	if err != nil {
		return err
	}
	defer reader.Close()
	detail, err := adm.ListTopics(ctx, wire.TopicQuarantine)
	if err != nil {
		return fmt.Errorf("list %s: %w", wire.TopicQuarantine, err)
	}
	return readToEnd(ctx, reader, adm, wire.TopicQuarantine, detail[wire.TopicQuarantine].Partitions.Numbers(), nil,
		func(r *kgo.Record) error {
			entry, err := decodeEntry(ctx, serde, r)
			if err != nil {
				return err
			}
			return each(entry)
		})
}

// QuarantineEntryByID returns the entry that ID names.
func QuarantineEntryByID(ctx context.Context, opts []kgo.Opt, serde *wire.Serde, id string) (QuarantineEntry, error) {
	partition, offset, err := parseEntryID(id)
	if err != nil {
		return QuarantineEntry{}, err
	}
	reader, adm, err := quarantineReader(opts)
	if err != nil {
		return QuarantineEntry{}, err
	}
	defer reader.Close()
	var found *QuarantineEntry
	from := func(start, _ kadm.ListedOffsets) map[int32]int64 {
		first, _ := start.Lookup(wire.TopicQuarantine, partition)
		return map[int32]int64{partition: max(first.Offset, offset)}
	}
	err = readToEnd(ctx, reader, adm, wire.TopicQuarantine, []int32{partition}, from, func(r *kgo.Record) error {
		if r.Offset != offset {
			return nil
		}
		entry, err := decodeEntry(ctx, serde, r)
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

func quarantineReader(opts []kgo.Opt) (*kgo.Client, *kadm.Client, error) {
	reader, err := kgo.NewClient(append(slices.Clone(opts), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())...)
	if err != nil {
		return nil, nil, err
	}
	return reader, kadm.NewClient(reader), nil
}

func decodeEntry(ctx context.Context, serde *wire.Serde, r *kgo.Record) (QuarantineEntry, error) {
	v, err := serde.Decode(ctx, wire.Quarantined, r.Value)
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
