package readmodel

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/schemas/football"
)

// Competition is a competition with the seasons that have matches, newest first.
type Competition struct {
	ID      football.CompetitionID
	Name    string
	Country string
	Pool    football.PoolID
	Level   int32
	Seasons []string
}

const selectCompetitions = `SELECT c.id, c.name, c.country, c.pool, c.level,
	ARRAY(SELECT DISTINCT m.season FROM matches m WHERE m.competition = c.id ORDER BY 1 DESC) FROM competitions c`

// Competitions returns all competitions, by id.
func (s *Store) Competitions(ctx context.Context) ([]Competition, error) {
	return many[Competition](ctx, s, "competitions", selectCompetitions+` ORDER BY c.id`)
}

// Competition returns one competition.
func (s *Store) Competition(ctx context.Context, id football.CompetitionID) (Competition, error) {
	return one[Competition](ctx, s, fmt.Sprintf("competition %q", id), selectCompetitions+` WHERE c.id = $1`, id)
}

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

// matchRow is a Match as the columns come.
type matchRow struct {
	ID                                                                                              football.MatchID
	Pool                                                                                            football.PoolID
	Competition                                                                                     football.CompetitionID
	Season                                                                                          football.Season
	Home, Away                                                                                      football.TeamID
	HomeName, AwayName                                                                              string
	Kickoff                                                                                         *time.Time
	Neutral                                                                                         bool
	Phase                                                                                           football.Phase
	Period, Elapsed, HomeGoals, AwayGoals, HomeReds, AwayReds, HomeShots, AwayShots, HomeOn, AwayOn int32
	HomeXG, AwayXG                                                                                  float64
	Sequence                                                                                        int64
	ChangedAt                                                                                       time.Time
	Tie                                                                                             football.TieKind
	HomeExtra, AwayExtra, HomeKicks, AwayKicks, HomePenalties, AwayPenalties                        int32
	ShootoutWinner                                                                                  football.Side
}

const selectMatches = `SELECT m.id, m.pool, m.competition, m.season, m.home, m.away, coalesce(h.name, m.home), coalesce(a.name, m.away),
	m.kickoff, m.neutral, m.phase, m.period::int, m.elapsed, m.home_goals::int, m.away_goals::int, m.home_reds::int, m.away_reds::int,
	m.home_shots::int, m.away_shots::int, m.home_on_target::int, m.away_on_target::int, m.home_xg::float8, m.away_xg::float8, m.sequence,
	m.changed_at, m.tie, m.home_extra::int, m.away_extra::int, m.home_kicks::int, m.away_kicks::int, m.home_penalties::int,
	m.away_penalties::int, m.shootout_winner FROM matches m LEFT JOIN teams h ON h.id = m.home LEFT JOIN teams a ON a.id = m.away`

func (r matchRow) match() Match {
	return Match{
		ID: r.ID, Pool: r.Pool, Competition: r.Competition, Season: r.Season, Home: r.Home, Away: r.Away, HomeName: r.HomeName,
		AwayName: r.AwayName, Kickoff: r.Kickoff, Neutral: r.Neutral, Tie: r.Tie, Sequence: r.Sequence, ChangedAt: r.ChangedAt,
		Live: football.LiveState{
			Phase: r.Phase, Clock: football.Clock{Period: r.Period, Elapsed: r.Elapsed}, HomeGoals: r.HomeGoals, AwayGoals: r.AwayGoals,
			HomeReds: r.HomeReds, AwayReds: r.AwayReds, HomeShots: r.HomeShots, AwayShots: r.AwayShots, HomeOnTarget: r.HomeOn,
			AwayOnTarget: r.AwayOn, HomeXG: r.HomeXG, AwayXG: r.AwayXG, HomeExtra: r.HomeExtra, AwayExtra: r.AwayExtra,
			HomeKicks: r.HomeKicks, AwayKicks: r.AwayKicks, HomePenalties: r.HomePenalties, AwayPenalties: r.AwayPenalties,
			ShootoutWinner: r.ShootoutWinner,
		},
	}
}

// MatchQuery says which matches, and how many of them after which. Zero fields do not filter.
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

