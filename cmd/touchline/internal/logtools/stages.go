package logtools

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/catalogue"
	"github.com/touchline/touchline/streams/control"
	"github.com/touchline/touchline/streams/line"
)

func StagesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "stages", Short: "See, switch, pause and resume the stages of the line",
		Long: `A stage writes topics of one version. To upgrade it, run the new program beside the old one with
--version: it builds the stage's topics anew from the log. When it has caught up and the outputs
compare well, switch: the read models and the live feed follow the new topics, and the old processes
can be stopped. Switching back is the same command.`,
		Example: `  touchline process --stages predict,evaluate --version 2 --instance new-a   # beside version 1
  touchline stages list
  touchline stages switch predict,evaluate 2
  touchline stages pause features --note "waiting for the fixed reference file"`,
	}
	cmd.AddCommand(stagesListCommand(), stagesSwitchCommand(),
		stagesHoldCommand("pause", "Stop the intake of a stage: its workers stay members and keep their state", true),
		stagesHoldCommand("resume", "Let a paused stage go on", false))
	return cmd
}

// stageTools are the clients of the stages commands.
type stageTools struct {
	cfg     config.Config
	log     clients.Log
	control *control.Control
}

func newStageTools(cmd *cobra.Command) (*stageTools, error) {
	cfg, log, err := clients.LoadLog(cmd)
	if err != nil {
		return nil, err
	}
	t := &stageTools{cfg: cfg, log: log}
	t.control, err = log.ReadControl(cmd.Context())
	return t, err
}

// stageRow is one version of a stage that has a group.
type stageRow struct {
	Stage   string
	Version int
	Current bool
	Paused  bool
	State   string
	Lag     int64 // records, -1 where nobody ever read
	Since   football.Instant
	Note    string
}

func stagesListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the versions of each stage, which is current, and how far each is behind",
		Args:    cobra.NoArgs,
		Example: "  touchline stages list\n  touchline stages list --json | jq 'select(.Paused)'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			t, err := newStageTools(cmd)
			if err != nil {
				return err
			}
			rows, err := t.stageRows(cmd.Context())
			if err != nil {
				return err
			}
			return printStages(cmd.OutOrStdout(), rows, asJSON)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line instead of a table")
	return cmd
}

