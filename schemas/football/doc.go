// Package football has Touchline's facts: what is recorded about a match, in the terms of the field.
//
// Every folder of the line and every subscriber uses this vocabulary. A fact is what was recorded (a goal at 23:10, a
// forecast made from feature record 7); what it means (does that goal count? what minute is it?) is a rule and lives
// in processors/match. The package imports the standard library only. The Avro twins of these structs are in
// schemas/avro, and schemas/wire binds the two with a round-trip test.
//
// Vocabulary:
//
//   - A pool is the unit of order and of parallelism: competitions whose teams meet each other.
//   - An instant is event time: milliseconds since 1970-01-01 UTC.
//   - A raw event is a provider's payload, verbatim, with an envelope of where it came from.
//   - A match event is the canonical form of one thing that happened, numbered per match from 1 without gaps.
//   - A feature record is all that any model needs to forecast, as of one match event.
//   - A prediction is one model's forecast made from one feature record.
//   - An evaluation scores the forecast that was current at a checkpoint, once the match is settled.
//   - A refusal is an input that could not be applied, with a reason that a person understands.
//
// Example:
//
//	id := football.NewMatchID("england", "2015-16", "arsenal", "chelsea", 1)
//	goal := football.Goal{Side: football.Home, Clock: football.Clock{Period: 1, Elapsed: 23*60 + 10}}
//	event := football.MatchEvent{Match: id, Sequence: 4, Body: goal}
//
// It deliberately has no rules, no storage and no wire format.
package football
