// Package score measures how good a forecast of a match was.
//
// Vocabulary:
//
//   - RPS, the ranked probability score (E. Epstein, "A Scoring System for Probability Forecasts of Ranked Categories",
//     Journal of Applied Meteorology 8, 1969): a win that was nearly a draw costs less than one that was nearly a
//     defeat.
//   - log loss: minus the natural logarithm of the probability of what happened.
//   - Brier: squared errors summed over the three results (G. Brier, Monthly Weather Review 78, 1950).
//   - calibration: whether what was forecast with 30 % came to pass in 30 % of the cases; ECE, the expected calibration
//     error, is the mean distance of frequency and forecast.
//
// Example:
//
//	rps := score.RPS(football.Outcome{Home: 0.5, Draw: 0.3, Away: 0.2}, score.ResultOf(2, 1)) // 0.145
//
// All functions are pure. Scores are losses: less is better. Which forecast counts for which checkpoint is decided by
// the evaluate stage.
package score