func printStages(out io.Writer, rows []stageRow, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(out)
		for _, row := range rows {
			if err := encoder.Encode(row); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STAGE\tVERSION\tCURRENT\tPAUSED\tWORKERS\tLAG\tSINCE\tNOTE")
	for _, r := range rows {
		current, paused, since, lag := "", "", "", strconv.FormatInt(r.Lag, 10)
		if r.Current {
			current = "current"
		}
		if r.Paused {
			paused = "paused"
		}
		if r.Since != 0 {
			since = r.Since.String()
		}
		if r.Lag < 0 {
			lag = "?"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Stage, r.Version, current, paused, r.State, lag, since,
			r.Note)
	}
	return w.Flush()
}

// stageRows finds the versions of each stage by the names of its groups, in either layout.
func (t *stageTools) stageRows(ctx context.Context) ([]stageRow, error) {
	client, err := kgo.NewClient(t.log.Kafka...)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	adm := kadm.NewClient(client)
	listed, err := adm.ListGroups(ctx)
	if err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	var rows []stageRow
	for _, stage := range wire.StageNames() {
		said := t.control.Of(stage)
		versions := []int{int(said.Version)}
		groups := map[int]string{}
		for _, group := range listed.Groups() {
			if version, ok := streams.GroupVersion(t.log.Names, group, stage); ok {
				groups[version] = group
				versions = append(versions, version)
			}
		}
		slices.Sort(versions)
		for _, version := range slices.Compact(versions) {
			row := stageRow{Stage: stage, Version: version, Current: version == int(said.Version), Paused: said.Paused,
				State: "none", Lag: -1}
			if row.Current {
				row.Since, row.Note = said.At, said.Note
			}
			if group, ok := groups[version]; ok {
				lags, err := catalogue.LagOf(ctx, adm, group)
				if err != nil {
					return nil, err
				}
				for _, lag := range lags {
					row.State, row.Lag = lag.State, max(0, row.Lag)+lag.Lag
				}
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func stagesSwitchCommand() *cobra.Command {
	var note string
	var force bool
	cmd := &cobra.Command{
		Use: "switch STAGE[,STAGE...] VERSION", Short: "Make another version of a stage's topics the current one",
		Args: cobra.ExactArgs(2),
		Long: `Make another version of a stage's topics the current one. The read models are emptied and built
again from the new topics, and live feeds ask their clients for a new image; that takes about as
long as a replay into the tables. A version that no group has built, or that is behind, is refused
unless --force is given.`,
		Example: "  touchline stages switch predict,evaluate 2 --note \"model 7\"\n  touchline stages switch " +
			"predict,evaluate 1   # and back",
		RunE: func(cmd *cobra.Command, args []string) error {
			version, err := strconv.Atoi(args[1])
			if err != nil || version < 1 || version > config.MaxVersion {
				return fmt.Errorf("%q is no version: want a number from 1 to %d", args[1], config.MaxVersion)
			}
			t, err := newStageTools(cmd)
			if err != nil {
				return err
			}
			return t.switchTo(cmd.Context(), cmd.OutOrStdout(), strings.Split(args[0], ","), version, note, force)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry)
	cmd.Flags().StringVar(&note, "note", "", "why, for those who look later")
	cmd.Flags().BoolVar(&force, "force", false, "switch also to a version that is behind")
	return cmd
}

func (t *stageTools) switchTo(
	ctx context.Context, out io.Writer, stages []string, version int, note string, force bool,
) error {
	if err := knownStage(stages); err != nil {
		return err
	}
	rows, err := t.stageRows(ctx)
	if err != nil {
		return err
	}
	var said []football.StageControl
	for _, stage := range stages {
		i := slices.IndexFunc(rows, func(r stageRow) bool { return r.Stage == stage && r.Version == version })
		switch {
		case force:
		case i < 0 || rows[i].Lag < 0:
			return fmt.Errorf("no group has built version %d of %s: run `touchline process --stages %s --version %d` "+
				"first, or give --force", version, stage, stage, version)
		case rows[i].Lag > caughtUp:
			return fmt.Errorf("version %d of %s is %d records behind: wait until `touchline stages list` shows that "+
				"it has caught up, or give --force", version, stage, rows[i].Lag)
		}
		control := t.control.Of(stage)
		control.Version, control.Note, control.At = int32(version), note, football.At(time.Now())
		said = append(said, control)
	}
	if err := t.control.Append(ctx, said...); err != nil {
		return err
	}
	fmt.Fprintf(out, "version %d of %s is current\n", version, strings.Join(stages, ", "))
	return nil
}

// caughtUp is how many offsets a version may be behind and still be switched to: a live line is never quite at its end,
// and the markers of transactions count.
const caughtUp = 1000

func knownStage(stages []string) error {
	for _, stage := range stages {
		if !slices.Contains(wire.StageNames(), stage) {
			return fmt.Errorf("no stage %q in the line: there are %s", stage, strings.Join(wire.StageNames(), ", "))
		}
	}
	return nil
}

func stagesHoldCommand(verb, short string, paused bool) *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use: verb + " STAGE[,STAGE...]", Short: short, Args: cobra.ExactArgs(1),
		Example: fmt.Sprintf("  touchline stages %s features --note \"why\"", verb),
		RunE: func(cmd *cobra.Command, args []string) error {
			stages := strings.Split(args[0], ",")
			if err := knownStage(stages); err != nil {
				return err
			}
			t, err := newStageTools(cmd)
			if err != nil {
				return err
			}
			var said []football.StageControl
			for _, stage := range stages {
				control := t.control.Of(stage)
				control.Paused, control.Note, control.At = paused, note, football.At(time.Now())
				said = append(said, control)
			}
			if err := t.control.Append(cmd.Context(), said...); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%sd: %s\n", verb, strings.Join(stages, ", "))
			return nil
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry)
	cmd.Flags().StringVar(&note, "note", "", "why, for those who look later")
	return cmd
}

// catalogueOf returns the topics of the line in its current versions, and the chains of the layout.
func catalogueOf(
	ctx context.Context, cfg config.Config, log clients.Log,
) (catalogue.Catalogue, []streams.Chain, error) {
	names := log.Names
	if cfg.SchemaRegistryURL != "" { // without a registry it can't be known, and version 1 is shown
		ctl, err := log.ReadControl(ctx)
		if err != nil {
			return catalogue.Catalogue{}, nil, err
		}
		names = ctl.Names()
	}
	if cfg.Version != 0 {
		versions := wire.Versions{}
		for _, stage := range wire.StageNames() {
			versions[stage] = cfg.Version
		}
		names = names.At(versions)
	}
	chains, err := line.Chains(line.Layout(cfg.Layout), football.DefaultReference(),
		predict.BuiltInRegistry(), names)
	return catalogue.New(int32(cfg.Partitions), int16(cfg.KafkaReplication), chains...), chains, err
}
