package readmodel

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/schemas/football"
)

// ErrNotFound says that no row answers the question.
var ErrNotFound = errors.New("not found")

// Store asks the tables. It is safe for concurrent use.
type Store struct {
	primary  *pgxpool.Pool
	replicas []*pgxpool.Pool
	turn     atomic.Uint64
}

// New returns a store that reads from the replicas in turn, or from the primary where there are none.
func New(primary *pgxpool.Pool, replicas ...*pgxpool.Pool) *Store {
	return &Store{primary: primary, replicas: replicas}
}

// Ping reports whether Postgres answers and has the tables.
func (s *Store) Ping(ctx context.Context) error {
	if _, err := s.read().Exec(ctx, `SELECT 1 FROM checkpoints LIMIT 1`); err != nil {
		return fmt.Errorf("ask Postgres: %w", err)
	}
	return nil
}

func (s *Store) read() *pgxpool.Pool {
	if len(s.replicas) == 0 {
		return s.primary
	}
	return s.replicas[s.turn.Add(1)%uint64(len(s.replicas))]
}

func many[T any](ctx context.Context, s *Store, what, query string, args ...any) ([]T, error) {
	rows, err := s.read().Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	return out, nil
}

func one[T any](ctx context.Context, s *Store, what, query string, args ...any) (T, error) {
	rows, err := s.read().Query(ctx, query, args...)
	if err != nil {
		var zero T
		return zero, fmt.Errorf("read %s: %w", what, err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return out, fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	if err != nil {
		return out, fmt.Errorf("read %s: %w", what, err)
	}
	return out, nil
}

// seasonYear is the partition in which a match stands: its id gives the season.
func seasonYear(id football.MatchID) int32 {
	parts := strings.Split(string(id), ".")
	if len(parts) != 5 {
		return 0
	}
	return postgres.SeasonYear(football.Season(parts[1]))
}

// NoTables reports whether err says that the tables were not made yet.
func NoTables(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "42P01" || pg.Code == "3F000")
}
