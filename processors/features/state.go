package features

import (
	"slices"

	"github.com/touchline/touchline/processors/match"
	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// Pool is what the stage keeps of a pool as a whole.
type Pool struct {
	Now            football.Instant   `avro:"now"`             // stream time: the greatest instant seen
	ModelsPosition int64              `avro:"models_position"` // of football.models, as last announced
	Today          int64              `avro:"today"`           // the last day that a tick began, in days since 1970
	Oldest         int64              `avro:"oldest"`          // the first day whose results are not yet in the base
	Moved          bool               `avro:"moved"`           // ratings have moved since Today began
	InPlay         []football.MatchID `avro:"in_play"`         // in order of kick-off
}

// equalPool reports whether both have the same content.
func (p Pool) equalPool(other Pool) bool {
	return p.Now == other.Now && p.ModelsPosition == other.ModelsPosition && p.Today == other.Today &&
		p.Oldest == other.Oldest && p.Moved == other.Moved && slices.Equal(p.InPlay, other.InPlay)
}

// Fixtures are the matches of a pool that kick off on one day, ordered by kick-off, then match.
type Fixtures struct {
	List []Fixture `avro:"list"`
}

// Fixture is a scheduled match.
type Fixture struct {
	Match   football.MatchID `avro:"match"`
	Kickoff football.Instant `avro:"kickoff"`
	Home    football.TeamID  `avro:"home"`
	Away    football.TeamID  `avro:"away"`
}

// Results are the results of a pool that were settled on one day, in the order of their settlement.
type Results struct {
	List []rating.Result `avro:"list"`
}

// Match is what the stage keeps of a match until the correction window has passed.
type Match struct {
	Match       football.MatchID       `avro:"match"`
	Competition football.CompetitionID `avro:"competition"`
	Season      football.Season        `avro:"season"`
	Home        football.TeamID        `avro:"home"`
	Away        football.TeamID        `avro:"away"`
	Records     int64                  `avro:"records"`    // feature records made so far
	SettledOn   int64                  `avro:"settled_on"` // day since 1970 under which its result is kept; 0: none
	// by the base goals model, at the last record before kick-off
	Outcome football.Outcome `avro:"outcome"`
	Odds    []Odds           `avro:"odds"`   // the latest of each stage, early first
	Play    match.State      `avro:"play"`   // its events that count
	Second  football.MatchID `avro:"second"` // of a first leg: the second
	// goals of the first leg by this match's home side; -1 where it has no result
	FirstHome int32 `avro:"first_home"`
	FirstAway int32 `avro:"first_away"` // likewise of its away side
}

// Odds are quoted odds and the event that quoted them.
type Odds struct {
	Sequence int64              `avro:"sequence"`
	Stage    football.OddsStage `avro:"stage"`
	Quotes   []football.Quote   `avro:"quotes"`
}

// KnownBefore is what was known before a match.
type KnownBefore struct {
	Home   football.TeamFeatures        `avro:"home"`
	Away   football.TeamFeatures        `avro:"away"`
	League football.CompetitionFeatures `avro:"league"`
}

// State lists the kinds of state that the stage keeps.
func (s *Stage) State() []football.StateKind {
	return []football.StateKind{
		{Kind: "pool", Blank: new(Pool)},
		{Kind: "fixtures", Blank: new(Fixtures)},
		{Kind: "results", Blank: new(Results)},
		{Kind: "match", Blank: new(Match)},
		{Kind: "kickoff", Blank: new(KnownBefore)},
		{Kind: "team", Blank: new(rating.Team)},
		{Kind: "competition", Blank: new(rating.Competition)},
		{Kind: "table", Blank: new(rating.Table)},
		{Kind: "base-team", Blank: new(rating.Team)},
		{Kind: "base-competition", Blank: new(rating.Competition)},
		{Kind: "base-table", Blank: new(rating.Table)},
	}
}

// The keys of the state, as the package comment lists them.

func poolKey(pool football.PoolID) string { return "pool/" + string(pool) }
func fixturesKey(pool football.PoolID, d day) string {
	return "fixtures/" + string(pool) + "/" + d.String()
}
func resultsKey(pool football.PoolID, d day) string {
	return "results/" + string(pool) + "/" + d.String()
}
func matchKey(id football.MatchID) string   { return "match/" + string(id) }
func kickoffKey(id football.MatchID) string { return "kickoff/" + string(id) }

// ledger is a prefix under which a set of ratings is kept.
type ledger string

const (
	current ledger = ""      // after every settled result
	base    ledger = "base-" // before the results that may still be corrected
)

// teamKey, tableKey and competitionKey return where the ledger keeps them.
func (l ledger) teamKey(id football.TeamID) string { return string(l) + "team/" + string(id) }

func (l ledger) tableKey(id football.CompetitionID) string { return string(l) + "table/" + string(id) }

func (l ledger) competitionKey(id football.CompetitionID) string {
	return string(l) + "competition/" + string(id)
}
