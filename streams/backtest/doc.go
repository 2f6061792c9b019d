// Package backtest scores models on history by walking forward through the very same stage functions that run live.
//
// Each pool's feed is folded in memory, event by event in event-time order: normalize, features, predict, evaluate. A
// match is forecast from what was settled before its kick-off, because the fold has seen nothing else. Bookmakers' odds
// are models too ("odds:closing-avg-power"), so that they are scored on the same matches by the same code.
//
//	report, err := backtest.Run(ctx, feeds, chain, backtest.Config{From: from})
//	report.WriteTable(os.Stdout)
//
// It needs no Kafka and no Postgres. The line's models are not trained in it: their ratings are an online fold. A Refit
// is trained as the walk goes on, on what is behind it.
package backtest
