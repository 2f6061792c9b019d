// Package postgres writes the read models: it follows the log and keeps Postgres tables of the same facts.
//
// Vocabulary:
//
//   - A stream follows one topic. Streams are independent: each has its own client, connection and transactions.
//   - A batch is what one poll brought, up to MaxBatch records, written in one transaction.
//   - A table lists its columns, each with its name and the function that encodes its value (column.go). A new column
//     is a migration, one line in that list, and a field of the row in projections/readmodel if the API serves it.
//   - A checkpoint says how far a partition is written: (topic, partition, epoch, next offset). It moves in the batch's
//     own transaction, and only from where the batch began. So rows and checkpoint never differ, a batch is never
//     written twice, and a projector that lost a partition without noticing can't write behind its successor's back.
//   - An epoch counts the lives of a topic. A topic that was made again has another Kafka topic id; the first projector
//     that sees it raises the epoch and drops the rows that came from the old one.
//   - A parked record is one that no retry can write: it goes to parked_records and the stream goes on.
//
// Example:
//
//	pool, err := postgres.Open(ctx, postgres.ConnConfig{URL: url, Schema: "touchline"})
//	projector, err := postgres.New(postgres.Config{}, kafkaOptions, serde, pool, cache, reference, logger, registerer)
//	err = projector.Run(ctx) // until ctx is done; nil when it was asked to stop
//
// The consumer group only shares the partitions out; where to begin is in the checkpoints. Each table has one topic
// that writes it (announcements of matches are the one exception, see matches.go), so the order of a partition is the
// order of a row's life. Transactions don't wait for the disk (synchronous_commit off): after a crash of the server
// rows and checkpoint are both a moment younger, and the log is read again from there.
//
// It deliberately does not query the tables (projections/readmodel does) and does not decide what football means.
package postgres
