// Package train makes artefacts of models from history: the parameters that explain what happened, and with goals what
// the bookmakers thought, best.
//
//	examples, err := train.Collect(ctx, feeds, chain, before, nil)
//	goals, report, err := train.Goals(examples, train.GoalsOptions{Market: train.DefaultMarket})
//
// strengths, report, err := train.DixonColes(train.Matches(examples), train.DixonColesOptions{Settings:
// train.DefaultSettings()})
//
//	bytes, err := predict.Encode(goals)
//
// Examples come from walking forward with the stages that run live, so a feature record holds nothing that was not
// known at its kick-off. The same history gives the same bytes, in whatever order its feeds are given and on however
// many processors.
//
// It reads no clock, writes no file and registers nothing: see `touchline train` and `touchline models`.
package train
