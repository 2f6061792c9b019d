// Package refdata is the command that shows, checks and completes the reference: leagues, pools, teams and their
// spellings. How to add one is docs/reference.md.
package refdata

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/schemas/football"
)

// ReferenceCommand returns `touchline reference`.
func ReferenceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reference", Short: "Show, check and complete the leagues, teams and spellings that are known",
		Long: `The reference lists which leagues belong together, and under which names sources know their
teams. A league that it lacks is folded nevertheless, with ids by rule; "missing" lists such leagues and
teams of a source and writes a file for --reference, to be reviewed.`,
		Example: "  touchline reference show E0\n  touchline reference missing --source football-data --path results/",
	}
	cmd.AddCommand(showCommand(), checkCommand(), missingCommand())
	return cmd
}

func showCommand() *cobra.Command {
	return withCollectFlags(&cobra.Command{
		Use: "show [COMPETITION | TEAM]", Short: "Print the known competitions, or one competition or team",
		Long: `Without an argument it lists the known competitions, and for each since when outlooks are made of its
seasons or why there is none. A competition or a team is printed as it is written in a reference file.`,
		Args:    cobra.MaximumNArgs(1),
		Example: "  touchline reference show\n  touchline reference show E0\n  touchline reference show man-united",
		RunE: func(cmd *cobra.Command, args []string) error {
			ref, err := loadReference(cmd)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return showOne(cmd.OutOrStdout(), ref, args[0])
			}
			return showAll(cmd.OutOrStdout(), ref)
		},
	})
}

func withCollectFlags(cmd *cobra.Command) *cobra.Command {
	config.Bind(cmd.Flags(), config.Collect)
	return cmd
}

func loadReference(cmd *cobra.Command) (*football.Reference, error) {
	cfg, err := cli.LoadConfig(cmd)
	if err != nil {
		return nil, err
	}
	return clients.Reference(cfg)
}

// showAll prints a line a competition.
func showAll(out io.Writer, ref *football.Reference) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "competition\tname\tcountry\tpool\tlevel\tseasons\toutlook")
	for _, c := range ref.Competitions() {
		level, seasons := fmt.Sprint(c.Level), "summer to summer"
		if c.Cup {
			level = "cup"
		}
		if c.Calendar == football.CalendarYear {
			seasons = "years"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Name, c.Country, c.Pool, level, seasons,
			outlookOf(ref, c))
	}
	return table.Flush()
}

// outlookOf tells since when outlooks are made of a competition's seasons, or why there are none of the newest ones.
func outlookOf(ref *football.Reference, c football.CompetitionEntry) string {
	if c.Cup {
		return "none: a cup"
	}
	if pool, ok := ref.Pool(c.Pool); ok && pool.National {
		return "none: national teams"
	}
	if len(c.Seasons) == 0 {
		return "none: the rules of its table are not known"
	}
	seasons := slices.SortedFunc(slices.Values(c.Seasons), func(a, b football.SeasonRules) int {
		return cmp.Compare(a.From, b.From)
	})
	newest := seasons[len(seasons)-1]
	switch {
	case newest.Teams == 0:
		return fmt.Sprintf("none since %s: the rules of its table are not known", newest.From)
	case newest.Split != nil:
		return fmt.Sprintf("none: the table is split after %d matches", newest.Split.After)
	case newest.WinPoints() != 3:
		return fmt.Sprintf("none: a win is worth %d points", newest.WinPoints())
	case !newest.HasOutlook():
		return fmt.Sprintf("none: each pair meets %d times at each ground", newest.Meetings)
	}
	since := newest.From
	for _, s := range slices.Backward(seasons) {
		if !s.HasOutlook() {
			break
		}
		since = s.From
	}
	if len(newest.Places) == 0 || len(newest.Places) == 1 && newest.Places[0].Name == "title" {
		return fmt.Sprintf("since %s; going up and down is not known", since)
	}
	return fmt.Sprintf("since %s", since)
}

// showOne prints the entry of a competition or a team as it is written in a reference file.
func showOne(out io.Writer, ref *football.Reference, name string) error {
	var entry any
	if c, ok := ref.CompetitionByName(name); ok {
		entry = c
	} else if c, ok := ref.Competition(football.CompetitionID(name)); ok {
		entry = c
	} else if t, ok := ref.TeamByID(football.TeamID(name)); ok {
		entry = t
	} else {
		return fmt.Errorf("no competition and no team is called %q", name)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(entry)
}

func checkCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check FILE...", Short: "Check reference files, together with what is built in",
		Args:    cobra.MinimumNArgs(1),
		Example: "  touchline reference check my-leagues.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			files := [][]byte{football.ReferenceJSON()}
			for _, path := range args {
				data, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				files = append(files, data)
			}
			ref, err := football.ParseReference(files...)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d pools and %d competitions, nothing is wrong\n",
				len(ref.Pools()), len(ref.Competitions()))
			return nil
		},
	}
}
