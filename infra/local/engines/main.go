// Command engines runs real engines on this machine for as long as another command needs them. It is what
// `make test-real` and measurements start from; see infra/local for the engines.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	err := command().ExecuteContext(ctx)
	stop()
	var exit *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		os.Exit(exit.ExitCode())
	default:
		fmt.Fprintln(os.Stderr, "engines:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := &cobra.Command{
		Use:           "engines",
		Short:         "Real Kafka, schema registry, Postgres, Redis and MLflow on loopback, without containers",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(runCommand())
	return root
}

func runCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "run [flags] [-- COMMAND ARGS...]",
		Short: "Start engines, run a command with their addresses in its environment, end the engines",
		Long: `Start what the flags ask for and run COMMAND with the environment that touchline reads: the
addresses of the engines, and TOUCHLINE_TEST_REAL=1. Everything ends when COMMAND does, at an
interrupt, or after --for. The exit code is COMMAND's.

Without COMMAND the addresses are printed as lines for a shell, and the engines stay until an
interrupt.

The first run fetches Kafka and the registry from Maven Central into the user's cache folder
(TOUCHLINE_ENGINES_DIR chooses another). It needs Maven and a Java runtime, version 17 or later;
Postgres and Redis must be installed.`,
		Example: `  # the program's tests on three brokers and all else
  go run ./infra/local/engines run --kafka 3 --registry --postgres --redis cluster -- go test -run Real ./...

  # engines to look at, for an hour
  go run ./infra/local/engines run --kafka 1 --registry --postgres --replica --redis single --for 1h`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.runWithEngines(cmd.Context(), cmd.OutOrStdout(), args)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&o.kafka, "kafka", 0, "nodes of Kafka: 1 or 3; none by default")
	flags.IntVar(&o.heap, "kafka-heap", 0, "MiB of heap of a node of Kafka; default 320")
	flags.BoolVar(&o.registry, "registry", false, "a schema registry; needs --kafka")
	flags.BoolVar(&o.postgres, "postgres", false, "a Postgres")
	flags.BoolVar(&o.replica, "replica", false, "and a streaming replica of it")
	flags.StringVar(&o.redis, "redis", "", "a Redis: single or cluster")
	flags.BoolVar(&o.mlflow, "mlflow", false, "an MLflow server, which is installed the first time (350 MiB)")
	flags.DurationVar(&o.limit, "for", 0, "end everything after this time, as a failure if COMMAND still runs")
	flags.StringVar(&o.dir, "dir", "",
		"keep data and logs in this folder; default is a folder that is removed at the end")
	return cmd
}
