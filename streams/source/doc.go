// Package source reads feeds and publishes them as raw events: the collectors' side of the line.
//
// Vocabulary:
//
//   - A Source knows one provider's files or messages. It opens into feeds, one a pool.
//   - A Feed is a pool's raw events in the order of the pool's clock, ticks included. It is deterministic: opened
//     again, its k-th event is the same, so a collector that was cut goes on where the log ends.
//   - The position of an event is the greatest instant of the feed up to it. A late event's instant is before its
//     position.
//   - A Collector publishes feeds, paced or as fast as it can.
//
// Example:
//
//	results := footballdata.New(ref, "data/club")
//	collector, err := source.NewCollector(source.Config{Client: opts}, ref, serde, log, registry, results)
//	err = collector.Run(ctx) // until every feed has ended or ctx is done
//
// What it deliberately does not do: it judges no payload. Its parsing is as much as dating and ordering need; what
// can't be dated is published as unreadable, and normalize records why. Nothing is dropped.
package source
