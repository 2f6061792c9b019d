package kafkalog

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Span is the offsets of a partition from Start (inclusive) to End (exclusive).
type Span struct{ Start, End int64 }

// ToEnd as the end of what is asked for means: up to the high watermark of when the reading begins.
const ToEnd = math.MaxInt64

// Missing explains why a partition that had the span does not have a record at the offset.
func (s Span) Missing(topic string, partition int32, offset int64) string {
	switch at := Address(topic, partition, offset); {
	case offset < s.Start:
		return fmt.Sprintf("%s is gone: the partition begins at offset %d", at, s.Start)
	case offset >= s.End:
		return fmt.Sprintf("%s is not there: the partition ends at offset %d; was the topic made anew?", at, s.End)
	default:
		return at + " holds no committed record"
	}
}

// Offsets are where reading begins, by topic and partition.
type Offsets map[string]map[int32]int64

func (o Offsets) consume() map[string]map[int32]kgo.Offset {
	all := make(map[string]map[int32]kgo.Offset, len(o))
	for topic, partitions := range o {
		all[topic] = make(map[int32]kgo.Offset, len(partitions))
		for id, offset := range partitions {
			all[topic][id] = kgo.NewOffset().At(offset)
		}
	}
	return all
}

// Committed returns the options of a client that sees what has committed, in front of more. Control records are kept,
// so that the end of a partition is seen also where a transaction's marker stands there.
func Committed(opts []kgo.Opt, more ...kgo.Opt) []kgo.Opt {
	return slices.Concat(opts, []kgo.Opt{kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords()}, more)
}

// Reader is a client that reads committed records. It serves one goroutine at a time.
type Reader struct {
	client *kgo.Client
	admin  *kadm.Client
	owned  bool
}

// Open returns a reader with a client of its own, made with Committed(opts, more...).
func Open(opts []kgo.Opt, more ...kgo.Opt) (*Reader, error) {
	client, err := kgo.NewClient(Committed(opts, more...)...)
	if err != nil {
		return nil, fmt.Errorf("make a Kafka client: %w", err)
	}
	return &Reader{client, kadm.NewClient(client), true}, nil
}

// Over returns a reader that uses a client which was made with Committed and consumes nothing else. Close leaves it
// open.
func Over(client *kgo.Client) *Reader { return &Reader{client, kadm.NewClient(client), false} }

// Close ends the reader's own client.
func (r *Reader) Close() {
	if r.owned {
		r.client.Close()
	}
}

// Admin returns a client for questions about the cluster.
func (r *Reader) Admin() *kadm.Client { return r.admin }

// Exists reports whether the cluster has the topic.
func (r *Reader) Exists(ctx context.Context, topic string) (bool, error) {
	_, err := r.detail(ctx, topic)
	if errors.Is(err, kerr.UnknownTopicOrPartition) {
		return false, nil
	}
	return err == nil, err
}

// Partitions returns the partitions of a topic in order; kerr.UnknownTopicOrPartition when there is no such topic.
func (r *Reader) Partitions(ctx context.Context, topic string) ([]int32, error) {
	detail, err := r.detail(ctx, topic)
	return detail.Partitions.Numbers(), err
}

// TopicID returns the id that the topic was made with. One that was deleted and made again has another.
func (r *Reader) TopicID(ctx context.Context, topic string) (kadm.TopicID, error) {
	detail, err := r.detail(ctx, topic)
	return detail.ID, err
}

func (r *Reader) detail(ctx context.Context, topic string) (kadm.TopicDetail, error) {
	details, err := r.admin.ListTopics(ctx, topic)
	if err == nil {
		err = details[topic].Err
	}
	if err != nil {
		return kadm.TopicDetail{}, fmt.Errorf("list %s: %w", topic, err)
	}
	return details[topic], nil
}

// Spans returns what each partition of the topic has now: from its first offset to its high watermark.
func (r *Reader) Spans(ctx context.Context, topic string) (map[int32]Span, error) {
	starts, err := r.admin.ListStartOffsets(ctx, topic)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("list start offsets of %s: %w", topic, err)
	}
	ends, err := r.admin.ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("list end offsets of %s: %w", topic, err)
	}
	spans := make(map[int32]Span, len(ends[topic]))
	for id, end := range ends[topic] {
		start, _ := starts.Lookup(topic, id)
		spans[id] = Span{start.Offset, end.Offset}
	}
	return spans, nil
}

