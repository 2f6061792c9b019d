package logtools

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/streams/audit"
)

func topicsDiffCommand() *cobra.Command {
	var asJSON bool
	var first int
	cmd := &cobra.Command{
		Use: "diff A B", Args: cobra.ExactArgs(2),
		Short: "Compare two versions of a topic, or one topic of two installations, record by record",
		Long: `Compare two versions of a topic, or the topic of two installations on the same engines. Both have
their full name in Kafka. Records are paired by what they are about (match, sequence, model),
whatever their offsets are, and compared by what they say. What A has before and after the range
that B covers is counted apart. The exit status is 1 when a record differs or is only in one of the
two.`,
		Example: "  touchline topics diff football.predictions.v1 football.predictions.v2\n  touchline topics diff " +
			"football.match-features.v1 football.match-features.v2 --first 20 --json\n  touchline topics diff " +
			"football.predictions.v1 trial.football.predictions.v1",
		RunE: func(cmd *cobra.Command, args []string) error {
			_, log, err := clients.LoadLog(cmd)
			if err != nil {
				return err
			}
			p := cli.NewProgressLine(cmd.ErrOrStderr(), "compared")
			cfg := audit.DiffConfig{Client: log.Kafka, A: args[0], B: args[1], First: first, Progress: p.Report}
			diff, err := audit.DiffTopics(cmd.Context(), cfg, log.Serde)
			p.End()
			if err != nil {
				return err
			}
			if err := printDiff(cmd.OutOrStdout(), diff, asJSON); err != nil {
				return err
			}
			if !diff.Same() {
				return cli.ErrReported
			}
			return nil
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry)
	cmd.Flags().IntVar(&first, "first", 5, "show so many records that differ, field by field")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printDiff(out io.Writer, d *audit.TopicDiff, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(d)
	}
	fmt.Fprintf(out, "%s and %s: equal %d, differ %d, only in the first %d, only in the second %d", d.A, d.B, d.Equal,
		d.Differ, d.OnlyA, d.OnlyB)
	if d.Outside > 0 {
		fmt.Fprintf(out, "; the first has %d outside the range of the second", d.Outside)
	}
	fmt.Fprintln(out)
	for _, r := range d.First {
		fmt.Fprintf(out, "  %s (%d/%d and %d/%d)\n", r.ID, r.Partition, r.OffsetA, r.Partition, r.OffsetB)
		for _, f := range r.Differences {
			fmt.Fprintf(out, "     %s\n", f.As("", " and "))
		}
	}
	return nil
}
