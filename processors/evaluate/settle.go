package evaluate

import (
	"github.com/touchline/touchline/processors/score"
	"github.com/touchline/touchline/schemas/football"
)

// settle scores the forecasts by the settled prediction's result, unless they were scored by the same one before.
func settle(f Forecasts, p *football.Prediction) (Forecasts, []football.Output) {
	home, away := p.Live.Regular() // 1X2 is of 90 minutes
	same := f.Revision > 0 && f.HomeGoals == home && f.AwayGoals == away
	if same || !f.Opening.Made && !f.HalfTime.Made {
		return f, nil
	}
	f.Revision++
	f.HomeGoals, f.AwayGoals = home, away
	var out []football.Output
	for _, c := range [...]struct {
		at   football.Checkpoint
		held Held
	}{
		{football.CheckpointOpening, f.Opening},
		{football.CheckpointKickOff, f.KickOff},
		{football.CheckpointHalfTime, f.HalfTime},
	} {
		if c.held.Made {
			out = append(out, evaluation(f, p, c.at, c.held))
		}
	}
	return f, out
}

func evaluation(f Forecasts, p *football.Prediction, at football.Checkpoint, held Held) *football.Evaluation {
	result := score.ResultOf(f.HomeGoals, f.AwayGoals)
	return &football.Evaluation{
		Match: p.Match, Pool: p.Pool, Competition: p.Competition, Season: p.Season, Kickoff: p.Kickoff,
		Model: p.Model, Checkpoint: at, Revision: f.Revision, At: p.At,
		Forecast: held.Outcome, Over25: held.Over25, HomeGoals: f.HomeGoals, AwayGoals: f.AwayGoals,
		RPS: score.RPS(held.Outcome, result), LogLoss: score.LogLoss(held.Outcome, result), Brier: score.Brier(held.Outcome, result),
	}
}