// noDate is where matches without a kick-off stand in the order.
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
	var where []string
	var args []any
	add := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		where = append(where, condition)
	}
	kickoff := `coalesce(m.kickoff, '9999-01-01 00:00:00+00')`
	if q.Competition != "" {
		add(`m.competition = ?`, q.Competition)
	}
	if q.Season != "" {
		add(`m.season = ?`, q.Season)
		add(`m.season_year = ?`, postgres.SeasonYear(q.Season))
	}
	if q.Team != "" {
		add(`(m.home = ? OR m.away = ?)`, q.Team, q.Team)
	}
	if len(q.Status) > 0 {
		var phases []string
		for _, p := range q.Status {
			phases = append(phases, string(p))
		}
		add(`m.phase = ANY(?)`, phases)
	}
	if !q.From.IsZero() {
		add(`m.kickoff >= ?`, q.From)
	}
	if !q.To.IsZero() {
		add(`m.kickoff < ?`, q.To)
	}
	direction, compare := "ASC", ">"
	if q.Descending {
		direction, compare = "DESC", "<"
	}
	if q.After != nil {
		add(`(`+kickoff+`, m.id) `+compare+` (?, ?)`, q.After.Kickoff, string(q.After.ID))
	}
	query := selectMatches
	if len(where) > 0 {
		query += ` WHERE ` + strings.Join(where, " AND ")
	}
	query += fmt.Sprintf(` ORDER BY %s %s, m.id %s LIMIT %d`, kickoff, direction, direction, q.Limit)
	rows, err := many[matchRow](ctx, s, "matches", query, args...)
	if err != nil {
		return nil, err
	}
	matches := make([]Match, len(rows))
	for i, r := range rows {
		matches[i] = r.match()
	}
	return matches, nil
}

// Match returns one match.
func (s *Store) Match(ctx context.Context, id football.MatchID) (Match, error) {
	row, err := one[matchRow](ctx, s, fmt.Sprintf("match %q", id), selectMatches+` WHERE m.season_year = $1 AND m.id = $2`, seasonYear(id), id)
	return row.match(), err
}

// Event is something that happened in a match.
type Event struct {
	Sequence int64
	Kind     string
	At       time.Time
	Source   string
	Body     json.RawMessage
}

// Events returns a match's events after a sequence, in order.
func (s *Store) Events(ctx context.Context, match football.MatchID, after int64, limit int) ([]Event, error) {
	return many[Event](ctx, s, "events", `SELECT sequence, kind, at, source, body FROM match_events
		WHERE match = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`, match, after, limit)
}

// TableRow is a team's line in a league table.
type TableRow struct {
	Position, Played, Won, Drawn, Lost, GoalsFor, GoalsAgainst, GoalDifference, Points int64
	Team                                                                               football.TeamID
	Name                                                                               string
}

// Table returns the league table of a season as of the matches that are settled.
func (s *Store) Table(ctx context.Context, competition football.CompetitionID, season football.Season) ([]TableRow, error) {
	return many[TableRow](ctx, s, "table", `SELECT position, played, won, drawn, lost, goals_for::bigint, goals_against::bigint,
			goal_difference::bigint, points::bigint, team, coalesce(t.name, team)
		FROM league_tables LEFT JOIN teams t ON t.id = team WHERE competition = $1 AND season = $2 ORDER BY position, team`, competition, season)
}

// Team is a team.
type Team struct {
	ID   football.TeamID
	Name string
	Pool football.PoolID
}

// Team returns one team.
func (s *Store) Team(ctx context.Context, id football.TeamID) (Team, error) {
	return one[Team](ctx, s, fmt.Sprintf("team %q", id), `SELECT id, name, pool FROM teams WHERE id = $1`, id)
}

// Rating is what was known of a team before a match.
type Rating struct {
	Match                                football.MatchID
	At                                   time.Time
	Kickoff                              *time.Time
	Attack, Defence, Elo, PiHome, PiAway float64
	Played                               int32
	Points                               float64
}

// Ratings returns a team's ratings, newest first.
func (s *Store) Ratings(ctx context.Context, team football.TeamID, limit int) ([]Rating, error) {
	return many[Rating](ctx, s, "ratings", `SELECT match, at, kickoff, attack, defence, elo, pi_home, pi_away, played, points
		FROM ratings_history WHERE team = $1 ORDER BY kickoff DESC NULLS LAST, at DESC LIMIT $2`, team, limit)
}
