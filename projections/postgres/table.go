package postgres

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
)

// table is what the projector needs to know to write one table from rows R.
type table[R any] struct {
	name    string
	columns []column[R]
	key     []string
	newer   string // when a row of the batch ("new") replaces the row in the table ("old"); "" means never
}

func (t *table[R]) stagingName() string { return "staging_" + t.name }

// createStagingSQL makes the staging table, for the connection's life or, behind a pooler, for the transaction.
func (t *table[R]) createStagingSQL(pooled bool) string {
	end := "DELETE ROWS"
	if pooled {
		end = "DROP"
	}
	return fmt.Sprintf("CREATE TEMP TABLE IF NOT EXISTS %s (LIKE %s INCLUDING DEFAULTS) ON COMMIT %s",
		t.stagingName(), t.name, end)
}

func (t *table[R]) copySQL(into string) string {
	return fmt.Sprintf("COPY %s (%s) FROM STDIN WITH (FORMAT binary)", into, strings.Join(t.columnNames(), ", "))
}

func (t *table[R]) columnNames() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// mergeSQL moves rows from the staging table in the order of their key, so that two transactions never lock two rows in
// opposite orders.
func (t *table[R]) mergeSQL() string {
	columns, key := strings.Join(t.columnNames(), ", "), strings.Join(t.key, ", ")
	conflict := "DO NOTHING"
	if t.newer != "" {
		var set []string
		for _, name := range t.columnNames() {
			if !slices.Contains(t.key, name) {
				set = append(set, name+" = excluded."+name)
			}
		}
		condition := strings.NewReplacer("new.", "excluded.", "old.", t.name+".").Replace(t.newer)
		conflict = fmt.Sprintf("DO UPDATE SET %s WHERE %s", strings.Join(set, ", "), condition)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s ORDER BY %s ON CONFLICT (%s) %s",
		t.name, columns, columns, t.stagingName(), key, key, conflict)
}

// insertRows copies rows that are expected to be new straight into the table.
func (t *table[R]) insertRows(ctx context.Context, tx *transaction, rows []R) error {
	if tx.careful {
		return t.mergeRows(ctx, tx, rows)
	}
	return t.copyRows(ctx, tx, t.name, rows)
}

// mergeRows copies rows into the staging table and takes over those that are newer. No two rows may have the same key.
func (t *table[R]) mergeRows(ctx context.Context, tx *transaction, rows []R) error {
	if len(rows) == 0 {
		return nil
	}
	if !tx.connection.staged[t.name] {
		if _, err := tx.Exec(ctx, t.createStagingSQL(tx.connection.pooled)); err != nil {
			return fmt.Errorf("make staging table of %s: %w", t.name, err)
		}
		tx.newlyStaged = append(tx.newlyStaged, t.name)
	}
	if err := t.copyRows(ctx, tx, t.stagingName(), rows); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, t.mergeSQL()); err != nil {
		return fmt.Errorf("merge %d rows into %s: %w", len(rows), t.name, err)
	}
	return nil
}

func (t *table[R]) copyRows(ctx context.Context, tx *transaction, into string, rows []R) error {
	if len(rows) == 0 {
		return nil
	}
	buffer := &tx.connection.buffer
	buffer.beginCopy()
	for _, row := range rows {
		buffer.beginRow(len(t.columns))
		for _, c := range t.columns {
			c.encode(buffer, row)
		}
	}
	input := bytes.NewReader(buffer.finishCopy())
	if _, err := tx.Conn().PgConn().CopyFrom(ctx, input, t.copySQL(into)); err != nil {
		return fmt.Errorf("copy %d rows into %s: %w", len(rows), into, err)
	}
	return nil
}
