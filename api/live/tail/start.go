package tail

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/wire"
)

// findStart returns where to begin: at the checkpoints of the tables when these are of this log, else at its start.
func (t *Tail) findStart(ctx context.Context, admin *kadm.Client, log record.Log, partitions [record.TopicCount]int) (
	board.Start, error) {
	start := board.Start{At: record.Positions{Log: log}, Epoch: 1}
	snap, err := t.snapshotTables(ctx)
	if err != nil {
		return start, err
	}
	ends, err := admin.ListEndOffsets(ctx, log.Names[:]...)
	if err != nil {
		return start, fmt.Errorf("ask for the ends of the topics: %w", err)
	}
	usable := false // the tables' forecasts
	for topic, name := range constants {
		offsets := make([]int64, partitions[topic])
		for p := range offsets {
			end, _ := ends.Lookup(log.Names[topic], int32(p))
			offsets[p] = end.Offset
		}
		start.Ends[topic] = offsets
		var used bool
		start.At.Next[topic], used = nextOffsets(snap.Topics[name], log.IDs[topic], offsets)
		if record.Topic(topic) == record.Predictions {
			usable = used
		}
	}
	if usable {
		if start.Current, err = t.decodeCurrent(ctx, snap); err != nil {
			return start, err
		}
	}
	if state, ok := snap.Topics[wire.TopicPredictions]; ok {
		start.Epoch = state.Epoch
		if state.ID != log.IDs[record.Predictions] {
			start.Epoch++ // what the projector will count, once it sees this topic
		}
	}
	return start, nil
}

// nextOffsets returns the checkpoints of a topic's tables, and whether they can be used: they are of the topic with
// that id, and not behind its ends, as they would be after a loss of data. Otherwise all are 0.
func nextOffsets(state readmodel.TopicState, id [16]byte, ends []int64) (next []int64, usable bool) {
	next = make([]int64, len(ends))
	if state.ID != id {
		return next, false
	}
	for p, end := range ends {
		if state.Next[int32(p)] > end {
			return next, false
		}
	}
	for p := range next {
		next[p] = state.Next[int32(p)]
	}
	return next, true
}

func (t *Tail) decodeCurrent(ctx context.Context, snap *readmodel.Snapshot) ([]*record.Record, error) {
	var current []*record.Record
	for _, f := range snap.Forecasts {
		r, err := record.Decode(ctx, t.Serde, record.Predictions, f.Position.Partition, f.Position.Offset, f.Frame)
		if err != nil {
			return nil, fmt.Errorf("read the current forecasts: %w", err)
		}
		current = append(current, r)
	}
	return current, nil
}

// snapshotTables asks the tables what is current. Without tables nothing is.
func (t *Tail) snapshotTables(ctx context.Context) (*readmodel.Snapshot, error) {
	if t.Store == nil {
		return &readmodel.Snapshot{}, nil
	}
	snap, err := t.Store.Snapshot(ctx, t.cfg.Keep, wire.TopicPredictions)
	if readmodel.NoTables(err) {
		return &readmodel.Snapshot{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask the tables what is current: %w", err)
	}
	return snap, nil
}

// lookUpLog asks for the ids and the numbers of partitions of topics.
func lookUpLog(ctx context.Context, admin *kadm.Client, names [record.TopicCount]string) (
	log record.Log, partitions [record.TopicCount]int, err error) {
	log.Names = names
	details, err := admin.ListTopics(ctx, names[:]...)
	if err != nil {
		return log, partitions, fmt.Errorf("ask for the ids of the topics: %w", err)
	}
	for topic, name := range names {
		if err := details[name].Err; err != nil {
			return log, partitions, fmt.Errorf("ask for the id of %s: %w", name, err)
		}
		log.IDs[topic], partitions[topic] = details[name].ID, len(details[name].Partitions)
	}
	return log, partitions, nil
}
