package study

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/whatif"
)

func PredictCommand() *cobra.Command {
	var q whatif.Question
	var date string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "predict --home TEAM --away TEAM --competition ID",
		Short: "Forecast one match that might be played, from recorded results", Args: cobra.NoArgs,
		Long: `Forecast a match as the line would have forecast it on that day: the fixture is put into the
recorded history of its pool, and both are folded with the stages that run live. What happened after
the day is not looked at.`,
		Example: "  touchline predict --source football-data --path results/ --home Arsenal --away Chelsea " +
			"--competition E0\n" +
			"  touchline predict --source football-data --path results/ --home Leeds --away Derby --competition E1 " +
			"--date 2019-05-20 --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(cmd)
			if err != nil {
				return err
			}
			if date != "" {
				if q.Date, err = time.Parse(time.DateOnly, date); err != nil {
					return fmt.Errorf("--date %q: give a date as YYYY-MM-DD", date)
				}
			}
			forecasts, err := forecastMatch(cmd.Context(), cfg, q, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(forecasts)
			}
			return writeForecasts(cmd.OutOrStdout(), forecasts)
		},
	}
	config.Bind(cmd.Flags(), config.Collect)
	flags := cmd.Flags()
	flags.StringVar(&q.Home, "home", "", "home team, as the source spells it")
	flags.StringVar(&q.Away, "away", "", "away team")
	flags.StringVar((*string)(&q.Competition), "competition", "", "competition, such as E0")
	flags.StringVar(&date, "date", "", "day of the match (YYYY-MM-DD); by default the day after the last result")
	flags.BoolVar(&asJSON, "json", false, "print the prediction records as JSON")
	for _, name := range []string{"home", "away", "competition"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // there is no such flag
		}
	}
	return cmd
}

// forecastMatch returns the forecasts of all models, those for comparison included. What the source refuses is reported
// as progress.
func forecastMatch(
	ctx context.Context, cfg config.Config, q whatif.Question, progress io.Writer,
) ([]*football.Prediction, error) {
	ref, err := clients.Reference(cfg)
	if err != nil {
		return nil, err
	}
	history, err := clients.CheckedSource(cfg, ref, progress)
	if err != nil {
		return nil, err
	}
	if c, ok := footballdata.CompetitionByCode(ref, string(q.Competition)); ok {
		q.Competition = c.ID // also of a league that the reference lacks
	}
	models := append(predict.BuiltInModels(), predict.Baselines()...)
	return whatif.Ask(ctx, ref, history, line.Whole(ref, predict.NewRegistry(models...)), q)
}

// writeForecasts writes the forecasts for people, at least one.
func writeForecasts(out io.Writer, forecasts []*football.Prediction) error {
	first := forecasts[0]
	fmt.Fprintf(out, "%s - %s, %s %s, kick-off %s, as known at %s\n\n", first.Home, first.Away, first.Competition,
		first.Season, first.Kickoff, first.At)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "model\thome\tdraw\taway\tgoals\tover 2.5\tboth score\tlikeliest\t")
	for _, p := range forecasts {
		fmt.Fprintf(table, "%s\t%.1f %%\t%.1f %%\t%.1f %%\t", p.Model.ID, 100*p.Outcome.Home, 100*p.Outcome.Draw,
			100*p.Outcome.Away)
		if book, ok := grid.BookOf(p); ok {
			score := book.Scores[0]
			fmt.Fprintf(table, "%.2f-%.2f\t%.1f %%\t%.1f %%\t%d-%d, %.1f %%\t", p.ExpectedGoals.Home,
				p.ExpectedGoals.Away, 100*p.Markets.Totals[2].P,
				100*p.Markets.BothScore, score.Home, score.Away, 100*score.P)
		} else {
			fmt.Fprint(table, "\t\t\t\t")
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}
