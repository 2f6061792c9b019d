// Package match holds the rules of a live match: which of the things that were said stand, and what they come to.
//
// Vocabulary:
//
//   - An event stands until a correction takes it back.
//   - The clock runs from the instant of kick-off (or of a period's start) while a period is played.
//   - A statement is a score that the source gives at the end of a period, or of the match. It stands for all goals up
//     to then: sources of results tell no goals, and a goal that arrives late is already in it.
//
// State keeps the events that stand, ordered by match clock, and derives the state of play from them anew each time.
// So a goal that arrives late is put where it belongs, and one that VAR takes back leaves no trace.
//
// Example:
//
//	s = s.Apply(&football.MatchEvent{Sequence: 4, At: at, Body: football.Goal{Side: football.Home, Clock: clock}})
//	s = s.Apply(&football.MatchEvent{Sequence: 5, At: at, Body: football.Correction{Corrects: 4, Reason: "offside"}})
//	fmt.Println(s.Live().HomeGoals) // 0
//
// What is refused (a goal after full time, an event that is too late) is normalize's matter; this package takes what it
// is told.
package match
