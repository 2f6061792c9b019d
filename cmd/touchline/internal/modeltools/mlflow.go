package modeltools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/infra/mlflow"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/contest"
)

// registered is the name of a model on an MLflow server when none is given.
func registered(name string) string { return "touchline-" + name }

func modelsExportCommand() *cobra.Command {
	var e modelExport
	cmd := &cobra.Command{
		Use: "export NAME VERSION", Short: "Export a version to an MLflow server, with its scores in the log",
		Args: cobra.ExactArgs(2),
		Long: `Export a version of a model to an MLflow server: its artefact, what it was trained on, and its mean
scores over the evaluations in the log become a run and a version of a registered model. A version
that is there already is not exported again. Who you are say MLFLOW_TRACKING_TOKEN, or
MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.`,
		Example: "  touchline models export goals 3 --mlflow http://mlflow:5000\n  " +
			"MLFLOW_TRACKING_URI=http://mlflow:5000 touchline models export goals 3 --as house-goals",
		RunE: func(cmd *cobra.Command, args []string) error {
			version, err := modelVersion(args[1])
			if err != nil {
				return err
			}
			return e.exportVersion(cmd, args[0], version)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	bindMLflow(cmd, &e.server)
	cmd.Flags().StringVar(&e.as, "as", "", "name of the registered model there; default touchline-NAME")
	cmd.Flags().StringVar(&e.experiment, "experiment", "touchline",
		"experiment that the run is in; it is made when it is not there")
	return cmd
}

// modelExport is where `touchline models export` exports to.
type modelExport struct {
	server     string // address of the MLflow server
	as         string // name of the registered model there; "": by the model's
	experiment string
}

// exportVersion exports a version of the model with the name, and prints what it is there.
func (e modelExport) exportVersion(cmd *cobra.Command, name string, version int32) error {
	client, err := mlflowAt(e.server)
	if err != nil {
		return err
	}
	t, err := newModelTools(cmd)
	if err != nil {
		return err
	}
	fact, err := t.registration(name, version)
	if err != nil {
		return err
	}
	metrics, err := t.evaluationScores(cmd.Context(), name, version)
	if err != nil {
		return err
	}
	number := strconv.Itoa(int(version))
	exported, err := client.Export(cmd.Context(), mlflow.Model{
		Name: cmp.Or(e.as, registered(name)), Experiment: e.experiment,
		Run: fmt.Sprintf("%s version %d", name, version), Artefact: fact.Artefact, Kind: fact.Kind,
		Params: map[string]string{"model": name, "version": number}, Metrics: metrics, Note: fact.Note,
		Tags: map[string]string{"touchline.model": name, "touchline.version": number},
	})
	if err != nil {
		return err
	}
	verb := "is now"
	if exported.WasThat {
		verb = "was already"
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s version %d %s version %s of %s: %s\n", name, version, verb,
		exported.Version, exported.Name, exported.URL)
	return err
}

func modelsImportCommand() *cobra.Command {
	var server, from, version, kind, note string
	cmd := &cobra.Command{
		Use: "import NAME", Short: "Register a version that is on an MLflow server as the next version of a model",
		Args: cobra.ExactArgs(1),
		Example: "  touchline models import goals --mlflow http://mlflow:5000\n  touchline models import goals " +
			"--mlflow http://mlflow:5000 --from house-goals --version champion",
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := mlflowAt(server)
			if err != nil {
				return err
			}
			if from == "" {
				from = registered(args[0])
			}
			model, where, err := client.Import(cmd.Context(), from, version)
			if err != nil {
				return err
			}
			if kind == "" {
				kind = model.Kind
			}
			if _, err := predict.Decode(kind, model.Artefact); err != nil {
				return fmt.Errorf("version %s of %s: %w", where.Version, from, err)
			}
			if note == "" {
				note = fmt.Sprintf("version %s of %s on %s", where.Version, from, strings.SplitN(where.URL, "#", 2)[0])
			}
			t, err := newModelTools(cmd)
			if err != nil {
				return err
			}
			return t.register(cmd.Context(), cmd.OutOrStdout(), args[0], kind, model.Artefact, note)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	bindMLflow(cmd, &server)
	cmd.Flags().StringVar(&from, "from", "", "name of the registered model there; default touchline-NAME")
	cmd.Flags().StringVar(&version, "version", "latest", "its version: a number, an alias, or latest")
	cmd.Flags().StringVar(&kind, "kind", "",
		"what reads the artefact, of a version that does not say: "+strings.Join(predict.Kinds(), ", "))
	cli.CompleteFlag(cmd, "kind", predict.Kinds()...)
	cmd.Flags().StringVar(&note, "note", "", "why, for whoever reads the log later; default: where it came from")
	return cmd
}

func bindMLflow(cmd *cobra.Command, server *string) {
	cmd.Flags().StringVar(server, "mlflow", os.Getenv("MLFLOW_TRACKING_URI"),
		"address of the MLflow server [MLFLOW_TRACKING_URI]")
}

func mlflowAt(server string) (*mlflow.Client, error) {
	if server == "" {
		return nil, errors.New("give the address of the MLflow server: --mlflow http://host:5000, or " +
			"MLFLOW_TRACKING_URI")
	}
	client, err := mlflow.New(server)
	if err != nil {
		return nil, fmt.Errorf("--mlflow: %w", err)
	}
	return client, nil
}

// registration returns the fact that registered a version, with its artefact.
func (t *modelTools) registration(name string, version int32) (*football.ModelFact, error) {
	for _, f := range t.changes {
		if f.refused == nil && f.fact.Change == football.ModelRegistered && f.fact.ID == name &&
			f.fact.Version == version && len(f.fact.Artefact) > 0 {
			return f.fact, nil
		}
	}
	for _, f := range predict.BuiltInRegistrations() {
		if f.ID == name && f.Version == version {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%s has no version %d: `touchline models list` shows what there is", name, version)
}

// evaluationScores are a version's mean scores over the evaluations in the log, by checkpoint: "kick-off.rps" and so
// on.
func (t *modelTools) evaluationScores(ctx context.Context, name string, version int32) (map[string]float64, error) {
	ctl, err := t.log.ReadControl(ctx)
	if err != nil {
		return nil, err
	}
	means := map[string]float64{}
	for _, checkpoint := range cli.Checkpoints() {
		q := contest.Question{Model: name, First: version, Second: version, Checkpoint: football.Checkpoint(checkpoint)}
		evaluations, err := contest.Read(ctx, t.log.Kafka, t.log.Serde, ctl.Names().Topic(wire.TopicEvaluations), q)
		if err != nil {
			return nil, err
		}
		maps.Copy(means, meansOf(checkpoint, evaluations))
	}
	return means, nil
}

// meansOf are the means of evaluations, summed in one order so that they are the same each time.
func meansOf(checkpoint string, evaluations []*football.Evaluation) map[string]float64 {
	if len(evaluations) == 0 {
		return nil
	}
	slices.SortFunc(evaluations, func(a, b *football.Evaluation) int {
		return strings.Compare(string(a.Match),
			string(b.Match))
	})
	n := float64(len(evaluations))
	means := map[string]float64{checkpoint + ".matches": n}
	for _, e := range evaluations {
		means[checkpoint+".rps"] += e.RPS / n
		means[checkpoint+".log_loss"] += e.LogLoss / n
		means[checkpoint+".brier"] += e.Brier / n
	}
	return means
}
