package subscribe

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/touchline/touchline/api/live/board"
	"github.com/touchline/touchline/api/live/cursor"
	"github.com/touchline/touchline/api/live/frame"
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/api/live/tail"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Deps are the parts that a starter brings together.
type Deps struct {
	Board     *board.Board
	Reader    *tail.Reader
	Store     *readmodel.Store // nil: matches that are not current are read from the log only
	Serde     *wire.Serde
	Reference *football.Reference
	Cursors   cursor.Signer
	Metrics   prometheus.Registerer
}

// Starter starts subscriptions. It is safe for concurrent use.
type Starter struct {
	Deps
	resumed *prometheus.CounterVec
}

// Where the rest of a resumed subscription came from, as a label.
const (
	fromRing    = "ring"
	fromLog     = "log"
	fromRefused = "refused"
)

// New returns a starter and registers its metric.
func New(deps Deps) (*Starter, error) {
	s := &Starter{Deps: deps, resumed: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "touchline_live_resumed_total",
		Help: "Subscriptions with a cursor, by where the rest came from: ring, log, refused.",
	}, []string{"from"})}
	for _, from := range []string{fromRing, fromLog, fromRefused} {
		s.resumed.WithLabelValues(from)
	}
	if err := deps.Metrics.Register(s.resumed); err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return s, nil
}

// CheckFilter refuses a filter that can never match anything.
func (s *Starter) CheckFilter(ctx context.Context, f record.Filter) error {
	if f.Match != "" {
		if err := f.Match.Validate(); err != nil {
			return frame.Refuse("unknown-match", "%s", err)
		}
	}
	if _, ok := s.Reference.TeamByID(f.Team); f.Team != "" && !ok && !s.Board.KnowsAny(record.Filter{Team: f.Team}) {
		return frame.Refuse("unknown-team", "there is no team %q", f.Team)
	}
	if _, ok := s.Reference.Competition(f.Competition); f.Competition != "" && !ok &&
		!s.Board.KnowsAny(record.Filter{Competition: f.Competition}) {
		return frame.Refuse("unknown-competition", "there is no competition %q", f.Competition)
	}
	if f.Match == "" || s.Store == nil || s.Board.Knows(f.Match) {
		return nil
	}
	_, err := s.Store.Match(ctx, f.Match)
	if !errors.Is(err, readmodel.ErrNotFound) {
		return nil // a table that can't be asked does not make the match unknown
	}
	if forecasts, err := s.Store.LatestOf(ctx, f.Match); err == nil && len(forecasts) == 0 {
		return frame.Refuse("unknown-match", "there is no match %q", f.Match)
	}
	return nil
}

// clientError turns errors of the board and the log into what the client gets. Others come back as they are.
func clientError(err error) error {
	switch {
	case errors.Is(err, board.ErrNotLoaded):
		return frame.Refuse("warming-up", "%s", err)
	case errors.Is(err, board.ErrOtherLog):
		return &frame.SnapshotRequired{Code: "foreign-epoch", Detail: cursor.ErrForeignLog.Error()}
	case errors.Is(err, tail.ErrOutOfRange):
		return &frame.SnapshotRequired{Code: "out-of-range", Detail: err.Error()}
	}
	return err
}
