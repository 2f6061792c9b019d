// Package match has the rules of a live match: which of the reported events count, and what state of play follows.
//
// Vocabulary:
//
//   - An event counts until a correction takes it back.
//   - Periods are numbered: 1 and 2 the halves, 3 and 4 those of extra time, 5 the shoot-out.
//   - The clock runs from the instant of kick-off (or of a period's start) while a period is played, in seconds of that
//     period, stoppage time included.
//   - A statement is a score that the source gives at the end of a period, or of the match. It replaces all goals up to
//     then: sources of results list no goals, and a goal that arrives late is already in it.
//
// State keeps the events that count, ordered by match clock, and derives the state of play from them anew each time.
// So a goal that arrives late is put where it belongs, and one that VAR takes back leaves no trace.
//
// Invariants, which property tests check: the order of arrival does not matter; an event and its correction leave the
// state as it was; no method changes its receiver.
//
// Example:
//
//	s = s.Apply(&football.MatchEvent{Sequence: 4, At: at, Body: football.Goal{Side: football.Home, Clock: clock}})
//	s = s.Apply(&football.MatchEvent{Sequence: 5, At: at, Body: football.Correction{Corrects: 4, Reason: "offside"}})
//	fmt.Println(s.Live().HomeGoals) // 0
//
// Refusing events (a goal after full time, an event that is too late) is normalize's work; this package applies what it
// is given.
package match
