package outlook

import (
	"time"

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
	// Seasons is how many seasons are simulated for one outlook, rounded up to a multiple of 64. Default: 10,000, which
	// gives a probability of a half to 0.005 (one standard error). More takes longer in proportion.
	Seasons int
	// HistorySeasons is how many are simulated where the results were published more than HistoryAge after they came
	// about, as those of files are. Default: 500 (0.022), and never more than Seasons.
	HistorySeasons int
	// Uncertainty is the standard deviation of the error of a team's attack, and of its defence, in log goals:
	// errors of the ratings, and all that will change until the season's end. Default: 0.12. Less makes outlooks too
	// sure.
	Uncertainty float64
}

// HistoryAge is how much later than it came about a result must have been published to be one of the past.
const HistoryAge = 30 * 24 * time.Hour

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
	if c.HistorySeasons == 0 {
		c.HistorySeasons = 500
	}
	c.HistorySeasons = min(c.HistorySeasons, c.Seasons)
	if c.Uncertainty == 0 {
		c.Uncertainty = 0.12
	}
	return c
}
