package streams

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// RepairConfig says how entries of quarantine are settled.
type RepairConfig struct {
	Client []kgo.Opt

	// App begins the transactional id: two operators who repair one installation at once stop each other. Default
	// "touchline".
	App string

	// Note is kept with each settlement: why.
	Note string

	// Force also replays what normalize will drop as a duplicate.
	Force bool

	// DryRun only says what would be done.
	DryRun bool
}

// Repaired is what was done about one entry.
type Repaired struct {
	Entry      QuarantineEntry
	Settlement Settlement // empty when refused
	Refused    string     // why nothing was done, in a sentence; "" when something was
	Live       bool       // the original is an event of a live feed, which may be too late by now
}

// Repair settles entries of quarantine.
type Repair struct {
	cfg   RepairConfig
	serde *wire.Serde
}

// NewRepair returns a repair.
func NewRepair(cfg RepairConfig, serde *wire.Serde) *Repair {
	if cfg.App == "" {
		cfg.App = "touchline"
	}
	return &Repair{cfg, serde}
}

// task is an entry on its way to a settlement.
type task struct {
	*Repaired
	raw *kgo.Record // what is appended to raw-events; nil for a drop
}

// Replay appends the originals to raw-events and settles the entries, all in one transaction. A derived topic has one
// writer, its stage: what a later stage refused goes back to the raw event that caused it.
func (r *Repair) Replay(ctx context.Context, entries []QuarantineEntry) ([]*Repaired, error) {
	return r.settle(ctx, Replayed, entries, r.original)
}

// Drop settles the entries without replaying them, in one transaction.
func (r *Repair) Drop(ctx context.Context, entries []QuarantineEntry) ([]*Repaired, error) {
	return r.settle(ctx, Dropped, entries, func(context.Context, *Repaired) (*kgo.Record, error) { return nil, nil })
}

func (r *Repair) settle(ctx context.Context, how string, entries []QuarantineEntry, original func(context.Context, *Repaired) (*kgo.Record, error)) ([]*Repaired, error) {
	client, err := kgo.NewClient(append(slices.Clone(r.cfg.Client), kgo.TransactionalID(r.cfg.App+".repair"),
		kgo.TransactionTimeout(commandTime), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if !r.cfg.DryRun { // from here on whoever began before us can't commit, so what is settled now stays so
		if _, _, err := client.ProducerID(ctx); err != nil {
			return nil, fmt.Errorf("begin a repair: %w", err)
		}
	}
	settled, err := ReadSettlements(ctx, r.cfg.Client)
	if err != nil {
		return nil, err
	}
	var all []*Repaired
	var tasks []task
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
			tasks = append(tasks, task{done, raw})
		}
	}
	if r.cfg.DryRun || len(tasks) == 0 {
		return all, nil
	}
	return all, r.transact(ctx, client, tasks)
}

// transact appends raw events and settlements, or nothing.
func (r *Repair) transact(ctx context.Context, client *kgo.Client, tasks []task) error {
	if err := client.BeginTransaction(); err != nil {
		return fmt.Errorf("begin a repair: %w", err)
	}
	err := r.produce(ctx, client, tasks)
	if endErr := client.EndTransaction(context.WithoutCancel(ctx), kgo.TransactionEndTry(err == nil)); err == nil && endErr != nil {
		err = fmt.Errorf("commit a repair of %d entries: %w", len(tasks), endErr)
	}
	return err
}

func (r *Repair) produce(ctx context.Context, client *kgo.Client, tasks []task) error {
	var raws, settlements []*kgo.Record
	for _, t := range tasks {
		if t.raw != nil {
			raws = append(raws, t.raw)
		}
	}
	if err := client.ProduceSync(ctx, raws...).FirstErr(); err != nil {
		return fmt.Errorf("append to %s: %w", wire.TopicRawEvents, err)
	}
	for _, t := range tasks {
		if t.raw != nil { // its offset is known now
			t.Settlement.To = position(t.raw.Topic, t.raw.Partition, t.raw.Offset)
		}
		settlements = append(settlements, t.Settlement.record(t.Entry.Partition))
	}
	if err := client.ProduceSync(ctx, settlements...).FirstErr(); err != nil {
		return fmt.Errorf("append to %s: %w", wire.TopicQuarantine, err)
	}
	return nil
}

