package roles

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/schemas/wire"
)

// roleCommand is a command that plays one role against real parts until it is stopped.
func roleCommand(use, short, long, example string, r roles, groups ...config.Group) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(cmd)
			if err != nil {
				return err
			}
			if err := cfg.Require(use, required(r)...); err != nil {
				return err
			}
			a, err := makeApp(cfg, r)
			if err != nil {
				return err
			}
			return a.runRoles(cmd.Context())
		},
	}
	config.Bind(cmd.Flags(), groups...)
	return cmd
}

// required are the settings without which a process of these roles can't reach what it stands on.
func required(r roles) []string {
	keys := []string{"kafka-brokers", "schema-registry-url"}
	if r.process {
		keys = append(keys, "instance")
	}
	if r.project || r.serve {
		keys = append(keys, "postgres-url", "redis-urls")
	}
	if r.serve {
		keys = append(keys, "cursor-key")
	}
	return keys
}

func CollectCommand() *cobra.Command {
	return roleCommand("collect", "Publish a source's raw events to Kafka",
		`Read a source and publish its events, verbatim and in event-time order, to football.raw-events. A
restart goes on after the last event published. One process a source.`,
		`  touchline collect --source football-data --path results/ --speed max \
      --kafka-brokers kafka:9092 --schema-registry-url http://registry:8081`,
		roles{collect: true}, config.Kafka, config.Registry, config.Collect, config.Serve)
}

func ProcessCommand() *cobra.Command {
	return roleCommand("process", "Run the stages: "+strings.Join(wire.StageNames(), ", "),
		`Run stages of the line as exactly-once stream processors. Several processes share the partitions out
among themselves; each needs a TOUCHLINE_INSTANCE of its own that survives a restart.`,
		`  touchline process --instance a --kafka-brokers kafka:9092 --schema-registry-url http://registry:8081
  touchline process --instance b --stages features,predict`,
		roles{process: true}, config.Kafka, config.Registry, config.Process, config.Models, config.Serve)
}

func ProjectCommand() *cobra.Command {
	return roleCommand("project", "Keep the read models in Postgres and the caches in Redis",
		`Follow the topics and write the read models, each batch in one transaction with its checkpoint, and
the caches. Drop the tables and they are built again from the log.`,
		`  touchline project --kafka-brokers kafka:9092 --schema-registry-url http://registry:8081 \
      --postgres-url postgres://touchline@db/touchline --redis-urls redis://cache:6379`,
		roles{project: true}, config.Kafka, config.Registry, config.Postgres, config.Redis, config.Serve)
}

func ServeCommand() *cobra.Command {
	return roleCommand("serve", "Serve the REST API, the websocket and the page",
		`Serve queries from the read models and live forecasts from the log. Any number of processes; each
holds its own connections.`,
		`  touchline serve --listen 0.0.0.0:8080 --kafka-brokers kafka:9092 --schema-registry-url http://registry:8081 \
      --postgres-url postgres://touchline@db/touchline --redis-urls redis://cache:6379`,
		roles{serve: true}, config.Kafka, config.Registry, config.Postgres, config.Redis, config.Serve)
}

func MigrateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "migrate", Short: "Bring the tables of the read models to this program's version", Args: cobra.NoArgs,
		Long: "Make the schema and its tables, or bring them up to date. `project` does the same at its start; " +
			"this is for those who want it apart.",
		Example: "  touchline migrate --postgres-url postgres://touchline@db/touchline",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(cmd)
			if err != nil {
				return err
			}
			if err := cfg.Require("migrate", "postgres-url"); err != nil {
				return err
			}
			return migrate(cmd.Context(), cfg)
		},
	}
	config.Bind(cmd.Flags(), config.Postgres)
	return cmd
}

func migrate(ctx context.Context, cfg config.Config) error {
	pool, err := clients.OpenPostgres(ctx, cfg, cfg.PostgresURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := postgres.Migrate(ctx, pool); err != nil {
		return err
	}
	fmt.Println("the tables are up to date")
	return nil
}
