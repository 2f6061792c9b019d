package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/touchline/touchline/schemas/football"
)

// span is the part of a partition that a batch covers, and the last instant in it.
type span struct {
	epoch      int64
	from, next int64
	at         football.Instant // 0 when no record of the batch has an event time
}

// readCheckpoints returns the topic's epoch, and where to begin in each partition. When the topic is not the one that
// the rows came from, it first drops the rows, by the statement forgetSQL, and the checkpoints begin at 0 again.
func readCheckpoints(ctx context.Context, pool *pgxpool.Pool, topic string, id [16]byte, partitions []int32,
	forgetSQL string) (epoch int64, next map[int32]int64, err error) {
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		const register = `INSERT INTO topics (topic, topic_id) VALUES ($1, $2)
			ON CONFLICT (topic) DO UPDATE SET topic_id = excluded.topic_id,
				epoch = topics.epoch + (topics.topic_id <> excluded.topic_id)::int,
				since = CASE WHEN topics.topic_id = excluded.topic_id THEN topics.since ELSE now() END
			RETURNING epoch`
		if err := tx.QueryRow(ctx, register, topic, id[:]).Scan(&epoch); err != nil {
			return fmt.Errorf("register topic: %w", err)
		}
		old, err := tx.Exec(ctx, `DELETE FROM checkpoints WHERE topic = $1 AND epoch < $2`, topic, epoch)
		if err != nil {
			return fmt.Errorf("drop old checkpoints: %w", err)
		}
		if old.RowsAffected() > 0 {
			if _, err := tx.Exec(ctx, forgetSQL); err != nil {
				return fmt.Errorf("drop the rows of epoch %d: %w", epoch-1, err)
			}
		}
		if _, err := tx.Exec(ctx, `INSERT INTO checkpoints (topic, partition, epoch, next_offset)
			SELECT $1, unnest($2::int[]), $3, 0 ON CONFLICT DO NOTHING`, topic, partitions, epoch); err != nil {
			return fmt.Errorf("make checkpoints: %w", err)
		}
		rows, err := tx.Query(ctx,
			`SELECT partition, next_offset FROM checkpoints WHERE topic = $1 AND partition = ANY($2)`,
			topic, partitions)
		if err != nil {
			return fmt.Errorf("read checkpoints: %w", err)
		}
		next = map[int32]int64{}
		var partition int32
		var offset int64
		_, err = pgx.ForEachRow(rows, []any{&partition, &offset}, func() error {
			next[partition] = offset
			return nil
		})
		return err
	})
	return epoch, next, err
}

// moveCheckpoints moves the checkpoints of a batch, in its transaction. It returns errStale when one is not where the
// batch began: the row lock makes a second projector wait here until the first has committed, and then see that it did.
func moveCheckpoints(ctx context.Context, tx pgx.Tx, topic string, spans map[int32]span) error {
	var partitions []int32
	var epochs, from, next []int64
	var at []*int64
	for p, s := range spans {
		partitions, epochs = append(partitions, p), append(epochs, s.epoch)
		from, next = append(from, s.from), append(next, s.next)
		var millis *int64
		if s.at != 0 {
			n := int64(s.at)
			millis = &n
		}
		at = append(at, millis)
	}
	const move = `
		WITH batch AS (SELECT * FROM unnest($2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
			AS b (partition, epoch, from_offset, next_offset, at)),
		locked AS (SELECT c.partition FROM checkpoints c JOIN batch b USING (partition)
			WHERE c.topic = $1 AND c.epoch = b.epoch AND c.next_offset = b.from_offset
			ORDER BY c.partition FOR UPDATE OF c)
		UPDATE checkpoints c SET next_offset = b.next_offset, updated_at = now(),
			stream_time = greatest(c.stream_time, to_timestamp(b.at / 1000.0))
		FROM batch b JOIN locked USING (partition) WHERE c.topic = $1 AND c.partition = b.partition`
	tag, err := tx.Exec(ctx, move, topic, partitions, epochs, from, next, at)
	if err != nil {
		return fmt.Errorf("move checkpoints: %w", err)
	}
	if int(tag.RowsAffected()) != len(spans) {
		return fmt.Errorf("%d of %d checkpoints moved: %w", tag.RowsAffected(), len(spans), errStale)
	}
	return nil
}
