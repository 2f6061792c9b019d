// Command touchline forecasts football matches live, as an event stream. Each role of the line is a subcommand; `up`
// runs them all in one process with embedded parts.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal kills at once: the first one gave time to commit.
	context.AfterFunc(ctx, stop)
	if err := root().ExecuteContext(ctx); err != nil {
		if !errors.Is(err, errSaid) {
			fmt.Fprintln(os.Stderr, "touchline:", err)
		}
		os.Exit(1)
	}
}

// errSaid ends a command whose output has said what is wrong.
var errSaid = errors.New("said already")

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "touchline",
		Short: "Live football forecasts as an event stream",
		Long: `Touchline turns a feed of football match events into forecasts and keeps them right while the match is played:
every goal, card, correction or minute becomes a new, reproducible prediction within milliseconds, on a Kafka topic,
in Postgres, in Redis and on a live websocket.

Start here:   touchline up            everything in one process, with a simulated league; then open http://127.0.0.1:8080
Real history: touchline backtest --source football-data --path results/
Settings are flags, TOUCHLINE_* environment variables or a YAML file (--config), in that order.`,
		SilenceUsage: true, SilenceErrors: true,
	}
	cmd.AddCommand(upCommand(), collectCommand(), processCommand(), projectCommand(), serveCommand(),
		backtestCommand(), trainCommand(), predictCommand(), topicsCommand(), explainCommand(), replayCommand(), stagesCommand(), modelsCommand(), quarantineCommand(), migrateCommand(), versionCommand())
	return cmd
}
