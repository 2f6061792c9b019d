package audit

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/kafkalog"
)

// drawing draws n records of a stream, each with the same chance: those to which chance, seeded by their position, gave
// the lowest numbers. So what is drawn depends on the log and the seed, not on who reads what first.
type drawing struct {
	n      int
	seed   uint64
	lots   []lot
	bar    uint64 // a number that is too high, once there are enough
	enough bool
}

type lot struct {
	number uint64
	record *kgo.Record
}

// considerRecord considers one record.
func (d *drawing) considerRecord(r *kgo.Record) error {
	number := rand.NewPCG(d.seed, uint64(r.Partition)<<48^uint64(r.Offset)).Uint64()
	if d.enough && number >= d.bar {
		return nil
	}
	d.lots = append(d.lots, lot{number, kafkalog.Clone(r)})
	if len(d.lots) >= 2*d.n+64 {
		d.cutToLowest()
	}
	return nil
}

// cutToLowest drops all but the n lowest.
func (d *drawing) cutToLowest() {
	slices.SortFunc(d.lots, func(a, b lot) int { return cmp.Compare(a.number, b.number) })
	if len(d.lots) > d.n {
		clear(d.lots[d.n:])
		d.lots = d.lots[:d.n]
		d.bar, d.enough = d.lots[d.n-1].number, true
	}
}

// mergeDraws returns the n lowest of all draws, by partition and offset.
func mergeDraws(n int, draws []*drawing) []*kgo.Record {
	all := drawing{n: n}
	for _, d := range draws {
		all.lots = append(all.lots, d.lots...)
	}
	all.cutToLowest()
	records := make([]*kgo.Record, len(all.lots))
	for i, l := range all.lots {
		records[i] = l.record
	}
	slices.SortFunc(records, func(a, b *kgo.Record) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Offset, b.Offset))
	})
	return records
}
