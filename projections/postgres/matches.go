package postgres

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Two topics write matches: match-features has the state as the stages derived it, and always wins. An announcement in
// match-events stands only until the first feature record of the match, for a fixture may be known long before anyone
// forecasts it.

var matchColumns = []string{"season_year", "id", "pool", "competition", "season", "home", "away", "kickoff", "neutral",
	"phase", "period", "elapsed", "home_goals", "away_goals", "home_reds", "away_reds", "home_shots", "away_shots",
	"home_on_target", "away_on_target", "home_xg", "away_xg", "sequence", "announced", "changed_at",
	"tie", "home_extra", "away_extra", "home_kicks", "away_kicks", "home_penalties", "away_penalties", "shootout_winner"}

var matchesTable = &table{
	name: "matches", columns: matchColumns, key: []string{"season_year", "id"},
	newer: "new.sequence > old.sequence",
}

var announcedTable = &table{
	name: "matches", columns: matchColumns, key: []string{"season_year", "id"},
	newer: "old.sequence = 0 AND new.announced > old.announced",
}

var ratingsTable = &table{
	name: "ratings_history",
	columns: []string{"team", "match", "sequence", "at", "kickoff", "settled", "attack", "defence", "elo", "pi_home", "pi_away",
		"played", "points"},
	key:   []string{"team", "match"},
	newer: "new.sequence > old.sequence",
}

// featuresProjection writes matches with their live state, and the ratings that stood before each match.
type featuresProjection struct {
	base
	names   *names
	seasons *years
	cache   *cache.Writer
	pending *newNamesOf
	rows    copyBuffer
}

func newFeaturesProjection(serde *wire.Serde, reference *football.Reference, cache *cache.Writer) *featuresProjection {
	return &featuresProjection{
		base: base{name: wire.TopicMatchFeatures, schema: wire.MatchFeatures, serde: serde,
			dropSQL: `DELETE FROM matches WHERE sequence > 0; TRUNCATE ratings_history`},
		names:   newNames(reference),
		seasons: newSeasonYears("matches"),
		cache:   cache,
	}
}

func (p *featuresProjection) decode(ctx context.Context, r *kgo.Record) (any, football.Instant, error) {
	fact, err := wire.Decode(ctx, p.serde, wire.MatchFeatures, r.Value)
	if err != nil {
		return nil, 0, err
	}
	return fact, fact.At, nil
}

func (p *featuresProjection) prepare(ctx context.Context, s *session, items []item) error {
	wanted := map[int]bool{}
	for _, it := range items {
		wanted[int(SeasonYear(it.fact.(*football.MatchFeatures).Season))] = true
	}
	return p.seasons.need(ctx, s, wanted)
}

func (p *featuresProjection) write(ctx context.Context, tx *transaction, items []item) error {
	p.pending = p.names.batch()
	p.rows.reset()
	for _, it := range last(items, featuresKey) {
		f := it.fact.(*football.MatchFeatures)
		p.pending.competition(f.Competition, f.Pool)
		p.pending.team(f.Home, f.Pool, "")
		p.pending.team(f.Away, f.Pool, "")
		writeMatch(&p.rows, f)
	}
	if err := p.pending.write(ctx, tx); err != nil {
		return err
	}
	if err := tx.merge(ctx, matchesTable, &p.rows); err != nil {
		return err
	}
	p.rows.reset()
	for _, it := range last(items, ratingsKey) {
		f := it.fact.(*football.MatchFeatures)
		writeRating(&p.rows, f, f.Home, &f.HomeTeam)
		writeRating(&p.rows, f, f.Away, &f.AwayTeam)
	}
	return tx.merge(ctx, ratingsTable, &p.rows)
}

// committed tells the cache the live state of the matches that are not over, or just ended.
func (p *featuresProjection) committed(epoch int64, items []item) {
	p.pending.committed()
	if p.cache == nil {
		return
	}
	for _, it := range last(items, featuresKey) {
		f := it.fact.(*football.MatchFeatures)
		position := cache.Position{Epoch: epoch, Partition: it.record.Partition, Offset: it.record.Offset}
		p.cache.PutLive(position, cache.LiveMatch{Match: f.Match, Kickoff: f.Kickoff, At: f.At, Sequence: f.Sequence, Live: f.Live})
	}
}

