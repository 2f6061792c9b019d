// Package streams runs stages on Kafka: pure folds become exactly-once stream processors.
//
// Vocabulary:
//
//   - A stage is a pure fold over one input topic, Step(view, event) -> outputs; this package declares what it needs of
//     one (Stage), and processors/* satisfy it without knowing Kafka.
//   - A chain is a row of stages that run in one transaction, each fed by the outputs of the one before it; every topic
//     between them is still written. A single stage is a chain of one.
//   - A worker is one Kafka client that runs a chain in a transactional session. It owns some partitions of the input.
//   - Partition p of the input feeds partition p of every output and of every changelog: one pool, one partition.
//   - The changelog of a stage is a compacted topic from which its keyed state is restored.
//   - The cause of a record is the topic, partition and offset of the input that caused it, and the output's index.
//   - The start-up comparison holds the group's offset, the state's offset and the outputs' causes against each other.
//
// Example:
//
//	chain := streams.Chain{streams.Bind(features.New(cfg), wire.MatchEvent, wire.TopicMatchEvents)}
//	worker, err := streams.NewWorker(streams.Config{Brokers: brokers, Instance: "a"}, chain, serde, logger, metrics)
//	err = worker.Run(ctx) // until ctx is done; nil when it was asked to stop
//
// What it deliberately does not do: windows, joins and timers (stream time comes as ticks in the log), state on disk, a
// scheduler of its own (Kafka's groups assign partitions). streams/line binds Touchline's own stages to their topics,
// streams/source reads feeds and publishes raw events.
package streams
