package verify

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// Outputs are the topics that the line writes, in its order. Of predictions-latest only the last value of a key counts.
func Outputs() []string {
	return []string{wire.TopicMatchEvents, wire.TopicMatchFeatures, wire.TopicPredictions, wire.TopicPredictionsLatest,
		wire.TopicEvaluations, wire.TopicQuarantine}
}

// Oracle says what the line must write for the raw events that it is fed: a straight fold, one partition after the
// other, of each record once.
type Oracle struct {
	chain    streams.Chain
	serde    *wire.Serde
	drivers  map[int32]*streams.Driver
	expected map[string]map[int32][]Item
}

// NewOracle returns an oracle of the whole line, which must be one chain.
func NewOracle(chain streams.Chain, serde *wire.Serde) *Oracle {
	o := &Oracle{chain: chain, serde: serde, drivers: map[int32]*streams.Driver{},
		expected: map[string]map[int32][]Item{}}
	for _, topic := range Outputs() {
		o.expected[topic] = map[int32][]Item{}
	}
	return o
}

// Feed folds a record of raw-events.
func (o *Oracle) Feed(ctx context.Context, record *kgo.Record) error {
	driver := o.drivers[record.Partition]
	if driver == nil {
		driver = streams.NewDriver(o.chain)
		o.drivers[record.Partition] = driver
	}
	written, err := driver.Feed(ctx, o.serde, record)
	if err != nil {
		return fmt.Errorf("fold what should be there: %w", err)
	}
	for _, w := range written {
		item := Item{w.Key, bodySum(w.Body)}
		if refused, ok := w.Fact.(*football.Quarantined); ok {
			item = o.refusal(refused)
		}
		o.expected[w.Topic][record.Partition] = append(o.expected[w.Topic][record.Partition], item)
		driver.Read(w.Topic) // it was taken from the result: nothing is to be kept
	}
	return nil
}

// refusal is an entry of quarantine as it is compared: by stage, reason and the original's digest. Of stages after the
// first the digest is of a frame with the registry's ids, which the fold does not have.
func (o *Oracle) refusal(q *football.Quarantined) Item {
	item := Item{Key: q.Stage + " " + string(q.Reason)}
	if q.Stage == o.chain[0].Name {
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
	for _, stage := range o.chain {
		var want, got []Item
		for _, item := range expected {
			if len(item.Key) > len(stage.Name) && item.Key[:len(stage.Name)+1] == stage.Name+" " {
				want = append(want, item)
			}
		}
		for _, q := range found {
			if q.Stage == stage.Name {
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
