package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/catalogue"
)

// ReplayConfig says what is run again, and into which topics.
type ReplayConfig struct {
	Client []kgo.Opt

	// Chain is the stages to run, bound at the versions that they are to write. No process may write these.
	Chain streams.Chain

	// From and Until bound the range of the input, by partition: offsets from From (inclusive) to Until (exclusive). A
	// partition that is not named begins at its start and goes to its end. A stage with state is folded from the start
	// all the same, but writes only what the range causes.
	From, Until map[int32]int64

	// Since and Until bound it by when a record was published; they give way to offsets.
	Since, Before time.Time

	Replication int16 // of the topics that are made; -1: the broker's default

	// Progress hears how far each partition is. It may be called by several goroutines at once.
	Progress func(partition int32, folded, total int64)
}

// ReplayReport is what a replay did.
type ReplayReport struct {
	Input   string                         `json:"input"`
	Read    int64                          `json:"read"`
	Written map[string]int64               `json:"written"` // by topic
	Refused map[football.RefusalReason]int `json:"refused"` // counted only: quarantine belongs to the line
}

// replay is one run of RunReplay.
type replay struct {
	cfg    ReplayConfig
	serde  *wire.Serde
	client *kgo.Client

	mu     sync.Mutex
	report ReplayReport
	err    error // of the first produce that failed
}

// RunReplay runs stages again over a range of their input, into topics of another version, which it makes. It writes
// neither changelogs nor a group's offsets: what it makes is for looking at, not for going on from. A replay that was
// cut off leaves its topics behind, and another one refuses to write into them.
func RunReplay(ctx context.Context, cfg ReplayConfig, serde *wire.Serde) (ReplayReport, error) {
	if cfg.Progress == nil {
		cfg.Progress = func(int32, int64, int64) {}
	}
	client, err := kgo.NewClient(append(slices.Clone(cfg.Client), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(20*time.Millisecond), kgo.ProducerBatchCompression(kgo.Lz4Compression(),
			kgo.NoCompression()))...)
	if err != nil {
		return ReplayReport{}, err
	}
	defer client.Close()
	r := &replay{cfg: cfg, serde: serde, client: client, report: ReplayReport{
		Input: cfg.Chain[0].Input, Written: map[string]int64{}, Refused: map[football.RefusalReason]int{},
	}}
	err = r.replayPartitions(ctx)
	return r.report, err
}

