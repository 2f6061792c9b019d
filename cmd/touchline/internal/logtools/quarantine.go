package logtools

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

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/quarantine"
)

func QuarantineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "quarantine", Short: "Look at the inputs that were refused, and settle them",
		Long: `Whatever can't be decoded, identified or applied is kept in the quarantine topic with its reason,
its original and its position, and the line goes on. When the cause is mended, replay the originals;
what is not worth it, drop. Either settles an entry, and list shows the open ones.`,
		Example: `  touchline quarantine list --reason unknown-team
  touchline quarantine show 0/17
  touchline quarantine replay --reason unknown-team --dry-run
  touchline quarantine drop 0/17 --note "the provider withdrew it"`,
	}
	cmd.AddCommand(quarantineListCommand(), quarantineShowCommand(), quarantineReplayCommand(), quarantineDropCommand())
	return cmd
}

func quarantineListCommand() *cobra.Command {
	var l quarantineList
	cmd := &cobra.Command{
		Use: "list", Short: "List what is open in quarantine, with a count of each reason", Args: cobra.NoArgs,
		Example: "  touchline quarantine list\n  touchline quarantine list --all --reason malformed --limit 5\n  " +
			"touchline quarantine list --json | jq .Detail",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, log, err := clients.LoadLog(cmd)
			if err != nil {
				return err
			}
			l.out = cmd.OutOrStdout()
			return l.printEntries(cmd.Context(), log)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry)
	cmd.Flags().StringVar((*string)(&l.reason), "reason", "", "list only this reason, such as unknown-team")
	cmd.Flags().StringVar(&l.stage, "stage", "", "list only what this stage refused")
	cmd.Flags().IntVar(&l.limit, "limit", 50, "list at most so many entries; 0 lists all")
	cmd.Flags().BoolVar(&l.all, "all", false, "list also what is settled: replayed or dropped")
	cmd.Flags().BoolVar(&l.asJSON, "json", false, "print one JSON object a line instead of a table")
	return cmd
}

// quarantineList prints entries.
type quarantineList struct {
	out         io.Writer
	reason      football.RefusalReason
	stage       string
	limit       int
	all, asJSON bool
}

// listed is an entry as --json prints it.
type listed struct {
	quarantine.Entry
	Settlement *quarantine.Settlement `json:",omitempty"`
}

func (l *quarantineList) printEntries(ctx context.Context, log clients.Log) error {
	settled, err := quarantine.ReadSettlements(ctx, log.Kafka, log.Names)
	if err != nil {
		return err
	}
	counts, shown, closed := map[football.RefusalReason]int{}, 0, 0
	w := tabwriter.NewWriter(l.out, 0, 0, 2, ' ', 0)
	if !l.asJSON {
		fmt.Fprintln(w, "ID\tWRITTEN\tSTAGE\tREASON\tFIELD\tDETAIL\tSETTLED")
	}
	err = quarantine.Read(ctx, log.Kafka, log.Names, log.Serde, func(e quarantine.Entry) error {
		row := listed{Entry: e}
		if s, ok := settled[e.ID()]; ok {
			row.Settlement = &s
			closed++
		} else {
			counts[e.Reason]++
		}
		if !l.wantsEntry(row) || l.limit > 0 && shown == l.limit {
			return nil
		}
		shown++
		if l.asJSON {
			return json.NewEncoder(l.out).Encode(row)
		}
		return l.printRow(w, row)
	})
	if err != nil || l.asJSON {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	open := 0
	for _, n := range counts {
		open += n
	}
	fmt.Fprintf(l.out, "\n%d open in quarantine, %d settled, %d listed\n", open, closed, shown)
	return printCounts(l.out, counts)
}

// wantsEntry reports whether an entry is asked for.
func (l *quarantineList) wantsEntry(row listed) bool {
	return (l.all || row.Settlement == nil) && (l.reason == "" || row.Reason == l.reason) &&
		(l.stage == "" || row.Stage == l.stage)
}

func (l *quarantineList) printRow(w io.Writer, row listed) error {
	settled := ""
	if row.Settlement != nil {
		settled = row.Settlement.String()
	}
	_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row.ID(), written(row.Time), row.Stage, row.Reason,
		cli.TableCell(row.Field), cli.TableCell(firstLine(row.Detail)), cli.TableCell(settled))
	return err
}

func quarantineShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show one entry whole: reason, position and original", Args: cobra.ExactArgs(1),
		Example: "  touchline quarantine show 0/17",
		RunE: func(cmd *cobra.Command, args []string) error {
			_, log, err := clients.LoadLog(cmd)
			if err != nil {
				return err
			}
			entry, err := quarantine.EntryByID(cmd.Context(), log.Kafka, log.Names, log.Serde, args[0])
			if err != nil {
				return err
			}
			settled, err := quarantine.ReadSettlements(cmd.Context(), log.Kafka, log.Names)
			if err != nil {
				return err
			}
			if s, ok := settled[entry.ID()]; ok {
				fmt.Fprintf(cmd.OutOrStdout(), "settled: %s\n\n", s)
			}
			return showEntry(cmd.Context(), cmd.OutOrStdout(), log, entry)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry)
	return cmd
}

func showEntry(ctx context.Context, out io.Writer, log clients.Log, e quarantine.Entry) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "entry\t%s\nwritten\t%s\nstage\t%s v%d\nreason\t%s\nfield\t%s\ndetail\t%s\n", e.ID(), e.Time.UTC(),
		e.Stage, e.StageVersion, e.Reason, e.Field, e.Detail)
	fmt.Fprintf(w, "original\t%s partition %d offset %d, %d bytes, sha256 %s\n", log.Names.FullName(e.Topic),
		e.Quarantined.Partition,
		e.Quarantined.Offset, e.OriginalSize, e.Digest)
	original := e.Original
	r, err := wire.Decode(ctx, log.Serde, wire.RawEvent, e.Original)
	var undecodable *wire.UndecodableError
	switch {
	case err == nil:
		fmt.Fprintf(w, "source\t%s\nsource event\t%s\nmoment\t%s\nevent time\t%s\n", r.Source, r.SourceEventID,
			r.Moment, r.At)
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
