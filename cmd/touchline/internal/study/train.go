package study

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/infra/embedded"
	"github.com/touchline/touchline/processors/fit"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/train"
)

func TrainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "train KIND", Short: "Make an artefact of a model from recorded results",
		Long: `Walk forward through history with the stages that run live, and fit the parameters of a model to
what was known before each match and what came of it. The artefact is written to a file; a report
goes to stdout, its last line the artefact's digest, and progress to stderr. The same history gives
the same bytes.`,
		Example: "  touchline train goals --source football-data --path results/ --from 2010-07-01 --before " +
			"2019-07-01 --out goals.json\n" +
			"  touchline train dixon-coles --source football-data --path results/ --before 2022-07-01 --half-life " +
			"400d --out dc.json",
	}
	cmd.AddCommand(trainGoalsCommand(), trainDixonColesCommand())
	return cmd
}

func trainGoalsCommand() *cobra.Command {
	var t training
	market := train.DefaultMarket
	cmd := &cobra.Command{
		Use: "goals", Short: "Fit the weights of the goals model", Args: cobra.NoArgs,
		Long: `Fit the seven weights of the goals model by the Poisson likelihood of both sides' goals. Where a
match has closing odds, what they expect is a part of what is fitted to: odds are far less noisy
than results. No forecast of the model uses odds. Matches before --from still teach the ratings.`,
		Example: "  touchline train goals --source football-data --path results/ --from 2010-07-01 --before " +
			"2019-07-01 --out goals.json\n" +
			"  touchline train goals --source football-data --path results/ --from 2010-07-01 --market 0 --out " +
			"results-only.json --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !(market >= 0 && market <= 1) {
				return fmt.Errorf("--market %v: give a share from 0 to 1", market)
			}
			return t.runTraining(cmd, func(examples []train.Example) (predict.Artefact, train.Report, error) {
				return train.Goals(examples, train.GoalsOptions{From: t.start, Before: t.end, Market: market})
			})
		},
	}
	t.bindFlags(cmd)
	cmd.Flags().Float64Var(&market, "market", market,
		"share of the closing odds in what is fitted to, 0 to 1; 0 fits to results alone")
	return cmd
}

func trainDixonColesCommand() *cobra.Command {
	var t training
	tuned := train.DefaultSettings()
	halfLife, variance := cli.Days(tuned.HalfLife), tuned.Variance
	cmd := &cobra.Command{
		Use: "dixon-coles", Short: "Fit strengths by the model of Dixon & Coles (1997)", Args: cobra.NoArgs,
		Long: `Fit the attack and defence of every team, and level, home advantage and dependence of low scores of
every competition, each pool by itself. Matches weigh less the longer they were before --before. The
artefact forecasts well for some weeks after it, so it wants to be trained again.`,
		Example: "  touchline train dixon-coles --source football-data --path results/ --before 2022-07-01 --out " +
			"dc.json\n" +
			"  touchline train dixon-coles --source football-data --path results/ --half-life 373d --variance 0 " +
			"--out paper.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkVariance(variance); err != nil {
				return err
			}
			return t.runTraining(cmd, func(examples []train.Example) (predict.Artefact, train.Report, error) {
				settings := fit.Settings{HalfLife: time.Duration(halfLife), Variance: variance}
				return train.DixonColes(train.Matches(examples),
					train.DixonColesOptions{From: t.start, Before: t.end, Settings: settings})
			})
		},
	}
	t.bindFlags(cmd)
	cmd.Flags().Var(&halfLife, "half-life", "time in which a match loses half of its weight; 0d: all weigh alike")
	cmd.Flags().Float64Var(&variance, "variance", variance,
		"variance of strengths that is expected beforehand: less shrinks them more, 0 not at all")
	return cmd
}

func checkVariance(variance float64) error {
	if !(variance >= 0 && variance <= math.MaxFloat64) {
		return fmt.Errorf("--variance %v: give 0 or more", variance)
	}
	return nil
}

// training is what both kinds are asked.
type training struct {
	from, before, out string
	asJSON            bool
	start, end        football.Instant
}

func (t *training) bindFlags(cmd *cobra.Command) {
	config.Bind(cmd.Flags(), config.Collect)
	flags := cmd.Flags()
	flags.StringVar(&t.from, "from", "", "fit to matches from this date on (YYYY-MM-DD)")
	flags.StringVar(&t.before, "before", "",
		"fit to matches before this date, and look at nothing from it on; by default to all")
	flags.StringVar(&t.out, "out", "", "file that the artefact is written to")
	flags.BoolVar(&t.asJSON, "json", false, "print JSON, and nothing else, on stdout")
}

