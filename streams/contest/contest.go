// Package contest compares two versions of a model by the evaluations on the log, of matches that both forecast live.
// The test is sequential (see score.Sequential), so it may be asked after every match.
//
// evaluations, err := contest.Read(ctx, opts, serde, "football.evaluations.v1", contest.Question{Model: "goals", First:
// 2, Second: 3, Checkpoint: football.CheckpointKickOff})
//
//	verdict := contest.Judge(evaluations, question, 0.05)
package contest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/processors/score"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// Question names two versions of a model and the forecasts that count.
type Question struct {
	Model         string
	First, Second int32
	Checkpoint    football.Checkpoint
}

// Verdict is the result of the matches so far.
type Verdict struct {
	Model      string              `json:"model"`
	First      int32               `json:"first"`
	Second     int32               `json:"second"`
	Checkpoint football.Checkpoint `json:"checkpoint"`
	Matches    int                 `json:"matches"` // that both forecast
	Scaled     int                 `json:"scaled"`  // of them, whose difference was too wide to count in full
	FirstRPS   float64             `json:"first_rps"`
	SecondRPS  float64             `json:"second_rps"`
	// mean RPS of the first less that of the second: above 0 the second is better
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"` // confidence sequence of the difference
	High       float64 `json:"high"`
	Evidence   float64 `json:"evidence"` // e-value that the second is better, after the last match
	Most       float64 `json:"most"`     // the highest it ever was: what a promotion is proposed by
	Alpha      float64 `json:"alpha"`
	// the second for promotion: Most reached 1/alpha, and its mean RPS is the lower one
	Proposed bool `json:"proposed"`
}

// Read returns the evaluations that answer the question, the last revision of each, in no particular order. The topic
// is read to its end, committed records only.
func Read(
	ctx context.Context, opts []kgo.Opt, serde *wire.Serde, topic string, q Question,
) ([]*football.Evaluation, error) {
	type key struct {
		match   football.MatchID
		version int32
	}
	last := map[key]*football.Evaluation{}
	err := streams.ReadFacts(ctx, opts, serde, topic, wire.Evaluation, func(e *football.Evaluation) {
		name, _ := football.ModelName(e.Model.ID)
		if name != q.Model || e.Checkpoint != q.Checkpoint || e.Model.Version != q.First &&
			e.Model.Version != q.Second {
			return
		}
		k := key{e.Match, e.Model.Version}
		if known := last[k]; known == nil || known.Revision < e.Revision {
			last[k] = e
		}
	})
	if err != nil {
		return nil, err
	}
	var all []*football.Evaluation
	for _, e := range last {
		all = append(all, e)
	}
	return all, nil
}

// Judge compares both versions on the matches that both forecast, in the order in which they were settled. Alpha, above
// 0 and below 1, is the probability of proposing a version that is no better.
func Judge(evaluations []*football.Evaluation, q Question, alpha float64) Verdict {
	v := Verdict{Model: q.Model, First: q.First, Second: q.Second, Checkpoint: q.Checkpoint, Alpha: alpha, Most: 1}
	sorted := slices.SortedFunc(slices.Values(evaluations), func(a, b *football.Evaluation) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Match, b.Match))
	})
	half := map[football.MatchID]*football.Evaluation{}
	var sequential score.Sequential
	for _, e := range sorted {
		other := half[e.Match]
		if other == nil || other.Model.Version == e.Model.Version {
			half[e.Match] = e
			continue
		}
		first, second := other, e
		if first.Model.Version != q.First {
			first, second = second, first
		}
		// the later one: a version that is silent by now was not scored by a correction
		result := score.ResultOf(e.HomeGoals, e.AwayGoals)
		sequential.Add(first.Forecast, second.Forecast, result)
		v.FirstRPS += score.RPS(first.Forecast, result)
		v.SecondRPS += score.RPS(second.Forecast, result)
		v.Most = max(v.Most, sequential.Evidence())
	}
	v.Matches, v.Scaled = sequential.N()
	if v.Matches > 0 {
		v.FirstRPS /= float64(v.Matches)
		v.SecondRPS /= float64(v.Matches)
	}
	v.Difference, v.Evidence = sequential.Mean(), sequential.Evidence()
	v.Low, v.High = sequential.Interval(alpha)
	v.Proposed = v.reached() && v.SecondRPS < v.FirstRPS
	return v
}

// Write prints the verdict for people. An error is the writer's.
func (v Verdict) Write(out io.Writer) error {
	if v.Matches == 0 {
		_,
			err := fmt.Fprintf(out,
			"no match was forecast by both at %s and settled: shadow version %d and come back later\n",
			v.Checkpoint, v.Second)
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "MODEL\tMATCHES\tRPS\n%s version %d\t%d\t%.5f\n%s version %d\t%d\t%.5f\n", v.Model, v.First,
		v.Matches, v.FirstRPS, v.Model, v.Second, v.Matches, v.SecondRPS)
	if err := w.Flush(); err != nil {
		return err
	}
	if v.Scaled > 0 {
		fmt.Fprintf(out, "\n%d of the matches count less below: what they could tell was too much for one match\n",
			v.Scaled)
	}
	_,
		err := fmt.Fprintf(out,
		"\ndifference %+.5f, %.5f to %+.5f at every look with a confidence of %.0f %% (above 0: version %d is "+
			"better)\nevidence for version %d: e-value %.3g, at most %.3g; a promotion is proposed from %.3g on\n%s\n",
		v.Difference, v.Low, v.High, 100*(1-v.Alpha), v.Second, v.Second, v.Evidence, v.Most, 1/v.Alpha, v.proposal())
	return err
}

// reached reports whether there was ever enough evidence.
func (v Verdict) reached() bool { return v.Most >= 1/v.Alpha }

// proposal returns the last line for people: what to do.
func (v Verdict) proposal() string {
	switch {
	case v.Proposed:
		return fmt.Sprintf("proposed: touchline models promote %s %d", v.Model, v.Second)
	case v.reached():
		return fmt.Sprintf("nothing is proposed: version %d was the better one, and over all matches is not", v.Second)
	default:
		return "nothing is proposed yet"
	}
}
