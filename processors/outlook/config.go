package outlook

import (
	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// Rates is the model behind the simulations: how many goals each side is expected to score in a match.
type Rates interface {
	Intensities(home, away football.TeamFeatures, league football.CompetitionFeatures, neutral bool) (float64, float64)
}

// Config holds the stage's settings. Zero values mean the default. A change needs a new version of the stage.
type Config struct {
	// Rates is the model. Default: the goals model, rating.Defaults().
	Rates Rates
	// Reference has the rules of seasons. Default: the reference that is built into the program.
	Reference *football.Reference
	// Seasons is how many seasons are simulated for one outlook. Default: 10,000, which gives a probability of a half
	// to 0.005 (one standard error). More takes longer in proportion.
	Seasons int
	// Uncertainty is the standard deviation of the error of a team's attack, and of its defence, in log goals:
	// errors of the ratings, and all that will change until the season's end. Default: 0.12. Less makes outlooks too
	// sure.
	Uncertainty float64
}

// withDefaults returns the settings with defaults in the place of zero values.
func (c Config) withDefaults() Config {
	if c.Rates == nil {
		c.Rates = rating.Defaults()
	}
	if c.Reference == nil {
		c.Reference = football.DefaultReference()
	}
	if c.Seasons == 0 {
		c.Seasons = 10_000
	}
	if c.Uncertainty == 0 {
		c.Uncertainty = 0.12
	}
	return c
}
