package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/backtest"
	"github.com/touchline/touchline/streams/line"
)

func backtestCommand() *cobra.Command {
	var from string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "backtest", Short: "Score every model, and the bookmakers, by walking forward through history", Args: cobra.NoArgs,
		Long: `Walk forward through history with the very same stage functions that run live: a match is forecast from what was
settled before its kick-off, and the forecast that stood at kick-off is scored. Names that begin with "odds:" are
bookmakers' odds without their margin, "market-" are models that use odds, all others use none.
The table goes to stdout, progress to stderr.`,
		Example: "  touchline backtest --source football-data --path results/\n  touchline backtest --source football-data --path E0_1920.csv --path E0_2021.csv --from 2020-07-01 --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			start, err := parseFrom(from)
			if err != nil {
				return err
			}
			return runBacktest(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), cfg, start, asJSON)
		},
	}
	config.Bind(cmd.Flags(), config.Collect)
	cmd.Flags().StringVar(&from, "from", "", "score only matches from this date on (YYYY-MM-DD); earlier ones still teach")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, and nothing else, on stdout")
	return cmd
}

func parseFrom(date string) (football.Instant, error) {
	if date == "" {
		return 0, nil
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0, fmt.Errorf("--from %q: give a date as YYYY-MM-DD", date)
	}
	return football.At(day), nil
}

func runBacktest(ctx context.Context, out, progress io.Writer, cfg config.Config, from football.Instant, asJSON bool) error {
	if cfg.Source == "simulator" {
		return errors.New("--source simulator: a backtest needs results; give --source football-data or openfootball with --path")
	}
	ref, err := reference(cfg)
	if err != nil {
		return err
	}
	src, err := history(cfg, ref)
	if err != nil {
		return err
	}
	feeds, err := src.Open(ctx)
	if err != nil {
		return err
	}
	started := time.Now()
	said := started
	counter := backtest.NewCounter(func(total int) {
		if now := time.Now(); now.Sub(said) > 500*time.Millisecond {
			said = now
			fmt.Fprintf(progress, "\r%d events folded, %.0f a second", total, float64(total)/now.Sub(started).Seconds())
		}
	})
	models := append(predict.Live(), predict.Baselines()...)
	chain := func() streams.Chain { return line.Whole(ref, models) }
	report, err := backtest.Run(ctx, feeds, chain, backtest.Config{From: from, Progress: counter.Add})
	if err != nil {
		return err
	}
	fmt.Fprintf(progress, "\r%d events folded in %.1f s\n", report.Events, time.Since(started).Seconds())
	for _, reason := range slices.Sorted(maps.Keys(report.Refused)) {
		fmt.Fprintf(progress, "refused %d as %s, for example: %s\n", report.Refused[reason], reason, report.Example[reason])
	}
	if asJSON {
		return json.NewEncoder(out).Encode(report)
	}
	return report.WriteTable(out)
}
