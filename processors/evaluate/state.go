package evaluate

import (
	"slices"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Match is what the stage keeps of a match.
type Match struct {
	Kickoff football.Instant `avro:"kickoff"` // as last predicted; 0 while postponed
	Models  []Forecasts      `avro:"models"`  // in the order in which the models first spoke
}

// Forecasts are what a version of a model said of a match at the checkpoints, and the result that they were last scored by.
type Forecasts struct {
	Model     football.ModelRef `avro:"model"` // as it was called when it first spoke
	Opening   Held              `avro:"opening"`
	KickOff   Held              `avro:"kick_off"`
	HalfTime  Held              `avro:"half_time"`
	Revision  int32             `avro:"revision"` // 0: not scored yet
	HomeGoals int32             `avro:"home_goals"`
	AwayGoals int32             `avro:"away_goals"`
}

// Held is a forecast that stood at a checkpoint. Its zero value is none.
type Held struct {
	Made    bool             `avro:"made"`
	Outcome football.Outcome `avro:"outcome"`
	Over25  float64          `avro:"over_2_5"` // -1 where the model has none
}

// Due lists the matches whose state is to be looked at on one day.
type Due struct {
	Matches []football.MatchID `avro:"matches"`
}

// Pool remembers how far the days of a pool were looked at.
type Pool struct {
	Next int64 `avro:"next"` // the first day, since 1970, that was not
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

func dueKey(pool football.PoolID, day int64) string {
	return "due/" + string(pool) + "/" + time.Unix(day*24*60*60, 0).UTC().Format(time.DateOnly)
}

// with returns the match with a model's forecasts replaced or added, never changing the old list.
func (m Match) with(f Forecasts) Match {
	m.Models = slices.Clone(m.Models)
	if i := m.index(f.Model); i >= 0 {
		m.Models[i] = f
	} else {
		m.Models = append(m.Models, f)
	}
	return m
}

// index returns the place of a version's forecasts, whatever it is called by now: a promotion in mid-match gives its name to
// another version.
func (m Match) index(model football.ModelRef) int {
	name, _ := football.ModelName(model.ID)
	return slices.IndexFunc(m.Models, func(f Forecasts) bool {
		other, _ := football.ModelName(f.Model.ID)
		return other == name && f.Model.Version == model.Version
	})
}
