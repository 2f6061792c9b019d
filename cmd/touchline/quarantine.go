package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/infra/connect"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

func quarantineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "quarantine", Short: "Look at the inputs that were refused",
		Long: `Whatever can't be decoded, identified or applied is kept in the quarantine topic with its reason, its original and its
position, and the line goes on.`,
		Example: "  touchline quarantine list --reason unknown-team\n  touchline quarantine show 0/17",
	}
	cmd.AddCommand(quarantineListCommand(), quarantineShowCommand())
	return cmd
}

func quarantineListCommand() *cobra.Command {
	var reason string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List what is in quarantine, with a count of each reason", Args: cobra.NoArgs,
		Example: "  touchline quarantine list\n  touchline quarantine list --reason malformed --limit 5\n  touchline quarantine list --json | jq .Detail",
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts, serde, err := quarantineClients(cmd)
			if err != nil {
				return err
			}
			return listQuarantine(cmd.Context(), cmd.OutOrStdout(), opts, serde, football.RefusalReason(reason), limit, asJSON)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry)
	cmd.Flags().StringVar(&reason, "reason", "", "list only this reason, such as unknown-team")
	cmd.Flags().IntVar(&limit, "limit", 50, "list at most so many entries; 0 lists all")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line instead of a table")
	return cmd
}

func quarantineClients(cmd *cobra.Command) ([]kgo.Opt, *wire.Serde, error) {
	cfg, err := load(cmd)
	if err != nil {
		return nil, nil, err
	}
	opts, err := connect.Kafka(cfg)
	if err != nil {
		return nil, nil, err
	}
	registry, err := connect.Registry(cfg)
	if err != nil {
		return nil, nil, err
	}
	return opts, wire.NewSerde(registry), nil
}

func listQuarantine(ctx context.Context, out io.Writer, opts []kgo.Opt, serde *wire.Serde, reason football.RefusalReason, limit int, asJSON bool) error {
	counts, shown := map[football.RefusalReason]int{}, 0
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(w, "ID\tWRITTEN\tSTAGE\tREASON\tFIELD\tDETAIL")
	}
	err := streams.ReadQuarantine(ctx, opts, serde, func(e streams.QuarantineEntry) error {
		counts[e.Reason]++
		if reason != "" && e.Reason != reason || limit > 0 && shown == limit {
			return nil
		}
		shown++
		if asJSON {
			return json.NewEncoder(out).Encode(e)
		}
		_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", e.ID(), e.Time.UTC().Format("2006-01-02T15:04:05Z"), e.Stage, e.Reason, e.Field, firstLine(e.Detail))
		return err
	})
	if err != nil || asJSON {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	fmt.Fprintf(out, "\n%d in quarantine, %d listed\n", total, shown)
	return printCounts(out, counts)
}

func quarantineShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show one entry whole: reason, position and original", Args: cobra.ExactArgs(1),
		Example: "  touchline quarantine show 0/17",
		RunE: func(cmd *cobra.Command, args []string) error {
			opts, serde, err := quarantineClients(cmd)
			if err != nil {
				return err
			}
			entry, err := streams.QuarantineEntryByID(cmd.Context(), opts, serde, args[0])
			if err != nil {
				return err
			}
			return showEntry(cmd.Context(), cmd.OutOrStdout(), serde, entry)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry)
	return cmd
}

func showEntry(ctx context.Context, out io.Writer, serde *wire.Serde, e streams.QuarantineEntry) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "entry\t%s\nwritten\t%s\nstage\t%s v%d\nreason\t%s\nfield\t%s\ndetail\t%s\n", e.ID(), e.Time.UTC(), e.Stage, e.StageVersion, e.Reason, e.Field, e.Detail)
	fmt.Fprintf(w, "original\t%s partition %d offset %d, %d bytes, sha256 %s\n", e.Topic, e.Quarantined.Partition, e.Quarantined.Offset, e.OriginalSize, e.Digest)
	original := e.Original
	raw, err := serde.Decode(ctx, wire.RawEvent, e.Original)
	var undecodable *wire.UndecodableError
	switch {
	case err == nil:
		r := raw.(*football.RawEvent)
		fmt.Fprintf(w, "source\t%s\nsource event\t%s\nmoment\t%s\nevent time\t%s\n", r.Source, r.SourceEventID, r.Moment, r.At)
		original = r.Payload
	case !errors.As(err, &undecodable):
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if utf8.Valid(original) {
		_, err = fmt.Fprintf(out, "\n%s\n", original)
	} else {
		_, err = fmt.Fprintf(out, "\n%q\n", original)
	}
	return err
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// printCounts prints how many entries each reason has, the most frequent first.
func printCounts(out io.Writer, counts map[football.RefusalReason]int) error {
	reasons := slices.SortedFunc(maps.Keys(counts), func(a, b football.RefusalReason) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for _, reason := range reasons {
		if _, err := fmt.Fprintf(out, "  %6d  %s\n", counts[reason], reason); err != nil {
			return err
		}
	}
	return nil
}
