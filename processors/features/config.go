package features

import (
	"time"

	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// Config holds the stage's settings. Zero values mean the default. A change needs a new version of the stage: records
// made before and after it would not be comparable.
type Config struct {
	// Params are the constants of the ratings. Default: rating.Defaults().
	Params rating.Params
	// National are those of pools of national teams. Default: rating.National().
	National rating.Params
	// Reference gives the level of each competition in its pool, for promotion and relegation. Default: the
	// reference that is built into the program.
	Reference *football.Reference
	// Horizon is how long before kick-off a match gets records, in stream time. Default: 14 days. Less gives later
	// forecasts; more gives more records.
	Horizon time.Duration
	// Window is how long after its settlement a result may be corrected, in stream time, rounded up to days. Default:
	// 30 days. More keeps more state, and a correction folds more results again.
	Window time.Duration
	// Move is the change in a probability of the three results for which a new day is worth a new record. Default:
	// 0.005.
	Move float64
}

// withDefaults returns the settings with defaults in the place of zero values.
func (c Config) withDefaults() Config {
	if c.Params == (rating.Params{}) {
		c.Params = rating.Defaults()
	}
	if c.National == (rating.Params{}) {
		c.National = rating.National()
	}
	if c.Reference == nil {
		c.Reference = football.DefaultReference()
	}
	if c.Horizon == 0 {
		c.Horizon = 14 * 24 * time.Hour
	}
	if c.Window == 0 {
		c.Window = 30 * 24 * time.Hour
	}
	if c.Move == 0 {
		c.Move = 0.005
	}
	return c
}

// windowDays is the window in whole days.
func (c Config) windowDays() day {
	const daily = 24 * time.Hour
	return day((c.Window + daily - 1) / daily)
}

// ratingParams are the constants of a pool's ratings.
func (c Config) ratingParams(id football.PoolID) rating.Params {
	if pool, ok := c.Reference.Pool(id); ok && pool.National {
		return c.National
	}
	return c.Params
}
