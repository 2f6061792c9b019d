package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"

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
	return pgxpool.NewWithConfig(ctx, parsed)
}

// Migrate makes the pool's schema and brings its tables to this program's version. Several processes may call it at
// once: they take turns. A schema that is newer than the program is left alone.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	schema := pool.Config().ConnConfig.RuntimeParams["search_path"]
	if schema == "" {
		return errors.New("migrate: the pool has no search_path; open it with postgres.Open")
	}
	create := "CREATE SCHEMA IF NOT EXISTS " + pgx.Identifier{schema}.Sanitize()
	_, err := pool.Exec(ctx, create)
	if err != nil && !isSQLState(err, uniqueViolation, duplicateSchema) { // another process was quicker
		return fmt.Errorf("create schema %s: %w", schema, err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return fmt.Errorf("make migration lock: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate schema %s: %w", schema, err)
	}
	return nil
}
