package readmodel

import (
	"context"
	"encoding/json"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Event is something that happened in a match.
type Event struct {
	Sequence int64
	Kind     string
	At       time.Time
	Source   string
	Body     json.RawMessage
}

// Events returns a match's events after a sequence, in order.
func (s *Store) Events(ctx context.Context, match football.MatchID, after int64, limit int) ([]Event, error) {
	return queryRows[Event](ctx, s, "events",
		`SELECT sequence, kind, at, source, body FROM match_events
		WHERE match = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`, match, after, limit)
}
