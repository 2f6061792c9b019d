package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// connection is a stream's own connection to Postgres. One goroutine uses it.
type connection struct {
	conn   *pgxpool.Conn
	staged map[string]bool // tables that have a staging table on this connection
	pooled bool            // a pooler gives each transaction another session: staging tables end with it
	buffer copyBuffer      // of the rows that are being copied
}

func openConnection(ctx context.Context, pool *pgxpool.Pool) (*connection, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to Postgres: %w", err)
	}
	return &connection{conn: conn, staged: map[string]bool{}, pooled: isPooled(pool)}, nil
}

// discard takes the connection out of the pool and closes it: its staging tables must not outlive the stream.
func (c *connection) discard() {
	conn := c.conn.Hijack()
	_ = conn.Close(context.Background()) // the server drops what is left of it
}

// transaction writes one batch.
type transaction struct {
	pgx.Tx
	connection  *connection
	newlyStaged []string // tables whose staging table exists once this has committed
	careful     bool     // merge even where rows are expected to be new: an earlier attempt found that some are not
}

func (c *connection) beginTransaction(ctx context.Context, careful bool) (*transaction, error) {
	tx, err := c.conn.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	return &transaction{Tx: tx, connection: c, careful: careful}, nil
}

// commitStaged commits, and remembers which staging tables exist from now on.
func (tx *transaction) commitStaged(ctx context.Context) error {
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, name := range tx.newlyStaged {
		tx.connection.staged[name] = !tx.connection.pooled
	}
	return nil
}
