// Package readmodel queries the tables that projections/postgres writes.
//
// Vocabulary:
//
//   - A forecast is the latest of a match and model, as the frame that is in the log and its position there.
//   - A forecast's digest is a row of its history: probabilities and state of play without the score grid.
//   - A snapshot is all that is current together with the checkpoints at which it is true, read in one transaction.
//
// Example:
//
//	store := readmodel.New(pool)
//	matches, err := store.Matches(ctx, readmodel.MatchQuery{Competition: "E0", Season: "2015-16", Limit: 50})
//
// Reads go to the replicas in turn where there are any; a snapshot goes to the primary. It deliberately has no cache
// (api/rest has) and no JSON (api/resource has).
package readmodel
