package evaluate

import "github.com/touchline/touchline/schemas/football"

// kickOff is the trigger of the record that a kick-off makes: the last forecast that counts as made before the match.
const kickOff = "kick-off"

// Stage keeps the forecasts made at checkpoints and scores them. All state is in the view.
type Stage struct{}

// New returns the stage.
func New() *Stage { return &Stage{} }

// Name returns "evaluate".
func (s *Stage) Name() string { return "evaluate" }

// Version returns 1: it changes when a replay would give other evaluations.
func (s *Stage) Version() int { return 1 }

// Step folds p into the view and returns the evaluations that it causes.
func (s *Stage) Step(v football.View, p *football.Prediction) []football.Output {
	sweepDueMatches(v, p)
	old := football.Get[Match](v, matchKey(p.Match))
	if old == nil && p.Live.Phase == football.Settled {
		return nil // nothing was forecast before
	}
	var m Match
	if old != nil {
		m = *old
	} else {
		enlistMatch(v, p.Pool, p.Match, dropDay(p.Kickoff, p.At))
	}
	forecasts := Forecasts{Model: p.Model}
	if i := m.indexOfModel(p.Model); i >= 0 {
		forecasts = m.Models[i]
	}
	next, out := foldPrediction(forecasts, p)
	if next == forecasts && p.Kickoff == m.Kickoff {
		return out
	}
	if next != forecasts {
		m = m.withForecasts(next)
	}
	m.Kickoff = p.Kickoff
	v.Put(matchKey(p.Match), &m)
	return out
}

// foldPrediction applies a prediction to the forecasts of its model: it is kept at the checkpoint that it belongs to,
// or, when it is settled, scores them all. The record of the kick-off itself still counts as made before the match.
func foldPrediction(f Forecasts, p *football.Prediction) (Forecasts, []football.Output) {
	switch {
	case p.Live.Phase == football.Settled:
		return scoreForecasts(f, p)
	case p.Live.Phase == football.PreMatch, p.Trigger == kickOff:
		f.KickOff = keepForecast(p)
		if !f.Opening.Made {
			f.Opening = f.KickOff
		}
	case p.Live.Phase == football.HalfTime:
		f.HalfTime = keepForecast(p)
	}
	return f, nil
}

// keepForecast returns what is scored of a prediction. Over25 is the probability of more than 2.5 goals, -1 where the
// model has no such line.
func keepForecast(p *football.Prediction) KeptForecast {
	h := KeptForecast{Made: true, Outcome: p.Outcome, Over25: -1}
	for _, l := range p.Markets.Totals {
		if l.Line == 2.5 {
			h.Over25 = l.P
		}
	}
	return h
}
