package evaluate

import (
	"github.com/touchline/touchline/processors/score"
	"github.com/touchline/touchline/schemas/football"
)

// scoreForecasts scores the forecasts by the settled prediction's result, unless they were scored by the same one
// before. A model without a forecast before or at half-time has nothing to score. Every new result gets a higher
// revision, so that a reader keeps the newest.
func scoreForecasts(f Forecasts, p *football.Prediction) (Forecasts, []football.Output) {
	home, away := p.Live.Regular() // 1X2 is of 90 minutes
	same := f.Revision > 0 && f.HomeGoals == home && f.AwayGoals == away
	if same || !f.Opening.Made && !f.HalfTime.Made {
		return f, nil
	}
	f.Revision++
	f.HomeGoals, f.AwayGoals = home, away
	var out []football.Output
	for _, c := range [...]struct {
		at       football.Checkpoint
		forecast KeptForecast
	}{
		{football.CheckpointOpening, f.Opening},
		{football.CheckpointKickOff, f.KickOff},
		{football.CheckpointHalfTime, f.HalfTime},
	} {
		if c.forecast.Made {
			out = append(out, newEvaluation(f, p, c.at, c.forecast))
		}
	}
	return f, out
}

// newEvaluation scores one forecast by the result that f has.
func newEvaluation(
	f Forecasts, p *football.Prediction, at football.Checkpoint, forecast KeptForecast,
) *football.Evaluation {
	result := score.ResultOf(f.HomeGoals, f.AwayGoals)
	return &football.Evaluation{
		Match: p.Match, Pool: p.Pool, Competition: p.Competition, Season: p.Season, Kickoff: p.Kickoff,
		Model: p.Model, Checkpoint: at, Revision: f.Revision, At: p.At,
		Forecast: forecast.Outcome, Over25: forecast.Over25, HomeGoals: f.HomeGoals, AwayGoals: f.AwayGoals,
		RPS: score.RPS(forecast.Outcome, result), LogLoss: score.LogLoss(forecast.Outcome, result),
		Brier: score.Brier(forecast.Outcome, result),
	}
}
