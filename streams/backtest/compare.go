package backtest

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// Interval contains the mean with a confidence of 95 %.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

func (i Interval) String() string { return fmt.Sprintf("%.4f-%.4f", i.Low, i.High) }

// resamples is how many times an interval draws the matches anew.
const resamples = 1000

// Bootstrap returns the 95 % percentile interval of the mean over matches (B. Efron, "Bootstrap Methods: Another Look
// at the Jackknife", Annals of Statistics 7, 1979), from 1,000 resamples. The seed depends only on the number of
// losses, so equal losses give equal intervals. The interval of none is empty.
func Bootstrap(losses []float64) Interval {
	n := len(losses)
	if n == 0 {
		return Interval{}
	}
	draw := rand.New(rand.NewPCG(1979, uint64(n)))
	means := make([]float64, resamples)
	for i := range means {
		sum := 0.0
		for range n {
			sum += losses[draw.IntN(n)]
		}
		means[i] = sum / float64(n)
	}
	slices.Sort(means)
	return Interval{means[resamples/40], means[resamples-1-resamples/40]}
}

// meanLoss returns the mean; of no values it is not a number.
func meanLoss(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// Comparison is the paired test of two models on the matches that both forecast. Differences are the first's loss less
// the second's: below 0 the first is better.
type Comparison struct {
	First   string `json:"first"`
	Second  string `json:"second"`
	N       int    `json:"n"`
	RPS     Test   `json:"rps"`
	LogLoss Test   `json:"log_loss"`
}

// Test is whether a mean difference could be chance.
type Test struct {
	Difference float64  `json:"difference"`
	Interval   Interval `json:"interval_95"` // see Bootstrap
	Statistic  float64  `json:"statistic"`   // Diebold & Mariano's, standard normal when neither is better
	P          float64  `json:"p"`           // two-sided
}

// Compare returns the paired test of two models, or an error that names the models there are.
func (r *Report) Compare(first, second string) (*Comparison, error) {
	for _, name := range []string{first, second} {
		if r.scored[name] == nil {
			return nil, fmt.Errorf("nothing was scored of a model %q: there are %v", name, rankedNames(r.Pooled))
		}
	}
	theirs := map[football.MatchID]*football.Evaluation{}
	for _, e := range r.scored[second] {
		theirs[e.Match] = e
	}
	var pairs [][2]*football.Evaluation
	for _, e := range r.scored[first] {
		if other := theirs[e.Match]; other != nil {
			pairs = append(pairs, [2]*football.Evaluation{e, other})
		}
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("%s and %s forecast no match in common", first, second)
	}
	return &Comparison{First: first, Second: second, N: len(pairs), RPS: pairedTest(pairs, rpsOfEvaluation),
		LogLoss: pairedTest(pairs, logLossOfEvaluation)}, nil
}

// pairedTest is the test of equal predictive accuracy by F. Diebold and R. Mariano, "Comparing Predictive Accuracy",
// Journal of Business & Economic Statistics 13, 1995, with the variance of days instead of matches: matches of one day
// share what neither model knew. The statistic is the sum of the differences over the root of the sum, over days, of
// the squared sum of their deviations from the mean.
func pairedTest(pairs [][2]*football.Evaluation, loss func(*football.Evaluation) float64) Test {
	differences, days := make([]float64, len(pairs)), map[int64][]float64{}
	for i, p := range pairs {
		differences[i] = loss(p[0]) - loss(p[1])
		day := int64(p[0].Kickoff) / (24 * 60 * 60 * 1000)
		days[day] = append(days[day], differences[i])
	}
	t := Test{Difference: meanLoss(differences), Interval: Bootstrap(differences), P: 1}
	var squares []float64
	for _, day := range days {
		sum := 0.0
		for _, d := range day {
			sum += d - t.Difference
		}
		squares = append(squares, sum*sum)
	}
	slices.SortFunc(squares, cmp.Compare) // one order of summing, whatever the map's
	variance := 0.0
	for _, s := range squares {
		variance += s
	}
	if variance > 0 {
		t.Statistic = t.Difference * float64(len(pairs)) / math.Sqrt(variance)
		t.P = math.Erfc(math.Abs(t.Statistic) / math.Sqrt2)
	}
	return t
}

// Write writes the comparison for people.
func (c *Comparison) Write(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s against %s at the %d matches that both forecast:\n%s%s", c.First, c.Second, c.N,
		c.RPS.formatTest("RPS", c.First, c.Second), c.LogLoss.formatTest("log loss", c.First, c.Second))
	return err
}

// formatTest returns the line of one loss: difference, interval, statistic and which model is better at the 5 % level.
func (t Test) formatTest(what, first, second string) string {
	verdict := "no difference that is not chance"
	switch {
	case t.P < 0.05 && t.Difference < 0:
		verdict = first + " is better"
	case t.P < 0.05:
		verdict = second + " is better"
	}
	return fmt.Sprintf("%-9s %+.5f  95 %% %+.5f to %+.5f  Diebold-Mariano %+.2f  p %.3f: %s\n", what, t.Difference,
		t.Interval.Low, t.Interval.High,
		t.Statistic, t.P, verdict)
}
