package postgres

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// table is what the projector needs to know to write one table.
type table struct {
	name    string
	columns []string
	key     []string
	newer   string // when a row of the batch ("new") replaces the row that stands ("old"); "" means never
}

func (t *table) staging() string { return "staging_" + t.name }

func (t *table) stagingSQL() string {
	return fmt.Sprintf("CREATE TEMP TABLE IF NOT EXISTS %s (LIKE %s INCLUDING DEFAULTS) ON COMMIT DELETE ROWS", t.staging(), t.name)
}

func (t *table) copySQL(into string) string {
	return fmt.Sprintf("COPY %s (%s) FROM STDIN WITH (FORMAT binary)", into, strings.Join(t.columns, ", "))
}

// mergeSQL takes rows over in the order of their key, so that two transactions never lock two rows crosswise.
func (t *table) mergeSQL() string {
	columns, key := strings.Join(t.columns, ", "), strings.Join(t.key, ", ")
	do := "DO NOTHING"
	if t.newer != "" {
		var set []string
		for _, c := range t.columns {
			if !slices.Contains(t.key, c) {
				set = append(set, c+" = excluded."+c)
			}
		}
		condition := strings.NewReplacer("new.", "excluded.", "old.", t.name+".").Replace(t.newer)
		do = fmt.Sprintf("DO UPDATE SET %s WHERE %s", strings.Join(set, ", "), condition)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s ORDER BY %s ON CONFLICT (%s) %s",
		t.name, columns, columns, t.staging(), key, key, do)
}

// session is one stream's own connection, with the staging tables that it has made there.
type session struct {
	conn   *pgxpool.Conn
	staged map[string]bool
}

func openSession(ctx context.Context, pool *pgxpool.Pool) (*session, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to Postgres: %w", err)
	}
	return &session{conn: conn, staged: map[string]bool{}}, nil
}

// close takes the connection out of the pool: its staging tables must not outlive the stream.
func (s *session) close() {
	conn := s.conn.Hijack()
	_ = conn.Close(context.Background()) // the server drops what is left of it
}

// transaction is one batch being written.
type transaction struct {
	pgx.Tx
	session *session
	made    []string // staging tables that exist once this has committed
	careful bool     // merge even where rows are expected to be new: an earlier attempt found that some are not
}

// insert copies rows that are expected to be new straight into the table.
func (tx *transaction) insert(ctx context.Context, t *table, rows *copyBuffer) error {
	if tx.careful {
		return tx.merge(ctx, t, rows)
	}
	if rows.rows == 0 {
		return nil
	}
	return tx.copy(ctx, t, t.name, rows)
}

// merge copies rows beside the table and takes over those that are newer. A batch must hold a key only once.
func (tx *transaction) merge(ctx context.Context, t *table, rows *copyBuffer) error {
	if rows.rows == 0 {
		return nil
	}
	if !tx.session.staged[t.name] {
		if _, err := tx.Exec(ctx, t.stagingSQL()); err != nil {
			return fmt.Errorf("make staging table of %s: %w", t.name, err)
		}
		tx.made = append(tx.made, t.name)
	}
	if err := tx.copy(ctx, t, t.staging(), rows); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, t.mergeSQL()); err != nil {
		return fmt.Errorf("merge %d rows into %s: %w", rows.rows, t.name, err)
	}
	return nil
}

func (tx *transaction) copy(ctx context.Context, t *table, into string, rows *copyBuffer) error {
	n := rows.rows
	if _, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(rows.end()), t.copySQL(into)); err != nil {
		return fmt.Errorf("copy %d rows into %s: %w", n, into, err)
	}
	return nil
}
