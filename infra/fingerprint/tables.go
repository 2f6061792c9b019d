package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// leftOut are the columns that differ between two runs of one binary, in all tables or, after a dot, in one. Offsets
// depend on how records were batched into transactions, whose markers take offsets too.
var leftOut = []string{
	"log_offset", "next_offset", "source_offset", "topic_id",
	"projected_at", "updated_at", "parked_at", "published_at", "since", "tstamp", "model_facts.changed_at",
}

// framed are the columns of Avro frames. The first five bytes are a mark and the schema's id in its registry, which
// depends on the order in which schemas were registered; the digest of the rest is compared.
var framed = []string{"predictions_latest.frame"}

const frameHeaderBytes = 5

// summed are the columns that Postgres adds up in the order in which rows happen to be stored. Their last digits
// differ.
var summed = []string{
	"model_quality.rps", "model_quality.log_loss", "model_quality.brier", "model_calibration.forecast",
}

// sumDigits is how many decimal places of a sum are compared.
const sumDigits = 9

// table is a table or a view of the read models.
type table struct {
	schema, name string
	columns      []string
	key          []string // primary key; empty for a view
}

// recordTables returns the rows of each table, in the order of its primary key, as lines of JSON.
func recordTables(ctx context.Context, in *installation) (record, error) {
	conn, err := pgx.Connect(ctx, in.postgres)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tables, err := listTables(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	var entries record
	for _, t := range tables {
		e, err := recordTable(ctx, conn, t)
		if err != nil {
			return nil, fmt.Errorf("read %s.%s: %w", t.schema, t.name, err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// listTables lists tables and views in all schemas but the system's; a partition is part of its table.
func listTables(ctx context.Context, conn *pgx.Conn) ([]table, error) {
	const query = `
		SELECT n.nspname, c.relname,
			ARRAY(SELECT a.attname::text FROM pg_attribute a
				WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
			ARRAY(SELECT a.attname::text FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k (attnum, place)
				JOIN pg_attribute a ON a.attnum = k.attnum
				WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid ORDER BY k.place)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
			AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
		ORDER BY 1, 2`
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t table, err error) {
		err = row.Scan(&t.schema, &t.name, &t.columns, &t.key)
		return t, err
	})
}

func recordTable(ctx context.Context, conn *pgx.Conn, t table) (entry, error) {
	rows, err := conn.Query(ctx, t.selectSQL())
	if err != nil {
		return entry{}, err
	}
	var content bytes.Buffer
	var line string
	tag, err := pgx.ForEachRow(rows, []any{&line}, func() error {
		content.WriteString(line)
		content.WriteByte('\n')
		return nil
	})
	if err != nil {
		return entry{}, err
	}
	summary := fmt.Sprintf("rows=%d without=%s", tag.RowsAffected(), strings.Join(t.omitted(), ","))
	return contentEntry("table "+t.schema+"."+t.name, summary, content.Bytes()), nil
}

// omitted lists the columns of the table that are left out.
func (t table) omitted() []string {
	var names []string
	for _, column := range t.columns {
		if slices.Contains(leftOut, column) || slices.Contains(leftOut, t.name+"."+column) {
			names = append(names, column)
		}
	}
	return names
}

// selectSQL selects each row as an object of the columns that are compared.
func (t table) selectSQL() string {
	var fields, order []string
	for _, column := range t.columns {
		value := pgx.Identifier{column}.Sanitize()
		switch {
		case slices.Contains(framed, t.name+"."+column):
			value = fmt.Sprintf("md5(substring(%s FROM %d))", value, frameHeaderBytes+1)
		case slices.Contains(summed, t.name+"."+column):
			value = fmt.Sprintf("round(%s::numeric, %d)", value, sumDigits)
		}
		if !slices.Contains(t.omitted(), column) {
			fields = append(fields, fmt.Sprintf("'%s', %s", column, value))
		}
	}
	for _, column := range t.key {
		order = append(order, pgx.Identifier{column}.Sanitize())
	}
	if len(order) == 0 {
		order = []string{"1"}
	}
	return fmt.Sprintf("SELECT json_build_object(%s)::text FROM %s ORDER BY %s", strings.Join(fields, ", "),
		pgx.Identifier{t.schema, t.name}.Sanitize(), strings.Join(order, ", "))
}
