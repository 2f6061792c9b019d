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

	"github.com/touchline/touchline/schemas/football"
)

// ErrNotFound means that no row answers the question.
var ErrNotFound = errors.New("not found")

// Store queries the tables. It is safe for concurrent use.
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
	if _, err := s.pickReader().Exec(ctx, `SELECT 1 FROM checkpoints LIMIT 1`); err != nil {
		return fmt.Errorf("ask Postgres: %w", err)
	}
	return nil
}

// pickReader returns the next replica, or the primary where there are none.
func (s *Store) pickReader() *pgxpool.Pool {
	if len(s.replicas) == 0 {
		return s.primary
	}
	return s.replicas[s.turn.Add(1)%uint64(len(s.replicas))]
}

// queryRows returns all rows of a query as structs T: each column goes to the field of its name, with or without
// underscores, and a column or a field without the other is an error. what names the rows in errors.
func queryRows[T any](ctx context.Context, s *Store, what, query string, args ...any) ([]T, error) {
	rows, err := s.pickReader().Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	return out, nil
}

// queryRow returns the only row of a query, as queryRows does, or ErrNotFound.
func queryRow[T any](ctx context.Context, s *Store, what, query string, args ...any) (T, error) {
	rows, err := s.pickReader().Query(ctx, query, args...)
	if err != nil {
		var zero T
		return zero, fmt.Errorf("read %s: %w", what, err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return out, fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	if err != nil {
		return out, fmt.Errorf("read %s: %w", what, err)
	}
	return out, nil
}

// seasonYear is the table partition of a match: its id has the season.
func seasonYear(id football.MatchID) int32 {
	parts := strings.Split(string(id), ".")
	if len(parts) != 5 {
		return 0
	}
	return football.Season(parts[1]).Year()
}

// NoTables reports whether err means that the tables were not made yet.
func NoTables(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "42P01" || pg.Code == "3F000")
}
