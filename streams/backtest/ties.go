package backtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"text/tabwriter"

	"github.com/touchline/touchline/processors/score"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

const momentCount = 6

// moments are those at which it is scored who goes on: what stood last before each of them.
func moments() [momentCount]string {
	return [...]string{"kick-off of a first leg", "kick-off", "half-time", "extra time", "its second half", "penalties"}
}

// Advance is how well a model forecast who goes on, as it stood at one moment.
type Advance struct {
	Moment  string  `json:"moment"`
	N       int     `json:"n"`
	Brier   float64 `json:"brier"`    // mean (p - 1)² or p² of the home side; a coin has 0.25
	LogLoss float64 `json:"log_loss"` // a coin has 0.6931
	ECE     float64 `json:"ece"`      // in ten bins
	// home sides that went on less those expected, in standard errors if forecasts are true
	Excess   float64  `json:"excess"`
	Distance *float64 `json:"distance,omitempty"` // mean distance of the probability from the true one
}

// AdvanceTruth returns the true probability that a match's home side goes on from a state of play, where it is known.
type AdvanceTruth func(id football.MatchID, live football.LiveState) (float64, bool)

// Ties is the scores of knock-outs by model.
type Ties map[string][]Advance

// RunTies folds the feeds, each with a chain of its own and in parallel, and scores the forecasts of who goes on in
// knock-outs that were decided. truth may be nil.
func RunTies(ctx context.Context, feeds []source.Feed, chain Chain, truth AdvanceTruth, cfg Config) (Ties, error) {
	followed := make([]followedTies, len(feeds))
	for i := range followed {
		followed[i] = followedTies{}
	}
	err := eachPrediction(ctx, feeds, chain, cfg, func(feed int, p *football.Prediction) {
		if p.Advance.Kind != football.TieNone {
			followed[feed].followTie(p, truth)
		}
	})
	if err != nil {
		return nil, err
	}
	all := map[string]*[momentCount]tieSums{}
	for _, of := range followed {
		for _, key := range slices.SortedFunc(maps.Keys(of), tieKey.compareTieKeys) {
			of[key].addToSums(all)
		}
	}
	scores := Ties{}
	for name, tallies := range all {
		for i, t := range tallies {
			if t.n > 0 {
				scores[name] = append(scores[name], t.scoreAdvance(moments()[i]))
			}
		}
	}
	if len(scores) == 0 {
		return nil, errors.New("no knock-out was decided: give a source that has ties, --source simulator")
	}
	return scores, nil
}

// tieKey names a tie, in which two teams meet once, twice or after a replay: in a knock-out they meet in one only.
type tieKey struct {
	competition football.CompetitionID
	season      football.Season
	one, other  football.TeamID // in the order of their ids
}

// compareTieKeys orders ties by competition, season and teams: the order of summing.
func (k tieKey) compareTieKeys(other tieKey) int {
	return cmp.Or(cmp.Compare(k.competition, other.competition), cmp.Compare(k.season, other.season),
		cmp.Compare(k.one, other.one), cmp.Compare(k.other, other.other))
}

// tieForecasts are the forecasts of a tie, always the probability of the team whose id comes first, by model and match.
type tieForecasts struct {
	decided, won bool
	forecasts    map[string]map[football.MatchID]*[momentCount]momentForecast
}

// momentForecast is the last forecast before a moment, and the truth where it is known.
type momentForecast struct {
	made, known bool
	p, truth    float64
}

// followedTies are the ties of a feed.
type followedTies map[tieKey]*tieForecasts

// followTie adds a prediction to its tie. truth may be nil.
func (t followedTies) followTie(p *football.Prediction, truth AdvanceTruth) {
	key := tieKey{p.Competition, p.Season, min(p.Home, p.Away), max(p.Home, p.Away)}
	if t[key] == nil {
		t[key] = &tieForecasts{forecasts: map[string]map[football.MatchID]*[momentCount]momentForecast{}}
	}
	t[key].keepAdvance(p, truth)
}

