package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

type outlookItem = item[football.Outlook]

// outlookRow is an outlook with its teams as JSON, which is encoded before the rows are: encoding can fail.
type outlookRow struct {
	outlookItem
	teams []byte
}

var outlooksTable = &table[outlookRow]{
	name: "outlooks",
	columns: []column[outlookRow]{
		smallintColumn("season_year", func(r outlookRow) int32 { return r.fact.Season.Year() }),
		textColumn("competition", func(r outlookRow) football.CompetitionID { return r.fact.Competition }),
		textColumn("season", func(r outlookRow) football.Season { return r.fact.Season }),
		bigintColumn("sequence", func(r outlookRow) int64 { return r.fact.Sequence }),
		instantColumn("at", func(r outlookRow) football.Instant { return r.fact.At }),
		textColumn("match", func(r outlookRow) football.MatchID { return r.fact.Match }),
		intColumn("settled", func(r outlookRow) int32 { return r.fact.Settled }),
		intColumn("remaining", func(r outlookRow) int32 { return r.fact.Remaining }),
		intColumn("seasons", func(r outlookRow) int32 { return r.fact.Seasons }),
		textColumn("results", func(r outlookRow) string { return r.fact.Results }),
		jsonColumn("teams", func(r outlookRow) []byte { return r.teams }),
		bigintColumn("log_offset", func(r outlookRow) int64 { return r.record.Offset }),
	},
	key:   []string{"season_year", "competition", "season", "sequence"},
	newer: "new.log_offset > old.log_offset",
}

// TeamOutlook is a team's part of an outlook, as the JSON of the column teams has it.
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
	base[football.Outlook]
	seasons *yearlyPartitions
}

func newOutlooksProjection(serde *wire.Serde) *outlooksProjection {
	return &outlooksProjection{
		base: base[football.Outlook]{
			topic: wire.TopicOutlooks, schema: wire.Outlook, serde: serde, forget: `TRUNCATE outlooks`,
			at: func(o *football.Outlook) football.Instant { return o.At },
		},
		seasons: newSeasonPartitions("outlooks"),
	}
}

func (p *outlooksProjection) prepareTables(ctx context.Context, c *connection, items []outlookItem) error {
	return makeSeasons(ctx, p.seasons, c, items, func(f *football.Outlook) football.Season { return f.Season })
}

func (p *outlooksProjection) writeItems(ctx context.Context, tx *transaction, items []outlookItem) error {
	var rows []outlookRow
	for _, it := range lastOfEachKey(items, outlookKey) {
		teams, err := encodeTeams(it.fact)
		if err != nil {
			return err
		}
		rows = append(rows, outlookRow{it, teams})
	}
	return outlooksTable.mergeRows(ctx, tx, rows)
}

func outlookKey(it outlookItem) (string, bool) {
	o := it.fact
	return fmt.Sprintf("%s~%s~%d", o.Competition, o.Season, o.Sequence), true
}

func encodeTeams(o *football.Outlook) ([]byte, error) {
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
