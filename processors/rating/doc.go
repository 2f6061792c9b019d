// Package rating follows how strong teams are, from one settled match to the next.
//
// Three ratings are kept side by side, each an online fold (no batch job needed to be right):
//
//   - attack and defence: logarithms of a team's effect on scoring rates, each with its variance. A match moves them by
//     their share of the uncertainty: much after a summer or for a newcomer, little in spring. That is an extended
//     Kalman filter for the state-space models of the field (M. Crowder, M. Dixon, A. Ledford, M. Robinson, "Dynamic
//     modelling and prediction of English Football League matches for betting", The Statistician 51, 2002). What is
//     observed are goals, mixed with shots, shots on target and corners where a source counts them. Form is how the
//     running season has gone beyond strength, moved by a constant step (the gradient of the Poisson likelihood), as in
//     score-driven models (S. Koopman, R. Lit, "Forecasting football match results in national league competitions
//     using score-driven time series models", International Journal of Forecasting 35, 2019).
//   - Elo with the goal margin (L. Hvattum, H. Arntzen, "Using ELO ratings for match result prediction in association
//     football", International Journal of Forecasting 26, 2010).
//   - pi-ratings (A. Constantinou, N. Fenton, "Determining the level of ability of football teams by dynamic ratings
//     based on the relative discrepancies in scores between adversaries", Journal of Quantitative Analysis in Sports 9,
//     2013).
//
// Ratings are relative to a team's competition: 0 (Elo 1500) is its average. A team that was promoted, was relegated or
// is new begins where such teams begin. Beside the ratings a Table of the running season tells how much each team has
// left to play for.
//
// Example:
//
//	p := rating.Defaults()
//	home, away = p.Enter(home, entry), p.Enter(away, entry)
//	home, away, league = p.Settle(home, away, league, result)
//
// States are flat values and every function is pure. Results must be settled in one order for the same ratings to
// follow; which order that is, and what a correction does to it, is decided by the features stage.
package rating
