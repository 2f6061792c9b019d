package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// Outputs are the topics that the line writes, in its order. Of predictions-latest only the last value of a key counts.
func Outputs() []string {
	return []string{wire.TopicMatchEvents, wire.TopicMatchFeatures, wire.TopicPredictions, wire.TopicPredictionsLatest,
		wire.TopicEvaluations, wire.TopicOutlooks, wire.TopicQuarantine}
}

// Oracle says what the line must write for the raw events that it is fed: a straight fold, one partition after the
// other, of each record once.
type Oracle struct {
	chains   []streams.Chain
	owners   map[string]int // by stage: the first chain that has it, whose outputs of it count
	serde    *wire.Serde
	drivers  map[int32][]*streams.Driver // by partition, then chain
	expected map[string]map[int32][]Item
}

// NewOracle returns an oracle of the whole line: chains that begin with raw events and have each stage at least once.
func NewOracle(chains []streams.Chain, serde *wire.Serde) *Oracle {
	o := &Oracle{chains: chains, owners: map[string]int{}, serde: serde, drivers: map[int32][]*streams.Driver{},
		expected: map[string]map[int32][]Item{}}
	for i, chain := range chains {
		for _, stage := range chain {
			if _, ok := o.owners[stage.Name]; !ok {
				o.owners[stage.Name] = i
			}
		}
	}
	for _, topic := range Outputs() {
		o.expected[topic] = map[int32][]Item{}
	}
	return o
}

// Feed folds a record of raw-events.
func (o *Oracle) Feed(ctx context.Context, record *kgo.Record) error {
	drivers := o.drivers[record.Partition]
	if drivers == nil {
		for _, chain := range o.chains {
			drivers = append(drivers, streams.NewDriver(chain))
		}
		o.drivers[record.Partition] = drivers
	}
	for i, driver := range drivers {
		written, err := driver.Feed(ctx, o.serde, record)
		if err != nil {
			return fmt.Errorf("fold what should be there: %w", err)
		}
		for _, w := range written {
			driver.Read(w.Topic) // it is taken from the result: nothing is to be kept
			if o.owners[w.Stage] == i {
				o.expect(w, record.Partition)
			}
		}
	}
	return nil
}

// expect notes what the line must write.
func (o *Oracle) expect(w streams.Written, partition int32) {
	item := Item{w.Key, bodySum(w.Body)}
	if refused, ok := w.Fact.(*football.Quarantined); ok {
		item = o.refusal(refused)
	}
	o.expected[w.Topic][partition] = append(o.expected[w.Topic][partition], item)
}

// refusal is an entry of quarantine as it is compared: by stage, reason and the original's digest. Of stages after the
// first the digest is of a frame with the registry's ids, which the fold does not have.
func (o *Oracle) refusal(q *football.Quarantined) Item {
	item := Item{Key: q.Stage + " " + string(q.Reason)}
	if q.Stage == o.chains[0][0].Name {
		item.Key += " " + q.Digest
	}
	return item
}

// Check holds the topics against what should be in them.
func (o *Oracle) Check(log *Log, refusals map[int32][]*football.Quarantined) []Result {
	var results []Result
	for _, topic := range Outputs() {
		total := Result{Name: topic}
		for _, p := range log.Partitions(topic) {
			expected, found := o.expected[topic][p], outputItems(log.Entries(topic, p))
			switch topic {
			case wire.TopicPredictionsLatest:
				total.Add(CompareRows(topic, lastOfEachKey(expected), lastOfEachKey(found)))
				continue
			case wire.TopicQuarantine:
				total.Add(o.checkQuarantine(expected, refusals[p]))
				continue
			}
			one := Compare(expected, found)
			for i, word := range one.Words {
				one.Words[i] = fmt.Sprintf("%s/%d: %s", topic, p, word)
			}
			total.Add(one)
		}
		results = append(results, total)
	}
	return results
}

// checkQuarantine compares stage by stage: their transactions are apart, so there is no order between them.
func (o *Oracle) checkQuarantine(expected []Item, found []*football.Quarantined) Result {
	total := Result{Name: wire.TopicQuarantine}
	for _, stage := range slices.Sorted(maps.Keys(o.owners)) {
		var want, got []Item
		for _, item := range expected {
			if strings.HasPrefix(item.Key, stage+" ") {
				want = append(want, item)
			}
		}
		for _, q := range found {
			if q.Stage == stage {
				got = append(got, o.refusal(q))
			}
		}
		total.Add(Compare(want, got))
	}
	return total
}

// Expects returns how often the oracle expects an original in quarantine.
func (o *Oracle) Expects(digest string) int {
	n := 0
	for _, items := range o.expected[wire.TopicQuarantine] {
		for _, item := range items {
			if len(item.Key) > len(digest) && item.Key[len(item.Key)-len(digest):] == digest {
				n++
			}
		}
	}
	return n
}

func outputItems(entries []Entry) []Item {
	out := make([]Item, len(entries))
	for i, e := range entries {
		out[i] = e.Item
	}
	return out
}

// lastOfEachKey returns the last body of each key.
func lastOfEachKey(items []Item) map[string]string {
	last := map[string]string{}
	for _, item := range items {
		last[item.Key] = fmt.Sprintf("%x", item.Sum)
	}
	return last
}
