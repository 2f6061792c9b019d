package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/infra/retry"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// StartError refuses to start: the log and the group contradict each other, and a person must decide.
type StartError struct {
	Partition int32
	Reason    string
	Remedy    string
}

func (e *StartError) Error() string {
	return fmt.Sprintf("partition %d: %s; %s", e.Partition, e.Reason, e.Remedy)
}

// restorePartitions fills the partitions' tables from the changelogs as of the group's committed offset, and finds
// which outputs are written already.
//
// On Apache Kafka a transaction's outputs, changelog and offset become visible together, so the state is exactly that
// of the group's offset and no output is beyond it. The embedded broker writes its commit markers one by one and the
// group offset last; killed in between, it comes back with a changelog and some outputs ahead of the group. Every
// changelog record says how far the input was applied, so what is ahead is left out, the input is folded again from the
// group's offset, and outputs whose cause is there already are not written twice.
func (s *session) restorePartitions(ctx context.Context, parts []*partition) (err error) {
	started := time.Now()
	reader, err := s.w.openReader()
	if err != nil {
		return err
	}
	defer reader.Close()
	group, err := s.groupOffsets(ctx, reader.Admin(), parts)
	if err != nil {
		return err
	}
	copies, err := s.takeCopies(ctx, reader, parts, group)
	if err != nil {
		return err
	}
	defer func() { s.installCopies(parts, copies, group, err == nil) }()
	records := 0
	for i, stage := range s.w.chain {
		if !stage.Stateful() {
			continue
		}
		r := &restorer{s: s, i: i, stage: stage, group: group, copies: copies, ahead: map[int32]bool{},
			started: started}
		if err := r.readChangelog(ctx, reader, parts); err != nil {
			return fmt.Errorf("%s: %w", stage.Changelog(), err)
		}
		records += r.records
		if err := r.checkOffsets(parts); err != nil {
			return err
		}
	}
	skips, err := s.compareOutputs(ctx, reader, parts, group)
	if err != nil {
		return err
	}
	for _, p := range parts {
		p.skip = skips[p.id]
	}
	took := time.Since(started)
	s.w.metrics.restoreSeconds.WithLabelValues(s.w.chain.Name()).Observe(took.Seconds())
	s.w.log.Info("state restored", "partitions", partitionIDs(parts), "records", records, "elapsed",
		took.Round(time.Millisecond))
	return nil
}

// takeCopies returns what the restore of each partition begins with: a warm copy that is of these changelogs and not
// ahead of the group, or an empty one.
func (s *session) takeCopies(
	ctx context.Context, reader *kafkalog.Reader, parts []*partition, group map[int32]int64,
) (map[int32]*replica, error) {
	ids, err := s.w.changelogIDs(ctx, reader)
	if err != nil {
		return nil, err
	}
	copies := make(map[int32]*replica, len(parts))
	for _, p := range parts {
		r := s.w.copies.takeCopy(p.id)
		if r == nil || !r.isOf(ids) || slices.Max(r.reached) > group[p.id] {
			r = newReplica(s.w.chain)
			copy(r.topics, ids)
		}
		copies[p.id] = r
	}
	if s.w.cfg.NoStandby {
		s.w.copies.dropCopies() // what an earlier session left of partitions that others have now
	}
	return copies, nil
}

// installCopies hands the copies to partitions that are still assigned, and back to the worker where they are not.
func (s *session) installCopies(parts []*partition, copies map[int32]*replica, group map[int32]int64, restored bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range parts {
		if restored && s.parts[p.id] == p {
			p.copy, p.next = copies[p.id], max(0, group[p.id])
		} else {
			s.w.copies.giveCopy(p.id, copies[p.id])
		}
	}
}

// groupOffsets returns the group's committed input offset of each of the partitions, -1 where it has none. An offset
// whose transaction is still being committed is waited for; those of other workers' partitions are no concern.
func (s *session) groupOffsets(ctx context.Context, adm *kadm.Client, parts []*partition) (map[int32]int64, error) {
	waits := retry.NewBetween(2*time.Millisecond, time.Second) // a commit takes milliseconds
	for {
		group, err := s.stableOffsets(ctx, adm, parts)
		if !errors.Is(err, kerr.UnstableOffsetCommit) {
			return group, err
		}
		if err := waits.Sleep(ctx); err != nil {
			return nil, err
		}
	}
}

