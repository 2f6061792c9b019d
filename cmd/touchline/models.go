package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/artefacts"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/infra/connect"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/contest"
	"github.com/touchline/touchline/streams/line"
)

func modelsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "models", Short: "See, register, shadow, split, promote and retire versions of models",
		Long: `A model is a name, a version and an artefact, its parameters. Of each name one version is served, under the name itself; the
other active ones forecast beside it as name@version and are scored, so that any two can be compared match by match. Every
change is a fact on football.models and is announced to each pool: it takes effect at one place of each pool's log, in
replays too. docs/decisions/0013-model-life-cycle.md has the rules.`,
		Example: `  touchline train goals --source football-data --path results/ --out goals.json
  touchline models register goals --kind goals --artefact goals.json --note "refitted in summer"
  touchline models shadow goals 3
  touchline models compare goals 2 3
  touchline models split goals 3 10%
  touchline models promote goals 3
  touchline models promote goals 2          # a rollback
  touchline models export goals 3 --mlflow http://mlflow:5000`,
	}
	cmd.AddCommand(modelsListCommand(), modelsLogCommand(), modelsRegisterCommand(), modelsChangeCommand("shadow", football.ModelShadowed,
		"Let a version forecast beside the served one, unseen by who does not ask for it"),
		modelsSplitCommand(), modelsChangeCommand("promote", football.ModelPromoted, "Serve a version; the one before it goes on as a shadow"),
		modelsChangeCommand("retire", football.ModelRetired, "Silence a version for good"), modelsCompareCommand(), modelsAnnounceCommand(),
		modelsExportCommand(), modelsImportCommand())
	return cmd
}

// modelTools are the clients of the models commands.
type modelTools struct {
	cfg      config.Config
	ref      *football.Reference
	kafka    []kgo.Opt
	serde    *wire.Serde
	registry *predict.Registry
	facts    *streams.Models
	store    artefacts.Store // nil where none is configured
	log      []placedFact
}

// artefactStore opens the store of artefacts; nil where none is configured.
func artefactStore(cfg config.Config) (artefacts.Store, error) {
	if cfg.Artefacts == "" {
		return nil, nil
	}
	store, err := artefacts.Open(cfg.Artefacts)
	if err != nil {
		return nil, fmt.Errorf("TOUCHLINE_ARTEFACTS: %w", err)
	}
	return store, nil
}

// inline is the size of the largest artefact that travels in its fact.
const inline = 256 << 10

// keep puts an artefact that is too large for the log into the store.
func (t *modelTools) keep(ctx context.Context, fact *football.ModelFact) error {
	switch {
	case len(fact.Artefact) <= inline:
		return nil
	case t.store == nil:
		return fmt.Errorf("the artefact has %d bytes, and more than %d do not travel in the log: set TOUCHLINE_ARTEFACTS to a store that every process reaches", len(fact.Artefact), inline)
	}
	digest, err := t.store.Put(ctx, fact.Artefact)
	if err == nil && digest != fact.Digest {
		err = fmt.Errorf("the store says %.16s of the artefact %.16s", digest, fact.Digest)
	}
	return err
}

// placedFact is a fact with its offset, and why it does not apply.
type placedFact struct {
	offset  int64
	fact    *football.ModelFact
	refused error
}

// newModelTools reads football.models to its end.
func newModelTools(cmd *cobra.Command) (*modelTools, error) {
	cfg, err := load(cmd)
	if err != nil {
		return nil, err
	}
	if err := cfg.Require("models", "kafka-brokers", "schema-registry-url"); err != nil {
		return nil, err
	}
	t := &modelTools{cfg: cfg, registry: predict.NewRegistry(predict.Live()...)}
	if t.store, err = artefactStore(cfg); err != nil {
		return nil, err
	}
	if t.ref, err = reference(cfg); err != nil {
		return nil, err
	}
	if t.kafka, err = connect.Kafka(cfg); err != nil {
		return nil, err
	}
	registry, err := connect.Registry(cfg)
	if err != nil {
		return nil, err
	}
	t.serde = wire.NewSerde(registry)
	ctx := cmd.Context()
	for topic, schema := range map[string]*wire.Schema{wire.TopicModels: wire.ModelFact, wire.TopicRawEvents: wire.RawEvent} {
		if err := t.serde.Register(ctx, topic+"-value", schema); err != nil {
			return nil, err
		}
	}
	t.facts, err = line.ReadModels(ctx, t.registry, t.store, t.kafka, t.serde, slog.New(slog.DiscardHandler), func(offset int64, fact *football.ModelFact, refused error) {
		t.log = append(t.log, placedFact{offset, fact, refused})
	})
	return t, err
}

