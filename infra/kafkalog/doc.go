// Package kafkalog reads topics the way all of Touchline reads them: only what has committed, in the order of each
// partition, to an end that is known beforehand or for as long as the process lives.
//
// Vocabulary:
//
//   - A Span is the offsets of a partition from one (inclusive) to another (exclusive). Markers of transactions have
//     offsets too, so a span may hold fewer records than offsets.
//   - Reading to the end means to the high watermark of when the reading began, not to the last stable offset: a
//     transaction that is open then is waited for.
//   - The address of a record is topic/partition/offset, as it stands in headers, errors and what operators type.
//
// Example:
//
//	reader, err := kafkalog.Open(opts)
//	defer reader.Close()
//	err = reader.ReadToEnd(ctx, names.Topic(wire.TopicQuarantine), func(r *kgo.Record) error { ... })
//	from := kafkalog.Offsets{names.Topic(wire.TopicControl): {0: next}}
//	err = reader.Follow(ctx, from, func(f kgo.Fetches) error { ... })
//
// It joins no group, commits no offset and decodes nothing. The chaos run's oracle (cmd/chaos/internal/verify) reads by
// code of its own on purpose: it must not inherit a defect of what it checks.
package kafkalog
