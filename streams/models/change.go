package models

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Change is where facts about models are appended and announced: in the topics of the Log that it is applied to. The
// installation begins the transactional id, so that two who change models of one installation at once stop each other.
type Change struct {
	Client []kgo.Opt

	// Reference names the pools to which changes are announced, besides those that have their ids by rule and are in
	// raw-events already.
	Reference *football.Reference
}

// Announcement is where a change takes effect.
type Announcement struct {
	Position int64             `json:"position"` // of football.models: the change is the fact before it
	Pools    []football.PoolID `json:"pools"`    // in whose logs the change stands from now on
}

// Apply appends the fact that decide returns to football.models and announces it to every pool, all in one transaction.
// Decide is called when the topic was read to its end and nobody else can append to it this way; when it returns no
// fact, the newest one is announced again.
func (c Change) Apply(ctx context.Context, log *Log, decide func() (*football.ModelFact, error)) (Announcement, error) {
	client, err := kafkalog.OpenCommand(ctx, c.Client, log.names.Name()+".models")
	if err != nil {
		return Announcement{}, err
	}
	defer client.Close()
	reader := kafkalog.Over(client)
	for _, topic := range []string{log.topic, log.names.Topic(wire.TopicRawEvents)} {
		if _, err := reader.Partitions(ctx, topic); err != nil {
			return Announcement{}, fmt.Errorf("%w: the line makes its topics when it starts", err)
		}
	}
	if err := log.readToEnd(ctx, reader); err != nil {
		return Announcement{}, err
	}
	pools, err := c.announcedPools(ctx, reader, log.names)
	if err != nil {
		return Announcement{}, err
	}
	fact, err := decide()
	if err != nil {
		return Announcement{}, err
	}
	announced := Announcement{Position: log.Position()}
	err = kafkalog.Transact(ctx, client, func() error {
		return c.announce(ctx, client, log, fact, pools, &announced)
	})
	if errors.Is(err, kafkalog.ErrSuperseded) {
		err = fmt.Errorf("%w: look at `touchline models log`, and try again", err)
	}
	return announced, err
}

// announce appends the fact, if there is one, and the announcements of the position after it.
func (c Change) announce(
	ctx context.Context, client *kgo.Client, log *Log, fact *football.ModelFact, pools []football.PoolID,
	announced *Announcement,
) error {
	if fact != nil {
		record, err := log.factRecord(fact)
		if err != nil {
			return err
		}
		if err := client.ProduceSync(ctx, record).FirstErr(); err != nil {
			return fmt.Errorf("append to %s: %w", log.topic, err)
		}
		announced.Position = record.Offset + 1
	}
	if announced.Position == 0 {
		return errors.New("there is no fact about a model yet: nothing can be announced")
	}
	records, err := c.announcements(ctx, client, log, pools, announced.Position)
	if err != nil {
		return err
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("append to %s: %w", log.names.Topic(wire.TopicRawEvents), err)
	}
	for _, r := range records {
		announced.Pools = append(announced.Pools, football.PoolID(r.Key))
	}
	return nil
}

// announcedPools returns the pools to which a change is announced, by id: those of the reference, and those by rule
// that have raw events. For the latter it reads the keys of all raw events, since nothing else lists them for good.
func (c Change) announcedPools(
	ctx context.Context, reader *kafkalog.Reader, names wire.Namespace,
) ([]football.PoolID, error) {
	found := map[football.PoolID]bool{}
	for _, pool := range c.Reference.Pools() {
		found[pool.ID] = true
	}
	err := reader.ReadToEnd(ctx, names.Topic(wire.TopicRawEvents), func(r *kgo.Record) error {
		if pool := football.PoolID(r.Key); football.IsProvisional(pool) {
			found[pool] = true
		}
		return nil
	})
	return slices.Sorted(maps.Keys(found)), err
}

// announcements are the raw events that carry a position to each pool.
func (c Change) announcements(
	ctx context.Context, client *kgo.Client, log *Log, pools []football.PoolID, position int64,
) ([]*kgo.Record, error) {
	topic := log.names.Topic(wire.TopicRawEvents)
	partitions, err := kafkalog.Over(client).Partitions(ctx, topic)
	if err != nil {
		return nil, err
	}
	var records []*kgo.Record
	for _, pool := range pools {
		raw := announcementTo(pool, position)
		raw.FetchedAt = football.At(time.Now())
		frame, err := wire.Encode(log.serde, wire.RawEvent, raw)
		if err != nil {
			return nil, err
		}
		records = append(records, &kgo.Record{
			Topic: topic, Partition: c.Reference.Partition(pool, int32(len(partitions))),
			Key: []byte(pool), Value: frame,
		})
	}
	return records, nil
}
