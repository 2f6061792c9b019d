package postgres

import (
	"context"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

type featuresItem = item[football.MatchFeatures]

var ratingsTable = &table[ratingRow]{
	name: "ratings_history",
	columns: []column[ratingRow]{
		textColumn("team", func(r ratingRow) football.TeamID { return r.id }),
		textColumn("match", func(r ratingRow) football.MatchID { return r.record.Match }),
		bigintColumn("sequence", func(r ratingRow) int64 { return r.record.Sequence }),
		instantColumn("at", func(r ratingRow) football.Instant { return r.record.At }),
		optionalInstantColumn("kickoff", func(r ratingRow) football.Instant { return r.record.Kickoff }),
		boolColumn("settled", func(r ratingRow) bool { return r.record.Live.Phase == football.Settled }),
		doubleColumn("attack", func(r ratingRow) float64 { return r.team.Attack }),
		doubleColumn("defence", func(r ratingRow) float64 { return r.team.Defence }),
		doubleColumn("elo", func(r ratingRow) float64 { return r.team.Elo }),
		doubleColumn("pi_home", func(r ratingRow) float64 { return r.team.PiHome }),
		doubleColumn("pi_away", func(r ratingRow) float64 { return r.team.PiAway }),
		intColumn("played", func(r ratingRow) int32 { return r.team.Played }),
		doubleColumn("points", func(r ratingRow) float64 { return r.team.Points }),
	},
	key:   []string{"team", "match"},
	newer: "new.sequence > old.sequence",
}

// ratingRow is one team's part of a feature record.
type ratingRow struct {
	record *football.MatchFeatures
	id     football.TeamID
	team   *football.TeamFeatures
}

// featuresProjection writes matches with their live state, and the ratings that each team had before each match.
type featuresProjection struct {
	matchesBase[football.MatchFeatures]
}

func newFeaturesProjection(serde *wire.Serde, reference *football.Reference) *featuresProjection {
	return &featuresProjection{newMatchesBase(base[football.MatchFeatures]{
		topic: wire.TopicMatchFeatures, schema: wire.MatchFeatures, serde: serde,
		forget: `DELETE FROM matches WHERE sequence > 0; TRUNCATE ratings_history`,
		at:     func(f *football.MatchFeatures) football.Instant { return f.At },
	}, reference, func(f *football.MatchFeatures) football.Season { return f.Season })}
}

func (p *featuresProjection) writeItems(ctx context.Context, tx *transaction, items []featuresItem) error {
	p.changes = p.directory.newChanges()
	var matches []matchRow
	for _, it := range lastOfEachKey(items, featuresKey) {
		f := it.fact
		p.changes.addCompetition(f.Competition, f.Pool)
		p.changes.addTeam(f.Home, f.Pool, "")
		p.changes.addTeam(f.Away, f.Pool, "")
		matches = append(matches, derivedRow(f))
	}
	if err := p.changes.writeRows(ctx, tx); err != nil {
		return err
	}
	if err := matchesTable.mergeRows(ctx, tx, matches); err != nil {
		return err
	}
	var ratings []ratingRow
	for _, it := range lastOfEachKey(items, ratingsKey) {
		f := it.fact
		ratings = append(ratings, ratingRow{f, f.Home, &f.HomeTeam}, ratingRow{f, f.Away, &f.AwayTeam})
	}
	return ratingsTable.mergeRows(ctx, tx, ratings)
}

func featuresKey(it featuresItem) (football.MatchID, bool) { return it.fact.Match, true }

// ratingsKey picks the records that count for the ratings: of a match that is announced, and of one that is settled.
func ratingsKey(it featuresItem) (football.MatchID, bool) {
	announced := it.fact.Trigger == football.FixtureScheduled{}.Kind()
	return it.fact.Match, announced || it.fact.Live.Phase == football.Settled
}
