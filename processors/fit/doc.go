// Package fit finds parameters that make observations most likely: the mathematics of training, with no file, no clock
// and no model in it. The same observations in the same order give the same bits.
//
// strengths, fit, err := fit.DixonColes(matches, asOf, fit.Settings{HalfLife: 400 * 24 * time.Hour, Variance: 0.05},
// nil)
//
//	weights, fit, err := fit.Poisson(counts, centre, precision)
//
// Both are maxima of a likelihood times a normal prior, found by Newton's method. An estimate comes with the standard
// error that the curvature at the maximum gives.
package fit
