package readmodel

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Match is a match with its live state.
type Match struct {
	ID          football.MatchID
	Pool        football.PoolID
	Competition football.CompetitionID
	Season      football.Season
	Home        football.TeamID
	Away        football.TeamID
	HomeName    string
	AwayName    string
	Kickoff     *time.Time // nil while it is postponed without a date
	Neutral     bool
	Tie         football.TieKind // "": no knock-out
	Live        football.LiveState
	Sequence    int64
	ChangedAt   time.Time // event time
}

// matchRow is a Match as the columns of selectMatches come, by their names.
type matchRow struct {
	ID                           football.MatchID
	Pool                         football.PoolID
	Competition                  football.CompetitionID
	Season                       football.Season
	Home, Away                   football.TeamID
	HomeName, AwayName           string
	Kickoff                      *time.Time
	Neutral                      bool
	Phase                        football.Phase
	Period, Elapsed              int32
	HomeGoals, AwayGoals         int32
	HomeReds, AwayReds           int32
	HomeShots, AwayShots         int32
	HomeOnTarget, AwayOnTarget   int32
	HomeXG, AwayXG               float64
	Sequence                     int64
	ChangedAt                    time.Time
	Tie                          football.TieKind
	HomeExtra, AwayExtra         int32
	HomeKicks, AwayKicks         int32
	HomePenalties, AwayPenalties int32
	ShootoutWinner               football.Side
}

const selectMatches = `SELECT m.id, m.pool, m.competition, m.season, m.home, m.away,
	coalesce(h.name, m.home) AS home_name, coalesce(a.name, m.away) AS away_name, m.kickoff, m.neutral, m.phase,
	m.period::int, m.elapsed, m.home_goals::int, m.away_goals::int, m.home_reds::int, m.away_reds::int,
	m.home_shots::int, m.away_shots::int, m.home_on_target::int, m.away_on_target::int,
	m.home_xg::float8, m.away_xg::float8, m.sequence, m.changed_at, m.tie, m.home_extra::int, m.away_extra::int,
	m.home_kicks::int, m.away_kicks::int, m.home_penalties::int, m.away_penalties::int, m.shootout_winner
	FROM matches m LEFT JOIN teams h ON h.id = m.home LEFT JOIN teams a ON a.id = m.away`

func (r matchRow) toMatch() Match {
	return Match{
		ID: r.ID, Pool: r.Pool, Competition: r.Competition, Season: r.Season, Home: r.Home, Away: r.Away,
		HomeName: r.HomeName, AwayName: r.AwayName, Kickoff: r.Kickoff, Neutral: r.Neutral, Tie: r.Tie,
		Sequence: r.Sequence, ChangedAt: r.ChangedAt, Live: r.liveState(),
	}
}

func (r matchRow) liveState() football.LiveState {
	return football.LiveState{
		Phase: r.Phase, Clock: football.Clock{Period: r.Period, Elapsed: r.Elapsed},
		HomeGoals: r.HomeGoals, AwayGoals: r.AwayGoals, HomeReds: r.HomeReds, AwayReds: r.AwayReds,
		HomeShots: r.HomeShots, AwayShots: r.AwayShots, HomeOnTarget: r.HomeOnTarget, AwayOnTarget: r.AwayOnTarget,
		HomeXG: r.HomeXG, AwayXG: r.AwayXG, HomeExtra: r.HomeExtra, AwayExtra: r.AwayExtra,
		HomeKicks: r.HomeKicks, AwayKicks: r.AwayKicks, HomePenalties: r.HomePenalties,
		AwayPenalties: r.AwayPenalties, ShootoutWinner: r.ShootoutWinner,
	}
}

// MatchQuery selects matches. Zero fields do not filter, but for Limit: it is the most matches that are returned.
type MatchQuery struct {
	Competition football.CompetitionID
	Season      football.Season
	Team        football.TeamID
	Status      []football.Phase
	From, To    time.Time // of the kick-off, To exclusive
	Descending  bool      // latest kick-off first
	After       *MatchKey
	Limit       int
}

// MatchKey is the place of a match in the order of kick-offs; matches without a date come last.
type MatchKey struct {
	Kickoff time.Time        `json:"k"`
	ID      football.MatchID `json:"i"`
}

// noDate is the kick-off by which matches without one are ordered.
var noDate = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Key returns the match's place in the order of kick-offs.
func (m Match) Key() MatchKey {
	if m.Kickoff == nil {
		return MatchKey{Kickoff: noDate, ID: m.ID}
	}
	return MatchKey{Kickoff: *m.Kickoff, ID: m.ID}
}

// Matches returns matches in the order of their kick-offs, then ids.
func (s *Store) Matches(ctx context.Context, q MatchQuery) ([]Match, error) {
	query, args := q.selectStatement()
	rows, err := queryRows[matchRow](ctx, s, "matches", query, args...)
	if err != nil {
		return nil, err
	}
	matches := make([]Match, len(rows))
	for i, r := range rows {
		matches[i] = r.toMatch()
	}
	return matches, nil
}

// kickoffOrder is the kick-off, or noDate where there is none: NULL has no place in a comparison.
const kickoffOrder = `coalesce(m.kickoff, '9999-01-01 00:00:00+00')`

// selectStatement returns the statement for the query, and its arguments.
func (q MatchQuery) selectStatement() (string, []any) {
	var where conditions
	if q.Competition != "" {
		where.addCondition(`m.competition = ?`, q.Competition)
	}
	if q.Season != "" {
		where.addCondition(`m.season = ?`, q.Season)
		where.addCondition(`m.season_year = ?`, q.Season.Year())
	}
	if q.Team != "" {
		where.addCondition(`(m.home = ? OR m.away = ?)`, q.Team, q.Team)
	}
	if len(q.Status) > 0 {
		var phases []string
		for _, p := range q.Status {
			phases = append(phases, string(p))
		}
		where.addCondition(`m.phase = ANY(?)`, phases)
	}
	if !q.From.IsZero() {
		where.addCondition(`m.kickoff >= ?`, q.From)
	}
	if !q.To.IsZero() {
		where.addCondition(`m.kickoff < ?`, q.To)
	}
	direction, compare := "ASC", ">"
	if q.Descending {
		direction, compare = "DESC", "<"
	}
	if q.After != nil {
		where.addCondition(`(`+kickoffOrder+`, m.id) `+compare+` (?, ?)`, q.After.Kickoff, string(q.After.ID))
	}
	order := fmt.Sprintf(` ORDER BY %s %s, m.id %s LIMIT %d`, kickoffOrder, direction, direction, q.Limit)
	return selectMatches + where.whereClause() + order, where.args
}

// conditions are the parts of a WHERE clause, and the arguments that they refer to.
type conditions struct {
	texts []string
	args  []any
}

// addCondition adds a condition in which each question mark is one of the values.
func (c *conditions) addCondition(condition string, values ...any) {
	for _, v := range values {
		c.args = append(c.args, v)
		condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(c.args)), 1)
	}
	c.texts = append(c.texts, condition)
}

func (c *conditions) whereClause() string {
	if len(c.texts) == 0 {
		return ""
	}
	return ` WHERE ` + strings.Join(c.texts, " AND ")
}

// Match returns one match.
func (s *Store) Match(ctx context.Context, id football.MatchID) (Match, error) {
	row, err := queryRow[matchRow](ctx, s, fmt.Sprintf("match %q", id),
		selectMatches+` WHERE m.season_year = $1 AND m.id = $2`, seasonYear(id), id)
	return row.toMatch(), err
}
