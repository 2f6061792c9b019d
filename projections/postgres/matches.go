package postgres

import (
	"context"

	"github.com/touchline/touchline/schemas/football"
)

// Two topics write matches: match-features has the state as the stages derived it, and always wins. An announcement in
// match-events is kept only until the first feature record of the match, for a fixture may be known long before anyone
// forecasts it.

var matchesTable = &table[matchRow]{
	name: "matches", columns: matchColumns, key: []string{"season_year", "id"},
	newer: "new.sequence > old.sequence",
}

var announcedTable = &table[matchRow]{
	name: "matches", columns: matchColumns, key: []string{"season_year", "id"},
	newer: "old.sequence = 0 AND new.announced > old.announced",
}

// matchesBase is the base of the two projections that write matches, with what they write beside them: the partitions
// of their seasons, and the directory of their competitions and teams.
type matchesBase[F any] struct {
	base[F]
	directory *directory
	seasons   *yearlyPartitions
	seasonOf  func(*F) football.Season // "" of a fact that belongs to a pool
	changes   *directoryChanges        // of the last writeItems
}

func newMatchesBase[F any](b base[F], reference *football.Reference, seasonOf func(*F) football.Season) matchesBase[F] {
	return matchesBase[F]{base: b, directory: newDirectory(reference), seasons: newSeasonPartitions("matches"),
		seasonOf: seasonOf}
}

func (b *matchesBase[F]) prepareTables(ctx context.Context, c *connection, items []item[F]) error {
	return makeSeasons(ctx, b.seasons, c, items, b.seasonOf)
}

func (b *matchesBase[F]) afterCommit(int64, []item[F]) { b.changes.markWritten() }

// matchRow is a match from either topic.
type matchRow struct {
	match       football.MatchID
	pool        football.PoolID
	competition football.CompetitionID
	season      football.Season
	home, away  football.TeamID
	kickoff     football.Instant // 0 while it has no date
	neutral     bool
	tie         football.TieKind
	live        football.LiveState
	sequence    int64 // of the feature record; 0 of an announcement
	announced   int64 // sequence of the announcing event; 0 of a feature record
	changedAt   football.Instant
}

var matchColumns = []column[matchRow]{
	smallintColumn("season_year", func(m matchRow) int32 { return m.season.Year() }),
	textColumn("id", func(m matchRow) football.MatchID { return m.match }),
	textColumn("pool", func(m matchRow) football.PoolID { return m.pool }),
	textColumn("competition", func(m matchRow) football.CompetitionID { return m.competition }),
	textColumn("season", func(m matchRow) football.Season { return m.season }),
	textColumn("home", func(m matchRow) football.TeamID { return m.home }),
	textColumn("away", func(m matchRow) football.TeamID { return m.away }),
	optionalInstantColumn("kickoff", func(m matchRow) football.Instant { return m.kickoff }),
	boolColumn("neutral", func(m matchRow) bool { return m.neutral }),
	textColumn("phase", func(m matchRow) football.Phase { return m.live.Phase }),
	smallintColumn("period", func(m matchRow) int32 { return m.live.Clock.Period }),
	intColumn("elapsed", func(m matchRow) int32 { return m.live.Clock.Elapsed }),
	smallintColumn("home_goals", func(m matchRow) int32 { return m.live.HomeGoals }),
	smallintColumn("away_goals", func(m matchRow) int32 { return m.live.AwayGoals }),
	smallintColumn("home_reds", func(m matchRow) int32 { return m.live.HomeReds }),
	smallintColumn("away_reds", func(m matchRow) int32 { return m.live.AwayReds }),
	smallintColumn("home_shots", func(m matchRow) int32 { return m.live.HomeShots }),
	smallintColumn("away_shots", func(m matchRow) int32 { return m.live.AwayShots }),
	smallintColumn("home_on_target", func(m matchRow) int32 { return m.live.HomeOnTarget }),
	smallintColumn("away_on_target", func(m matchRow) int32 { return m.live.AwayOnTarget }),
	realColumn("home_xg", func(m matchRow) float64 { return m.live.HomeXG }),
	realColumn("away_xg", func(m matchRow) float64 { return m.live.AwayXG }),
	bigintColumn("sequence", func(m matchRow) int64 { return m.sequence }),
	bigintColumn("announced", func(m matchRow) int64 { return m.announced }),
	instantColumn("changed_at", func(m matchRow) football.Instant { return m.changedAt }),
	textColumn("tie", func(m matchRow) football.TieKind { return m.tie }),
	smallintColumn("home_extra", func(m matchRow) int32 { return m.live.HomeExtra }),
	smallintColumn("away_extra", func(m matchRow) int32 { return m.live.AwayExtra }),
	smallintColumn("home_kicks", func(m matchRow) int32 { return m.live.HomeKicks }),
	smallintColumn("away_kicks", func(m matchRow) int32 { return m.live.AwayKicks }),
	smallintColumn("home_penalties", func(m matchRow) int32 { return m.live.HomePenalties }),
	smallintColumn("away_penalties", func(m matchRow) int32 { return m.live.AwayPenalties }),
	textColumn("shootout_winner", func(m matchRow) football.Side { return m.live.ShootoutWinner }),
}

// derivedRow is a match as a feature record has it.
func derivedRow(f *football.MatchFeatures) matchRow {
	return matchRow{
		match: f.Match, pool: f.Pool, competition: f.Competition, season: f.Season, home: f.Home, away: f.Away,
		kickoff: f.Kickoff, neutral: f.Neutral, tie: f.Tie.Kind, live: f.Live, sequence: f.Sequence, changedAt: f.At,
	}
}

// announcedRows are the last announcement of each match in the batch.
func announcedRows(items []eventItem) []matchRow {
	announcements := lastOfEachKey(items, func(it eventItem) (football.MatchID, bool) {
		_, ok := it.fact.Body.(football.FixtureScheduled)
		return it.fact.Match, ok
	})
	rows := make([]matchRow, len(announcements))
	for i, it := range announcements {
		e := it.fact
		fixture := e.Body.(football.FixtureScheduled)
		phase := football.PreMatch
		if fixture.Kickoff == 0 {
			phase = football.Postponed
		}
		rows[i] = matchRow{
			match: e.Match, pool: e.Pool, competition: e.Competition, season: e.Season, home: e.Home, away: e.Away,
			kickoff: fixture.Kickoff, neutral: fixture.Neutral, tie: fixture.Tie.Kind,
			live:      football.LiveState{Phase: phase},
			announced: e.Sequence, changedAt: e.At,
		}
	}
	return rows
}
