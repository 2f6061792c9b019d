package readmodel

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Snapshot is what a live hub begins with: where the tables were, and the forecasts that were current there.
type Snapshot struct {
	Topics     map[string]TopicState
	Forecasts  []Forecast
	StreamTime map[int32]time.Time // of the predictions topic, by partition
}

// TopicState says which topic the rows came from, and up to where (exclusive) each partition is written.
type TopicState struct {
	ID    [16]byte
	Epoch int64
	Next  map[int32]int64
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
		var topic string
		var id []byte
		var epoch, next int64
		var partition int32
		var at *time.Time
		_, err = pgx.ForEachRow(rows, []any{&topic, &id, &epoch, &partition, &next, &at}, func() error {
			state, ok := snap.Topics[topic]
			if !ok {
				state = TopicState{Epoch: epoch, Next: map[int32]int64{}}
				copy(state.ID[:], id)
				snap.Topics[topic] = state
			}
			state.Next[partition] = next
			if topic == predictions && at != nil {
				snap.StreamTime[partition] = *at
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read checkpoints: %w", err)
		}
		rows, err = tx.Query(ctx, selectForecasts+` JOIN checkpoints c ON c.topic = t.topic AND c.partition = l.partition
			WHERE l.phase <> 'settled' OR l.at > c.stream_time - make_interval(secs => $1)`, keep.Seconds())
		if err != nil {
			return fmt.Errorf("read current forecasts: %w", err)
		}
		current, err := pgx.CollectRows(rows, pgx.RowToStructByPos[forecastRow])
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
