// Package rating follows how strong teams are, from one settled match to the next.
//
// Three ratings are kept side by side, each an online fold (no batch job needed to be right):
//
//   - attack and defence: logarithms of a team's effect on scoring rates, moved after each match by the score (the
//     gradient of the Poisson likelihood), as in score-driven models (S. Koopman, R. Lit, "Forecasting football match
//     results in national league competitions using score-driven time series models", International Journal of
//     Forecasting 35, 2019). The observation is goals, mixed with shots on target where a source counts them.
//   - Elo with the goal margin (L. Hvattum, H. Arntzen, "Using ELO ratings for match result prediction in association
//     football", International Journal of Forecasting 26, 2010).
//   - pi-ratings (A. Constantinou, N. Fenton, "Determining the level of ability of football teams by dynamic ratings
//     based on the relative discrepancies in scores between adversaries", Journal of Quantitative Analysis in Sports 9,
//     2013).
//
// Ratings are relative to a team's competition: 0 (Elo 1500) is its average. A new season pulls every team towards it;
// a team that was promoted, was relegated or is new begins where such teams begin.
//
// Example:
//
//	p := rating.Defaults()
//	home, away = p.Enter(home, entry), p.Enter(away, entry)
//	home, away, league = p.Settle(home, away, league, result)
//
// States are flat values and every function is pure. When a result counts, and in which order, is the features stage's
// matter.
package rating
