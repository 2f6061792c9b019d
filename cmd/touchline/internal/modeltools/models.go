package modeltools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/cmd/touchline/internal/clients"
	"github.com/touchline/touchline/infra/artefacts"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/models"
)

func ModelsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "models", Short: "See, register, shadow, split, promote and retire versions of models",
		Long: `A model is a name, a version and an artefact, its parameters. Of each name one version is served,
under the name itself; the other active ones forecast beside it as name@version and are scored, so
that any two can be compared match by match. Every change is a fact on football.models and is
announced to each pool: it takes effect at one place of each pool's log, in replays too.
docs/decisions/0013-model-life-cycle.md has the rules.`,
		Example: `  touchline train goals --source football-data --path results/ --out goals.json
  touchline models register goals --kind goals --artefact goals.json --note "refitted in summer"
  touchline models shadow goals 3
  touchline models compare goals 2 3
  touchline models split goals 3 10%
  touchline models promote goals 3
  touchline models promote goals 2          # a rollback
  touchline models export goals 3 --mlflow http://mlflow:5000`,
	}
	cmd.AddCommand(modelsListCommand(), modelsLogCommand(), modelsRegisterCommand(),
		modelsChangeCommand("shadow", football.ModelShadowed,
			"Let a version forecast beside the served one, unseen by who does not ask for it"),
		modelsSplitCommand(), modelsChangeCommand("promote", football.ModelPromoted,
			"Serve a version; the one before it goes on as a shadow"),
		modelsChangeCommand("retire", football.ModelRetired, "Silence a version for good"), modelsCompareCommand(),
		modelsAnnounceCommand(),
		modelsExportCommand(), modelsImportCommand())
	for _, sub := range cmd.Commands() {
		sub.ValidArgsFunction = cobra.NoFileCompletions
	}
	return cmd
}

// modelTools are the clients of the models commands.
type modelTools struct {
	cfg      config.Config
	ref      *football.Reference
	log      clients.Log
	registry *predict.Registry
	facts    *models.Log
	store    artefacts.Store // nil where none is configured
	changes  []placedFact
}

// placedFact is a fact with its offset, and why it does not apply.
type placedFact struct {
	offset  int64
	fact    *football.ModelFact
	refused error
}

// newModelTools reads football.models to its end.
func newModelTools(cmd *cobra.Command) (*modelTools, error) {
	cfg, log, err := clients.LoadLog(cmd)
	if err != nil {
		return nil, err
	}
	t := &modelTools{cfg: cfg, log: log, registry: predict.BuiltInRegistry()}
	if t.store, err = clients.ArtefactStore(cfg); err != nil {
		return nil, err
	}
	if t.ref, err = clients.Reference(cfg); err != nil {
		return nil, err
	}
	ctx := cmd.Context()
	for topic, schema := range map[string]wire.Codec{wire.TopicModels: wire.ModelFact,
		wire.TopicRawEvents: wire.RawEvent} {
		if err := t.log.Serde.Register(ctx, log.Names.ValueSubject(topic), schema); err != nil {
			return nil, err
		}
	}
	t.facts, err = line.ReadModels(ctx, t.registry, t.store, log.Kafka, log.Names, log.Serde,
		slog.New(slog.DiscardHandler), func(offset int64, fact *football.ModelFact, refused error) {
			t.changes = append(t.changes, placedFact{offset, fact, refused})
		})
	return t, err
}

// changeModel appends a fact and announces it. The registry must accept it, or nothing is written.
func (t *modelTools) changeModel(
	ctx context.Context, out io.Writer, complete func(*football.ModelFact) error, fact *football.ModelFact,
) error {
	change := models.Change{Client: t.log.Kafka, Reference: t.ref}
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
		if err := models.StoreLargeArtefact(ctx, t.store, fact); err != nil {
			return nil, err
		}
		return fact, nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s version %d is %s: position %d of %s, announced to %s\n", fact.ID, fact.Version,
		fact.Change, said.Position, t.log.Names.Topic(wire.TopicModels), cli.CountOf(len(said.Pools), "pool"))
	return err
}

// modelVersion reads a version of a model as it is given on the command line.
func modelVersion(text string) (int32, error) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is no version: want a number from 1; `touchline models list` shows them", text)
	}
	return int32(n), nil
}

func modelsRegisterCommand() *cobra.Command {
	var kind, path, note string
	cmd := &cobra.Command{
		Use: "register NAME", Short: "Register an artefact as the next version of a model, which stays silent",
		Args: cobra.ExactArgs(1),
		Example: "  touchline models register goals --kind goals --artefact goals.json\n  touchline models register " +
			"dixon-coles --kind dixon-coles --artefact dc.json --note \"half-life 400 days\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			if path == "" {
				return errors.New("give the file of the artefact: --artefact FILE, as touchline train writes it")
			}
			artefact, err := ReadArtefact(path)
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
	cmd.Flags().StringVar(&kind, "kind", predict.KindGoals,
		"what reads the artefact: "+strings.Join(predict.Kinds(), ", "))
	cli.CompleteFlag(cmd, "kind", predict.Kinds()...)
	cmd.Flags().StringVar(&path, "artefact", "", "file of the artefact")
	cmd.Flags().StringVar(&note, "note", "", "why, for whoever reads the log later")
	return cmd
}

// readArtefact reads a file, of a size that a store takes.
func ReadArtefact(path string) ([]byte, error) {
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
func (t *modelTools) register(
	ctx context.Context, out io.Writer, name, kind string, artefact []byte, note string,
) error {
	fact := &football.ModelFact{ID: name, Change: football.ModelRegistered, Kind: kind,
		Digest: predict.Digest(artefact), Artefact: artefact, Note: note}
	if err := t.changeModel(ctx, out, t.assignVersion, fact); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "digest %s\n", fact.Digest)
	return err
}

// assignVersion gives a registration the next version of its name. An artefact that is registered already is not
// registered again, unless that version is retired, as it is for good.
func (t *modelTools) assignVersion(fact *football.ModelFact) error {
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
			return t.changeModel(cmd.Context(), cmd.OutOrStdout(), nil,
				&football.ModelFact{ID: args[0], Version: version, Change: to, Note: note})
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	cmd.Flags().StringVar(&note, "note", "", "why, for whoever reads the log later")
	return cmd
}

func modelsSplitCommand() *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use:     "split NAME VERSION SHARE",
		Short:   "Serve a version for a share of the matches, by a hash that does not move them",
		Args:    cobra.ExactArgs(3),
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
			return t.changeModel(cmd.Context(), cmd.OutOrStdout(), nil,
				&football.ModelFact{ID: args[0], Version: version, Change: football.ModelSplit, Share: share,
					Note: note})
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

func modelsAnnounceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "announce", Short: "Announce what was said last to every pool: after a pool was added", Args: cobra.NoArgs,
		Example: "  touchline models announce",
		RunE: func(cmd *cobra.Command, _ []string) error {
			t, err := newModelTools(cmd)
			if err != nil {
				return err
			}
			said, err := models.Change{Client: t.log.Kafka, Reference: t.ref}.Apply(cmd.Context(), t.facts,
				func() (*football.ModelFact, error) { return nil, nil })
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "position %d of %s is announced to %s\n", said.Position,
				t.log.Names.Topic(wire.TopicModels), cli.CountOf(len(said.Pools), "pool"))
			return err
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	return cmd
}
