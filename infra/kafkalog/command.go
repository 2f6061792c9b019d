package kafkalog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// commandTime is how long the transaction of an operator's command may take. When the command is killed in the middle,
// the readers of the partitions that it wrote to, which are those of the whole line, wait for so long.
const commandTime = 10 * time.Second

// ErrSuperseded says that another command began under the same transactional id, or that this one took too long.
var ErrSuperseded = errors.New("somebody else began a change of the same kind meanwhile, or this one took too long")

// OpenCommand returns a client for an operator's command, which changes the log in one transaction. It names partitions
// itself, reads committed records, and its transaction times out after 10 s. From here on whoever began under the same
// transactional id before can't commit.
func OpenCommand(ctx context.Context, opts []kgo.Opt, transactionalID string) (*kgo.Client, error) {
	client, err := kgo.NewClient(Committed(opts, kgo.TransactionalID(transactionalID),
		kgo.TransactionTimeout(commandTime),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		return nil, fmt.Errorf("make a Kafka client: %w", err)
	}
	if _, _, err := client.ProducerID(ctx); err != nil {
		client.Close()
		return nil, fmt.Errorf("begin as %s: %w", transactionalID, err)
	}
	return client, nil
}

// Transact runs work in a transaction of the client and commits what it produced, or nothing when it fails. Work must
// have waited for what it produced. The error wraps ErrSuperseded when another command fenced this one.
func Transact(ctx context.Context, client *kgo.Client, work func() error) error {
	if err := client.BeginTransaction(); err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	err := work()
	end := client.EndTransaction(context.WithoutCancel(ctx), kgo.TransactionEndTry(err == nil))
	if err == nil && end != nil {
		err = fmt.Errorf("end a transaction: %w", end)
	}
	if errors.Is(err, kerr.InvalidProducerEpoch) || errors.Is(err, kerr.ProducerFenced) {
		return fmt.Errorf("%w (%w)", ErrSuperseded, err)
	}
	return err
}
