package tail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/schemas/wire"
)

const (
	maxPoll  = 10_000 // records of one poll
	maxChunk = 256    // records applied under one lock of the board, so that nobody waits for it for long
)

// runSession follows the log with one client until that fails, or the topics are not the same ones any more.
func (t *Tail) runSession(ctx context.Context) error {
	client, err := kgo.NewClient(kafkalog.Committed(t.Kafka, kgo.FetchMaxWait(time.Second),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return fmt.Errorf("make Kafka client: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	log, partitions, err := lookUpLog(ctx, admin, t.currentNames())
	if err != nil {
		return err
	}
	start, err := t.findStart(ctx, admin, log, partitions)
	if err != nil {
		return err
	}
	at, begun := t.Board.Load(start)
	if begun {
		t.Logger.Info("live feed begins", "current", len(start.Current), "behind", t.Board.Lag())
	}
	client.AddConsumePartitions(consumeFrom(at))
	t.readyOnce.Do(func() { close(t.ready) })
	return t.followLog(ctx, client, admin, log)
}

// consumeFrom returns where a client is to read on from these positions.
func consumeFrom(at record.Positions) map[string]map[int32]kgo.Offset {
	starts := map[string]map[int32]kgo.Offset{}
	for topic, name := range at.Log.Names {
		starts[name] = map[int32]kgo.Offset{}
		for p, next := range at.Next[topic] {
			starts[name][int32(p)] = kgo.NewOffset().At(next)
		}
	}
	return starts
}

// followLog applies what is committed, and looks now and then whether the topics are still the same ones. It returns
// nil only when ctx is done.
func (t *Tail) followLog(ctx context.Context, client *kgo.Client, admin *kadm.Client, log record.Log) error {
	looked := time.Now()
	for {
		poll, stop := context.WithTimeout(ctx, t.quiet)
		fetches := client.PollRecords(poll, maxPoll)
		stop()
		if ctx.Err() != nil {
			return nil
		}
		failed := fetchErrors(fetches)
		if time.Since(looked) > 3*t.quiet || failed != nil {
			looked = time.Now()
			if err := t.checkLog(ctx, admin, log); err != nil || failed != nil {
				return errors.Join(failed, err)
			}
			t.Board.NoteAnswer()
		}
		if err := t.applyFetches(ctx, log, fetches); err != nil {
			return err
		}
	}
}

// fetchErrors joins what went wrong with a poll. That a poll of a quiet log timed out is nothing wrong.
func fetchErrors(fetches kgo.Fetches) error {
	var failed error
	fetches.EachError(func(topic string, partition int32, err error) {
		if !errors.Is(err, context.DeadlineExceeded) {
			failed = errors.Join(failed, fmt.Errorf("fetch %s/%d: %w", topic, partition, err))
		}
	})
	return failed
}

// checkLog fails when the log that is followed is not the current one any more.
func (t *Tail) checkLog(ctx context.Context, admin *kadm.Client, log record.Log) error {
	now, _, err := lookUpLog(ctx, admin, log.Names)
	if err != nil {
		return err
	}
	if now != log || t.currentNames() != log.Names {
		return errors.New("a topic was made anew, or the line was switched to another version")
	}
	return nil
}

// applyFetches decodes a poll and applies it to the board, some records at a time.
func (t *Tail) applyFetches(ctx context.Context, log record.Log, fetches kgo.Fetches) error {
	var failed error
	fetches.EachPartition(func(fetched kgo.FetchTopicPartition) {
		topic := record.Topic(slices.Index(log.Names[:], fetched.Topic))
		if topic < 0 || failed != nil {
			return // not a fetch but what kgo reports of the poll: that it timed out
		}
		for chunk := range slices.Chunk(fetched.Records, maxChunk) {
			records, err := t.decodeChunk(ctx, topic, chunk)
			if err != nil {
				failed = err
				return
			}
			t.applyChunk(records)
		}
		t.Board.NoteEnd(topic, fetched.Partition, fetched.LastStableOffset)
	})
	return failed
}

// decodeChunk decodes records of one partition. An undecodable one is logged and moves the positions only. The error is
// that the registry can't be asked: the session then begins again from where the board is.
func (t *Tail) decodeChunk(ctx context.Context, topic record.Topic, chunk []*kgo.Record) ([]*record.Record, error) {
	records := make([]*record.Record, 0, len(chunk))
	for _, r := range chunk {
		rec, undecodable, err := decodeKafka(ctx, t.Serde, topic, r)
		if err != nil {
			return nil, err
		}
		if undecodable != nil {
			t.Logger.Warn("record of the feed left out", "topic", r.Topic, "partition", r.Partition, "offset", r.Offset,
				"error", undecodable)
		}
		records = append(records, rec)
	}
	return records, nil
}

// applyChunk applies records to the board, then passes the forecasts among them on.
func (t *Tail) applyChunk(records []*record.Record) {
	epoch := t.Board.ApplyRecords(records)
	t.records.Add(float64(len(records)))
	if t.cfg.OnForecast == nil {
		return
	}
	for _, r := range records {
		if r.Value != nil {
			position := wire.Position{Epoch: epoch, Partition: r.Partition, Offset: r.Offset}
			t.cfg.OnForecast(position, r.Match, r.Model, r.Value)
		}
	}
}

// decodeKafka decodes a record as it comes from a client. The error is that the registry can't be asked; undecodable is
// what is wrong with the value, and the record then has its position only.
func decodeKafka(ctx context.Context, serde *wire.Serde, topic record.Topic, r *kgo.Record) (
	rec *record.Record, undecodable, err error) {
	if r.Attrs.IsControl() {
		return &record.Record{Topic: topic, Partition: r.Partition, Offset: r.Offset, Control: true}, nil, nil
	}
	rec, err = record.Decode(ctx, serde, topic, r.Partition, r.Offset, r.Value)
	var bad *wire.UndecodableError
	if errors.As(err, &bad) {
		return rec, err, nil
	}
	return rec, nil, err
}
