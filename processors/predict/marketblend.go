package predict

import (
	"slices"

	"github.com/touchline/touchline/processors/market"
	"github.com/touchline/touchline/schemas/football"
)

// MarketBlend forecasts from the latest odds: the mean of the bookmakers' probabilities without their margin, of the
// three results and of the goals, gives intensities and a score grid. In play it counts what is left of them, as the
// goals model does. It uses nothing else, for nothing else earned its place: see docs/models/market-blend.md.
type MarketBlend struct {
	play Play
	ref  football.ModelRef
}

// NewMarketBlend returns the model with the built-in parameters.
func NewMarketBlend() *MarketBlend {
	return builtIn("market-blend", 3, DefaultMarket()).(*MarketBlend)
}

// DefaultMarket returns the built-in parameters.
func DefaultMarket() *MarketArtefact { return &MarketArtefact{Play: DefaultPlay()} }

// Ref names the model.
func (m *MarketBlend) Ref() football.ModelRef { return m.ref }

// Kind returns "market".
func (m *MarketBlend) Kind() string { return KindMarket }

// Forecast applies when any bookmaker quoted the three results.
func (m *MarketBlend) Forecast(f *football.MatchFeatures) (Forecast, bool) {
	implied, ok := latestQuoted(f.Odds, meanOutcome)
	if !ok {
		return Forecast{}, false
	}
	over, ok := latestQuoted(f.Odds, meanOver25)
	if !ok {
		over = market.NoOver
	}
	fit := market.Fit(implied, over, f.League.Rho)
	forecast := m.play.forecastScore(fit.Home, fit.Away, fit.Rho, f)
	forecast.Reasons = append(forecast.Reasons,
		football.Reason{Name: "market_home", Value: implied.Home},
		football.Reason{Name: "market_draw", Value: implied.Draw},
		football.Reason{Name: "market_away", Value: implied.Away},
		football.Reason{Name: "market_over_2_5", Value: over},
	)
	return forecast, true
}

// latestQuoted returns the value that of finds in the last stage of odds that has it: closing odds of the three results
// may come without totals, whose early ones then count.
func latestQuoted[T any](odds []football.OddsQuoted, of func([]football.Quote) (T, bool)) (T, bool) {
	for _, o := range slices.Backward(odds) {
		if value, ok := of(o.Quotes); ok {
			return value, true
		}
	}
	var none T
	return none, false
}

// meanOutcome returns the mean of the quotes' probabilities of the three results, by the power method.
func meanOutcome(quotes []football.Quote) (football.Outcome, bool) {
	n, mean := 0.0, football.Outcome{}
	for _, q := range quotes {
		if p, ok := market.Power(q.Home, q.Draw, q.Away); ok {
			n++
			mean.Home += p.Home
			mean.Draw += p.Draw
			mean.Away += p.Away
		}
	}
	return football.Outcome{Home: mean.Home / n, Draw: mean.Draw / n, Away: mean.Away / n}, n > 0
}

// meanOver25 returns the mean of the quotes' probabilities of more than 2.5 goals, likewise.
func meanOver25(quotes []football.Quote) (float64, bool) {
	n, sum := 0.0, 0.0
	for _, q := range quotes {
		if p, ok := market.PowerOver(q.Over25, q.Under25); ok {
			n++
			sum += p
		}
	}
	return sum / n, n > 0
}
