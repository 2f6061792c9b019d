package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/touchline/touchline/schemas/wire"
)

// DefaultSchema is the Postgres schema of the tables unless another is configured.
const DefaultSchema = wire.DefaultInstallation

//go:embed migrations/*.sql
var migrations embed.FS

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// ConnConfig says where the tables are.
type ConnConfig struct {
	URL      string // TOUCHLINE_POSTGRES_URL: a postgres:// URL or a key=value DSN
	Schema   string // default "touchline"; another schema is another set of tables, built from the log again
	MaxConns int32  // default 10: too few and requests wait for one another, too many and the server does

	// Pooled means that a pooler such as PgBouncer stands before the server and lends a server's session for one
	// transaction at a time (TOUCHLINE_POSTGRES_POOLED). Then nothing is kept in a session: no prepared statement, no
	// staging table, no lock; and the schema is the default of the role, for a pooler refuses to be told one.
	Pooled bool
}

// Open returns a pool whose connections see the tables of cfg.Schema. It does not connect yet, so that a Postgres that
// is down at start is waited for by whoever asks first.
func Open(ctx context.Context, cfg ConnConfig) (*pgxpool.Pool, error) {
	if cfg.Schema == "" {
		cfg.Schema = DefaultSchema
	}
	if !schemaName.MatchString(cfg.Schema) {
		return nil, fmt.Errorf("postgres schema %q: want lower-case letters, digits and underscores, at most 63",
			cfg.Schema)
	}
	parsed, err := pgxpool.ParseConfig(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("parse TOUCHLINE_POSTGRES_URL: %w", err)
	}
	parsed.MaxConns = 10
	if cfg.MaxConns > 0 {
		parsed.MaxConns = cfg.MaxConns
	}
	parsed.ConnConfig.RuntimeParams["search_path"] = cfg.Schema
	parsed.ConnConfig.RuntimeParams["application_name"] = "touchline"
	if cfg.Pooled {
		parsed.ConnConfig.DefaultQueryExecMode = pooledMode
		parsed.BeforeConnect = func(_ context.Context, conn *pgx.ConnConfig) error {
			delete(conn.RuntimeParams, "search_path") // of this connection; the pool keeps it as the schema's name
			return nil
		}
	}
	return pgxpool.NewWithConfig(ctx, parsed)
}

// pooledMode asks for the types of a statement once and then sends it whole, as an unnamed statement: each execution is
// one message, which a pooler gives to one session.
const pooledMode = pgx.QueryExecModeCacheDescribe

// schemaOf returns the schema of a pool that Open made; "" of another.
func schemaOf(pool *pgxpool.Pool) string {
	return pool.Config().ConnConfig.RuntimeParams["search_path"]
}

// isPooled reports whether a pooler gives each transaction another session.
func isPooled(pool *pgxpool.Pool) bool {
	return pool.Config().ConnConfig.DefaultQueryExecMode == pooledMode
}

// Migrate makes the pool's schema and brings its tables to this program's version. Several processes may call it at
// once: they take turns. A schema that is newer than the program is left alone.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	schema := schemaOf(pool)
	if schema == "" {
		return errors.New("migrate: the pool has no search_path; open it with postgres.Open")
	}
	if err := makeSchema(ctx, pool, schema); err != nil {
		return err
	}
	turn, err := awaitTurn(ctx, pool)
	if err != nil {
		return err
	}
	defer turn.Rollback(context.WithoutCancel(ctx)) // gives the lock back
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate schema %s: %w", schema, err)
	}
	return nil
}

// makeSchema makes the schema where there is none, and checks that the connections of the pool see it. To make one
// needs the privilege CREATE on the database; to use one that an administrator has made does not.
func makeSchema(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	var exists bool
	const ask = `SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)`
	if err := pool.QueryRow(ctx, ask, schema).Scan(&exists); err != nil {
		return fmt.Errorf("look for schema %s: %w", schema, explainPooler(err))
	}
	if !exists {
		_, err := pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{schema}.Sanitize())
		if err != nil && !isSQLState(err, uniqueViolation, duplicateSchema) { // another process was quicker
			return fmt.Errorf("create schema %s: %w", schema, err)
		}
	}
	var current, role, database string
	const where = `SELECT coalesce(current_schema(), ''), current_user, current_database()`
	if err := pool.QueryRow(ctx, where).Scan(&current, &role, &database); err != nil {
		return fmt.Errorf("ask for the current schema: %w", err)
	}
	if current != schema {
		return fmt.Errorf("the role %s works in the schema %q, not in %q, and may lack USAGE on it; behind a pooler: "+
			"ALTER ROLE %s IN DATABASE %s SET search_path = %s, then let the pooler connect anew (RECONNECT)",
			role, current, schema, role, database, schema)
	}
	return nil
}

// awaitTurn begins a transaction that has the lock of migrations; other processes wait in this call until it ends. The
// lock belongs to a transaction, for a pooler would leave that of a session behind in a session of others.
func awaitTurn(ctx context.Context, pool *pgxpool.Pool) (pgx.Tx, error) {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock the migrations: %w", err)
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(lock.DefaultLockID)); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the migrations: %w", err), tx.Rollback(context.WithoutCancel(ctx)))
	}
	return tx, nil
}

// explainPooler adds the remedy to the error by which a pooler refuses a connection's parameters.
func explainPooler(err error) error {
	if isSQLState(err, protocolViolation) && strings.Contains(err.Error(), "startup parameter") {
		return fmt.Errorf("%w: behind a pooler set TOUCHLINE_POSTGRES_POOLED=true", err)
	}
	return err
}
