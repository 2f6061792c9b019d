package verify

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/wire"
)

// Sum stands for an Avro body.
type Sum [12]byte

func bodySum(body []byte) Sum {
	digest := sha256.Sum256(body)
	return Sum(digest[:12])
}

// frameBody returns what follows the frame's header: schema ids are the registry's, not the line's.
func frameBody(value []byte) []byte {
	if len(value) < wire.FrameHeader {
		return value
	}
	return value[wire.FrameHeader:]
}

// Item is a record as comparisons see it.
type Item struct {
	Key string
	Sum Sum
}

func (i Item) String() string { return fmt.Sprintf("%s (body %x)", i.Key, i.Sum[:4]) }

// Entry is a record in a topic.
type Entry struct {
	Offset int64
	Item
}

// Log is what is committed in the topics, as a reader of its own sees it. It is read up to the end as often as wanted.
type Log struct {
	client  *kgo.Client
	admin   *kadm.Client
	topics  []string
	entries map[string]map[int32][]Entry
	next    map[string]map[int32]int64 // after the last record or marker that was read
	each    func(context.Context, *kgo.Record) error
}

// OpenLog returns a reader of the topics from their beginnings. each, which may be nil, is called with every record.
func OpenLog(ctx context.Context, brokers, topics []string,
	each func(context.Context, *kgo.Record) error) (*Log, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(),
		kgo.FetchMaxBytes(32<<20), kgo.FetchMaxPartitionBytes(8<<20))
	if err != nil {
		return nil, fmt.Errorf("open a reader of the log: %w", err)
	}
	l := &Log{client: client, admin: kadm.NewClient(client), topics: topics, each: each,
		entries: map[string]map[int32][]Entry{}, next: map[string]map[int32]int64{}}
	details, err := l.admin.ListTopics(ctx, topics...)
	if err != nil {
		client.Close()
		return nil, fmt.Errorf("list the topics: %w", err)
	}
	starts := map[string]map[int32]kgo.Offset{}
	for _, topic := range topics {
		starts[topic], l.entries[topic], l.next[topic] = map[int32]kgo.Offset{}, map[int32][]Entry{}, map[int32]int64{}
		for _, p := range details[topic].Partitions.Numbers() {
			starts[topic][p] = kgo.NewOffset().AtStart()
		}
	}
	client.AddConsumePartitions(starts)
	return l, nil
}

// Close lets go of the reader.
func (l *Log) Close() { l.client.Close() }

// Entries returns the records of a partition, in order.
func (l *Log) Entries(topic string, partition int32) []Entry { return l.entries[topic][partition] }

// Partitions returns the partitions of a topic, in order.
func (l *Log) Partitions(topic string) []int32 {
	var ids []int32
	for p := range l.next[topic] {
		ids = append(ids, p)
	}
	slices.Sort(ids)
	return ids
}

// After returns the offset after the last record of each partition, transaction markers apart: where a reader that has
// read everything may stand. Empty partitions are left out.
func (l *Log) After(topic string) map[int32]int64 {
	after := map[int32]int64{}
	for p, entries := range l.entries[topic] {
		if n := len(entries); n > 0 {
			after[p] = entries[n-1].Offset + 1
		}
	}
	return after
}

// ReadToEnd reads on up to the end as it is now.
func (l *Log) ReadToEnd(ctx context.Context) error {
	ends, err := l.readEndOffsets(ctx)
	if err != nil {
		return err
	}
	for l.recordsBehind(ends) {
		fetches := l.client.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		if err := l.takeRecord(ctx, fetches); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) readEndOffsets(ctx context.Context) (kadm.ListedOffsets, error) {
	ends, err := l.admin.ListEndOffsets(ctx, l.topics...)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("ask for the ends of the topics: %w", err)
	}
	ends.Each(func(o kadm.ListedOffset) {
		if l.next[o.Topic][o.Partition] == 0 {
			l.next[o.Topic][o.Partition] = 0 // so that the partition is known
		}
	})
	return ends, nil
}

func (l *Log) recordsBehind(ends kadm.ListedOffsets) bool {
	behind := false
	ends.Each(func(o kadm.ListedOffset) { behind = behind || l.next[o.Topic][o.Partition] < o.Offset })
	return behind
}

func (l *Log) takeRecord(ctx context.Context, fetches kgo.Fetches) error {
	var failed error
	fetches.EachError(func(topic string, partition int32, err error) {
		failed = errors.Join(failed, fmt.Errorf("read %s/%d: %w", topic, partition, err))
	})
	fetches.EachRecord(func(r *kgo.Record) {
		l.next[r.Topic][r.Partition] = r.Offset + 1
		if r.Attrs.IsControl() || failed != nil {
			return
		}
		l.entries[r.Topic][r.Partition] = append(l.entries[r.Topic][r.Partition],
			Entry{r.Offset, Item{string(r.Key), bodySum(frameBody(r.Value))}})
		if l.each != nil {
			failed = l.each(ctx, r)
		}
	})
	return failed
}
