package readmodel

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Snapshot is what a live feed begins with: how far the tables were written, and the forecasts that were current then.
type Snapshot struct {
	Topics     map[string]TopicState
	Forecasts  []Forecast
	StreamTime map[int32]time.Time // of the predictions topic, by partition
}

// TopicState identifies the topic that the rows came from, and how far it is written.
type TopicState struct {
	ID    [16]byte // of the topic in Kafka
	Epoch int64
	Next  map[int32]int64 // by partition, the first offset that is not written
}

// checkpointRow is a partition's checkpoint, with its topic.
type checkpointRow struct {
	Topic      string
	TopicID    []byte
	Epoch      int64
	Partition  int32
	NextOffset int64
	StreamTime *time.Time
}

func (s *Snapshot) addCheckpoint(c checkpointRow, predictions string) {
	state, ok := s.Topics[c.Topic]
	if !ok {
		state = TopicState{Epoch: c.Epoch, Next: map[int32]int64{}}
		copy(state.ID[:], c.TopicID)
		s.Topics[c.Topic] = state
	}
	state.Next[c.Partition] = c.NextOffset
	if c.Topic == predictions && c.StreamTime != nil {
		s.StreamTime[c.Partition] = *c.StreamTime
	}
}

// Snapshot reads the checkpoints and the forecasts of the matches that are not settled or were within keep of stream
// time, in one transaction: the forecasts are those of exactly these checkpoints.
func (s *Store) Snapshot(ctx context.Context, keep time.Duration, predictions string) (*Snapshot, error) {
	snap := &Snapshot{Topics: map[string]TopicState{}, StreamTime: map[int32]time.Time{}}
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, s.primary, options, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT t.topic, t.topic_id, t.epoch, c.partition, c.next_offset, c.stream_time
			FROM topics t JOIN checkpoints c USING (topic, epoch)`)
		if err != nil {
			return fmt.Errorf("read checkpoints: %w", err)
		}
		checkpoints, err := pgx.CollectRows(rows, pgx.RowToStructByName[checkpointRow])
		if err != nil {
			return fmt.Errorf("read checkpoints: %w", err)
		}
		for _, c := range checkpoints {
			snap.addCheckpoint(c, predictions)
		}
		rows, err = tx.Query(ctx, selectForecasts+`
			JOIN checkpoints c ON c.topic = t.topic AND c.partition = l.partition
			WHERE l.phase <> 'settled' OR l.at > c.stream_time - make_interval(secs => $1)`, keep.Seconds())
		if err != nil {
			return fmt.Errorf("read current forecasts: %w", err)
		}
		current, err := pgx.CollectRows(rows, pgx.RowToStructByName[forecastRow])
		if err != nil {
			return fmt.Errorf("read current forecasts: %w", err)
		}
		for _, r := range current {
			snap.Forecasts = append(snap.Forecasts, r.forecast())
		}
		return nil
	})
	return snap, err
}
