// Package record is the vocabulary of the live feed: its two topics, a record of them as far as routing needs it, and
// how far the log was read.
//
//   - A Log is one life of both topics: their names and ids. A topic that was deleted and made again has another id.
//   - Positions are a Log with the next offset of each partition of both topics.
//   - A Record is a forecast or an event. It never changes once it was decoded, so goroutines share it.
//   - A Filter is what a subscription wants.
//
// It knows no client, no connection and no lock.
package record