func (r *replay) replayPartitions(ctx context.Context) error {
	reader := kafkalog.Over(r.client)
	adm := reader.Admin()
	partitions, err := reader.Partitions(ctx, r.report.Input)
	if err != nil {
		return err
	}
	if err := r.prepareTopics(ctx, adm, int32(len(partitions))); err != nil {
		return err
	}
	r.cfg.Chain = r.cfg.Chain.OnPartitions(int32(len(partitions)))
	from, until, err := r.rangeByPartition(ctx, adm, partitions)
	if err != nil {
		return err
	}
	group, groupCtx := partitionGroup(ctx)
	for _, partition := range partitions {
		group.Go(func() error { return r.replayPartition(groupCtx, partition, from[partition], until[partition]) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// prepareTopics makes the topics, and refuses those that hold something.
func (r *replay) prepareTopics(ctx context.Context, adm *kadm.Client, partitions int32) error {
	topics := catalogue.Catalogue{Partitions: partitions, Replication: r.cfg.Replication}
	var names []string
	for _, stage := range r.cfg.Chain {
		names = append(names, stage.Outputs()...)
	}
	for _, topic := range r.cfg.Chain.Names().Topics() {
		if slices.Contains(names, topic.Name) {
			topics.Topics = append(topics.Topics, topic)
			if err := r.serde.Register(ctx, wire.SubjectOfValues(topic.Name), topic.Schema); err != nil {
				return err
			}
		}
	}
	if err := topics.Ensure(ctx, adm); err != nil {
		return err
	}
	return refuseNonEmpty(ctx, adm, names)
}

// refuseNonEmpty refuses topics that hold something.
func refuseNonEmpty(ctx context.Context, adm *kadm.Client, topics []string) error {
	starts, err := adm.ListStartOffsets(ctx, topics...)
	if err != nil {
		return fmt.Errorf("list start offsets: %w", err)
	}
	ends, err := adm.ListEndOffsets(ctx, topics...)
	if err != nil {
		return fmt.Errorf("list end offsets: %w", err)
	}
	for _, topic := range topics {
		for id, end := range ends[topic] {
			if start, _ := starts.Lookup(topic, id); end.Offset > start.Offset {
				return fmt.Errorf("%s holds records already: delete the topic, or give another version", topic)
			}
		}
	}
	return nil
}

// rangeByPartition returns the range by partition.
func (r *replay) rangeByPartition(
	ctx context.Context, adm *kadm.Client, partitions []int32,
) (from, until map[int32]int64, err error) {
	from, until = map[int32]int64{}, map[int32]int64{}
	for _, id := range partitions {
		from[id], until[id] = 0, kafkalog.ToEnd
	}
	for _, bound := range []struct {
		at      time.Time
		offsets map[int32]int64
		into    map[int32]int64
	}{{r.cfg.Since, r.cfg.From, from}, {r.cfg.Before, r.cfg.Until, until}} {
		if !bound.at.IsZero() {
			listed, err := adm.ListOffsetsAfterMilli(ctx, bound.at.UnixMilli(), r.report.Input)
			if err == nil {
				err = listed.Error()
			}
			if err != nil {
				return nil, nil, fmt.Errorf("list offsets of %s: %w", bound.at, err)
			}
			listed.Each(func(o kadm.ListedOffset) { bound.into[o.Partition] = o.Offset })
		}
		for id, offset := range bound.offsets {
			if _, ok := bound.into[id]; !ok {
				return nil, nil, fmt.Errorf("%s has no partition %d", r.report.Input, id)
			}
			bound.into[id] = offset
		}
	}
	return from, until, nil
}

// replayPartition folds one partition and writes what its range causes.
func (r *replay) replayPartition(ctx context.Context, partition int32, from, until int64) error {
	start := from
	if r.cfg.Chain.Stateful() {
		start = 0
	}
	held, err := kafkalog.Scan(ctx, r.cfg.Client, r.report.Input, partition, 0, 0, nil)
	if err != nil {
		return err
	}
	if start == 0 && held.Start > 0 && until > held.Start {
		return fmt.Errorf("%s/%d begins at offset %d: what came before is gone, and with it the state that %s had; a "+
			"stage without state can be replayed --from there",
			r.report.Input, partition, held.Start, r.cfg.Chain.Name())
	}
	last := min(until, held.End)
	memory, latest := streams.NewMemory(r.cfg.Chain), &streams.Latest{}
	_, err = kafkalog.Scan(ctx, r.cfg.Client, r.report.Input, partition, start, last, func(record *kgo.Record) error {
		if record.Offset%foldedEvery == 0 {
			r.cfg.Progress(partition, record.Offset-start, last-start)
		}
		results, err := memory.Fold(ctx, r.serde, record)
		if err != nil || record.Offset < from {
			return err
		}
		return r.writeOutputs(ctx, record, results, latest)
	})
	if err != nil {
		return err
	}
	for _, record := range latest.Records() {
		r.produceRecord(ctx, record)
	}
	if err := r.client.Flush(ctx); err != nil { // ctx ends with the last partition, and with it what is not yet sent
		return fmt.Errorf("flush: %w", err)
	}
	return nil
}

// writeOutputs writes what a record caused.
func (r *replay) writeOutputs(
	ctx context.Context, input *kgo.Record, results []streams.Result, latest *streams.Latest,
) error {
	r.mu.Lock()
	r.report.Read++
	err := r.err
	r.mu.Unlock()
	if err != nil {
		return err
	}
	outputs := streams.Records{Serde: r.serde}
	for i, result := range results {
		if refusal, ok := result.Output.(*football.Refusal); ok {
			r.mu.Lock()
			r.report.Refused[refusal.Reason]++
			r.mu.Unlock()
			continue
		}
		if err := outputs.Each(input, i, result, latest,
			func(record *kgo.Record) { r.produceRecord(ctx, record) }); err != nil {
			return err
		}
	}
	return nil
}

// produceRecord appends a record; what fails, fails the replay.
func (r *replay) produceRecord(ctx context.Context, record *kgo.Record) {
	r.client.Produce(ctx, record, func(record *kgo.Record, err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.report.Written[record.Topic]++
		if err != nil && r.err == nil {
			r.err = fmt.Errorf("produce to %s/%d: %w", record.Topic, record.Partition, err)
		}
	})
}

// ParseOffsets reads partition/offset pairs.
func ParseOffsets(pairs []string) (map[int32]int64, error) {
	offsets := map[int32]int64{}
	for _, pair := range pairs {
		p, o, ok := strings.Cut(pair, "/")
		partition, err := strconv.ParseInt(p, 10, 32)
		offset, err2 := strconv.ParseInt(o, 10, 64)
		if !ok || errors.Join(err, err2) != nil || offset < 0 {
			return nil, fmt.Errorf("%q is no place in a topic: want partition/offset, such as 3/1200", pair)
		}
		offsets[int32(partition)] = offset
	}
	return offsets, nil
}
