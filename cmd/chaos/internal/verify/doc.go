// Package verify compares what a chaos run left behind with what should be there: the topics with a straight fold of
// the raw events, the raw events with their source, tables and cache with the topics, and what subscribers of the live
// feed applied with what they were owed.
//
// It shares no code with what it checks but the stages themselves, the schemas and the simulator: no offsets, no
// transactions, no changelogs. So it reads Kafka with a client of its own (Log) and not by infra/kafkalog, which the
// program reads by: a defect there would hide what it breaks. For the same reason it knows the columns of the tables by
// a list of its own, and the keys of the cache by their text.
package verify
