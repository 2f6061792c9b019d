package study

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/processors/fit"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/backtest"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/simulator"
	"github.com/touchline/touchline/streams/train"
)

func BacktestCommand() *cobra.Command {
	tuned := train.DefaultSettings()
	ask := question{every: cli.Days(7 * 24 * time.Hour), halfLife: cli.Days(tuned.HalfLife), variance: tuned.Variance}
	cmd := &cobra.Command{
		Use:   "backtest [--compare MODEL MODEL]",
		Short: "Score every model, and the bookmakers, by walking forward through history",
		Args:  cobra.MaximumNArgs(1),
		Long: `Walk forward through history with the very same stage functions that run live: a match is forecast
from what was settled before its kick-off, and the forecast that stood at kick-off is scored. Names
that begin with "odds:" are bookmakers' odds without their margin, "market-" are models that use
odds, all others use none. Intervals are of 1,000 bootstrap resamples of the matches; ECE is the
calibration error of the three results in ten bins, and "over 2.5" the log loss of more than 2.5
goals. --minutes scores what stood at minutes of matches that were followed while they were played,
beside what was said at kick-off, what the score alone tells, and for simulated leagues the truth.
--ties scores who goes on in knock-outs. --compare adds the paired test of two models (Diebold &
Mariano 1995). --refit dixon-coles adds Dixon & Coles's model (1997), fitted again and again to all
that was settled by then: as "dixon-coles-plain" with the memory of their paper, as "dixon-coles"
with the memory and the shrinkage that forecast best. The tables go to stdout, progress to stderr.`,
		Example: `  touchline backtest --source football-data --path results/
  touchline backtest --source football-data --path E0_1920.csv --path E0_2021.csv --from 2020-07-01 --json
  touchline backtest --source football-data --path results/ --compare goals odds:closing-avg-power --plot plots/
  touchline backtest --source football-data --path results/ --from 2019-07-01 --refit dixon-coles --every 7d
  touchline backtest --minutes --source simulator --seasons 3
  touchline backtest --ties --source simulator --seasons 20`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := ask.checkFlags(args); err != nil {
				return err
			}
			cfg, err := cli.LoadConfig(cmd)
			if err != nil {
				return err
			}
			return runBacktest(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), cfg, ask)
		},
	}
	config.Bind(cmd.Flags(), config.Collect)
	ask.bindFlags(cmd)
	return cmd
}

// question is what a backtest is to answer.
type question struct {
	from, checkpoint, plots string
	resume                  string
	first, second           string // the models of --compare
	asJSON, minutes, ties   bool
	seasons                 int // of the simulator
	start                   football.Instant

	refit           string
	every, halfLife cli.Days
	variance        float64
}

// bindFlags binds the question to the command's flags. What it is before is their default.
func (q *question) bindFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&q.from, "from", "",
		"score only matches from this date on (YYYY-MM-DD); earlier ones still teach")
	flags.StringVar(&q.checkpoint, "checkpoint", string(football.CheckpointKickOff),
		"which forecast is scored: opening, kick-off or half-time")
	cli.CompleteFlag(cmd, "checkpoint", cli.Checkpoints()...)
	flags.StringVar(&q.first, "compare", "", "model that is held against the one named after it")
	flags.BoolVar(&q.minutes, "minutes", false,
		"score forecasts in play instead, minute by minute: needs a source of events (statsbomb, simulator)")
	flags.BoolVar(&q.ties, "ties", false,
		"score who goes on in knock-outs instead: needs a source that says which matches are (simulator)")
	flags.IntVar(&q.seasons, "seasons", 1,
		"seasons that --minutes and --ties play with --source simulator, whose true probabilities are known")
	flags.StringVar(&q.plots, "plot", "", "folder for a leaderboard and reliability diagrams as SVG")
	flags.StringVar(&q.refit, "refit", "",
		"kind of model that is fitted anew as time passes, and scored with the others: dixon-coles")
	cli.CompleteFlag(cmd, "refit", predict.KindDixonColes)
	flags.Var(&q.every, "every", "time between two fits of --refit")
	flags.Var(&q.halfLife, "half-life", "time in which a match loses half of its weight in the fits of --refit")
	flags.Float64Var(&q.variance, "variance", q.variance,
		"variance of strengths that --refit expects beforehand: less shrinks them more, 0 not at all")
	flags.StringVar(&q.resume, "resume", "",
		"folder that keeps what is finished of each pool: the same question asked again, after an interruption, goes "+
			"on from there")
	flags.BoolVar(&q.asJSON, "json", false, "print JSON, and nothing else, on stdout")
}

