package logtools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/audit"
	"github.com/touchline/touchline/streams/line"
)

func ReplayCommand() *cobra.Command {
	var r replays
	cmd := &cobra.Command{
		Use: "replay", Short: "Run stages again over a range of the log, into topics of another version",
		Args: cobra.NoArgs,
		Long: `Run stages again, as this program has them, over a range of what the first of them reads, and write
what comes of it to topics of another version, beside the present ones, which are not touched. Then
compare, with --diff or touchline topics diff. A stage with state is folded in memory from the
beginning of its input whatever the range is, and writes only what the range causes. What is refused
is counted, not quarantined.

This is for looking at what a change does. To build a version that goes on and can be switched to,
run touchline process --version N. Delete the topics of a replay when you have seen enough: neither
command writes into topics that hold records.`,
		Example: `  touchline replay --stage predict --version 2 --diff
  touchline replay --stage features,predict --version 3 --since 2026-11-01T00:00:00Z --diff
  touchline replay --stage predict --version 4 --from 0/120000 --until 0/130000`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(cmd)
			if err != nil {
				return err
			}
			if err := cfg.Require("replay", "kafka-brokers", "schema-registry-url"); err != nil {
				return err
			}
			r.cfg, r.out, r.progress = cfg, cmd.OutOrStdout(), cmd.ErrOrStderr()
			return r.runReplay(cmd.Context())
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	cmd.Flags().StringSliceVar(&r.stages, "stage", nil,
		"stages to run, neighbours in the line: normalize, features, predict, evaluate")
	cmd.Flags().IntVar(&r.version, "version", 0, "version of the topics to write; not the current one")
	cmd.Flags().StringSliceVar(&r.from, "from", nil,
		"partition/offset of the input to begin at; other partitions begin at their start")
	cmd.Flags().StringVar(&r.since, "since", "", "begin with what was published at this time or later (RFC 3339)")
	cmd.Flags().StringSliceVar(&r.until, "until", nil,
		"partition/offset of the input to end before, or a time (RFC 3339)")
	cmd.Flags().StringSliceVar(&r.reference, "reference", nil, "JSON files with more competitions and team spellings")
	cmd.Flags().BoolVar(&r.diff, "diff", false,
		"compare each topic with its current version afterwards; the exit status is 1 when they differ")
	cmd.Flags().BoolVar(&r.asJSON, "json", false, "print JSON, one object a line")
	return cmd
}

// replays is one run of replay.
type replays struct {
	stages, from, until, reference []string
	since                          string
	version                        int
	diff, asJSON                   bool

	cfg           config.Config
	out, progress io.Writer
	log           clients.Log
	current       wire.Namespace // in the versions that are current
}

func (r *replays) runReplay(ctx context.Context) error {
	if r.version < 1 {
		return errors.New("give the version of the topics to write: --version N")
	}
	if err := r.connect(ctx); err != nil {
		return err
	}
	cfg := audit.ReplayConfig{Client: r.log.Kafka, Replication: int16(r.cfg.KafkaReplication)}
	var err error
	if cfg.Chain, err = r.replayedChain(ctx); err != nil {
		return err
	}
	if err := r.parseBounds(&cfg); err != nil {
		return err
	}
	started := time.Now()
	p := cli.NewProgressLine(r.progress, cfg.Chain[0].Input+" folded")
	cfg.Progress = p.Report
	report, err := audit.RunReplay(ctx, cfg, r.log.Serde)
	p.End()
	if err != nil {
		return err
	}
	if err := r.printReplay(report, time.Since(started)); err != nil || !r.diff {
		return err
	}
	return r.compareTopics(ctx, slices.Sorted(maps.Keys(report.Written)))
}

func (r *replays) connect(ctx context.Context) (err error) {
	if r.log, err = clients.OpenLog(r.cfg); err != nil {
		return err
	}
	ctl, err := r.log.ReadControl(ctx)
	if err != nil {
		return err
	}
	r.current = ctl.Names()
	return nil
}

// replayedChain returns the named stages, bound to the version that is written.
func (r *replays) replayedChain(ctx context.Context) (streams.Chain, error) {
	if len(r.stages) == 0 {
		return nil, errors.New("name the stages to run: --stage features,predict")
	}
	if err := knownStage(r.stages); err != nil {
		return nil, err
	}
	versions := maps.Clone(r.current.Versions)
	for _, stage := range r.stages {
		if r.current.Versions.Of(stage) == r.version {
			return nil, fmt.Errorf("version %d of %s is the current one: give another --version", r.version, stage)
		}
		versions[stage] = r.version
	}
	r.cfg.Reference = append(r.cfg.Reference, r.reference...)
	ref, err := clients.Reference(r.cfg)
	if err != nil {
		return nil, err
	}
	models := predict.BuiltInRegistry()
	store, err := clients.ArtefactStore(r.cfg)
	if err != nil {
		return nil, err
	}
	facts, err := line.ReadModels(ctx, models, store, r.log.Kafka, r.current, r.log.Serde,
		slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	names := r.current.At(versions)
	all := line.Stages(ref, models, names)
	for i, stage := range all {
		all[i] = stage.Reading(facts)
	}
	named := func(s *streams.Stage) bool { return slices.Contains(r.stages, s.Name) }
	first := slices.IndexFunc(all, named)
	last := first + len(slices.Compact(slices.Sorted(slices.Values(r.stages))))
	if last > len(all) || slices.ContainsFunc(all[first:last], func(s *streams.Stage) bool { return !named(s) }) {
		return nil, fmt.Errorf("--stage %s: name stages that follow one another in the line: %s",
			strings.Join(r.stages, ","), strings.Join(wire.StageNames(), ", "))
	}
	for i := first + 1; i < last; i++ {
		if !follows(all[i-1], all[i], names) {
			return nil, fmt.Errorf("--stage %s: %s does not read what %s writes: replay it by itself",
				strings.Join(r.stages, ","), all[i].Name, all[i-1].Name)
		}
	}
	return all[first:last], nil
}

// follows reports whether a stage reads a topic that the one before it writes.
func follows(before, stage *streams.Stage, names wire.Namespace) bool {
	return slices.ContainsFunc(wire.Topics(), func(t wire.Topic) bool {
		return t.Writer == before.Name && names.Topic(t.Name) == stage.Input
	})
}

// parseBounds reads the range.
func (r *replays) parseBounds(cfg *audit.ReplayConfig) (err error) {
	if len(r.from) > 0 && r.since != "" {
		return errors.New("give either --from or --since")
	}
	if cfg.From, err = audit.ParseOffsets(r.from); err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	if r.since != "" {
		if cfg.Since, err = time.Parse(time.RFC3339, r.since); err != nil {
			return fmt.Errorf("--since %q: give a time such as 2026-11-01T00:00:00Z", r.since)
		}
	}
	if len(r.until) == 1 && !strings.Contains(r.until[0], "/") {
		if cfg.Before, err = time.Parse(time.RFC3339, r.until[0]); err != nil {
			return fmt.Errorf("--until %q: give partition/offset, or a time such as 2026-11-01T00:00:00Z", r.until[0])
		}
		return nil
	}
	if cfg.Until, err = audit.ParseOffsets(r.until); err != nil {
		return fmt.Errorf("--until: %w", err)
	}
	return nil
}

func (r *replays) printReplay(report audit.ReplayReport, took time.Duration) error {
	if r.asJSON {
		return json.NewEncoder(r.out).Encode(report)
	}
	fmt.Fprintf(r.out, "%d records of %s in %.1f s\n", report.Read, report.Input, took.Seconds())
	for _, topic := range slices.Sorted(maps.Keys(report.Written)) {
		fmt.Fprintf(r.out, "  %9d  written to %s\n", report.Written[topic], topic)
	}
	for _, reason := range slices.Sorted(maps.Keys(report.Refused)) {
		fmt.Fprintf(r.out, "  %9d  refused: %s\n", report.Refused[reason], reason)
	}
	return nil
}

// compareTopics compares what was written with the current versions of the topics. A compacted one is left out: it has
// the last value of each key, which is not that of a part of the log, and in the current version moves on meanwhile.
func (r *replays) compareTopics(ctx context.Context, written []string) error {
	same := true
	for _, topic := range wire.Topics() {
		for _, b := range written {
			if topic.Compacted || r.versioned(topic.Name) != b {
				continue
			}
			p := cli.NewProgressLine(r.progress, "compared")
			diff, err := audit.DiffTopics(ctx, audit.DiffConfig{
				Client: r.log.Kafka, A: r.current.Topic(topic.Name), B: b, First: 5, Progress: p.Report,
			}, r.log.Serde)
			p.End()
			if err != nil {
				return err
			}
			if err := printDiff(r.out, diff, r.asJSON); err != nil {
				return err
			}
			same = same && diff.Same()
		}
	}
	if !same {
		return cli.ErrReported
	}
	return nil
}

// versioned returns the name of one of the line's topics in the version that is written.
func (r *replays) versioned(topic string) string {
	versions := wire.Versions{}
	for _, stage := range wire.StageNames() {
		versions[stage] = r.version
	}
	return r.current.At(versions).Topic(topic)
}