func (s *session) stableOffsets(ctx context.Context, adm *kadm.Client, parts []*partition) (map[int32]int64, error) {
	name := s.w.chain.Group()
	offsets, err := adm.FetchOffsets(kadm.RequireStable(ctx), name)
	if err != nil {
		return nil, fmt.Errorf("fetch offsets of group %s: %w", name, err)
	}
	group := make(map[int32]int64, len(parts))
	for _, p := range parts {
		group[p.id] = -1
		if o, ok := offsets.Lookup(s.w.chain.Input(), p.id); ok {
			if o.Err != nil {
				return nil, fmt.Errorf("fetch offset of group %s, partition %d: %w", name, p.id, o.Err)
			}
			group[p.id] = o.At
		}
	}
	return group, nil
}

// restorer reads one stage's changelog.
type restorer struct {
	s        *session
	i        int // of the stage in the chain
	stage    *streams.Stage
	group    map[int32]int64
	copies   map[int32]*replica
	ahead    map[int32]bool // the changelog goes beyond the group's offset
	records  int
	started  time.Time
	passed   int64
	reported time.Time // when progress was last logged
}

// reportEvery is how often a long restore logs its progress.
const reportEvery = 5 * time.Second

// readChangelog applies the changelog of the partitions up to the high watermark of now.
func (r *restorer) readChangelog(ctx context.Context, reader *kafkalog.Reader, parts []*partition) error {
	topic := r.stage.Changelog()
	held, err := reader.Spans(ctx, topic)
	if err != nil {
		return err
	}
	var behind int64 // offsets to read, the markers of transactions among them
	spans := map[int32]kafkalog.Span{}
	for _, p := range parts {
		span, ok := held[p.id]
		if !ok {
			return fmt.Errorf("%s has no partition %d", topic, p.id)
		}
		span.Start = max(span.Start, r.copies[p.id].next[r.i])
		spans[p.id] = span
		behind += max(0, span.End-span.Start)
	}
	r.reported = time.Now()
	return reader.Read(ctx, topic, spans, func(record *kgo.Record) error {
		if r.passed++; time.Since(r.reported) > reportEvery {
			r.reported = time.Now()
			r.s.w.log.Info("restoring state", "topic", record.Topic, "records", r.passed, "of_at_most", behind,
				"percent", 100*r.passed/max(1, behind), "elapsed", time.Since(r.started).Round(time.Second))
		}
		return r.applyRecord(ctx, record)
	})
}

func (r *restorer) applyRecord(ctx context.Context, record *kgo.Record) error {
	r.records++
	r.s.w.metrics.restored.WithLabelValues(r.stage.Name).Inc()
	topic, offset, err := inputOffset(record)
	if err != nil {
		return fmt.Errorf("changelog record %s: %w", kafkalog.AddressOf(record), err)
	}
	if want := r.s.w.chain.Input(); topic != want {
		return &StartError{
			Partition: record.Partition,
			Reason: fmt.Sprintf("the changelog %s was written by a stage that read %s, this one reads %s",
				record.Topic, topic, want),
			Remedy: "run with the TOUCHLINE_LAYOUT that wrote it, or delete its topics and group to build it anew",
		}
	}
	if offset > r.group[record.Partition] {
		r.ahead[record.Partition] = true
		r.s.w.metrics.ahead.WithLabelValues(r.stage.Name).Inc()
		return nil
	}
	into := r.copies[record.Partition]
	if !r.ahead[record.Partition] { // what is left out now must be read again from here
		into.next[r.i] = record.Offset + 1
	}
	into.reached[r.i] = max(into.reached[r.i], offset)
	change, err := r.s.w.decodeChange(ctx, r.stage, record)
	if err != nil {
		return err
	}
	change.applyTo(into.tables[r.i])
	return nil
}

