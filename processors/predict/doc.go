// Package predict is the stage that turns feature records into predictions, one for each model that applies.
//
// Reads: football.match-features. Key: the match. State: none, for a feature record carries all that any model needs.
//
// Writes: *football.Prediction, in the order of the models. A settled record gives a prediction with probability 1 for
// what happened, from each model that could have forecast the match at kick-off.
//
// Refuses: nothing. A model that lacks what it needs, for example odds, does not apply and makes no prediction.
//
// Replays: a prediction names its feature record, the stage's version, and the model's version and digest. A changed
// parameter changes the digest, so predictions of both can be told apart.
//
// The models:
//
//   - goals: ratings to intensities to a score grid; no odds.
//   - market-blend: the latest odds of all bookmakers to intensities; else the same.
//   - elo, base-rate and odds:* are what the two are measured against.
//
// A model whose name begins with "market-" or "odds:" uses odds; no other does.
package predict
