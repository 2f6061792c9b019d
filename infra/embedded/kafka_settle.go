package embedded

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// settleCommit does with the broker's own requests, while no client is in, what its files can't be made to say: it
// commits the offsets of a commit that was cut off, and gives a new epoch to each producer whose transaction was ended,
// so that a client that outlived the broker can't commit the second half of it.
//
// Then it compacts, if no transaction is open: an orderly stop keeps those, for clients that come back.
func (k *Kafka) settleCommit(ctx context.Context, door *door, pending *commit) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(k.address), kgo.Dialer(door.dialInside))
	if err != nil {
		return err
	}
	defer client.Close()
	txns, err := producers(ctx, kadm.NewClient(client))
	if err != nil {
		return fmt.Errorf("ask for the transactions: %w", err)
	}
	if k.mended.Killed {
		if err := k.finishCommit(ctx, client, txns, pending); err != nil {
			return err
		}
	}
	for _, txn := range txns {
		if len(txn.Topics) > 0 {
			return nil
		}
	}
	if err := compact(k.dir, k.cluster); err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	return nil
}

// finishCommit commits the offsets of the pending commit if its markers are there, and fences the producers that mend
// ended.
func (k *Kafka) finishCommit(ctx context.Context, client *kgo.Client, txns map[int64]kadm.DescribedTransaction,
	pending *commit) error {
	fenced := k.mended.fence
	if pending != nil {
		// The broker gives a new epoch when all is done: the old one says that it was cut off.
		if txn, ok := txns[pending.ProducerID]; ok && txn.ProducerEpoch == pending.Epoch && k.mended.decided {
			if err := commitOffsets(ctx, kadm.NewClient(client), pending.Offsets); err != nil {
				return fmt.Errorf("finish the commit of %s: %w", pending.TxnID, err)
			}
			fenced = append(fenced, pending.ProducerID)
		}
	}
	for _, id := range fenced {
		txn, ok := txns[id]
		if !ok {
			continue // the broker has forgotten the producer, so it takes nothing from it either
		}
		// Twice: to a client whose epoch is the one before, the broker may say that its commit is done already.
		for range 2 {
			if err := fenceProducer(ctx, client, txn); err != nil {
				return fmt.Errorf("fence %s: %w", txn.TxnID, err)
			}
		}
	}
	return nil
}

// producers returns what the broker knows of transactional producers, by producer id.
func producers(ctx context.Context, admin *kadm.Client) (map[int64]kadm.DescribedTransaction, error) {
	listed, err := admin.ListTransactions(ctx, nil, nil)
	if err != nil {
		return nil, err
	}
	if len(listed) == 0 {
		return nil, nil
	}
	described, err := admin.DescribeTransactions(ctx, listed.TransactionalIDs()...)
	if err != nil {
		return nil, err
	}
	byID := map[int64]kadm.DescribedTransaction{}
	for _, txn := range described {
		byID[txn.ProducerID] = txn
	}
	return byID, nil
}

func commitOffsets(ctx context.Context, admin *kadm.Client, offsets []offset) error {
	topics, err := admin.ListTopics(ctx)
	if err != nil {
		return err
	}
	names := map[[16]byte]string{}
	for _, t := range topics {
		names[t.ID] = t.Topic
	}
	groups := map[string]kadm.Offsets{}
	for _, o := range offsets {
		topic := o.Topic
		if topic == "" {
			topic = names[o.TopicID]
		}
		if !topics.Has(topic) {
			continue // deleted meanwhile
		}
		at := groups[o.Group]
		metadata := ""
		if o.Metadata != nil {
			metadata = *o.Metadata
		}
		at.Add(kadm.Offset{Topic: topic, Partition: o.Partition, At: o.Offset, LeaderEpoch: o.Epoch,
			Metadata: metadata})
		groups[o.Group] = at
	}
	for group, offsets := range groups {
		if err := admin.CommitAllOffsets(ctx, group, offsets); err != nil {
			return fmt.Errorf("offsets of group %s: %w", group, err)
		}
	}
	return nil
}

func fenceProducer(ctx context.Context, client *kgo.Client, txn kadm.DescribedTransaction) error {
	req := kmsg.NewPtrInitProducerIDRequest()
	req.TransactionalID = &txn.TxnID
	req.TransactionTimeoutMillis = max(txn.TimeoutMillis, 1)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	if err := kerr.ErrorForCode(resp.ErrorCode); err != nil && !errors.Is(err, kerr.InvalidProducerIDMapping) {
		return err
	}
	return nil
}
