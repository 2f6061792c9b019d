package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

type evaluationItem = item[football.Evaluation]

var evaluationsTable = &table[evaluationItem]{
	name: "evaluations",
	columns: []column[evaluationItem]{
		textColumn("match", func(it evaluationItem) football.MatchID { return it.fact.Match }),
		textColumn("model", func(it evaluationItem) string { return it.fact.Model.ID }),
		textColumn("checkpoint", func(it evaluationItem) football.Checkpoint { return it.fact.Checkpoint }),
		intColumn("revision", func(it evaluationItem) int32 { return it.fact.Revision }),
		intColumn("model_version", func(it evaluationItem) int32 { return it.fact.Model.Version }),
		textColumn("competition", func(it evaluationItem) football.CompetitionID { return it.fact.Competition }),
		textColumn("season", func(it evaluationItem) football.Season { return it.fact.Season }),
		optionalInstantColumn("kickoff", func(it evaluationItem) football.Instant { return it.fact.Kickoff }),
		instantColumn("at", func(it evaluationItem) football.Instant { return it.fact.At }),
		doubleColumn("home", func(it evaluationItem) float64 { return it.fact.Forecast.Home }),
		doubleColumn("draw", func(it evaluationItem) float64 { return it.fact.Forecast.Draw }),
		doubleColumn("away", func(it evaluationItem) float64 { return it.fact.Forecast.Away }),
		optionalProbabilityColumn("over_2_5", func(it evaluationItem) float64 { return it.fact.Over25 }),
		smallintColumn("home_goals", func(it evaluationItem) int32 { return it.fact.HomeGoals }),
		smallintColumn("away_goals", func(it evaluationItem) int32 { return it.fact.AwayGoals }),
		doubleColumn("rps", func(it evaluationItem) float64 { return it.fact.RPS }),
		doubleColumn("log_loss", func(it evaluationItem) float64 { return it.fact.LogLoss }),
		doubleColumn("brier", func(it evaluationItem) float64 { return it.fact.Brier }),
	},
	key:   []string{"match", "model", "checkpoint"},
	newer: "new.revision >= old.revision",
}

// evaluationsProjection writes evaluations, and sums up again the seasons that a batch touches. Summing up again costs
// a scan of a season and can't drift; adding differences could.
type evaluationsProjection struct {
	base[football.Evaluation]
}

func newEvaluationsProjection(serde *wire.Serde) *evaluationsProjection {
	return &evaluationsProjection{base[football.Evaluation]{
		topic: wire.TopicEvaluations, schema: wire.Evaluation, serde: serde,
		forget: `TRUNCATE evaluations, model_quality, model_calibration`,
	}}
}

func (p *evaluationsProjection) writeItems(ctx context.Context, tx *transaction, items []evaluationItem) error {
	rows := lastOfEachKey(items, evaluationKey)
	seasons := map[string]bool{}
	for _, it := range rows {
		seasons[string(it.fact.Competition)+"\x1f"+string(it.fact.Season)] = true
	}
	if err := evaluationsTable.mergeRows(ctx, tx, rows); err != nil {
		return err
	}
	return sumSeasons(ctx, tx, sortedKeys(seasons))
}

func evaluationKey(it evaluationItem) (string, bool) {
	e := it.fact
	return string(e.Match) + "~" + e.Model.ID + "~" + string(e.Checkpoint), true
}

// sumSeasons sums the evaluations of seasons up again. A season's competition is in one pool, so in one partition: no
// other projector does the same at the same time.
func sumSeasons(ctx context.Context, tx *transaction, seasons []string) error {
	var competitions, names []string
	for _, s := range seasons {
		competition, season, _ := strings.Cut(s, "\x1f")
		competitions, names = append(competitions, competition), append(names, season)
	}
	const touched = `WITH touched AS (SELECT * FROM unnest($1::text[], $2::text[]) AS t (competition, season)) `
	for _, statement := range []string{
		`DELETE FROM model_quality q USING touched t WHERE q.competition = t.competition AND q.season = t.season`,
		`DELETE FROM model_calibration q USING touched t WHERE q.competition = t.competition AND q.season = t.season`,
		`INSERT INTO model_quality (competition, season, model, checkpoint, n, rps, log_loss, brier)
			SELECT competition, season, model, checkpoint, count(*), sum(rps), sum(log_loss), sum(brier)
			FROM evaluations JOIN touched USING (competition, season) GROUP BY competition, season, model, checkpoint`,
		`INSERT INTO model_calibration (competition, season, model, checkpoint, bin, n, forecast, happened)
			SELECT competition, season, model, checkpoint, least(19, floor(p * 20))::smallint AS bin, count(*), sum(p),
				count(*) FILTER (WHERE hit)
			FROM evaluations JOIN touched USING (competition, season),
				LATERAL (VALUES (home, home_goals > away_goals), (draw, home_goals = away_goals),
					(away, home_goals < away_goals)) AS r (p, hit)
			GROUP BY competition, season, model, checkpoint, bin`,
	} {
		if _, err := tx.Exec(ctx, touched+statement, competitions, names); err != nil {
			return fmt.Errorf("sum up evaluations: %w", err)
		}
	}
	return nil
}
