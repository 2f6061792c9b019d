package audit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// TopicDiff is how two topics of one kind, such as two versions of the predictions, compare record by record. Records
// are paired by what they are about: match and sequence, and the model of a prediction.
type TopicDiff struct {
	A       string       `json:"a"`
	B       string       `json:"b"`
	Equal   int64        `json:"equal"`
	Differ  int64        `json:"differ"`
	OnlyA   int64        `json:"only_a"`
	OnlyB   int64        `json:"only_b"`
	Outside int64        `json:"outside"` // records of A before and after the range that B covers
	First   []RecordDiff `json:"first"`   // the first records that differ
}

// Same reports whether B says what A says wherever it says something.
func (d *TopicDiff) Same() bool { return d.Differ == 0 && d.OnlyA == 0 && d.OnlyB == 0 }

// RecordDiff is one record that differs.
type RecordDiff struct {
	ID          string       `json:"id"`
	Partition   int32        `json:"partition"`
	OffsetA     int64        `json:"offset_a"`
	OffsetB     int64        `json:"offset_b"`
	Differences []Difference `json:"differences"` // Log is what A has, Fold what B has
}

// DiffConfig says what is compared.
type DiffConfig struct {
	Client   []kgo.Opt
	A, B     string
	First    int // how many records that differ are shown by field
	Progress func(partition int32, compared, total int64)
}

// DiffTopics compares two versions of a topic, or the topic of two installations, partition by partition. It holds the
// ids and hashes of a partition of A in memory.
func DiffTopics(ctx context.Context, cfg DiffConfig, serde *wire.Serde) (*TopicDiff, error) {
	topic, ok := wire.AnyInstallation(cfg.A)
	if other, ok2 := wire.AnyInstallation(cfg.B); !ok || !ok2 || topic.Name != other.Name {
		return nil, fmt.Errorf("%s and %s are not one topic of the line, in two versions or two installations", cfg.A,
			cfg.B)
	}
	if cfg.Progress == nil {
		cfg.Progress = func(int32, int64, int64) {}
	}
	d := &topicDiffer{cfg: cfg, serde: serde, topic: topic, diff: TopicDiff{A: cfg.A, B: cfg.B, First: []RecordDiff{}}}
	partitions, err := d.commonPartitions(ctx)
	if err != nil {
		return nil, err
	}
	group, groupCtx := partitionGroup(ctx)
	for _, partition := range partitions {
		group.Go(func() error { return d.diffPartition(groupCtx, partition) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(d.diff.First, func(a, b RecordDiff) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.OffsetB, b.OffsetB))
	})
	d.diff.First = d.diff.First[:min(len(d.diff.First), cfg.First)]
	return &d.diff, nil
}

// topicDiffer compares two topics.
type topicDiffer struct {
	cfg   DiffConfig
	serde *wire.Serde
	topic wire.Topic

	mu   sync.Mutex
	diff TopicDiff
}

func (d *topicDiffer) commonPartitions(ctx context.Context) ([]int32, error) {
	reader, err := kafkalog.Open(d.cfg.Client)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	a, err := reader.Partitions(ctx, d.cfg.A)
	if err != nil {
		return nil, err
	}
	b, err := reader.Partitions(ctx, d.cfg.B)
	if err == nil && len(a) != len(b) {
		err = fmt.Errorf("%s has %d partitions, %s has %d", d.cfg.A, len(a), d.cfg.B, len(b))
	}
	return a, err
}

// entry is a record of A.
type entry struct {
	offset int64
	hash   [sha256.Size]byte
}

// diffPartition compares one partition of the two.
func (d *topicDiffer) diffPartition(ctx context.Context, partition int32) error {
	b, err := d.indexPartition(ctx, d.cfg.B, partition)
	if err != nil {
		return err
	}
	if len(b) == 0 {
		return d.countOutside(ctx, partition)
	}
	a, err := d.indexPartition(ctx, d.cfg.A, partition)
	if err != nil {
		return err
	}
	var counts TopicDiff
	var differing []RecordDiff
	from, to := int64(kafkalog.ToEnd), int64(-1) // of what A and B have both
	for id, inB := range b {
		inA, ok := a[id]
		switch {
		case !ok:
			counts.OnlyB++
			continue
		case inA.hash == inB.hash:
			counts.Equal++
		default:
			counts.Differ++
			differing = append(differing, RecordDiff{ID: id, Partition: partition, OffsetA: inA.offset,
				OffsetB: inB.offset})
		}
		from, to = min(from, inA.offset), max(to, inA.offset)
	}
	for id, inA := range a {
		if _, ok := b[id]; ok {
			continue
		}
		if inA.offset < from || inA.offset > to {
			counts.Outside++
		} else {
			counts.OnlyA++
		}
	}
	slices.SortFunc(differing, func(a, b RecordDiff) int { return cmp.Compare(a.OffsetB, b.OffsetB) })
	differing = differing[:min(len(differing), d.cfg.First)]
	if err := d.diffFields(ctx, partition, differing); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.diff.Equal, d.diff.Differ = d.diff.Equal+counts.Equal, d.diff.Differ+counts.Differ
	d.diff.OnlyA, d.diff.OnlyB, d.diff.Outside = d.diff.OnlyA+counts.OnlyA, d.diff.OnlyB+counts.OnlyB,
		d.diff.Outside+counts.Outside
	d.diff.First = append(d.diff.First, differing...)
	return nil
}