// checkFlags completes the question. What is wrong is said before history is folded.
func (t *training) checkFlags() (err error) {
	if t.out == "" {
		return errors.New("--out: name the file to write, such as --out model.json")
	}
	if folder, err := os.Stat(filepath.Dir(t.out)); err != nil || !folder.IsDir() {
		return fmt.Errorf("--out %s: its folder is not there: make it, or name another file", t.out)
	}
	if t.start, err = parseDate("--from", t.from); err != nil {
		return err
	}
	if t.end, err = parseDate("--before", t.before); err != nil {
		return err
	}
	if t.end != 0 && t.end <= t.start {
		return fmt.Errorf("--before %s is not after --from %s: give a later date", t.before, t.from)
	}
	return nil
}

// runTraining collects the examples, fits and writes the artefact.
func (t *training) runTraining(
	cmd *cobra.Command, fit func([]train.Example) (predict.Artefact, train.Report, error),
) error {
	if err := t.checkFlags(); err != nil {
		return err
	}
	cfg, err := cli.LoadConfig(cmd)
	if err != nil {
		return err
	}
	started := time.Now()
	examples, err := t.collect(cmd.Context(), cmd.ErrOrStderr(), cfg)
	if err != nil {
		return err
	}
	folded := time.Since(started)
	artefact, report, err := fit(examples)
	if err != nil {
		return fmt.Errorf("train on %d matches of --path, --from %s, --before %s: %w", len(examples),
			cmp.Or(t.from, "the first"), cmp.Or(t.before, "the end"), err)
	}
	encoded, err := predict.Encode(artefact)
	if err != nil {
		return err
	}
	if err := embedded.WriteFile(t.out, encoded); err != nil {
		return fmt.Errorf("--out %s: name a file that can be written to: %w", t.out, err)
	}
	done := trained{report, predict.Digest(encoded), folded.Seconds(), (time.Since(started) - folded).Seconds()}
	if t.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(done)
	}
	return done.writeArtefact(cmd.OutOrStdout())
}

func (t *training) collect(ctx context.Context, progress io.Writer, cfg config.Config) ([]train.Example, error) {
	ref, err := clients.Reference(cfg)
	if err != nil {
		return nil, err
	}
	src, err := clients.CheckedSource(cfg, ref, progress)
	if err != nil {
		return nil, fmt.Errorf("%w: give --source football-data or openfootball with --path", err)
	}
	feeds, err := src.Open(ctx)
	if err != nil {
		return nil, err
	}
	for i := range feeds {
		if t.end != 0 && feeds[i].Until > t.end {
			feeds[i].Until = t.end
		}
	}
	walk := newWalk(progress, feeds)
	defer walk.closeWalk()
	examples, err := train.Collect(ctx, feeds, func() streams.Chain { return line.Features(ref) }, t.end,
		walk.reportProgress)
	if err != nil {
		return nil, err
	}
	walk.endWalk()
	return examples, nil
}

// trained is what a training came to, with what it took.
type trained struct {
	train.Report
	Digest  string  `json:"digest"`
	Folding float64 `json:"folding_seconds"`
	Fitting float64 `json:"fitting_seconds"`
}

// writeArtefact writes the report for people. Its last line is the digest alone.
func (t *trained) writeArtefact(out io.Writer) error {
	fmt.Fprintf(out, "%s: %s\n", t.Kind, t.Trained.Method)
	fmt.Fprintf(out, "%d matches from %s to before %s, folded in %.1f s, fitted in %d steps and %.2f s\n\n",
		t.Trained.Matches, t.Trained.From, t.Trained.Before, t.Folding, t.Steps, t.Fitting)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	if t.Kind == predict.KindGoals {
		fmt.Fprintln(table, "parameter\tbuilt in\ttrained\tchange\terror\t")
		for _, p := range t.Parameters {
			fmt.Fprintf(table, "%s\t%.4f\t%.4f\t%+.4f\t%.4f\t\n", p.Name, p.Before, p.After, p.After-p.Before, p.Error)
		}
	} else {
		fmt.Fprintln(table, "parameter\ttrained\t")
		for _, p := range t.Parameters {
			fmt.Fprintf(table, "%s\t%.4f\t\n", p.Name, p.After)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nlog likelihood of a score %.5f, with %s %.5f\n", t.LogLikelihood, t.Against, t.Baseline)
	_, err := fmt.Fprintln(out, t.Digest)
	return err
}
