// Package tail reads the log for the live feed: it follows both topics for the board, and reads spans of them again for
// those who come back. It is the only package of the feed that knows a Kafka client.
//
// One client that belongs to no group follows all partitions, read_committed. Markers of transactions are kept, because
// they take offsets: positions move over them too.
//
// # Where it begins
//
// The current forecasts and the checkpoints of the tables are read in one repeatable-read transaction. A checkpoint
// moves in the transaction of the rows that it covers, so these forecasts are exactly the log up to these offsets, and
// there the tail begins. Without tables, or with tables of another topic (the id differs), it begins at the start of
// the log, where nothing is current.
package tail