// Read calls each for the committed records of the spans, in the order of each partition. Where an open transaction
// holds the last stable offset back, it waits for its end. An error of each ends the reading and is returned.
func (r *Reader) Read(ctx context.Context, topic string, spans map[int32]Span, each func(*kgo.Record) error) error {
	left := map[int32]int64{} // the ends of partitions that are not yet read
	from := map[int32]int64{}
	for id, span := range spans {
		if span.Start < span.End {
			left[id], from[id] = span.End, span.Start
		}
	}
	if len(left) == 0 {
		return nil
	}
	r.client.AddConsumePartitions(Offsets{topic: from}.consume())
	defer r.client.PurgeTopicsFromConsuming(topic)
	for len(left) > 0 {
		fetches := r.client.PollFetches(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := FetchError(fetches); err != nil {
			return err
		}
		if err := readFetches(fetches, topic, left, each); err != nil {
			return err
		}
	}
	return nil
}

// readFetches hands on the records that are before the ends, and removes from left what has been read to its end.
func readFetches(fetches kgo.Fetches, topic string, left map[int32]int64, each func(*kgo.Record) error) error {
	for record := range fetches.RecordsAll() {
		end, open := left[record.Partition]
		if !open || record.Topic != topic {
			continue
		}
		if record.Offset < end && !record.Attrs.IsControl() {
			if err := each(record); err != nil {
				return err
			}
		}
		if record.Offset+1 >= end {
			delete(left, record.Partition)
		}
	}
	return nil
}

// ReadToEnd calls each for all committed records of a topic.
func (r *Reader) ReadToEnd(ctx context.Context, topic string, each func(*kgo.Record) error) error {
	spans, err := r.Spans(ctx, topic)
	if err != nil {
		return err
	}
	return r.Read(ctx, topic, spans, each)
}

// Scan calls each for the committed records of one partition with offsets from (inclusive) to to (exclusive), and
// returns what the partition had when it began. With from >= to only that is asked for. A record is each's to keep as
// Clone copies it.
func (r *Reader) Scan(
	ctx context.Context, topic string, partition int32, from, to int64, each func(*kgo.Record) error,
) (Span, error) {
	spans, err := r.Spans(ctx, topic)
	if err != nil {
		return Span{}, err
	}
	had, ok := spans[partition]
	if !ok {
		return Span{}, fmt.Errorf("%s has no partition %d: %w", topic, partition, kerr.UnknownTopicOrPartition)
	}
	err = r.Read(ctx, topic, map[int32]Span{partition: {max(from, had.Start), min(to, had.End)}}, each)
	if err != nil {
		return had, fmt.Errorf("read %s/%d: %w", topic, partition, err)
	}
	return had, nil
}

// Scan is Reader.Scan with a client of its own.
func Scan(
	ctx context.Context, opts []kgo.Opt, topic string, partition int32, from, to int64, each func(*kgo.Record) error,
) (Span, error) {
	reader, err := Open(opts)
	if err != nil {
		return Span{}, err
	}
	defer reader.Close()
	return reader.Scan(ctx, topic, partition, from, to, each)
}

// Follow polls the topics from the offsets on and calls each with what was fetched, until ctx is done, which is no
// error, or something fails. Control records are among the fetched ones.
func (r *Reader) Follow(ctx context.Context, from Offsets, each func(kgo.Fetches) error) error {
	r.client.AddConsumePartitions(from.consume())
	for {
		fetches := r.client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err := FetchError(fetches); err != nil {
			return err
		}
		if err := each(fetches); err != nil {
			return err
		}
	}
}

// EachCommitted adapts a function of records to Follow: control records are left out.
func EachCommitted(each func(*kgo.Record) error) func(kgo.Fetches) error {
	return func(fetches kgo.Fetches) error {
		for record := range fetches.RecordsAll() {
			if record.Attrs.IsControl() {
				continue
			}
			if err := each(record); err != nil {
				return err
			}
		}
		return nil
	}
}

// FetchError returns the first error of a poll that is not a mere cancellation.
func FetchError(fetches kgo.Fetches) error {
	for _, e := range fetches.Errors() {
		if !errors.Is(e.Err, context.Canceled) {
			return fmt.Errorf("fetch %s/%d: %w", e.Topic, e.Partition, e.Err)
		}
	}
	return nil
}
