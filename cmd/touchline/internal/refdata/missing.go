package refdata

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source"
)

func missingCommand() *cobra.Command {
	var out string
	cmd := withCollectFlags(&cobra.Command{
		Use: "missing", Short: "List what a source has that the reference lacks", Args: cobra.NoArgs,
		Example: "  touchline reference missing --source football-data --path results/\n" +
			"  touchline reference missing --source openfootball --path football.json/ --out my-leagues.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := cli.LoadConfig(cmd)
			if err != nil {
				return err
			}
			cfg.MaxRefused = 1
			ref, err := clients.Reference(cfg)
			if err != nil {
				return err
			}
			src, err := clients.CheckedSource(cfg, ref, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			found, err := findMissing(cmd.Context(), ref, src)
			if err != nil {
				return err
			}
			if out != "" {
				if err := found.writeFile(out); err != nil {
					return fmt.Errorf("--out %s: name a file that can be written to: %w", out, err)
				}
			}
			return found.writeTable(cmd.OutOrStdout())
		},
	})
	cmd.Flags().StringVar(&out, "out", "", "reference file that is written, to be reviewed and given with --reference")
	return cmd
}

// missing is what a source has that the reference lacks.
type missing struct {
	ref          *football.Reference
	configured   map[football.CompetitionID]bool // what the files of the reference have
	competitions map[football.CompetitionID]int  // matches
	teams        map[football.TeamID]*missingTeam
	refused      map[string]int // spellings that are refused, with their pool
}

type missingTeam struct {
	name    string
	pool    football.PoolID
	matches int
}

func newMissing(ref *football.Reference) *missing {
	m := &missing{
		ref: ref, configured: map[football.CompetitionID]bool{}, competitions: map[football.CompetitionID]int{},
		teams: map[football.TeamID]*missingTeam{}, refused: map[string]int{},
	}
	for _, c := range ref.Competitions() {
		m.configured[c.ID] = true
	}
	return m
}

// findMissing folds the source and collects what got an id by rule.
func findMissing(ctx context.Context, ref *football.Reference, src source.Source) (*missing, error) {
	feeds, err := src.Open(ctx)
	if err != nil {
		return nil, err
	}
	m := newMissing(ref)
	for _, feed := range feeds {
		memory := streams.NewMemory(line.Features(ref))
		for {
			raw, err := feed.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			if raw.Moment != football.MomentScheduled && raw.Moment != football.MomentTick {
				continue // a fixture names all that is needed; ticks keep the state small
			}
			for _, result := range memory.Step(raw) {
				m.countMissing(raw, result.Output)
			}
		}
	}
	return m, nil
}

// countMissing counts what an output of normalize has that the reference lacks.
func (m *missing) countMissing(raw *football.RawEvent, out football.Output) {
	if r, ok := out.(*football.Refusal); ok && r.Reason == football.RefusedUnknownTeam {
		m.refused[r.Detail]++
	}
	e, ok := out.(*football.MatchEvent)
	if !ok || e.Match == "" {
		return
	}
	fixture, ok := e.Body.(football.FixtureScheduled)
	if !ok {
		return
	}
	if !m.configured[e.Competition] {
		m.competitions[e.Competition]++
	}
	for _, side := range [...]struct {
		id   football.TeamID
		name string
	}{{e.Home, fixture.HomeName}, {e.Away, fixture.AwayName}} {
		if m.ref.IsConfigured(side.id) {
			continue
		}
		if m.teams[side.id] == nil {
			m.teams[side.id] = &missingTeam{name: side.name, pool: raw.Pool}
		}
		m.teams[side.id].matches++
	}
}

// writeTable writes the lists for people.
func (m *missing) writeTable(out io.Writer) error {
	if len(m.competitions)+len(m.teams)+len(m.refused) == 0 {
		fmt.Fprintln(out, "the reference has every league and every team of the source")
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, id := range slices.Sorted(maps.Keys(m.competitions)) {
		fmt.Fprintf(table, "league\t%s\t%d matches\n", id, m.competitions[id])
	}
	for _, id := range slices.Sorted(maps.Keys(m.teams)) {
		fmt.Fprintf(table, "team\t%s\t%d matches\t%s\n", id, m.teams[id].matches, m.teams[id].name)
	}
	for _, detail := range slices.Sorted(maps.Keys(m.refused)) {
		fmt.Fprintf(table, "refused\t%s\t%d times\n", detail, m.refused[detail])
	}
	return table.Flush()
}

// writeFile writes a reference file of what is missing. It keeps the ids, so that logs fold as before with it.
func (m *missing) writeFile(path string) error {
	var file struct {
		Pools        []football.PoolEntry        `json:"pools"`
		Competitions []football.CompetitionEntry `json:"competitions"`
		Teams        []football.TeamEntry        `json:"teams"`
	}
	pools := map[football.PoolID]bool{}
	for _, id := range slices.Sorted(maps.Keys(m.competitions)) {
		c, _ := m.ref.Competition(id)
		if p, _ := m.ref.Pool(c.Pool); !pools[c.Pool] {
			pools[c.Pool] = true
			file.Pools = append(file.Pools, p)
		}
		file.Competitions = append(file.Competitions, c)
	}
	for _, id := range slices.Sorted(maps.Keys(m.teams)) {
		file.Teams = append(file.Teams, football.TeamEntry{ID: id, Name: m.teams[id].name, Pool: m.teams[id].pool})
	}
	data, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644) //nolint:gosec // it is no secret
}
