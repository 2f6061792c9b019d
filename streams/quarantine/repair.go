package quarantine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// RepairConfig says how entries of quarantine are settled.
type RepairConfig struct {
	Client []kgo.Opt

	// Names are those of the installation that is repaired. Its name begins the transactional id: two operators who
	// repair one installation at once stop each other.
	Names wire.Namespace

	// Partition returns the partition of raw-events that carries a pool: a raw event that was refused where another
	// producer wrote it is replayed there. Nil leaves such events as they are.
	Partition func(pool football.PoolID) int32

	// Note is kept with each settlement: why.
	Note string

	// Force also replays what normalize will drop as a duplicate.
	Force bool

	// DryRun only says what would be done.
	DryRun bool
}

// Repaired is what was done about one entry.
type Repaired struct {
	Entry      Entry
	Settlement Settlement // empty when refused
	Refused    string     // why nothing was done, in a sentence; "" when something was
	Live       bool       // the original is an event of a live feed, which may be too late by now
}

// Repair settles entries of quarantine.
type Repair struct {
	cfg        RepairConfig
	serde      *wire.Serde
	rawEvents  string // the topics that it writes to, as they are called in Kafka
	quarantine string
}

// NewRepair returns a repair.
func NewRepair(cfg RepairConfig, serde *wire.Serde) *Repair {
	return &Repair{cfg, serde, cfg.Names.Topic(wire.TopicRawEvents), cfg.Names.Topic(wire.TopicQuarantine)}
}

// repairTask is an entry on its way to a settlement.
type repairTask struct {
	*Repaired
	raw *kgo.Record // what is appended to raw-events; nil for a drop
}

// Replay appends the originals to raw-events and settles the entries, all in one transaction. A derived topic has one
// writer, its stage: what a later stage refused goes back to the raw event that caused it.
func (r *Repair) Replay(ctx context.Context, entries []Entry) ([]*Repaired, error) {
	return r.settleEntries(ctx, Replayed, entries, r.originalOf)
}

// Drop settles the entries without replaying them, in one transaction.
func (r *Repair) Drop(ctx context.Context, entries []Entry) ([]*Repaired, error) {
	return r.settleEntries(ctx, Dropped, entries, func(context.Context, *Repaired) (*kgo.Record, error) {
		return nil,
			nil
	})
}

func (r *Repair) settleEntries(
	ctx context.Context, how string, entries []Entry, original func(context.Context, *Repaired) (*kgo.Record, error),
) ([]*Repaired, error) {
	var client *kgo.Client
	if !r.cfg.DryRun { // from here on whoever began before us can't commit, so what is settled now stays so
		var err error
		if client, err = kafkalog.OpenCommand(ctx, r.cfg.Client, r.cfg.Names.Name()+".repair"); err != nil {
			return nil, err
		}
		defer client.Close()
	}
	settled, err := ReadSettlements(ctx, r.cfg.Client, r.cfg.Names)
	if err != nil {
		return nil, err
	}
	var all []*Repaired
	var tasks []repairTask
	for _, entry := range entries {
		done := &Repaired{Entry: entry}
		all = append(all, done)
		if s, ok := settled[entry.ID()]; ok {
			done.Refused = "it is settled: " + s.String()
			continue
		}
		raw, err := original(ctx, done)
		if err != nil {
			return nil, err
		}
		if done.Refused == "" {
			done.Settlement = Settlement{Entry: entry.ID(), How: how, Note: r.cfg.Note, At: time.Now()}
			settled[entry.ID()] = done.Settlement // an id that is given twice is settled once
			tasks = append(tasks, repairTask{done, raw})
		}
	}
	if r.cfg.DryRun || len(tasks) == 0 {
		return all, nil
	}
	return all, kafkalog.Transact(ctx, client, func() error { return r.produceRepairs(ctx, client, tasks) })
}

// produceRepairs appends raw events and settlements.
func (r *Repair) produceRepairs(ctx context.Context, client *kgo.Client, tasks []repairTask) error {
	var raws, settlements []*kgo.Record
	for _, t := range tasks {
		if t.raw != nil {
			raws = append(raws, t.raw)
		}
	}
	if err := client.ProduceSync(ctx, raws...).FirstErr(); err != nil {
		return fmt.Errorf("append to %s: %w", r.rawEvents, err)
	}
	for _, t := range tasks {
		if t.raw != nil { // its offset is known now
			t.Settlement.To = kafkalog.Address(t.raw.Topic, t.raw.Partition, t.raw.Offset)
		}
		settlements = append(settlements, t.Settlement.toRecord(r.quarantine, t.Entry.Partition))
	}
	if err := client.ProduceSync(ctx, settlements...).FirstErr(); err != nil {
		return fmt.Errorf("append to %s: %w", r.quarantine, err)
	}
	return nil
}

