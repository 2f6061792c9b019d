package subscribe

import (
	"context"
	"fmt"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
)

// StartWithImage starts a subscription with an image. The error is a *frame.Refusal while the board is not loaded, or
// that the tables, the log or the registry can't be asked.
func (s *Starter) StartWithImage(ctx context.Context, sub *board.Subscription) error {
	elsewhere, err := s.fetchElsewhere(ctx, sub.Filter)
	if err != nil {
		return err
	}
	return clientError(s.Board.SubscribeWithImage(sub, elsewhere))
}

// fetchElsewhere fetches the forecasts of one match that is not current: from the tables, or from the log where the
// tables are behind what the board has seen.
func (s *Starter) fetchElsewhere(ctx context.Context, f record.Filter) ([]*record.Record, error) {
	if f.Match == "" {
		return nil, nil
	}
	places, current := s.Board.Places(f.Match)
	if current {
		return nil, nil
	}
	found, err := s.readTables(ctx, f.Match)
	if err != nil {
		return nil, err
	}
	log := s.Board.Positions().Log
	for model, place := range places {
		if r := found[model]; r != nil && r.Offset >= place.Offset {
			continue
		}
		r, err := s.Reader.ReadRecord(ctx, log, place)
		if err != nil {
			return nil, err
		}
		if r != nil {
			found[model] = r
		}
	}
	var wanted []*record.Record
	for _, r := range found {
		if f.Wants(r) {
			wanted = append(wanted, r)
		}
	}
	return wanted, nil
}

// readTables returns the latest forecasts of a match by model, as the tables have them.
func (s *Starter) readTables(ctx context.Context, match football.MatchID) (map[string]*record.Record, error) {
	found := map[string]*record.Record{}
	if s.Store == nil {
		return found, nil
	}
	rows, err := s.Store.LatestOf(ctx, match)
	if err != nil && !readmodel.NoTables(err) {
		return nil, fmt.Errorf("read forecasts of %s: %w", match, err)
	}
	for _, row := range rows {
		r, err := record.Decode(ctx, s.Serde, record.Predictions, row.Position.Partition, row.Position.Offset,
			row.Frame)
		if err != nil {
			return nil, err
		}
		found[r.Model] = r
	}
	return found, nil
}
