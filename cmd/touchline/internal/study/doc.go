// Package study works on recorded matches without an installation: backtests, training, and the forecast of a match
// that might be played.
package study