// checkOffsets holds the state's offset against the group's.
func (r *restorer) checkOffsets(parts []*partition) error {
	for _, p := range parts {
		if at := r.group[p.id]; at >= 0 && !r.ahead[p.id] && r.copies[p.id].reached[r.i] != at {
			// The offset was committed after we asked for it, or the changelog is gone: a new session asks again.
			return fmt.Errorf("partition %d: the state of %s is that of input offset %d, the group's is %d", p.id,
				r.stage.Name, r.copies[p.id].reached[r.i], at)
		}
		if r.ahead[p.id] {
			r.s.w.log.Warn("the changelog is ahead of the group's offset: a commit was cut off half-way; folding "+
				"again from the group's offset",
				"partition", p.id, "offset", r.group[p.id])
		}
	}
	return nil
}

// compareOutputs finds, for each partition and output topic, up to which input offset outputs are there already though
// the group's offset is behind.
func (s *session) compareOutputs(
	ctx context.Context, reader *kafkalog.Reader, parts []*partition, group map[int32]int64,
) (map[int32]map[string]int64, error) {
	skips := make(map[int32]map[string]int64, len(parts))
	for _, p := range parts {
		skips[p.id] = map[string]int64{}
	}
	topics := []string{s.w.chain.Names().Topic(wire.TopicQuarantine)}
	for _, stage := range s.w.chain {
		topics = append(topics, stage.Outputs()...)
	}
	for _, topic := range topics {
		newest, err := s.newestCauses(ctx, reader, topic, parts)
		if err != nil {
			return nil, fmt.Errorf("compare outputs in %s: %w", topic, err)
		}
		for id, offset := range newest {
			switch {
			case group[id] < 0 && offset >= int64(s.w.cfg.MaxBatch): // more than a first batch that was cut off
				return nil, &StartError{id, fmt.Sprintf("the group %s has no offset but %s has its outputs",
					s.w.chain.Group(), topic),
					"a fresh start would write them twice: reset the group to the end, or delete the stage's topics " +
						"to build it anew"}
			case offset >= group[id]:
				skips[id][topic] = offset
				s.w.log.Warn("outputs are ahead of the group's offset: they will not be written twice",
					"topic", topic, "partition", id, "group_offset", group[id], "outputs_through", offset)
			}
		}
	}
	return skips, nil
}

// newestCauses returns the greatest input offset that caused a record of the topic, by partition, reading back from the
// end in steps until each partition showed a record of ours.
func (s *session) newestCauses(
	ctx context.Context, reader *kafkalog.Reader, topic string, parts []*partition,
) (map[int32]int64, error) {
	held, err := reader.Spans(ctx, topic)
	if err != nil {
		return nil, err
	}
	newest := map[int32]int64{}
	missing := partitionIDs(parts)
	for back := int64(64); len(missing) > 0; back *= 16 {
		spans := map[int32]kafkalog.Span{}
		for _, id := range missing {
			spans[id] = kafkalog.Span{Start: max(held[id].Start, held[id].End-back), End: held[id].End}
		}
		err := reader.Read(ctx, topic, spans, func(record *kgo.Record) error {
			cause, ok := streams.CauseOf(record)
			if ok && cause.Topic == s.w.chain.Input() && cause.Partition == record.Partition &&
				s.w.isOwnOutput(record) {
				newest[record.Partition] = max(newest[record.Partition], cause.Offset)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		missing = slices.DeleteFunc(missing, func(id int32) bool {
			_, found := newest[id]
			return found || spans[id].Start == held[id].Start
		})
	}
	return newest, nil
}

// isOwnOutput reports whether a worker of this version wrote the record: quarantine is shared by all versions.
func (w *Worker) isOwnOutput(record *kgo.Record) bool {
	version, ok := kafkalog.Header(record, wire.HeaderTopicVersion)
	return ok && string(version) == strconv.Itoa(w.chain.Version())
}

// inputOffset reads the header of a changelog record: which input topic, and up to which offset (exclusive) it is
// applied.
func inputOffset(record *kgo.Record) (topic string, offset int64, err error) {
	text, ok := kafkalog.Header(record, wire.HeaderInputOffset)
	if !ok {
		return "", 0, fmt.Errorf("no header %s", wire.HeaderInputOffset)
	}
	if topic, _, offset, err = kafkalog.ParseAddress(string(text)); err != nil {
		return "", 0, fmt.Errorf("header %s: %w", wire.HeaderInputOffset, err)
	}
	return topic, offset, nil
}