func featuresKey(it item) (football.MatchID, bool) {
	return it.fact.(*football.MatchFeatures).Match, true
}

// ratingsKey picks the records that count for the ratings: of a match that is announced, and of one that is settled.
func ratingsKey(it item) (football.MatchID, bool) {
	f := it.fact.(*football.MatchFeatures)
	return f.Match, f.Live.Phase == football.Settled || f.Trigger == football.FixtureScheduled{}.Kind()
}

func writeMatch(rows *copyBuffer, f *football.MatchFeatures) {
	rows.row(len(matchColumns))
	writeFixture(rows, f.Match, f.Pool, f.Competition, f.Season, f.Home, f.Away, f.Kickoff, f.Neutral)
	l := &f.Live
	rows.text(string(l.Phase))
	rows.int2(l.Clock.Period)
	rows.int4(l.Clock.Elapsed)
	for _, n := range []int32{l.HomeGoals, l.AwayGoals, l.HomeReds, l.AwayReds, l.HomeShots, l.AwayShots, l.HomeOnTarget, l.AwayOnTarget} {
		rows.int2(n)
	}
	rows.float4(l.HomeXG)
	rows.float4(l.AwayXG)
	rows.int8(f.Sequence)
	rows.int8(0)
	rows.instant(f.At)
	writeTie(rows, f.Tie.Kind, l)
}

func writeTie(rows *copyBuffer, kind football.TieKind, l *football.LiveState) {
	rows.text(string(kind))
	for _, n := range []int32{l.HomeExtra, l.AwayExtra, l.HomeKicks, l.AwayKicks, l.HomePenalties, l.AwayPenalties} {
		rows.int2(n)
	}
	rows.text(string(l.ShootoutWinner))
}

// announceMatches writes the last announcement of each match in the batch.
func announceMatches(rows *copyBuffer, items []item) {
	rows.reset()
	announcements := last(items, func(it item) (football.MatchID, bool) {
		e := it.fact.(*football.MatchEvent)
		_, ok := e.Body.(football.FixtureScheduled)
		return e.Match, ok
	})
	for _, it := range announcements {
		e := it.fact.(*football.MatchEvent)
		fixture := e.Body.(football.FixtureScheduled)
		phase := football.PreMatch
		if fixture.Kickoff == 0 {
			phase = football.Postponed
		}
		rows.row(len(matchColumns))
		writeFixture(rows, e.Match, e.Pool, e.Competition, e.Season, e.Home, e.Away, fixture.Kickoff, fixture.Neutral)
		rows.text(string(phase))
		rows.int2(0)
		rows.int4(0)
		for range 8 {
			rows.int2(0)
		}
		rows.float4(0)
		rows.float4(0)
		rows.int8(0)
		rows.int8(e.Sequence)
		rows.instant(e.At)
		writeTie(rows, fixture.Tie.Kind, &football.LiveState{})
	}
}

func writeFixture(rows *copyBuffer, match football.MatchID, pool football.PoolID, competition football.CompetitionID,
	season football.Season, home, away football.TeamID, kickoff football.Instant, neutral bool) {
	rows.int2(SeasonYear(season))
	rows.text(string(match))
	rows.text(string(pool))
	rows.text(string(competition))
	rows.text(string(season))
	rows.text(string(home))
	rows.text(string(away))
	rows.knownInstant(kickoff)
	rows.bool(neutral)
}

func writeRating(rows *copyBuffer, f *football.MatchFeatures, team football.TeamID, t *football.TeamFeatures) {
	rows.row(len(ratingsTable.columns))
	rows.text(string(team))
	rows.text(string(f.Match))
	rows.int8(f.Sequence)
	rows.instant(f.At)
	rows.knownInstant(f.Kickoff)
	rows.bool(f.Live.Phase == football.Settled)
	for _, v := range []float64{t.Attack, t.Defence, t.Elo, t.PiHome, t.PiAway} {
		rows.float8(v)
	}
	rows.int4(t.Played)
	rows.float8(t.Points)
}
