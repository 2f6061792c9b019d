package backtest

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/touchline/touchline/schemas/football"
)

// Score is how well one model forecast n matches. All means are over matches.
type Score struct {
	N        int     `json:"n"`
	RPS      float64 `json:"rps"`      // ranked probability score, 0 to 1, less is better
	LogLoss  float64 `json:"log_loss"` // natural logarithm
	Brier    float64 `json:"brier"`    // summed over the three results, 0 to 2
	Accuracy float64 `json:"accuracy"` // share of matches whose most probable result happened
}

// Report holds the scores of every model and market, by name.
type Report struct {
	Pooled       map[string]Score                            `json:"pooled"`
	Competitions map[football.CompetitionID]map[string]Score `json:"competitions"`

	Events  int               `json:"-"` // raw events folded
	Refused map[string]int    `json:"-"` // refusals by reason
	Example map[string]string `json:"-"` // the first refusal of each reason, as a person reads it
}

// summarize scores the evaluations, in their order.
func summarize(evaluations []*football.Evaluation) *Report {
	r := &Report{Pooled: map[string]Score{}, Competitions: map[football.CompetitionID]map[string]Score{}}
	for _, e := range evaluations {
		name := e.Model.ID
		r.Pooled[name] = r.Pooled[name].plus(e)
		competition := r.Competitions[e.Competition]
		if competition == nil {
			competition = map[string]Score{}
			r.Competitions[e.Competition] = competition
		}
		competition[name] = competition[name].plus(e)
	}
	mean(r.Pooled)
	for _, competition := range r.Competitions {
		mean(competition)
	}
	return r
}

// plus adds one match to sums that mean later divides.
func (s Score) plus(e *football.Evaluation) Score {
	s.N++
	s.RPS += e.RPS
	s.LogLoss += e.LogLoss
	s.Brier += e.Brier
	if favourite(e.Forecast) == result(e) {
		s.Accuracy++
	}
	return s
}

func mean(scores map[string]Score) {
	for name, s := range scores {
		n := float64(s.N)
		scores[name] = Score{s.N, s.RPS / n, s.LogLoss / n, s.Brier / n, s.Accuracy / n}
	}
}

// favourite returns the most probable result: 1 home, 0 draw, -1 away; of equals the one named first.
func favourite(o football.Outcome) int {
	switch {
	case o.Home >= o.Draw && o.Home >= o.Away:
		return 1
	case o.Draw >= o.Away:
		return 0
	default:
		return -1
	}
}

func result(e *football.Evaluation) int { return cmp.Compare(e.HomeGoals, e.AwayGoals) }

// WriteTable writes the report for people: pooled first, then each competition, models without odds before those that
// use them, the best first.
func (r *Report) WriteTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	section := func(title string, scores map[string]Score) {
		fmt.Fprintf(table, "%s\tn\tRPS\tlog loss\tBrier\taccuracy\t\n", title)
		for _, name := range ranked(scores) {
			s := scores[name]
			fmt.Fprintf(table, "%s\t%d\t%.4f\t%.4f\t%.4f\t%.1f %%\t\n", name, s.N, s.RPS, s.LogLoss, s.Brier, 100*s.Accuracy)
		}
		fmt.Fprintln(table, "\t\t\t\t\t\t")
	}
	section("all competitions", r.Pooled)
	for _, id := range slices.Sorted(maps.Keys(r.Competitions)) {
		section(string(id), r.Competitions[id])
	}
	return table.Flush()
}

func ranked(scores map[string]Score) []string {
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