// checkFlags completes the question from the arguments.
func (q *question) checkFlags(args []string) (err error) {
	switch {
	case q.first == "" && len(args) > 0:
		return fmt.Errorf("unexpected %q: models are named as --compare %s MODEL", args[0], args[0])
	case q.first != "" && len(args) == 0:
		return fmt.Errorf("--compare %s: name the model to hold it against, as in --compare %s odds:closing-avg-power",
			q.first, q.first)
	case len(args) > 0:
		q.second = args[0]
	}
	if q.seasons < 1 {
		return fmt.Errorf("--seasons %d: play at least one", q.seasons)
	}
	switch {
	case q.refit != "" && q.refit != predict.KindDixonColes:
		return fmt.Errorf("--refit %s: there is %s; goals follows every result by itself", q.refit,
			predict.KindDixonColes)
	case q.minutes && q.ties:
		return errors.New("--minutes and --ties are answers of their own: ask for one of them")
	case q.resume != "" && (q.minutes || q.ties):
		return errors.New("--resume keeps what is scored at a checkpoint: leave --minutes and --ties out")
	case q.refit != "" && (q.minutes || q.ties):
		return errors.New("--refit is scored at a checkpoint: leave --minutes and --ties out")
	case q.every < cli.Days(time.Hour):
		return fmt.Errorf("--every %s: give an hour or more, such as 7d", &q.every)
	}
	if err := checkVariance(q.variance); err != nil {
		return err
	}
	if !slices.Contains(cli.Checkpoints(), q.checkpoint) {
		return fmt.Errorf("--checkpoint %q: there are %v", q.checkpoint, cli.Checkpoints())
	}
	if q.plots != "" { // better now than after the fold
		if err := os.MkdirAll(q.plots, 0o755); err != nil {
			return fmt.Errorf("--plot %s: name a folder that can be written to: %w", q.plots, err)
		}
	}
	q.start, err = parseDate("--from", q.from)
	return err
}

// trainedModels returns the models of --refit.
func (q *question) trainedModels() []backtest.Refit {
	if q.refit == "" {
		return nil
	}
	every := time.Duration(q.every)
	return []backtest.Refit{
		{Name: "dixon-coles", Every: every, Settings: fit.Settings{HalfLife: time.Duration(q.halfLife),
			Variance: q.variance}},
		{Name: "dixon-coles-plain", Every: every, Settings: train.PaperSettings()},
	}
}

// parseDate returns the beginning (UTC) of a flag's day, 0 where none is given.
func parseDate(flag, date string) (football.Instant, error) {
	if date == "" {
		return 0, nil
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0, fmt.Errorf("%s %q: give a date as YYYY-MM-DD", flag, date)
	}
	return football.At(day), nil
}

func runBacktest(ctx context.Context, out, progress io.Writer, cfg config.Config, ask question) error {
	ref, err := clients.Reference(cfg)
	if err != nil {
		return err
	}
	src, sim, err := ask.openSource(cfg, ref, progress)
	if err != nil {
		return err
	}
	feeds, err := src.Open(ctx)
	if err != nil {
		return err
	}
	walk := newWalk(progress, feeds)
	defer walk.closeWalk()
	chain := func(with ...predict.Model) backtest.Chain {
		return func(models ...predict.Model) streams.Chain {
			return line.Whole(ref, predict.NewRegistry(slices.Concat(predict.BuiltInModels(), with, models)...))
		}
	}
	resume, err := ask.resumed(ctx, cfg, src)
	if err != nil {
		return err
	}
	walked := backtest.Config{From: ask.start, Progress: walk.reportProgress}
	switch {
	case ask.minutes:
		var truth backtest.Truth
		if sim != nil {
			truth = sim.TruthAt
		}
		minutes, err := backtest.RunMinutes(ctx, feeds, chain(predict.NewScoreOnly()), truth, walked)
		return ask.writeReport(out, walk, minutes, err)
	case ask.ties:
		var truth backtest.AdvanceTruth
		if sim != nil {
			truth = sim.AdvanceAt
		}
		ties, err := backtest.RunTies(ctx, feeds, chain(), truth, walked)
		return ask.writeReport(out, walk, ties, err)
	}
	walked.Checkpoint, walked.Refits, walked.Resume = football.Checkpoint(ask.checkpoint), ask.trainedModels(), resume
	report, err := backtest.Run(ctx, feeds, chain(predict.Baselines()...), walked)
	if resume != nil && ctx.Err() != nil {
		return fmt.Errorf("interrupted: pools that were finished are kept, ask again with --resume %s to go on (%w)",
			ask.resume, err)
	}
	if err != nil {
		return err
	}
	walk.endWalk()
	return ask.runQuestion(out, progress, report)
}

