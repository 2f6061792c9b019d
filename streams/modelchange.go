package streams

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

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// sourceModels is the source of the raw events that announce a position of football.models. They carry no time: a change
// takes effect where it stands.
const sourceModels = "models"

// commandTime is how long the transaction of an operator's command may take. When the command is killed in the middle, the
// readers of the partitions that it wrote to, which are those of the whole line, wait for so long.
const commandTime = 10 * time.Second

// ModelChange says where facts of models are announced.
type ModelChange struct {
	Client []kgo.Opt

	// App begins the transactional id: two who change models of one installation at once stop each other. Default "touchline".
	App string

	// Reference names the pools that hear of it.
	Reference *football.Reference
}

// Announcement is where a change takes effect.
type Announcement struct {
	Position int64             `json:"position"` // of football.models: the change is the fact before it
	Pools    []football.PoolID `json:"pools"`    // in whose logs the change stands from now on
}

// Apply appends what decide returns to football.models and announces it to every pool, all in one transaction. Decide is
// called when the topic was read to its end and nobody else can append to it this way; without a fact nothing new is said,
// and what was said last is announced again.
func (c ModelChange) Apply(ctx context.Context, models *Models, decide func() (*football.ModelFact, error)) (Announcement, error) {
	client, err := kgo.NewClient(append(slices.Clone(c.Client), kgo.TransactionalID(c.app()+".models"), kgo.TransactionTimeout(commandTime),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())...)
	if err != nil {
		return Announcement{}, err
	}
	defer client.Close()
	if _, _, err := client.ProducerID(ctx); err != nil { // whoever began before us can't commit from here on
		return Announcement{}, fmt.Errorf("begin a change of models: %w", err)
	}
	for _, topic := range []string{wire.TopicModels, wire.TopicRawEvents} {
		if _, err := partitionsOf(ctx, kadm.NewClient(client), topic); err != nil {
			return Announcement{}, fmt.Errorf("%w: the line makes its topics when it starts", err)
		}
	}
	if err := models.read(ctx, client); err != nil {
		return Announcement{}, err
	}
	fact, err := decide()
	if err != nil {
		return Announcement{}, err
	}
	if err := client.BeginTransaction(); err != nil {
		return Announcement{}, fmt.Errorf("begin a change of models: %w", err)
	}
	announced, err := c.produce(ctx, client, models, fact)
	if endErr := client.EndTransaction(context.WithoutCancel(ctx), kgo.TransactionEndTry(err == nil)); err == nil && endErr != nil {
		err = fmt.Errorf("commit a change of models: %w", endErr)
	}
	if errors.Is(err, kerr.InvalidProducerEpoch) || errors.Is(err, kerr.ProducerFenced) {
		err = fmt.Errorf("somebody else began to change models meanwhile, or this took too long: look at `touchline models log`, and try again (%w)", err)
	}
	return announced, err
}

func (c ModelChange) app() string {
	if c.App == "" {
		return "touchline"
	}
	return c.App
}

func (c ModelChange) produce(ctx context.Context, client *kgo.Client, models *Models, fact *football.ModelFact) (Announcement, error) {
	said := Announcement{Position: models.Position()}
	if fact != nil {
		record, err := modelRecord(models.serde, fact)
		if err != nil {
			return said, err
		}
		if err := client.ProduceSync(ctx, record).FirstErr(); err != nil {
			return said, fmt.Errorf("append to %s: %w", wire.TopicModels, err)
		}
		said.Position = record.Offset + 1
	}
	if said.Position == 0 {
		return said, errors.New("nothing was ever said of a model: there is nothing to announce")
	}
	records, err := c.announcements(ctx, client, models.serde, said.Position)
	if err != nil {
		return said, err
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return said, fmt.Errorf("append to %s: %w", wire.TopicRawEvents, err)
	}
	for _, r := range records {
		said.Pools = append(said.Pools, football.PoolID(r.Key))
	}
	return said, nil
}

// announcements are the raw events that tell each pool of a position.
func (c ModelChange) announcements(ctx context.Context, client *kgo.Client, serde *wire.Serde, position int64) ([]*kgo.Record, error) {
	partitions, err := partitionsOf(ctx, kadm.NewClient(client), wire.TopicRawEvents)
	if err != nil {
		return nil, err
	}
	var records []*kgo.Record
	for _, pool := range c.Reference.Pools() {
		frame, err := serde.Encode(wire.RawEvent, &football.RawEvent{
			Pool: pool.ID, Source: sourceModels, SourceEventID: strconv.FormatInt(position, 10), Moment: football.MomentModels,
			FetchedAt: football.At(time.Now()), ContentType: "application/json", Payload: fmt.Appendf(nil, `{"position":%d}`, position),
		})
		if err != nil {
			return nil, err
		}
		records = append(records, &kgo.Record{
			Topic: wire.TopicRawEvents, Partition: c.Reference.Partition(pool.ID, int32(len(partitions))), Key: []byte(pool.ID), Value: frame,
		})
	}
	return records, nil
}

func modelRecord(serde *wire.Serde, fact *football.ModelFact) (*kgo.Record, error) {
	frame, err := serde.Encode(wire.ModelFact, fact)
	if err != nil {
		return nil, err
	}
	return &kgo.Record{Topic: wire.TopicModels, Key: []byte(fact.ID), Value: frame}, nil
}

// RegisterModels appends those registrations to football.models that are not there yet. It announces nothing, for a
// registration lets nobody speak. Two processes that start at once may both append one; readers take the first. Models must
// not be run yet.
func RegisterModels(ctx context.Context, models *Models, facts ...*football.ModelFact) error {
	client, err := models.client()
	if err != nil {
		return err
	}
	defer client.Close()
	if err := models.read(ctx, client); err != nil {
		return err
	}
	var missing []*kgo.Record
	for _, fact := range facts {
		if models.said[registrationOf(fact)] {
			continue
		}
		record, err := modelRecord(models.serde, fact)
		if err != nil {
			return err
		}
		missing = append(missing, record)
	}
	if err := client.ProduceSync(ctx, missing...).FirstErr(); err != nil {
		return fmt.Errorf("register models: %w", err)
	}
	return nil
}
