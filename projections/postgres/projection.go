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
type item struct {
	record *kgo.Record
	fact   any
	at     football.Instant // event time; 0 when the record has none
}

// projection says how one topic becomes rows. A stream calls it from one goroutine at a time.
type projection interface {
	// topic is what it reads.
	topic() string
	// forget is the SQL that drops all rows that came from the topic.
	forget() string
	// decode reads a record. The schema's Decode says which errors are for good.
	decode(ctx context.Context, r *kgo.Record) (fact any, at football.Instant, err error)
	// prepare makes the partitions that the items need, outside of their transaction.
	prepare(ctx context.Context, s *session, items []item) error
	// write writes the items in order. Whatever it remembers must wait for committed.
	write(ctx context.Context, tx *transaction, items []item) error
	// committed says that the transaction of the last write is done.
	committed(epoch int64, items []item)
}

// base has the parts that most projections share.
type base struct {
	name    string
	schema  wire.Codec
	serde   *wire.Serde
	dropSQL string
}

func (b *base) topic() string  { return b.name }
func (b *base) forget() string { return b.dropSQL }

func (b *base) decode(ctx context.Context, r *kgo.Record) (any, football.Instant, error) {
	fact, err := b.serde.DecodeValue(ctx, b.schema, r.Value)
	return fact, 0, err
}

func (b *base) prepare(context.Context, *session, []item) error { return nil }
func (b *base) committed(int64, []item)                         {}

// last keeps the last item of each key, in the order of the keys.
func last[K cmp.Ordered](items []item, key func(item) (K, bool)) []item {
	newest := map[K]item{}
	for _, it := range items {
		if k, ok := key(it); ok {
			newest[k] = it
		}
	}
	out := make([]item, 0, len(newest))
	for _, k := range sortedKeys(newest) {
		out = append(out, newest[k])
	}
	return out
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// head is the beginning of a payload that is kept for people to look at.
func head(b []byte) []byte {
	const size = 4 << 10
	return b[:min(len(b), size)]
}
