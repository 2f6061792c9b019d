// Package market reads bookmakers' odds: what probabilities they imply, and which scoring intensities.
//
// Decimal odds carry the bookmaker's margin, so their inverses sum to more than 1. A method of de-vigging says how the
// margin was laid on: in proportion, as a power (favourites carry less of it), or as protection against insiders (H.
// Shin, "Measuring the Incidence of Insider Trading in a Market for State-Contingent Claims", Economic Journal 103,
// 1993). Clarke, Kovalchik & Ingram ("Adjusting Bookmaker's Odds to Allow for Overround", 2017) compare them.
//
// Example:
//
//	p, ok := market.Power(2.10, 3.40, 3.60)         // 1X2 without the margin
//	fit := market.Fit(p, 0.52, -0.05)               // intensities that give those probabilities and 52 % over 2.5
//
// Everything is deterministic: fixed starts, fixed numbers of steps.
package market
