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

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/logtools"
	"github.com/touchline/touchline/cmd/touchline/internal/modeltools"
	"github.com/touchline/touchline/cmd/touchline/internal/refdata"
	"github.com/touchline/touchline/cmd/touchline/internal/roles"
	"github.com/touchline/touchline/cmd/touchline/internal/study"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, endAtSecondSignal)
	if err := rootCommand().ExecuteContext(ctx); err != nil {
		if !errors.Is(err, cli.ErrReported) {
			fmt.Fprintln(os.Stderr, "touchline:", err)
		}
		os.Exit(1)
	}
}

// endAtSecondSignal ends the process at the next signal: the first one gave time to commit.
func endAtSecondSignal() {
	second := make(chan os.Signal, 1)
	signal.Notify(second, os.Interrupt, syscall.SIGTERM)
	<-second
	fmt.Fprintln(os.Stderr, "touchline: a second signal: ended before everything was saved; the next start mends that")
	os.Exit(1)
}

func rootCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "touchline",
		Short: "Live football forecasts as an event stream",
		Long: `Touchline turns a feed of football match events into forecasts and keeps them right while the match
is played: every goal, card, correction or minute becomes a new, reproducible prediction at once, on a
Kafka topic, in Postgres, in Redis and on a live websocket. How soon depends on the engines: milliseconds
on one machine with embedded parts, a second or more where three brokers replicate every transaction.

Start here:   touchline up      everything in one process, with a simulated league; then open its page,
              http://127.0.0.1:8080
Real history: touchline backtest --source football-data --path results/
Settings are flags, TOUCHLINE_* environment variables or a YAML file (--config), in that order.`,
		SilenceUsage: true, SilenceErrors: true,
	}
	cmd.AddCommand(roles.UpCommand(), roles.CollectCommand(), roles.ProcessCommand(), roles.ProjectCommand(),
		roles.ServeCommand(),
		study.BacktestCommand(), study.TrainCommand(), study.PredictCommand(), logtools.TopicsCommand(),
		logtools.ExplainCommand(), logtools.ReplayCommand(),
		logtools.StagesCommand(), modeltools.ModelsCommand(), logtools.QuarantineCommand(), roles.MigrateCommand(),
		refdata.ReferenceCommand(), cli.VersionCommand())
	for _, sub := range cmd.Commands() {
		if !sub.Runnable() {
			refuseUnknown(sub)
		}
	}
	return cmd
}

// refuseUnknown makes a command that only holds others fail on a name that none of them has. Cobra prints the help then
// and succeeds, and a misspelt job would do nothing for ever.
func refuseUnknown(group *cobra.Command) {
	group.SuggestionsMinimumDistance = 2
	group.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		err := fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			err = fmt.Errorf("%w: did you mean %s?", err, near[0])
		}
		return err
	}
}
