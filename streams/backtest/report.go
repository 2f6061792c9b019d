package backtest

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/touchline/touchline/processors/score"
	"github.com/touchline/touchline/schemas/football"
)

// Score is how well one model forecast n matches. All means are over matches.
type Score struct {
	N        int      `json:"n"`
	RPS      float64  `json:"rps"`         // ranked probability score, 0 to 1, less is better
	RPS95    Interval `json:"rps_95"`      // see Bootstrap
	LogLoss  float64  `json:"log_loss"`    // natural logarithm
	Log95    Interval `json:"log_loss_95"` // likewise
	Brier    float64  `json:"brier"`       // summed over the three results, 0 to 2
	Accuracy float64  `json:"accuracy"`    // share of matches whose most probable result happened
	// expected calibration error of the three results together, in ten bins
	ECE    float64  `json:"ece"`
	Over25 *float64 `json:"over_2_5,omitempty"` // log loss of more than 2.5 goals; not of models without goals
}

// Report has the scores of every model and market, by name.
type Report struct {
	Checkpoint   football.Checkpoint                         `json:"checkpoint"`
	Pooled       map[string]Score                            `json:"pooled"`
	Competitions map[football.CompetitionID]map[string]Score `json:"competitions"`

	Events  int               `json:"-"` // raw events folded
	Refused map[string]int    `json:"-"` // refusals by reason
	Example map[string]string `json:"-"` // the first refusal of each reason, as a person reads it

	scored map[string][]*football.Evaluation // by model, in the order of the matches' names
}

// calibrationBins is how many bins of equal width calibration is looked at in.
const calibrationBins = 10

// summarize scores the evaluations, in their order: sums of floating-point numbers depend on it.
func summarize(checkpoint football.Checkpoint, evaluations []*football.Evaluation) *Report {
	r := &Report{Checkpoint: checkpoint, Pooled: map[string]Score{},
		Competitions: map[football.CompetitionID]map[string]Score{},
		scored:       map[string][]*football.Evaluation{}}
	competitions := map[football.CompetitionID]map[string][]*football.Evaluation{}
	for _, e := range evaluations {
		r.scored[e.Model.ID] = append(r.scored[e.Model.ID], e)
		if competitions[e.Competition] == nil {
			competitions[e.Competition] = map[string][]*football.Evaluation{}
		}
		competitions[e.Competition][e.Model.ID] = append(competitions[e.Competition][e.Model.ID], e)
	}
	for name, scored := range r.scored {
		r.Pooled[name] = scoreOf(scored)
	}
	for id, models := range competitions {
		r.Competitions[id] = map[string]Score{}
		for name, scored := range models {
			r.Competitions[id][name] = scoreOf(scored)
		}
	}
	return r
}

// scoreOf returns the score of one model's evaluations, at least one.
func scoreOf(evaluations []*football.Evaluation) Score {
	var brier, right, over float64
	overs := 0
	for _, e := range evaluations {
		brier += e.Brier
		if favourite(e.Forecast) == resultOfEvaluation(e) {
			right++
		}
		if e.Over25 >= 0 {
			overs++
			over += overLoss(e)
		}
	}
	n := float64(len(evaluations))
	rps, logLoss := lossesOf(evaluations, rpsOfEvaluation), lossesOf(evaluations, logLossOfEvaluation)
	s := Score{N: len(evaluations), RPS: meanLoss(rps), RPS95: Bootstrap(rps), LogLoss: meanLoss(logLoss),
		Log95: Bootstrap(logLoss),
		Brier: brier / n, Accuracy: right / n, ECE: calibration(evaluations).ECE()}
	if overs > 0 {
		over /= float64(overs)
		s.Over25 = &over
	}
	return s
}

func rpsOfEvaluation(e *football.Evaluation) float64     { return e.RPS }
func logLossOfEvaluation(e *football.Evaluation) float64 { return e.LogLoss }

// overLoss is the log loss of the forecast of more than 2.5 goals.
func overLoss(e *football.Evaluation) float64 {
	p := e.Over25
	if e.HomeGoals+e.AwayGoals < 3 {
		p = 1 - p
	}
	return -math.Log(max(p, 1e-9))
}

// lossesOf returns the loss of each evaluation, in their order.
func lossesOf(evaluations []*football.Evaluation, of func(*football.Evaluation) float64) []float64 {
	out := make([]float64, len(evaluations))
	for i, e := range evaluations {
		out[i] = of(e)
	}
	return out
}

// calibration counts the three results of every match as three forecasts.
func calibration(evaluations []*football.Evaluation) score.Calibration {
	c := score.NewCalibration(calibrationBins)
	for _, e := range evaluations {
		happened := score.ResultOf(e.HomeGoals, e.AwayGoals)
		for _, r := range []score.Result{score.HomeWin, score.Draw, score.AwayWin} {
			c.Add(score.ProbabilityOf(e.Forecast, r), r == happened)
		}
	}
	return c
}

// favourite returns the most probable result; of equal ones the first of home win, draw, away win.
func favourite(o football.Outcome) score.Result {
	switch {
	case o.Home >= o.Draw && o.Home >= o.Away:
		return score.HomeWin
	case o.Draw >= o.Away:
		return score.Draw
	default:
		return score.AwayWin
	}
}

func resultOfEvaluation(e *football.Evaluation) score.Result {
	return score.ResultOf(e.HomeGoals, e.AwayGoals)
}

// WriteTable writes the report for people: pooled first, then each competition, models without odds before those that
// use them, the best first.
func (r *Report) WriteTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	section := func(title string, scores map[string]Score) {
		fmt.Fprintf(table, "%s\tn\tRPS\t95 %%\tlog loss\t95 %%\tBrier\taccuracy\tECE\tover 2.5\t\n", title)
		for _, name := range rankedNames(scores) {
			s := scores[name]
			over := ""
			if s.Over25 != nil {
				over = fmt.Sprintf("%.4f", *s.Over25)
			}
			fmt.Fprintf(table, "%s\t%d\t%.4f\t%s\t%.4f\t%s\t%.4f\t%.1f %%\t%.4f\t%s\t\n",
				name, s.N, s.RPS, s.RPS95, s.LogLoss, s.Log95, s.Brier, 100*s.Accuracy, s.ECE, over)
		}
		fmt.Fprintln(table, strings.Repeat("\t", 10))
	}
	section("all competitions", r.Pooled)
	for _, id := range slices.Sorted(maps.Keys(r.Competitions)) {
		section(string(id), r.Competitions[id])
	}
	return table.Flush()
}

// rankedNames returns the models' names: those that use no odds, those that do, bookmakers' odds; each group by RPS.
func rankedNames(scores map[string]Score) []string {
	class := func(name string) int {
		switch {
		case strings.HasPrefix(name, "odds:"):
			return 2
		case strings.HasPrefix(name, "market-"):
			return 1
		default:
			return 0
		}
	}
	return slices.SortedFunc(maps.Keys(scores), func(a, b string) int {
		return cmp.Or(cmp.Compare(class(a), class(b)), cmp.Compare(scores[a].RPS, scores[b].RPS), cmp.Compare(a, b))
	})
}