// original returns the raw event to append for an entry, or sets why there is none.
func (r *Repair) original(ctx context.Context, done *Repaired) (*kgo.Record, error) {
	e := done.Entry
	if e.Topic != wire.TopicRawEvents || e.Stage != stageNormalize {
		return r.cause(ctx, done)
	}
	if int64(len(e.Original)) != e.OriginalSize {
		done.Refused = fmt.Sprintf("only the first %d of its %d bytes were kept; the whole stands at %s: mend the stage and build its topics anew",
			len(e.Original), e.OriginalSize, e.at())
		return nil, nil
	}
	raw, err := r.decode(ctx, e.Original)
	if err != nil {
		return nil, err
	}
	if raw == nil && e.Reason != football.RefusedUndecodable {
		done.Refused = fmt.Sprintf("only a part of the raw event %s was refused, the rest was applied: a replay would be dropped as a duplicate; mend the stage and build its topics anew", e.at())
		return nil, nil
	}
	done.Live = raw != nil && raw.Moment == football.MomentEvent
	return r.replayOf(e, e.Key, e.Original), nil
}

// cause returns the raw event that caused what a stage after normalize refused.
func (r *Repair) cause(ctx context.Context, done *Repaired) (*kgo.Record, error) {
	e := done.Entry
	if !r.cfg.Force {
		done.Refused = fmt.Sprintf("%s refused what normalize had applied: a replay of the raw event would be dropped as a duplicate; mend %s and build its topics anew (touchline process --stages %s --version N), or give --force",
			e.Stage, e.Stage, e.Stage)
		return nil, nil
	}
	at := Cause{Topic: e.Topic, Partition: e.Quarantined.Partition, Offset: e.Quarantined.Offset}
	for {
		var record *kgo.Record
		held, err := scan(ctx, r.cfg.Client, at.Topic, at.Partition, at.Offset, at.Offset+1, func(found *kgo.Record) error {
			record = keep(found)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if record == nil {
			done.Refused = "what caused it can't be found: " + held.missing(at.Topic, at.Partition, at.Offset)
			return nil, nil
		}
		if at.Topic == wire.TopicRawEvents {
			return r.replayOf(e, record.Key, record.Value), nil
		}
		next, ok := CauseOf(record)
		if !ok {
			done.Refused = fmt.Sprintf("what caused it can't be found: %s names no cause", position(at.Topic, at.Partition, at.Offset))
			return nil, nil
		}
		at = next
	}
}

// stageNormalize is the stage that reads raw events; only what it refused was never applied.
const stageNormalize = "normalize"

// at names the record that an entry refuses.
func (e QuarantineEntry) at() string {
	return position(e.Topic, e.Quarantined.Partition, e.Quarantined.Offset)
}

// replayOf is a raw event as a repair appends it: without the headers of the collector, which would take it for the
// place where its feed was.
func (r *Repair) replayOf(e QuarantineEntry, key, value []byte) *kgo.Record {
	return &kgo.Record{Topic: wire.TopicRawEvents, Partition: e.Quarantined.Partition, Key: key, Value: value,
		Headers: []kgo.RecordHeader{{Key: wire.HeaderReplayOf, Value: []byte(e.ID())}}}
}

// decode reads a raw event; nil when nobody can.
func (r *Repair) decode(ctx context.Context, frame []byte) (*football.RawEvent, error) {
	v, err := r.serde.Decode(ctx, wire.RawEvent, frame)
	if undecodable := (*wire.UndecodableError)(nil); errors.As(err, &undecodable) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return v.(*football.RawEvent), nil
}