// say appends a fact and announces it. The registry must accept it, or nothing is written.
func (t *modelTools) say(ctx context.Context, out io.Writer, complete func(*football.ModelFact) error, fact *football.ModelFact) error {
	change := streams.ModelChange{Client: t.kafka, Reference: t.ref}
	said, err := change.Apply(ctx, t.facts, func() (*football.ModelFact, error) {
		if complete != nil {
			if err := complete(fact); err != nil {
				return nil, err
			}
		}
		fact.At = football.At(time.Now())
		if _, err := t.registry.Newest().Apply(fact); err != nil {
			return nil, err
		}
		if err := t.keep(ctx, fact); err != nil {
			return nil, err
		}
		if len(fact.Artefact) > inline {
			fact.Artefact = nil
		}
		return fact, nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s version %d is %s: position %d of %s, announced to %s\n", fact.ID, fact.Version, fact.Change, said.Position, wire.TopicModels, count(len(said.Pools), "pool"))
	return err
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// modelVersion reads a version of a model as it is given on the command line.
func modelVersion(text string) (int32, error) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is no version: want a number from 1; `touchline models list` shows them", text)
	}
	return int32(n), nil
}

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
		return eachJSON(out, standings)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "MODEL\tVERSION\tSTATUS\tSERVED\tSPEAKS AS\tKIND\tDIGEST")
	for _, s := range standings {
		served, speaks := "", s.Speaks
		switch {
		case s.Share == 1:
			served, speaks = "always", s.Name
		case s.Share > 0:
			served, speaks = fmt.Sprintf("%.4g %%", 100*s.Share), s.Name+" or "+s.Speaks
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", s.Name, s.Version, s.Status, served, speaks, s.Kind, s.Digest)
	}
	return w.Flush()
}

func eachJSON[T any](out io.Writer, all []T) error {
	encoder := json.NewEncoder(out)
	for _, one := range all {
		if err := encoder.Encode(one); err != nil {
			return err
		}
	}
	return nil
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
			return printFacts(cmd.OutOrStdout(), t.log, asJSON)
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
		row := factRow{Offset: f.offset, At: f.fact.At.Time().UTC(), Model: f.fact.ID, Version: f.fact.Version, Change: f.fact.Change, Share: f.fact.Share, Note: f.fact.Note}
		if f.refused != nil {
			row.Refused = f.refused.Error()
		}
		rows = append(rows, row)
	}
	if asJSON {
		return eachJSON(out, rows)
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
		fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%s\t%s\n", r.Offset, r.At.Format(time.RFC3339), r.Model, r.Version, change, note)
	}
	return w.Flush()
}

func modelsRegisterCommand() *cobra.Command {
	var kind, path, note string
	cmd := &cobra.Command{
		Use: "register NAME", Short: "Register an artefact as the next version of a model, which stays silent", Args: cobra.ExactArgs(1),
		Example: "  touchline models register goals --kind goals --artefact goals.json\n  touchline models register dixon-coles --kind dixon-coles --artefact dc.json --note \"half-life 400 days\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			if path == "" {
				return errors.New("give the file of the artefact: --artefact FILE, as touchline train writes it")
			}
			artefact, err := readArtefact(path)
			if err != nil {
				return fmt.Errorf("--artefact: %w", err)
			}
			if _, err := predict.Decode(kind, artefact); err != nil {
				return fmt.Errorf("--artefact %s, --kind %s: %w", path, kind, err)
			}
			t, err := newModelTools(cmd)
			if err != nil {
				return err
			}
			return t.register(cmd.Context(), cmd.OutOrStdout(), args[0], kind, artefact, note)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	cmd.Flags().StringVar(&kind, "kind", predict.KindGoals, "what reads the artefact: "+strings.Join(predict.Kinds(), ", "))
	cmd.Flags().StringVar(&path, "artefact", "", "file of the artefact")
	cmd.Flags().StringVar(&note, "note", "", "why, for whoever reads the log later")
	return cmd
}

