package readmodel

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Forecast is the latest forecast of a match and model, as it is in the log.
type Forecast struct {
	Match    football.MatchID
	Model    string
	Frame    []byte // the value of the record
	Position wire.Position
}

type forecastRow struct {
	Match     football.MatchID
	Model     string
	Frame     []byte
	Epoch     int64
	Partition int32
	LogOffset int64
}

func (r forecastRow) forecast() Forecast {
	position := wire.Position{Epoch: r.Epoch, Partition: r.Partition, Offset: r.LogOffset}
	return Forecast{Match: r.Match, Model: r.Model, Frame: r.Frame, Position: position}
}

const selectForecasts = `SELECT l.match, l.model, l.frame, t.epoch, l.partition, l.log_offset
	FROM predictions_latest l JOIN topics t ON t.topic = '` + wire.TopicPredictions + `'`

// Latest returns the latest forecast of a match and model.
func (s *Store) Latest(ctx context.Context, match football.MatchID, model string) (Forecast, error) {
	row, err := queryRow[forecastRow](ctx, s, fmt.Sprintf("forecast of %q by %q", match, model),
		selectForecasts+` WHERE l.match = $1 AND l.model = $2`, match, model)
	return row.forecast(), err
}

// ModelsOf returns the models that forecast a match, by id.
func (s *Store) ModelsOf(ctx context.Context, match football.MatchID) ([]string, error) {
	rows, err := s.pickReader().Query(ctx,
		`SELECT model FROM predictions_latest WHERE match = $1 ORDER BY model`, match)
	if err != nil {
		return nil, fmt.Errorf("read models of a match: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// LatestOf returns the latest forecasts of a match, by model.
func (s *Store) LatestOf(ctx context.Context, match football.MatchID) ([]Forecast, error) {
	rows, err := queryRows[forecastRow](ctx, s, "forecasts of a match",
		selectForecasts+` WHERE l.match = $1 ORDER BY l.model`, match)
	if err != nil {
		return nil, err
	}
	out := make([]Forecast, len(rows))
	for i, r := range rows {
		out[i] = r.forecast()
	}
	return out, nil
}
