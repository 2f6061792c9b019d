package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

var outlooksTable = &table{
	name: "outlooks",
	columns: []string{"season_year", "competition", "season", "sequence", "at", "match", "settled", "remaining", "seasons", "results",
		"teams", "log_offset"},
	key:   []string{"season_year", "competition", "season", "sequence"},
	newer: "new.log_offset > old.log_offset",
}

// TeamOutlook is a team's part of an outlook as the column teams holds it.
type TeamOutlook struct {
	Team           football.TeamID        `json:"team"`
	Played         int32                  `json:"played"`
	Points         int32                  `json:"points"`
	GoalDifference int32                  `json:"goal_difference"`
	GoalsFor       int32                  `json:"goals_for"`
	ExpectedPoints float64                `json:"expected_points"`
	Positions      []float32              `json:"positions"`
	Places         []football.PlaceChance `json:"places"`
}

// outlooksProjection writes outlooks.
type outlooksProjection struct {
	base
	seasons *years
	rows    copyBuffer
}

func newOutlooksProjection(serde *wire.Serde) *outlooksProjection {
	return &outlooksProjection{
		base:    base{name: wire.TopicOutlooks, schema: wire.Outlook, serde: serde, dropSQL: `TRUNCATE outlooks`},
		seasons: newSeasonYears("outlooks"),
	}
}

func (p *outlooksProjection) decode(ctx context.Context, r *kgo.Record) (any, football.Instant, error) {
	fact, _, err := p.base.decode(ctx, r)
	if err != nil {
		return nil, 0, err
	}
	return fact, fact.(*football.Outlook).At, nil
}

func (p *outlooksProjection) prepare(ctx context.Context, s *session, items []item) error {
	wanted := map[int]bool{}
	for _, it := range items {
		wanted[int(SeasonYear(it.fact.(*football.Outlook).Season))] = true
	}
	return p.seasons.need(ctx, s, wanted)
}

func (p *outlooksProjection) write(ctx context.Context, tx *transaction, items []item) error {
	p.rows.reset()
	for _, it := range last(items, outlookKey) {
		o := it.fact.(*football.Outlook)
		teams, err := outlookTeams(o)
		if err != nil {
			return err
		}
		p.rows.row(len(outlooksTable.columns))
		p.rows.int2(SeasonYear(o.Season))
		p.rows.text(string(o.Competition))
		p.rows.text(string(o.Season))
		p.rows.int8(o.Sequence)
		p.rows.instant(o.At)
		p.rows.text(string(o.Match))
		p.rows.int4(o.Settled)
		p.rows.int4(o.Remaining)
		p.rows.int4(o.Seasons)
		p.rows.text(o.Results)
		p.rows.jsonb(teams)
		p.rows.int8(it.record.Offset)
	}
	return tx.merge(ctx, outlooksTable, &p.rows)
}

func outlookKey(it item) (string, bool) {
	o := it.fact.(*football.Outlook)
	return fmt.Sprintf("%s~%s~%d", o.Competition, o.Season, o.Sequence), true
}

func outlookTeams(o *football.Outlook) ([]byte, error) {
	teams := make([]TeamOutlook, len(o.Teams))
	for i, t := range o.Teams {
		teams[i] = TeamOutlook(t)
	}
	text, err := json.Marshal(teams)
	if err != nil {
		return nil, fmt.Errorf("encode the teams of an outlook: %w", err)
	}
	return text, nil
}