// keepAdvance keeps a forecast at the moment that it belongs to, or who went on.
func (t *tieForecasts) keepAdvance(p *football.Prediction, truth AdvanceTruth) {
	first := p.Home < p.Away
	if p.Live.Phase == football.Settled {
		t.decided = t.decided || p.Advance.Home != p.Advance.Away
		t.won = first == (p.Advance.Home > p.Advance.Away)
		return
	}
	moment, ok := momentOf(p)
	if !ok {
		return
	}
	s := momentForecast{made: true, p: p.Advance.Home}
	if truth != nil {
		s.truth, s.known = truth(p.Match, p.Live)
	}
	if !first {
		s.p, s.truth = 1-s.p, 1-s.truth
	}
	matches := t.forecasts[p.Model.ID]
	if matches == nil {
		matches = map[football.MatchID]*[momentCount]momentForecast{}
		t.forecasts[p.Model.ID] = matches
	}
	if matches[p.Match] == nil {
		matches[p.Match] = new([momentCount]momentForecast)
	}
	matches[p.Match][moment] = s
}

// momentOf returns the moment before which a forecast counts, by its place in moments; false for one that is the last
// before none.
func momentOf(p *football.Prediction) (int, bool) {
	live := p.Live
	start := live.Phase == football.InPlay && live.Clock.Elapsed == 0
	switch {
	case live.Phase == football.PreMatch && p.Advance.Kind == football.TieFirstLeg:
		return 0, true
	case live.Phase == football.PreMatch:
		return 1, true
	case live.Phase == football.HalfTime:
		return 2, true
	case start && live.Clock.Period >= 3 && p.Advance.Regular+p.Advance.Extra < 1: // else it is over
		return int(live.Clock.Period), true
	default:
		return 0, false
	}
}

// addToSums adds the tie to the sums of each model and moment, if it was decided.
func (t *tieForecasts) addToSums(all map[string]*[momentCount]tieSums) {
	if !t.decided {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(t.forecasts)) {
		if all[name] == nil {
			all[name] = new([momentCount]tieSums)
		}
		for _, match := range slices.Sorted(maps.Keys(t.forecasts[name])) {
			for i, s := range t.forecasts[name][match] {
				if s.made {
					all[name][i].addAdvance(s, t.won)
				}
			}
		}
	}
}

// tieSums are the sums of one model at one moment. known counts the forecasts of which the truth is known.
type tieSums struct {
	n, known                                   int
	brier, logLoss, excess, variance, distance float64
	calibration                                score.Calibration
}

// addAdvance adds the scores of one forecast; won tells whether the first team went on.
func (t *tieSums) addAdvance(s momentForecast, won bool) {
	if t.n++; t.n == 1 {
		t.calibration = score.NewCalibration(calibrationBins)
	}
	happened, p := 0.0, s.p
	if won {
		happened = 1
	} else {
		p = 1 - p
	}
	t.brier += (s.p - happened) * (s.p - happened)
	t.logLoss -= math.Log(max(p, 1e-9))
	t.excess += happened - s.p
	t.variance += s.p * (1 - s.p)
	t.calibration.Add(s.p, won)
	if s.known {
		t.known++
		t.distance += math.Abs(s.p - s.truth)
	}
}

// scoreAdvance returns the means at a moment.
func (t *tieSums) scoreAdvance(moment string) Advance {
	n := float64(t.n)
	a := Advance{Moment: moment, N: t.n, Brier: t.brier / n, LogLoss: t.logLoss / n, ECE: t.calibration.ECE()}
	if t.variance > 0 {
		a.Excess = t.excess / math.Sqrt(t.variance)
	}
	if t.known > 0 {
		distance := t.distance / float64(t.known)
		a.Distance = &distance
	}
	return a
}

// WriteTable writes the scores for people: a section a moment, the best model first.
func (t Ties) WriteTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, moment := range moments() {
		at := entriesOf(t, func(a Advance) bool { return a.Moment == moment })
		if len(at) == 0 {
			continue
		}
		fmt.Fprintf(table, "who goes on, before %s\tn\tBrier\tlog loss\tECE\texcess\tfrom the truth\t\n", moment)
		for _, name := range namesByLoss(at, func(a Advance) float64 { return a.LogLoss }) {
			x := at[name]
			fmt.Fprintf(table, "%s\t%d\t%.4f\t%.4f\t%.4f\t%+.2f\t%s\t\n", name, x.N, x.Brier, x.LogLoss, x.ECE,
				x.Excess, formatOptional(x.Distance))
		}
		fmt.Fprintln(table, "\t\t\t\t\t\t\t")
	}
	return table.Flush()
}
