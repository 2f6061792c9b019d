// Package evaluate is the stage that scores the forecasts made before and during a match, once it is settled.
//
// Reads: football.predictions. Key: the match.
//
// State, by key prefix (see State):
//
//	match/<match>         the forecasts that each version of a model had made at the checkpoints
//	due/<pool>/<date>     matches whose state is to be checked on that day (UTC), and dropped when it is old
//	pool/<pool>           the first day that was not checked yet
//
// Writes: *football.Evaluation, one for each checkpoint at which the model had forecast the match, when a settled
// prediction brings a result; again, under a higher revision, when it brings another result. So one prediction causes
// at most three. It names the version as the settled prediction does: what a version forecast under another id, before
// it was promoted, is scored as its own.
//
// The checkpoints: opening is the first forecast, kick-off the last one before or at kick-off, half-time the last one
// made at half-time.
//
// Refuses: nothing.
//
// State is dropped 31 days after the match's kick-off in prediction time: later than any correction comes. There are no
// ticks on this topic, so that happens with the pool's first prediction of a day.
//
// Replays: evaluations follow from predictions alone; a new version scores the same forecasts anew.
package evaluate
