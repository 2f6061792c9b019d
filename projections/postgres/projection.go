package postgres

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// item is a record of a batch, decoded as far as its projection needs it.
type item[F any] struct {
	record *kgo.Record
	fact   *F               // nil for a record without a value
	at     football.Instant // event time; 0 when the record has none
}

func (it item[F]) position(epoch int64) wire.Position {
	return wire.Position{Epoch: epoch, Partition: it.record.Partition, Offset: it.record.Offset}
}

// projection says how the facts F of one topic become rows. A stream calls it from one goroutine at a time.
type projection[F any] interface {
	// topicName is the topic that it reads, in its first version.
	topicName() string
	// forgetSQL is the statement that drops all rows that came from the topic.
	forgetSQL() string
	// decodeRecord reads a record. wire.UndecodableError says which errors no retry mends.
	decodeRecord(ctx context.Context, r *kgo.Record) (fact *F, at football.Instant, err error)
	// prepareTables makes the table partitions that the items need, outside of their transaction.
	prepareTables(ctx context.Context, c *connection, items []item[F]) error
	// writeItems writes the items in order. What it remembers of them must wait for afterCommit.
	writeItems(ctx context.Context, tx *transaction, items []item[F]) error
	// afterCommit is called once the transaction of the last writeItems has committed.
	afterCommit(epoch int64, items []item[F])
}

// base has the parts that most projections share.
type base[F any] struct {
	topic  string
	schema *wire.Schema[F]
	serde  *wire.Serde
	forget string
	at     func(*F) football.Instant // event time; nil when it is not to move stream time
}

func (b *base[F]) topicName() string { return b.topic }
func (b *base[F]) forgetSQL() string { return b.forget }

func (b *base[F]) decodeRecord(ctx context.Context, r *kgo.Record) (*F, football.Instant, error) {
	fact, err := wire.Decode(ctx, b.serde, b.schema, r.Value)
	if err != nil || b.at == nil {
		return fact, 0, err
	}
	return fact, b.at(fact), nil
}

func (b *base[F]) prepareTables(context.Context, *connection, []item[F]) error { return nil }
func (b *base[F]) afterCommit(int64, []item[F])                                {}

// lastOfEachKey keeps the last item of each key, in the order of the keys. keyOf reports false for an item to leave
// out.
func lastOfEachKey[F any, K cmp.Ordered](items []item[F], keyOf func(item[F]) (K, bool)) []item[F] {
	newest := map[K]item[F]{}
	for _, it := range items {
		if k, ok := keyOf(it); ok {
			newest[k] = it
		}
	}
	kept := make([]item[F], 0, len(newest))
	for _, k := range sortedKeys(newest) {
		kept = append(kept, newest[k])
	}
	return kept
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// payloadHead is the beginning of a payload that is kept for people to look at.
func payloadHead(payload []byte) []byte {
	const size = 4 << 10 // bytes
	return payload[:min(len(payload), size)]
}
