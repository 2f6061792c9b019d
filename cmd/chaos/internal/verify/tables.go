package verify

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/touchline/touchline/schemas/football"
)

// readModel is a table with the columns that are compared: the first ones are its key.
type readModel struct {
	name    string
	keys    int
	columns string
}

// readModels are the tables, in the order in which Facts writes their columns.
var readModels = []readModel{
	{"match_events", 2, "match, sequence, kind, at, source, source_event_id, partition, log_offset, body"},
	{"matches", 1, "id, pool, competition, season, home, away, kickoff, neutral, phase, period, elapsed, home_goals, " +
		"away_goals, home_reds, " +
		"away_reds, home_shots, away_shots, home_on_target, away_on_target, home_xg, away_xg, sequence, announced, " +
		"changed_at, " +
		"tie, home_extra, away_extra, home_kicks, away_kicks, home_penalties, away_penalties, shootout_winner"},
	{"predictions_latest", 2,
		"match, model, model_version, sequence, competition, season, kickoff, at, phase, home, draw, away, " +
			"expected_home, expected_away, over_2_5, both_score, frame, partition, log_offset"},
	{"predictions_history", 4,
		"match, model, sequence, at, model_version, trigger, phase, period, elapsed, home_goals, away_goals, " +
			"home_reds, away_reds, home, draw, away, expected_home, expected_away, over_2_5, both_score, " +
			"stage_version, partition, log_offset"},
	{"ratings_history", 2,
		"team, match, sequence, at, kickoff, settled, attack, defence, elo, pi_home, pi_away, played, points"},
	{"evaluations", 3, "match, model, checkpoint, revision, model_version, competition, season, kickoff, at, home, " +
		"draw, away, over_2_5, " +
		"home_goals, away_goals, rps, log_loss, brier"},
	{"quarantine_entries", 2,
		"partition, log_offset, stage, stage_version, reason, field, source_topic, source_partition, source_offset, " +
			"original_size, digest"},
}

// CheckTables holds the tables against what the topics say.
func CheckTables(ctx context.Context, url string, facts *Facts) ([]Result, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("connect to Postgres: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var results []Result
	for _, t := range readModels {
		found, err := readTable(ctx, conn, t)
		if err != nil {
			return nil, fmt.Errorf("read table %s: %w", t.name, err)
		}
		results = append(results, CompareRows("table "+t.name, facts.tables[t.name], found))
	}
	for _, count := range counts {
		one := Result{Name: count.name}
		if err := conn.QueryRow(ctx, count.query).Scan(&one.Foreign); err != nil {
			return nil, fmt.Errorf("count %s: %w", count.name, err)
		}
		one.Found = one.Foreign
		results = append(results, one)
	}
	return results, nil
}

// counts are what there must be none of.
var counts = []struct{ name, query string }{
	{"parked records", `SELECT count(*) FROM touchline.parked_records`},
	{"topics of a later epoch", `SELECT count(*) FROM touchline.topics WHERE epoch <> 1`},
	{"sums that are not those of rows", `
		SELECT count(*) FROM touchline.model_quality q FULL JOIN (
			SELECT competition, season, model, checkpoint, count(*) AS n, sum(rps) AS rps, sum(log_loss) AS log_loss,
				sum(brier) AS brier
			FROM touchline.evaluations GROUP BY competition, season, model, checkpoint
		) e USING (competition, season, model, checkpoint)
		WHERE (q.n = e.n AND abs(q.rps - e.rps) < 1e-6 AND abs(q.log_loss - e.log_loss) < 1e-6
			AND abs(q.brier - e.brier) < 1e-6) IS NOT TRUE`},
}

func readTable(ctx context.Context, conn *pgx.Conn, t readModel) (map[string]string, error) {
	rows, err := conn.Query(ctx, "SELECT "+t.columns+" FROM touchline."+t.name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return nil, err
		}
		if t.name == "match_events" {
			last := len(values) - 1
			if values[last], err = canonical(values[last]); err != nil {
				return nil, err
			}
		}
		found[comparableText(values[:t.keys]...)] = comparableText(values[t.keys:]...)
	}
	return found, rows.Err()
}

// instantOrNil is an instant, or nil for none.
func instantOrNil(at football.Instant) any {
	if at == 0 {
		return nil
	}
	return at
}

// comparableText writes values alike wherever they come from: an instant as milliseconds, bytes as a sum.
func comparableText(values ...any) string {
	var out strings.Builder
	for i, v := range values {
		if i > 0 {
			out.WriteByte('|')
		}
		out.WriteString(columnText(v))
	}
	return out.String()
}

func columnText(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case time.Time:
		return strconv.FormatInt(v.UnixMilli(), 10)
	case football.Instant:
		return strconv.FormatInt(int64(v), 10)
	case []byte:
		return fmt.Sprintf("%x", bodySum(v))
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String:
		return r.String()
	default:
		return fmt.Sprint(v)
	}
}
