package logtools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"log/slog"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/infra/kafkalog"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/audit"
	"github.com/touchline/touchline/streams/line"
)

func ExplainCommand() *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use: "explain PREDICTION", Short: "Derive a prediction again from the log, and show where it came from",
		Args: cobra.MaximumNArgs(1),
		Long: `Derive a prediction again from the log and say whether it comes out the same:

  identical          the Avro bodies of prediction, feature record and match event are those of the log
  differs            one of them is not: which, and in which fields
  not re-derivable   something that is needed is gone, or this program has another version of it: what

A prediction is named by match~model~sequence, as the API and the topic's own fields have it, or by
the position of its record, topic/partition/offset. The raw events of its pool's partition are
folded in memory from their beginning up to the one that caused it; --shallow runs only predict
again, on the feature record that the log has. With --sample N, explain N predictions drawn from all
partitions, and fold each partition once. The exit status is 1 unless all are identical. Progress
goes to stderr.`,
		Example: `  touchline explain england.2015-16.arsenal.chelsea.1~goals~3
  touchline explain football.predictions.v1/4/1042 --shallow
  touchline explain --sample 1000 --seed 7
  touchline explain --sample 100 --json | jq 'select(.verdict != "identical")'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case o.sample < 0 || o.sample == 0 && len(args) == 0:
				return errors.New("name a prediction (match~model~sequence or topic/partition/offset), or give " +
					"--sample N")
			case o.sample > 0 && len(args) > 0:
				return errors.New("give either a prediction or --sample, not both")
			}
			cfg, err := cli.LoadConfig(cmd)
			if err != nil {
				return err
			}
			if err := cfg.Require("explain", "kafka-brokers", "schema-registry-url"); err != nil {
				return err
			}
			e := explanations{explainOptions: o, cfg: cfg, out: cmd.OutOrStdout(), progress: cmd.ErrOrStderr()}
			return e.runExplain(cmd.Context(), strings.Join(args, ""))
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	cmd.Flags().BoolVar(&o.shallow, "shallow", false, "run only predict again, on the feature record")
	cmd.Flags().IntVar(&o.sample, "sample", 0, "explain so many predictions drawn at random")
	cmd.Flags().Uint64Var(&o.seed, "seed", 1, "of the sample: the same seed draws the same predictions of one log")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object a line")
	cmd.Flags().IntVar(&o.version, "version", 0, "version of the predictions' topic; 0 takes the current one")
	cmd.Flags().StringSliceVar(&o.reference, "reference", nil,
		"JSON files with more competitions and team spellings, as the stages had them")
	return cmd
}

// explainOptions are the flags of explain.
type explainOptions struct {
	shallow, asJSON bool
	sample, version int
	seed            uint64
	reference       []string
}

// explanations is one run of explain.
type explanations struct {
	explainOptions
	cfg           config.Config
	out, progress io.Writer
}

func (e *explanations) runExplain(ctx context.Context, id string) error {
	e.cfg.Reference = append(e.cfg.Reference, e.reference...)
	ref, err := clients.Reference(e.cfg)
	if err != nil {
		return err
	}
	log, err := clients.OpenLog(e.cfg)
	if err != nil {
		return err
	}
	started := time.Now()
	p := cli.NewProgressLine(e.progress, "raw events folded")
	x, err := e.explainer(ctx, ref, log, p.Report)
	if err != nil {
		return err
	}
	explained, err := e.explainAsked(ctx, x, ref, log.Kafka, id)
	p.End()
	if err != nil {
		return err
	}
	return e.printExplanations(explained, time.Since(started))
}

// explainer binds the line to the versions whose predictions are asked for.
func (e *explanations) explainer(
	ctx context.Context, ref *football.Reference, log clients.Log, progress func(int32, int64, int64),
) (*audit.Explainer, error) {
	ctl, err := log.ReadControl(ctx)
	if err != nil {
		return nil, err
	}
	names := ctl.Names()
	if e.version != 0 {
		names.Versions[wire.StagePredict] = e.version
	}
	models := predict.BuiltInRegistry()
	store, err := clients.ArtefactStore(e.cfg)
	if err != nil {
		return nil, err
	}
	facts, err := line.ReadModels(ctx, models, store, log.Kafka, names, log.Serde, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	stages := line.Stages(ref, models, names)
	return audit.NewExplainer(audit.ExplainConfig{
		Client: log.Kafka, Line: streams.Chain{stages[0], stages[1], stages[2].Reading(facts)}, Shallow: e.shallow,
		Progress: progress,
		Models:   func(position int64) []football.ModelRef { return models.At(position).Refs() },
	}, log.Serde)
}

// explainAsked explains what was asked for.
func (e *explanations) explainAsked(
	ctx context.Context, x *audit.Explainer, ref *football.Reference, kafka []kgo.Opt, id string,
) ([]*audit.Explanation, error) {
	if e.sample > 0 {
		return x.Sample(ctx, e.sample, e.seed)
	}
	if topic, partition, offset, err := kafkalog.ParseAddress(id); err == nil {
		if topic != x.Topic() {
			return nil, fmt.Errorf("%s is no topic of the predictions asked for, which are in %s: see --version", topic,
				x.Topic())
		}
		one, err := x.ByPosition(ctx, partition, offset)
		return []*audit.Explanation{one}, err
	}
	match, _, ok := strings.Cut(id, "~")
	if !ok || strings.Count(id, "~") != 2 || football.MatchID(match).Validate() != nil {
		return nil, fmt.Errorf("%q names no prediction: want match~model~sequence, such as "+
			"england.2015-16.arsenal.chelsea.1~goals~3, or topic/partition/offset", id)
	}
	n, err := countPartitions(ctx, kafka, x.Topic())
	if err != nil {
		return nil, err
	}
	return x.ByID(ctx, football.MatchID(match), id, ref.Partition(football.MatchID(match).Pool(), n))
}

func countPartitions(ctx context.Context, kafka []kgo.Opt, topic string) (int32, error) {
	client, err := kgo.NewClient(kafka...)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	detail, err := kadm.NewClient(client).ListTopics(ctx, topic)
	if err == nil {
		err = detail[topic].Err
	}
	if err != nil {
		return 0, fmt.Errorf("list %s: %w", topic, err)
	}
	return int32(len(detail[topic].Partitions)), nil
}

// shownOfSample is how many of a sample are printed whole; --json prints all.
const shownOfSample = 10

// printExplanations prints the explanations: one whole, of a sample the first that are not identical, and a summary.
func (e *explanations) printExplanations(explained []*audit.Explanation, took time.Duration) error {
	counts := map[audit.Verdict]int{}
	for _, x := range explained {
		counts[x.Verdict]++
		var err error
		switch {
		case e.asJSON:
			err = json.NewEncoder(e.out).Encode(x)
		case e.sample == 0:
			err = printExplanation(e.out, x)
		case x.Verdict != audit.Identical && counts[audit.Differs]+counts[audit.NotRederivable] <= shownOfSample:
			err = printExplanation(e.out, x)
		}
		if err != nil {
			return err
		}
	}
	if e.sample > 0 {
		summary := e.out
		if e.asJSON {
			summary = e.progress
		}
		fmt.Fprintf(summary, "explained %d: identical %d, differs %d, not re-derivable %d (%.1f s)\n", len(explained),
			counts[audit.Identical], counts[audit.Differs], counts[audit.NotRederivable], took.Seconds())
	}
	if len(explained) == 0 {
		return errors.New("there is no prediction to explain")
	}
	if counts[audit.Identical] < len(explained) {
		return cli.ErrReported
	}
	return nil
}

// printExplanation prints the verdict, then the way back to the raw event.
func printExplanation(out io.Writer, x *audit.Explanation) error {
	fmt.Fprintf(out, "%s: %s\n", x.ID, x.Verdict)
	if x.Reason != "" {
		fmt.Fprintf(out, "  %s\n", x.Reason)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i, h := range x.Hops {
		arrow := "  "
		if i > 0 {
			arrow = "  <- "
		}
		at := fmt.Sprintf("%s/%d/%d", h.Topic, h.Partition, h.Offset)
		if h.Offset < 0 {
			at = fmt.Sprintf("%s/%d", h.Topic, h.Partition)
		}
		fmt.Fprintf(w, "%s%s\t%s\t%s\t%s\t%s\n", arrow, h.Fact, at, written(h.Written), h.Verdict, h.Says)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, h := range x.Hops {
		for _, d := range h.Differences {
			fmt.Fprintf(out, "     %s %s\n", h.Fact, d.As("in the log ", ", folded again "))
		}
		if h.Payload != "" {
			fmt.Fprintf(out, "     payload: %s\n", strings.ReplaceAll(h.Payload, "\n", "\n              "))
		}
	}
	return nil
}

func written(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
