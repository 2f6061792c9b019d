// Package features is the stage that turns match events into feature records: all that any model needs to forecast a
// match, as of one event.
//
// Reads: football.match-events. Key: the match, in its pool's partition; ticks and announcements of models by pool.
//
// State, by key prefix (see State):
//
//	pool/<pool>                  stream time, position of football.models, matches in play
//	fixtures/<pool>/<date>       the fixtures that kick off on a day (UTC)
//	results/<pool>/<date>        the results settled on a day, in their order, for as long as they may be corrected
//	match/<match>                the events of a match that count, its odds and the number of its records
//	kickoff/<match>              what was known when it kicked off: in play and after, that is what counts
//	team/<team>                  ratings after every settled result
//	competition/<competition>    likewise
//	table/<competition>          likewise, of the running season
//	base-team/<team>             ratings before the oldest result in results/: from here a correction folds again
//	base-competition/<competition>
//	base-table/<competition>
//
// Writes: *football.MatchFeatures, numbered per match from 1 without gaps, when
//
//	a fixture is scheduled or moved, odds are quoted, a line-up comes   within the horizon, or once it has records
//	a match kicks off, or its live state changes                        always; a tick counts for matches in play
//
// a result is settled or corrected its match, and each team's next fixture ("team-result")
// a day begins fixtures that enter the horizon, and those whose
//
//	forecast would move by Config.Move ("daily")
//
// So one event of a match causes at most MaxPerEvent records, and a tick at most one for each match in play and each
// fixture within the horizon.
//
// Refuses: an event of a match that was never scheduled (unknown-match).
//
// Knock-outs: they teach the strengths of both sides, and count for no league: neither in its table nor in its rates.
// Once a score after 90 minutes, or counts of shots, become known after the result, the match is settled again.
//
// Corrections: a result taken back or changed within Config.Window of its settlement folds the pool's ratings again
// from the base, with the result corrected in its old place: exactly as if it had been right from the start (a property
// test compares both). Records that were made in between stay as they are. Once the window has passed, the match's
// state is gone: a correction or a result then is dropped as "needs-rebuild", for only a replay of the corrected log
// can repair the ratings.
//
// Replays: a new version folds the whole log again; ratings and records change, events do not.
//
// A postponed match keeps its state until it has a date again; one that is never played is forgotten when the window
// has passed after its kick-off.
//
// It does not forecast what is published: models live in the predict stage. The base goals model is used here only to
// see whether a forecast would move.
package features
