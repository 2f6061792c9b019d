// Package grid turns two scoring intensities into the probabilities of every final score, and those into markets.
//
// Each side's further goals are Poisson with an intensity (expected goals still to come); Dixon & Coles's adjustment
// moves probability between the four lowest scores, because low scores depend on each other (M. Dixon, S. Coles,
// "Modelling Association Football Scores and Inefficiencies in the Football Betting Market", Applied Statistics 46,
// 1997). In play the grid begins at the score.
//
// Vocabulary:
//
//   - intensity: a side's expected number of goals still to come, from 0 to MaxIntensity.
//   - rho: the dependence of low scores; below 0 makes 0-0 and 1-1 likelier. It is clamped to what the intensities
//     allow.
//   - chase: the factor on a side's intensity while it is behind.
//   - tail: the last row and column, "that many goals or more".
//   - distribution: the probabilities of a whole number, such as all goals or the winning margin.
//
// Invariants, which property tests check: the cells of a grid sum to 1; every market follows from the same cells, so
// that markets agree with each other; equal arguments give equal bits.
//
// Example:
//
//	g := grid.New(1.6, 1.1, -0.05, 1, 0) // the home side leads by a goal
//	fmt.Println(g.Outcome().Home, g.Markets().BothScore)
//
// It does not know where the intensities come from, and it simulates nothing: everything is in closed form.
package grid
