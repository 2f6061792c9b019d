package modeltools

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
)

func modelsListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the versions of each model and how each stands", Args: cobra.NoArgs,
		Example: "  touchline models list\n  touchline models list --json | jq 'select(.share > 0)'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			t, err := newModelTools(cmd)
			if err != nil {
				return err
			}
			return printStandings(cmd.OutOrStdout(), t.registry.Newest().Standings(), asJSON)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line instead of a table")
	return cmd
}

func printStandings(out io.Writer, standings []predict.Standing, asJSON bool) error {
	if asJSON {
		return cli.PrintJSONLines(out, standings)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "MODEL\tVERSION\tSTATUS\tSERVED\tSPEAKS AS\tKIND\tDIGEST")
	for _, s := range standings {
		served, speaks := "", s.ShadowID
		switch {
		case s.Share == 1:
			served, speaks = "always", s.Name
		case s.Share > 0:
			served, speaks = fmt.Sprintf("%.4g %%", 100*s.Share), s.Name+" or "+s.ShadowID
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", s.Name, s.Version, s.Status, served, speaks, s.Kind, s.Digest)
	}
	return w.Flush()
}

func modelsLogCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "log", Short: "List all that was ever said of models, and what of it does not apply", Args: cobra.NoArgs,
		Example: "  touchline models log",
		RunE: func(cmd *cobra.Command, _ []string) error {
			t, err := newModelTools(cmd)
			if err != nil {
				return err
			}
			return printFacts(cmd.OutOrStdout(), t.changes, asJSON)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line instead of a table")
	return cmd
}

// factRow is a fact as it is printed.
type factRow struct {
	Offset  int64                `json:"offset"`
	At      time.Time            `json:"at"`
	Model   string               `json:"model"`
	Version int32                `json:"version"`
	Change  football.ModelChange `json:"change"`
	Share   float64              `json:"share,omitempty"`
	Note    string               `json:"note,omitempty"`
	Refused string               `json:"refused,omitempty"`
}

func printFacts(out io.Writer, facts []placedFact, asJSON bool) error {
	var rows []factRow
	for _, f := range facts {
		row := factRow{Offset: f.offset, At: f.fact.At.Time().UTC(), Model: f.fact.ID, Version: f.fact.Version,
			Change: f.fact.Change, Share: f.fact.Share, Note: f.fact.Note}
		if f.refused != nil {
			row.Refused = f.refused.Error()
		}
		rows = append(rows, row)
	}
	if asJSON {
		return cli.PrintJSONLines(out, rows)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "OFFSET\tAT\tMODEL\tVERSION\tCHANGE\tNOTE")
	for _, r := range rows {
		change, note := string(r.Change), r.Note
		if r.Share > 0 {
			change += fmt.Sprintf(" %.4g %%", 100*r.Share)
		}
		if r.Refused != "" {
			note = strings.TrimSpace("does not apply: " + r.Refused + " " + note)
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%s\t%s\n", r.Offset, r.At.Format(time.RFC3339), cli.TableCell(r.Model),
			r.Version,
			cli.TableCell(change), cli.TableCell(note))
	}
	return w.Flush()
}