// resumed returns what --resume goes on from: for this program, its reference files and this source's events as they
// are.
func (q question) resumed(ctx context.Context, cfg config.Config, src source.Source) (*backtest.Resume, error) {
	if q.resume == "" {
		return nil, nil
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	for _, path := range append([]string{program}, cfg.Reference...) {
		if err := hashFile(sum, path); err != nil {
			return nil, err
		}
	}
	feeds, err := src.Open(ctx)
	if err != nil {
		return nil, err
	}
	digests, err := backtest.Digests(ctx, feeds)
	return &backtest.Resume{Folder: q.resume, Question: hex.EncodeToString(sum.Sum(nil)), Digests: digests}, err
}

func hashFile(to io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(to, file)
	return err
}

// writeReport writes scores that are an answer by themselves.
func (q question) writeReport(
	out io.Writer, walk *walk, scores interface{ WriteTable(io.Writer) error }, err error,
) error {
	if err != nil {
		return err
	}
	walk.endWalk()
	if q.asJSON {
		return json.NewEncoder(out).Encode(scores)
	}
	return scores.WriteTable(out)
}

// openSource returns what is folded, and the simulator where it is that, which knows what is true.
func (q question) openSource(cfg config.Config, ref *football.Reference, progress io.Writer) (source.Source,
	*simulator.Simulator, error) {
	switch {
	case !slices.Contains(cfg.Source, simulator.Name):
		src, err := clients.CheckedSource(cfg, ref, progress)
		return src, nil, err
	case !q.minutes && !q.ties:
		return nil, nil, errors.New("--source simulator: a backtest needs results; give --source football-data or " +
			"openfootball with --path, or --minutes or --ties")
	}
	sim, err := simulator.New(simulator.Config{Seed: uint64(cfg.Seed), Seasons: q.seasons, Cups: q.ties})
	return sim, sim, err
}

// runQuestion writes the scores, the comparison and the plots, and as progress what was refused.
func (q question) runQuestion(out, progress io.Writer, report *backtest.Report) error {
	for _, reason := range slices.Sorted(maps.Keys(report.Refused)) {
		fmt.Fprintf(progress, "refused %d as %s, for example: %s\n", report.Refused[reason], reason,
			report.Example[reason])
	}
	if len(report.Pooled) == 0 {
		return fmt.Errorf("no match of --path, --from %s, was forecast at %s and settled: there is nothing to score",
			cmp.Or(q.from, "the first"), q.checkpoint)
	}
	if q.plots != "" {
		paths, err := report.Plot(q.plots)
		if err != nil {
			return err
		}
		fmt.Fprintf(progress, "%d plots are in %s\n", len(paths), q.plots)
	}
	var comparison *backtest.Comparison
	if q.first != "" {
		var err error
		if comparison, err = report.Compare(q.first, q.second); err != nil {
			return err
		}
	}
	if q.asJSON {
		return json.NewEncoder(out).Encode(struct {
			*backtest.Report
			Comparison *backtest.Comparison `json:"comparison,omitempty"`
		}{report, comparison})
	}
	if err := report.WriteTable(out); err != nil || comparison == nil {
		return err
	}
	return comparison.Write(out)
}
