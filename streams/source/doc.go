// Package source reads feeds and publishes them as raw events: the collectors' side of the line.
//
// Vocabulary:
//
//   - A Source knows one provider's files or messages. It opens into feeds, one a pool.
//   - A Feed is a pool's raw events in the order of the pool's clock, ticks included. It is deterministic: opened
//     again, its k-th event is the same, so a collector that was cut goes on where the log ends.
//   - The position of an event is the greatest instant of the feed up to it. A late event's instant is before its
//     position.
//   - A Row is a match of a file of results; Rows makes feeds of them. A Report is what was read of a file.
//   - A Collector publishes feeds, paced or as fast as it can.
//
// Example:
//
//	results := footballdata.New(ref, "data/club")
//	collector, err := source.NewCollector(source.Config{Client: opts}, ref, serde, log, registry, results)
//	err = collector.Run(ctx) // until every feed has ended or ctx is done
//
// What it deliberately does not do: it takes no claim from a payload. Its parsing is as much as dating and ordering
// need, by what a file as a whole shows (docs/decisions/0019-reading.md); what can't be dated is published as
// unreadable, with the reason, and normalize refuses it. Nothing is dropped but files that are none, which are
// reported.
package source
