package evaluate

import (
	"slices"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Match is what the stage keeps of a match.
type Match struct {
	Kickoff football.Instant `avro:"kickoff"` // as last predicted; 0 while postponed
	Models  []Forecasts      `avro:"models"`  // in the order of the models' first forecasts
}

// Forecasts are what a version of a model forecast of a match at the checkpoints, and the result that they were last
// scored by.
type Forecasts struct {
	Model     football.ModelRef `avro:"model"` // as its first forecast named it
	Opening   KeptForecast      `avro:"opening"`
	KickOff   KeptForecast      `avro:"kick_off"`
	HalfTime  KeptForecast      `avro:"half_time"`
	Revision  int32             `avro:"revision"` // 0: not scored yet
	HomeGoals int32             `avro:"home_goals"`
	AwayGoals int32             `avro:"away_goals"`
}

// KeptForecast is the forecast that was the latest at a checkpoint. Its zero value is none.
type KeptForecast struct {
	Made    bool             `avro:"made"`
	Outcome football.Outcome `avro:"outcome"`
	Over25  float64          `avro:"over_2_5"` // -1 where the model has none
}

// Due lists the matches whose state is to be checked on one day.
type Due struct {
	Matches []football.MatchID `avro:"matches"`
}

// Pool is how far the days of a pool were checked.
type Pool struct {
	Next int64 `avro:"next"` // the first day that was not, in days since 1970
}

// State lists the kinds of state that the stage keeps.
func (s *Stage) State() []football.StateKind {
	return []football.StateKind{
		{Kind: "match", Blank: new(Match)},
		{Kind: "due", Blank: new(Due)},
		{Kind: "pool", Blank: new(Pool)},
	}
}

func matchKey(id football.MatchID) string { return "match/" + string(id) }
func poolKey(pool football.PoolID) string { return "pool/" + string(pool) }

func dueMatchesKey(pool football.PoolID, day int64) string {
	return "due/" + string(pool) + "/" + time.Unix(day*24*60*60, 0).UTC().Format(time.DateOnly)
}

// withForecasts returns the match with a model's forecasts replaced or added, never changing the old list.
func (m Match) withForecasts(f Forecasts) Match {
	m.Models = slices.Clone(m.Models)
	if i := m.indexOfModel(f.Model); i >= 0 {
		m.Models[i] = f
	} else {
		m.Models = append(m.Models, f)
	}
	return m
}

// indexOfModel returns the place of a version's forecasts, or -1. It compares the model's name and version, not its id:
// a promotion in mid-match gives the id to another version.
func (m Match) indexOfModel(model football.ModelRef) int {
	name, _ := football.ModelName(model.ID)
	return slices.IndexFunc(m.Models, func(f Forecasts) bool {
		other, _ := football.ModelName(f.Model.ID)
		return other == name && f.Model.Version == model.Version
	})
}