// readArtefact reads a file, of a size that a store takes.
func readArtefact(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	artefact, err := io.ReadAll(io.LimitReader(file, artefacts.Most+1))
	if err == nil && len(artefact) > artefacts.Most {
		err = fmt.Errorf("%s has more than the %d bytes that an artefact may have", path, artefacts.Most)
	}
	return artefact, err
}

// register registers an artefact as the next version of a model.
func (t *modelTools) register(ctx context.Context, out io.Writer, name, kind string, artefact []byte, note string) error {
	fact := &football.ModelFact{ID: name, Change: football.ModelRegistered, Kind: kind, Digest: predict.Digest(artefact), Artefact: artefact, Note: note}
	if err := t.say(ctx, out, t.number, fact); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "digest %s\n", fact.Digest)
	return err
}

// number gives a registration the next version of its name. An artefact that is registered already is not registered again,
// unless that version is retired, as it is for good.
func (t *modelTools) number(fact *football.ModelFact) error {
	fact.Version = 1
	for _, s := range t.registry.Newest().Standings() {
		if s.Name != fact.ID {
			continue
		}
		if s.Status != football.ModelRetired && strings.HasPrefix(fact.Digest, s.Digest) && s.Kind == fact.Kind {
			return fmt.Errorf("that artefact is %s version %d already", s.Name, s.Version)
		}
		fact.Version = max(fact.Version, s.Version+1)
	}
	return nil
}

func modelsChangeCommand(use string, to football.ModelChange, short string) *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use: use + " NAME VERSION", Short: short, Args: cobra.ExactArgs(2),
		Example: "  touchline models " + use + " goals 3 --note \"see ticket 12\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			version, err := modelVersion(args[1])
			if err != nil {
				return err
			}
			t, err := newModelTools(cmd)
			if err != nil {
				return err
			}
			return t.say(cmd.Context(), cmd.OutOrStdout(), nil, &football.ModelFact{ID: args[0], Version: version, Change: to, Note: note})
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	cmd.Flags().StringVar(&note, "note", "", "why, for whoever reads the log later")
	return cmd
}

func modelsSplitCommand() *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use: "split NAME VERSION SHARE", Short: "Serve a version for a share of the matches, by a hash that does not move them", Args: cobra.ExactArgs(3),
		Example: "  touchline models split goals 3 10%\n  touchline models split goals 3 0.5",
		RunE: func(cmd *cobra.Command, args []string) error {
			version, err := modelVersion(args[1])
			if err != nil {
				return err
			}
			share, err := shareOf(args[2])
			if err != nil {
				return err
			}
			t, err := newModelTools(cmd)
			if err != nil {
				return err
			}
			return t.say(cmd.Context(), cmd.OutOrStdout(), nil, &football.ModelFact{ID: args[0], Version: version, Change: football.ModelSplit, Share: share, Note: note})
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	cmd.Flags().StringVar(&note, "note", "", "why, for whoever reads the log later")
	return cmd
}

// shareOf reads "10%" or "0.1".
func shareOf(text string) (float64, error) {
	number, percent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share > 0 && share < 1) {
		return 0, fmt.Errorf("%q is no share of the matches: want more than 0 and less than all, as 10%% or 0.1", text)
	}
	return share, nil
}

