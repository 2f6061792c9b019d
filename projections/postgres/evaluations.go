package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

var evaluationsTable = &table{
	name: "evaluations",
	columns: []string{"match", "model", "checkpoint", "revision", "model_version", "competition", "season", "kickoff", "at", "home",
		"draw", "away", "over_2_5", "home_goals", "away_goals", "rps", "log_loss", "brier"},
	key:   []string{"match", "model", "checkpoint"},
	newer: "new.revision >= old.revision",
}

// evaluationsProjection writes evaluations, and sums up again the seasons that a batch touches. Summing up again costs
// a scan of a season and can't drift; adding differences could.
type evaluationsProjection struct {
	base
	rows copyBuffer
}

func newEvaluationsProjection(serde *wire.Serde) *evaluationsProjection {
	return &evaluationsProjection{base: base{name: wire.TopicEvaluations, schema: wire.Evaluation, serde: serde,
		dropSQL: `TRUNCATE evaluations, model_quality, model_calibration`}}
}

func (p *evaluationsProjection) write(ctx context.Context, tx *transaction, items []item) error {
	p.rows.reset()
	seasons := map[string]bool{}
	for _, it := range last(items, evaluationKey) {
		e := it.fact.(*football.Evaluation)
		seasons[string(e.Competition)+"\x1f"+string(e.Season)] = true
		p.rows.row(len(evaluationsTable.columns))
		p.rows.text(string(e.Match))
		p.rows.text(e.Model.ID)
		p.rows.text(string(e.Checkpoint))
		p.rows.int4(e.Revision)
		p.rows.int4(e.Model.Version)
		p.rows.text(string(e.Competition))
		p.rows.text(string(e.Season))
		p.rows.knownInstant(e.Kickoff)
		p.rows.instant(e.At)
		for _, v := range []float64{e.Forecast.Home, e.Forecast.Draw, e.Forecast.Away} {
			p.rows.float8(v)
		}
		p.rows.probability(e.Over25)
		p.rows.int2(e.HomeGoals)
		p.rows.int2(e.AwayGoals)
		for _, v := range []float64{e.RPS, e.LogLoss, e.Brier} {
			p.rows.float8(v)
		}
	}
	if err := tx.merge(ctx, evaluationsTable, &p.rows); err != nil {
		return err
	}
	return sumSeasons(ctx, tx, sortedKeys(seasons))
}

func evaluationKey(it item) (string, bool) {
	e := it.fact.(*football.Evaluation)
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
			SELECT competition, season, model, checkpoint, least(19, floor(p * 20))::smallint AS bin, count(*), sum(p), count(*) FILTER (WHERE hit)
			FROM evaluations JOIN touched USING (competition, season),
				LATERAL (VALUES (home, home_goals > away_goals), (draw, home_goals = away_goals), (away, home_goals < away_goals)) AS r (p, hit)
			GROUP BY competition, season, model, checkpoint, bin`,
	} {
		if _, err := tx.Exec(ctx, touched+statement, competitions, names); err != nil {
			return fmt.Errorf("sum up evaluations: %w", err)
		}
	}
	return nil
}