// originalOf returns the raw event to append for an entry, or sets why there is none.
func (r *Repair) originalOf(ctx context.Context, done *Repaired) (*kgo.Record, error) {
	e := done.Entry
	// only what normalize refused was never applied
	if e.Topic != wire.TopicRawEvents || e.Stage != wire.StageNormalize {
		return r.originalOfCause(ctx, done)
	}
	if int64(len(e.Original)) != e.OriginalSize {
		done.Refused = fmt.Sprintf("only the first %d of its %d bytes were kept; the whole stands at %s: mend the "+
			"stage and build its topics anew",
			len(e.Original), e.OriginalSize, r.refusedAddress(e))
		return nil, nil
	}
	raw, err := r.decodeRawEvent(ctx, e.Original)
	if err != nil {
		return nil, err
	}
	if raw == nil && e.Reason != football.RefusedUndecodable {
		done.Refused = fmt.Sprintf("only a part of the raw event %s was refused, the rest was applied: a replay "+
			"would be dropped as a duplicate; mend the stage and build its topics anew", r.refusedAddress(e))
		return nil, nil
	}
	done.Live = raw != nil && raw.Moment == football.MomentEvent
	replay := r.replayOf(e, e.Key, e.Original)
	if raw != nil && e.Reason == football.RefusedWrongPartition {
		if r.cfg.Partition == nil {
			done.Refused = "the partition of its pool is not known"
			return nil, nil
		}
		replay.Partition = r.cfg.Partition(raw.Pool)
	}
	return replay, nil
}

// originalOfCause returns the raw event that caused what a stage after normalize refused.
func (r *Repair) originalOfCause(ctx context.Context, done *Repaired) (*kgo.Record, error) {
	e := done.Entry
	if !r.cfg.Force {
		done.Refused = fmt.Sprintf("%s refused what normalize had applied: a replay of the raw event would be "+
			"dropped as a duplicate; mend %s and build its topics anew (touchline process --stages %s --version N), "+
			"or give --force",
			e.Stage, e.Stage, e.Stage)
		return nil, nil
	}
	at := streams.Cause{Topic: r.cfg.Names.FullName(e.Topic), Partition: e.Quarantined.Partition,
		Offset: e.Quarantined.Offset}
	for {
		var record *kgo.Record
		held, err := kafkalog.Scan(ctx, r.cfg.Client, at.Topic, at.Partition, at.Offset, at.Offset+1,
			func(found *kgo.Record) error {
				record = kafkalog.Clone(found)
				return nil
			})
		if err != nil {
			return nil, err
		}
		if record == nil {
			done.Refused = "what caused it can't be found: " + held.Missing(at.Topic, at.Partition, at.Offset)
			return nil, nil
		}
		if at.Topic == r.rawEvents {
			return r.replayOf(e, record.Key, record.Value), nil
		}
		next, ok := streams.CauseOf(record)
		if !ok {
			done.Refused = fmt.Sprintf("what caused it can't be found: %s names no cause",
				kafkalog.Address(at.Topic, at.Partition, at.Offset))
			return nil, nil
		}
		at = next
	}
}

// refusedAddress names the record that an entry refuses, as Kafka's tools find it.
func (r *Repair) refusedAddress(e Entry) string {
	return kafkalog.Address(r.cfg.Names.FullName(e.Topic), e.Quarantined.Partition, e.Quarantined.Offset)
}

// replayOf is a raw event as a repair appends it: without the headers of the collector, which would take it for the
// place where its feed was.
func (r *Repair) replayOf(e Entry, key, value []byte) *kgo.Record {
	return &kgo.Record{Topic: r.rawEvents, Partition: e.Quarantined.Partition, Key: key, Value: value,
		Headers: []kgo.RecordHeader{{Key: wire.HeaderReplayOf, Value: []byte(e.ID())}}}
}

// decodeRawEvent reads a raw event; nil when nobody can.
func (r *Repair) decodeRawEvent(ctx context.Context, frame []byte) (*football.RawEvent, error) {
	raw, err := wire.Decode(ctx, r.serde, wire.RawEvent, frame)
	if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
		return nil, nil
	}
	return raw, err
}