func modelsCompareCommand() *cobra.Command {
	var (
		checkpoint, note string
		alpha            float64
		promote, asJSON  bool
	)
	cmd := &cobra.Command{
		Use: "compare NAME VERSION VERSION", Short: "Hold two versions against each other on the matches that both forecast; propose a promotion", Args: cobra.ExactArgs(3),
		Long: `Hold two versions of a model against each other on the evaluations in the log. The e-value and the interval may be looked at
after every match: what they say holds at all looks at once. Once the e-value has reached 1/alpha, and while its mean RPS is
the lower one, the second version is proposed for promotion. --promote is the policy that promotes it then, with the evidence
as the note.`,
		Example: "  touchline models compare goals 2 3\n  touchline models compare goals 2 3 --checkpoint half-time --json\n  touchline models compare goals 2 3 --promote --alpha 0.01   # as a nightly job",
		RunE: func(cmd *cobra.Command, args []string) error {
			first, err := modelVersion(args[1])
			if err != nil {
				return err
			}
			second, err := modelVersion(args[2])
			if err != nil {
				return err
			}
			known := []football.Checkpoint{football.CheckpointOpening, football.CheckpointKickOff, football.CheckpointHalfTime}
			switch {
			case first == second:
				return errors.New("name two versions")
			case !(alpha > 0 && alpha <= 0.5):
				return fmt.Errorf("--alpha %v: want more than 0 and at most 0.5", alpha)
			case !slices.Contains(known, football.Checkpoint(checkpoint)):
				return fmt.Errorf("--checkpoint %q: there are %v", checkpoint, known)
			}
			t, err := newModelTools(cmd)
			if err != nil {
				return err
			}
			verdict, err := t.compare(cmd.Context(), contest.Question{Model: args[0], First: first, Second: second, Checkpoint: football.Checkpoint(checkpoint)}, alpha)
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(verdict)
			} else {
				err = verdict.Write(cmd.OutOrStdout())
			}
			if err != nil || !promote || !verdict.Proposed {
				return err
			}
			if note == "" {
				note = fmt.Sprintf("proposed by an e-value of %.3g over %s", verdict.Most, count(verdict.Matches, "match"))
			}
			return t.say(cmd.Context(), cmd.ErrOrStderr(), nil, &football.ModelFact{ID: args[0], Version: second, Change: football.ModelPromoted, Note: note})
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	cmd.Flags().StringVar(&checkpoint, "checkpoint", string(football.CheckpointKickOff), "which forecasts count: opening, kick-off or half-time")
	cmd.Flags().Float64Var(&alpha, "alpha", 0.05, "chance of ever proposing a version that is no better")
	cmd.Flags().BoolVar(&promote, "promote", false, "promote the second version if it is proposed")
	cmd.Flags().StringVar(&note, "note", "", "note of the promotion; default: the evidence")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (t *modelTools) compare(ctx context.Context, q contest.Question, alpha float64) (contest.Verdict, error) {
	for _, version := range []int32{q.First, q.Second} {
		if !t.registry.Newest().Has(q.Model, version) {
			return contest.Verdict{}, fmt.Errorf("%s has no version %d: `touchline models list` shows what there is", q.Model, version)
		}
	}
	control, err := readControl(ctx, t.cfg, t.kafka)
	if err != nil {
		return contest.Verdict{}, err
	}
	evaluations, err := contest.Read(ctx, t.kafka, t.serde, control.Versions().Topic(wire.TopicEvaluations), q)
	if err != nil {
		return contest.Verdict{}, err
	}
	return contest.Judge(evaluations, q, alpha), nil
}

func modelsAnnounceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "announce", Short: "Announce what was said last to every pool: after a pool was added", Args: cobra.NoArgs,
		Example: "  touchline models announce",
		RunE: func(cmd *cobra.Command, _ []string) error {
			t, err := newModelTools(cmd)
			if err != nil {
				return err
			}
			said, err := streams.ModelChange{Client: t.kafka, Reference: t.ref}.Apply(cmd.Context(), t.facts, func() (*football.ModelFact, error) { return nil, nil })
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "position %d of %s is announced to %s\n", said.Position, wire.TopicModels, count(len(said.Pools), "pool"))
			return err
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	return cmd
}