// countOutside counts a partition of A of which B has nothing.
func (d *topicDiffer) countOutside(ctx context.Context, partition int32) error {
	var n int64
	_, err := kafkalog.Scan(ctx, d.cfg.Client, d.cfg.A, partition, 0, kafkalog.ToEnd, func(*kgo.Record) error {
		n++
		return nil
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.diff.Outside += n
	return err
}

// indexPartition reads a partition: the hash of each record's Avro body, in the program's own schema, by what it is
// about.
func (d *topicDiffer) indexPartition(ctx context.Context, topic string, partition int32) (map[string]entry, error) {
	held, err := kafkalog.Scan(ctx, d.cfg.Client, topic, partition, 0, 0, nil)
	if err != nil {
		return nil, err
	}
	all := map[string]entry{}
	_, err = kafkalog.Scan(ctx, d.cfg.Client, topic, partition, 0, kafkalog.ToEnd, func(r *kgo.Record) error {
		if r.Offset%foldedEvery == 0 {
			d.cfg.Progress(partition, r.Offset, held.End)
		}
		id, body := string(r.Key), r.Value
		fact, err := d.serde.DecodeValue(ctx, d.topic.Schema, r.Value)
		switch undecodable := (*wire.UndecodableError)(nil); {
		case errors.As(err, &undecodable): // its bytes speak for it
		case err != nil:
			return fmt.Errorf("decode %s: %w", kafkalog.Address(topic, partition, r.Offset), err)
		default:
			id = recordIdentity(d.topic, r, fact)
			if body, err = d.topic.Schema.AppendValue(nil, fact); err != nil {
				return err
			}
		}
		if !d.topic.Compacted {
			id = uniqueID(all, id)
		}
		all[id] = entry{r.Offset, sha256.Sum256(body)}
		return nil
	})
	return all, err
}

// uniqueID numbers what is said twice.
func uniqueID(all map[string]entry, id string) string {
	name := id
	for n := 2; ; n++ {
		if _, taken := all[name]; !taken {
			return name
		}
		name = fmt.Sprintf("%s#%d", id, n)
	}
}

// recordIdentity says what a record is about.
func recordIdentity(topic wire.Topic, r *kgo.Record, fact any) string {
	if topic.Compacted {
		return string(r.Key)
	}
	switch f := fact.(type) {
	case *football.MatchEvent:
		if f.Match == "" {
			return fmt.Sprintf("%s~%s~%s~%s", f.Pool, f.Body.Kind(), f.At, f.SourceEventID)
		}
		return fmt.Sprintf("%s~%d", f.Match, f.Sequence)
	case *football.MatchFeatures:
		return fmt.Sprintf("%s~%d", f.Match, f.Sequence)
	case *football.Prediction:
		return f.ID()
	case *football.Evaluation:
		return fmt.Sprintf("%s~%d", r.Key, f.Revision)
	default:
		return string(r.Key)
	}
}

// diffFields fetches the records that differ and compares their fields.
func (d *topicDiffer) diffFields(ctx context.Context, partition int32, differing []RecordDiff) error {
	for i := range differing {
		a, err := d.factAt(ctx, d.cfg.A, partition, differing[i].OffsetA)
		if err != nil {
			return err
		}
		b, err := d.factAt(ctx, d.cfg.B, partition, differing[i].OffsetB)
		if err != nil {
			return err
		}
		differing[i].Differences = fieldDifferences(a, b)
	}
	return nil
}

// factAt decodes one record; nil when it can't be read.
func (d *topicDiffer) factAt(ctx context.Context, topic string, partition int32, offset int64) (fact any, _ error) {
	_, err := kafkalog.Scan(ctx, d.cfg.Client, topic, partition, offset, offset+1, func(r *kgo.Record) error {
		var err error
		fact, err = d.serde.DecodeValue(ctx, d.topic.Schema, r.Value)
		if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
			return nil
		}
		return err
	})
	return fact, err
}
