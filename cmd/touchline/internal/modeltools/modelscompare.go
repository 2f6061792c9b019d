package modeltools

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/touchline/touchline/cmd/touchline/internal/cli"
	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/contest"
)

func modelsCompareCommand() *cobra.Command {
	var c comparison
	cmd := &cobra.Command{
		Use:   "compare NAME VERSION VERSION",
		Short: "Hold two versions against each other on the matches that both forecast; propose a promotion",
		Args:  cobra.ExactArgs(3),
		Long: `Hold two versions of a model against each other on the evaluations in the log. The e-value and the
interval may be looked at after every match: what they say holds at all looks at once. Once the
e-value has reached 1/alpha, and while its mean RPS is the lower one, the second version is proposed
for promotion. --promote is the policy that promotes it then, with the evidence as the note; what is
served already stays as it is, and so does what an operator took back.`,
		Example: "  touchline models compare goals 2 3\n  touchline models compare goals 2 3 --checkpoint half-time " +
			"--json\n  touchline models compare goals 2 3 --promote --alpha 0.01   # as a nightly job",
		RunE: func(cmd *cobra.Command, args []string) error {
			first, err := modelVersion(args[1])
			if err != nil {
				return err
			}
			second, err := modelVersion(args[2])
			if err != nil {
				return err
			}
			c.question.Model, c.question.First, c.question.Second = args[0], first, second
			if err := c.checkFlags(); err != nil {
				return err
			}
			t, err := newModelTools(cmd)
			if err != nil {
				return err
			}
			verdict, err := t.compareVersions(cmd.Context(), c.question, c.alpha)
			if err != nil {
				return err
			}
			return c.reportVerdict(cmd, t, verdict)
		},
	}
	config.Bind(cmd.Flags(), config.Kafka, config.Registry, config.Models)
	cmd.Flags().StringVar((*string)(&c.question.Checkpoint), "checkpoint", string(football.CheckpointKickOff),
		"which forecasts count: opening, kick-off or half-time")
	cli.CompleteFlag(cmd, "checkpoint", cli.Checkpoints()...)
	cmd.Flags().Float64Var(&c.alpha, "alpha", 0.05, "chance of ever proposing a version that is no better")
	cmd.Flags().BoolVar(&c.promote, "promote", false, "promote the second version if it is proposed")
	cmd.Flags().StringVar(&c.note, "note", "", "note of the promotion; default: the evidence")
	cmd.Flags().BoolVar(&c.asJSON, "json", false, "print JSON")
	return cmd
}

// comparison is what `touchline models compare` is asked for.
type comparison struct {
	question contest.Question
	alpha    float64 // chance of ever proposing a version that is no better
	promote  bool
	note     string // of the promotion; "": the evidence
	asJSON   bool
}

func (c comparison) checkFlags() error {
	switch {
	case c.question.First == c.question.Second:
		return errors.New("name two versions")
	case !(c.alpha > 0 && c.alpha <= 0.5):
		return fmt.Errorf("--alpha %v: want more than 0 and at most 0.5", c.alpha)
	case !slices.Contains(cli.Checkpoints(), string(c.question.Checkpoint)):
		return fmt.Errorf("--checkpoint %q: there are %v", c.question.Checkpoint, cli.Checkpoints())
	default:
		return nil
	}
}

// reportVerdict prints the verdict and, where that is asked for, promotes what it proposes.
func (c comparison) reportVerdict(cmd *cobra.Command, t *modelTools, verdict contest.Verdict) error {
	var err error
	if c.asJSON {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(verdict)
	} else {
		err = verdict.Write(cmd.OutOrStdout())
	}
	if err != nil || !c.promote || !verdict.Proposed {
		return err
	}
	name, version := c.question.Model, c.question.Second
	if why := t.settled(name, version); why != "" {
		_, err := fmt.Fprintf(cmd.ErrOrStderr(), "nothing is promoted: %s\n", why)
		return err
	}
	note := cmp.Or(c.note, fmt.Sprintf("proposed by an e-value of %.3g over %s", verdict.Most,
		cli.CountOf(verdict.Matches, "match")))
	return t.changeModel(cmd.Context(), cmd.ErrOrStderr(), nil,
		&football.ModelFact{ID: name, Version: version, Change: football.ModelPromoted, Note: note})
}

// settled says why the policy leaves a version alone; "" when it does not. A job that runs every night finds the
// evidence of yesterday again.
func (t *modelTools) settled(name string, version int32) string {
	for _, s := range t.registry.Newest().Standings() {
		if s.Name == name && s.Version == version && s.Share == 1 {
			return fmt.Sprintf("%s version %d is served already", name, version)
		}
	}
	for _, f := range t.changes {
		if f.refused == nil && f.fact.Change == football.ModelPromoted && f.fact.ID == name &&
			f.fact.Version == version {
			return fmt.Sprintf("%s version %d was served before, and replaced: touchline models promote %s %d", name,
				version, name, version)
		}
	}
	return ""
}

func (t *modelTools) compareVersions(ctx context.Context, q contest.Question, alpha float64) (contest.Verdict, error) {
	for _, version := range []int32{q.First, q.Second} {
		if !t.registry.Newest().Has(q.Model, version) {
			return contest.Verdict{}, fmt.Errorf("%s has no version %d: `touchline models list` shows what there is",
				q.Model, version)
		}
	}
	ctl, err := t.log.ReadControl(ctx)
	if err != nil {
		return contest.Verdict{}, err
	}
	evaluations, err := contest.Read(ctx, t.log.Kafka, t.log.Serde, ctl.Names().Topic(wire.TopicEvaluations), q)
	if err != nil {
		return contest.Verdict{}, err
	}
	return contest.Judge(evaluations, q, alpha), nil
}
