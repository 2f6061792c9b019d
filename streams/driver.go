package streams

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/internal/state"
)

// Driver runs a chain on one partition without a broker: events in, the records that the line would write out. It is
// what tests of stages, `touchline explain` and the chaos run's oracle fold with, in the spirit of Kafka Streams'
// TopologyTestDriver. It commits after every event. It is not safe for concurrent use.
//
//	d := streams.NewDriver(line.Whole(ref, predict.BuiltInRegistry()))
//	written, err := d.Pipe(raw)            // one event in
//	err = d.Restart()                      // only what is in the changelogs survives
//	forecasts := d.Read("football.predictions.v1")
type Driver struct {
	chain      Chain
	memory     *Memory
	changelogs []map[string][]byte // one a stage: what compaction would leave, as Avro bodies
	topics     map[string][]Written
}

// Written is one record that the line writes.
type Written struct {
	Topic string
	Key   string
	Stage string
	Body  []byte // Avro, without the frame's five bytes
	Fact  any    // what the body says: a *football.Prediction, or a *football.Quarantined
}

// NewDriver returns a driver of the chain with empty state.
func NewDriver(chain Chain) *Driver {
	d := &Driver{chain: chain, memory: NewMemory(chain), topics: map[string][]Written{}}
	for range chain {
		d.changelogs = append(d.changelogs, map[string][]byte{})
	}
	return d
}

// Feed folds a record as it stands in the chain's input topic and returns what the line writes for it, in order.
// A record that does not decode is quarantined, as a worker would. An error is the registry's, or a defect of a schema.
func (d *Driver) Feed(ctx context.Context, serde *wire.Serde, record *kgo.Record) ([]Written, error) {
	results, err := d.chain.FoldRecord(ctx, serde, d.memory.tables, record, nil)
	if err != nil {
		return nil, err
	}
	return d.commitStep(record, results)
}

// Pipe folds one event, a pointer to the fact that the chain's input topic carries, and returns what the line writes.
func (d *Driver) Pipe(event any) ([]Written, error) {
	stage := d.chain[0]
	body, err := stage.Schema.AppendValue(make([]byte, wire.FrameHeader), event)
	if err != nil {
		return nil, err
	}
	results, err := d.chain.foldEvent(context.Background(), d.memory.tables, 0, event, nil)
	if err != nil {
		return nil, err
	}
	return d.commitStep(&kgo.Record{Topic: stage.Input, Value: body}, results)
}

// commitStep appends the changes of state to the changelogs and the outputs to their topics.
func (d *Driver) commitStep(record *kgo.Record, results []Result) ([]Written, error) {
	for i, stage := range d.chain {
		if err := d.appendChanges(i, stage); err != nil {
			return nil, err
		}
		d.memory.tables[i].Commit()
	}
	return d.writeOutputs(record, results)
}

// writeOutputs turns outputs into records and keeps them for Read.
func (d *Driver) writeOutputs(record *kgo.Record, results []Result) ([]Written, error) {
	var written []Written
	for _, result := range results {
		for _, to := range destinations(result, record) {
			body, err := to.schema.AppendValue(nil, to.value)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", to.topic, err)
			}
			w := Written{Topic: to.topic, Key: to.key, Stage: result.Stage.Name, Body: body, Fact: to.value}
			written = append(written, w)
			d.topics[to.topic] = append(d.topics[to.topic], w)
		}
	}
	return written, nil
}

// appendChanges appends what a step changed to the stage's changelog, before it is committed.
func (d *Driver) appendChanges(i int, stage *Stage) error {
	for key, value := range d.memory.tables[i].Changes() {
		if value == nil {
			delete(d.changelogs[i], key)
			continue
		}
		codec, err := stage.StateCodec(key)
		if err != nil {
			return err
		}
		if d.changelogs[i][key], err = codec.AppendValue(nil, value); err != nil {
			return fmt.Errorf("state %q of %s: %w", key, stage.Name, err)
		}
	}
	return nil
}

// Read returns the records written to a topic since the last Read of it, and forgets them.
func (d *Driver) Read(topic string) []Written {
	written := d.topics[topic]
	delete(d.topics, topic)
	return written
}

// Restart drops the state and restores it from the changelogs, as a takeover by another worker does.
func (d *Driver) Restart() error {
	d.memory = NewMemory(d.chain)
	for i, stage := range d.chain {
		for _, key := range slices.Sorted(maps.Keys(d.changelogs[i])) {
			if err := loadState(d.memory.tables[i], stage, key, d.changelogs[i][key]); err != nil {
				return err
			}
		}
	}
	return nil
}

// loadState puts a changelog's value, an Avro body, into a table.
func loadState(table *state.Table, stage *Stage, key string, body []byte) error {
	codec, err := stage.StateCodec(key)
	if err != nil {
		return err
	}
	value, err := codec.UnmarshalValue(body)
	if err != nil {
		return fmt.Errorf("state %q of %s: %w", key, stage.Name, err)
	}
	table.Load(key, value)
	return nil
}

// Keys returns the keys of the state of the chain's i-th stage, sorted.
func (d *Driver) Keys(i int) []string { return slices.Sorted(maps.Keys(d.changelogs[i])) }
