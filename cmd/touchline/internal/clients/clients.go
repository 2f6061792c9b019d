// Package clients opens what commands work with: the log with its schemas, the reference, the store of artefacts, and
// sources of matches.
package clients

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/infra/artefacts"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/infra/connect"
	"github.com/touchline/touchline/projections/cache"
	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/control"
)

// Log is what reaches the log and reads it. Nothing needs to answer when it is opened.
type Log struct {
	Kafka    []kgo.Opt
	Registry *sr.Client
	Serde    *wire.Serde
	Names    wire.Namespace // of the installation; ReadControl knows the versions that are current
}

// NamesOf returns the names of the installation that the settings name, with the first version of every topic. All
// names of topics, groups, transactional ids, keys and the schema come from here.
func NamesOf(cfg config.Config) wire.Namespace { return wire.Namespace{Installation: cfg.Installation} }

// OpenLog returns the clients that the settings name.
func OpenLog(cfg config.Config) (Log, error) {
	kafka, err := connect.Kafka(cfg)
	if err != nil {
		return Log{}, err
	}
	registry, err := connect.Registry(cfg)
	if err != nil {
		return Log{}, err
	}
	return Log{kafka, registry, wire.NewSerde(registry), NamesOf(cfg)}, nil
}

// LoadLog reads the settings of a command and opens the log.
func LoadLog(cmd *cobra.Command) (config.Config, Log, error) {
	cfg, err := cli.LoadConfig(cmd)
	if err != nil {
		return cfg, Log{}, err
	}
	command := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
	if err := cfg.Require(command, "kafka-brokers", "schema-registry-url"); err != nil {
		return cfg, Log{}, err
	}
	log, err := OpenLog(cfg)
	return cfg, log, err
}

// Reference reads the built-in reference and the files that extend it.
func Reference(cfg config.Config) (*football.Reference, error) {
	files := [][]byte{football.ReferenceJSON()}
	for _, path := range cfg.Reference {
		data, err := os.ReadFile(filepath.Clean(path))
		if err != nil {
			return nil, fmt.Errorf("TOUCHLINE_REFERENCE: %w", err)
		}
		files = append(files, data)
	}
	ref, err := football.ParseReference(files...)
	if err != nil {
		return nil, fmt.Errorf("TOUCHLINE_REFERENCE: %w", err)
	}
	return ref, nil
}

// ArtefactStore opens the store of artefacts; nil where none is configured.
func ArtefactStore(cfg config.Config) (artefacts.Store, error) {
	if cfg.Artefacts == "" {
		return nil, nil
	}
	store, err := artefacts.Open(cfg.Artefacts)
	if err != nil {
		return nil, fmt.Errorf("TOUCHLINE_ARTEFACTS: %w", err)
	}
	return store, nil
}

// ReadControl reads what football.control has for the stages. The schema is registered, so that records can be
// appended.
func (l Log) ReadControl(ctx context.Context) (*control.Control, error) {
	if err := l.Serde.Register(ctx, l.Names.ValueSubject(wire.TopicControl), wire.StageControl); err != nil {
		return nil, err
	}
	return control.Read(ctx, l.Kafka, l.Names, l.Serde, slog.New(slog.DiscardHandler))
}

// OpenPostgres opens the tables of the installation at a Postgres that has them: the primary or a replica. It does not
// connect yet.
func OpenPostgres(ctx context.Context, cfg config.Config, url config.DSN) (*pgxpool.Pool, error) {
	return postgres.Open(ctx, postgres.ConnConfig{URL: url.Reveal(), Schema: NamesOf(cfg).Name(),
		MaxConns: int32(cfg.PostgresMaxConnections), Pooled: cfg.PostgresPooled})
}

// CacheConfig returns the settings of the installation's keys in Redis, for writers and readers alike.
func CacheConfig(cfg config.Config) cache.Config {
	return cache.Config{Prefix: NamesOf(cfg).Name(), PredictionTTL: cfg.RedisPredictionTTL}
}
