package train

import (
	"fmt"
	"math"
	"slices"

	"github.com/touchline/touchline/processors/fit"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// DefaultMarket is the share of closing odds in what weights are fitted to: see docs/decisions/0008-forecasts.md.
const DefaultMarket = 0.5

// GoalsOptions are how a goals model is trained.
type GoalsOptions struct {
	// From and Before bound the kick-offs of the matches that are fitted to. 0: no bound.
	From, Before football.Instant
	// Market is the share, 0 to 1, of the closing odds' expected goals in what is fitted to; results have the rest, and
	// all of a match without closing odds. Odds are far less noisy than results and are right on average.
	Market float64
}

// priorPrecision is that of each weight around the built-in one: a standard error of 0.5. It decides only about weights
// of which the matches tell nothing, as of what is left to play for in a competition without places.
const priorPrecision = 4

// Goals fits the weights of a goals model to matches by the Poisson likelihood of both sides' goals, with the level and
// the home advantage that each competition had then. The constants of the play are the built-in ones. It is an error
// when no match is within the bounds, or a fitted weight is out of its range.
func Goals(examples []Example, o GoalsOptions) (*predict.GoalsArtefact, Report, error) {
	if !(o.Market >= 0 && o.Market <= 1) {
		return nil, Report{}, fmt.Errorf("a share of %v for the closing odds: want 0 to 1", o.Market)
	}
	built := predict.DefaultGoals()
	t := target{market: predict.NewMarketBlend(), share: o.Market, builtIn: built.Weights}
	var first, last football.Instant
	for _, e := range examples {
		at := e.Features.Kickoff
		if at < o.From || o.Before != 0 && at >= o.Before {
			continue
		}
		if len(t.counts) == 0 {
			first, last = at, at
		}
		first, last = min(first, at), max(last, at)
		t.addExample(e)
	}
	if len(t.counts) == 0 {
		return nil, Report{}, errNoMatch
	}
	estimate, err := fit.Poisson(t.counts, weightValues(built.Weights), priorPrecision)
	if err != nil {
		return nil, Report{}, fmt.Errorf("fit the weights to %d matches: %w", len(t.counts)/2, err)
	}
	if o.Before == 0 {
		o.Before = endOfDay(last)
	}
	a := &predict.GoalsArtefact{Play: built.Play}
	r := Report{Kind: predict.KindGoals, Priced: t.priced, Steps: estimate.Steps, Against: "the built-in weights"}
	weights := a.Weights.Named()
	for i, before := range built.Weights.Named() {
		*weights[i].Value = rounded(estimate.Values[i])
		r.Parameters = append(r.Parameters, Parameter{before.Name, *before.Value, *weights[i].Value,
			rounded(estimate.Errors[i])})
	}
	matches := len(t.counts) / 2
	a.Trained = training(first, o.Before, matches,
		fmt.Sprintf("Poisson likelihood of goals, with %v of closing odds in %d matches", o.Market, t.priced))
	r.Trained = *a.Trained
	r.LogLikelihood, r.Baseline = t.likelihood(a.Weights), t.likelihood(built.Weights)
	_, err = predict.Encode(a) // its error names what is out of its range
	return a, r, err
}

// target is what the weights are fitted to: two counts a match, home and away, and the scores that the likelihood is
// reported of.
type target struct {
	market  *predict.MarketBlend
	share   float64
	builtIn rating.Weights

	counts []fit.Count
	scores [][2]float64 // both sides' goals, by match
	priced int
}

// addExample adds a match's two counts: its goals, mixed with those that closing odds expected.
func (t *target) addExample(e Example) {
	home, away := float64(e.HomeGoals), float64(e.AwayGoals)
	t.scores = append(t.scores, [2]float64{home, away})
	if t.share > 0 {
		if expected, ok := closing(t.market, e.Features); ok {
			t.priced++
			home, away = (1-t.share)*home+t.share*expected.Home, (1-t.share)*away+t.share*expected.Away
		}
	}
	byHome, byAway := covariates(e.Features)
	byHome.Y, byAway.Y = home, away
	t.counts = append(t.counts, byHome, byAway)
}

// likelihood is the mean log probability of the scores, by two Poisson distributions.
func (t *target) likelihood(w rating.Weights) float64 {
	x, sum := weightValues(w), 0.0
	for i, c := range t.counts {
		eta, goals := c.Offset, t.scores[i/2][i%2]
		for k, xk := range c.X {
			eta += xk * x[k]
		}
		factorial, _ := math.Lgamma(goals + 1)
		sum += goals*eta - math.Exp(eta) - factorial
	}
	return sum / float64(len(t.scores))
}

// covariates returns how the logs of both sides' expected goals depend on the weights: they are linear in them, so each
// is what changes when one weight goes from 0 to 1.
func covariates(f *football.MatchFeatures) (home, away fit.Count) {
	logs := func(w rating.Weights) (float64, float64) {
		h, a := w.Intensities(f.HomeTeam, f.AwayTeam, f.League, f.Neutral)
		return math.Log(h), math.Log(a)
	}
	home.Offset, away.Offset = logs(rating.Weights{})
	for i := range weightValues(rating.Weights{}) {
		var one rating.Weights
		*one.Named()[i].Value = 1
		h, a := logs(one)
		home.X, away.X = append(home.X, h-home.Offset), append(away.X, a-away.Offset)
	}
	return home, away
}

// closing returns the goals that closing odds expect of both sides, or false where there are none of the three results.
func closing(market *predict.MarketBlend, f *football.MatchFeatures) (football.ExpectedGoals, bool) {
	quoted := slices.ContainsFunc(f.Odds, func(o football.OddsQuoted) bool {
		return o.Stage == football.OddsClosing &&
			slices.ContainsFunc(o.Quotes, func(q football.Quote) bool { return q.Home > 1 && q.Draw > 1 && q.Away > 1 })
	})
	if !quoted {
		return football.ExpectedGoals{}, false
	}
	before := *f
	before.Live = football.LiveState{Phase: football.PreMatch}
	forecast, ok := market.Forecast(&before)
	var goals football.ExpectedGoals
	for _, r := range forecast.Reasons {
		switch r.Name {
		case "lambda_home":
			goals.Home = r.Value
		case "lambda_away":
			goals.Away = r.Value
		}
	}
	return goals, ok
}

// weightValues returns the weights in the order of the fit's parameters.
func weightValues(w rating.Weights) []float64 {
	var out []float64
	for _, f := range w.Named() {
		out = append(out, *f.Value)
	}
	return out
}
