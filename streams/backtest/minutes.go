package backtest

import (
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

const markCount = 7

// minuteMarks are the minutes at which forecasts in play are scored; 45 is half-time.
func minuteMarks() [markCount]int32 { return [...]int32{0, 15, 30, 45, 60, 75, 85} }

// Minute is how well a model forecast matches as they were at one minute.
type Minute struct {
	Minute   int32    `json:"minute"`
	N        int      `json:"n"`
	RPS      float64  `json:"rps"`
	LogLoss  float64  `json:"log_loss"`
	ECE      float64  `json:"ece"`                // of the three results together, in ten bins
	Distance *float64 `json:"distance,omitempty"` // mean distance of a result's probability from the true one
	// mean Kullback-Leibler divergence of the forecast from the truth, in nats
	Surprise *float64 `json:"surprise,omitempty"`
}

// Truth returns the true probabilities of a match's results in a state of play, where they are known: of a simulated
// match.
type Truth func(id football.MatchID, live football.LiveState) (football.Outcome, bool)

// AtKickOff is added to a model's name for its last forecast before the match, scored at every minute of it.
const AtKickOff = " at kick-off"

// Minutes is the scores in play by model.
type Minutes map[string][]Minute

// RunMinutes folds the feeds, each with a chain of its own and in parallel, and scores what stood at each mark of the
// matches that were followed while they were played. truth may be nil.
func RunMinutes(ctx context.Context, feeds []source.Feed, chain Chain, truth Truth, cfg Config) (Minutes, error) {
	followed := make([]followedMatches, len(feeds))
	for i := range followed {
		followed[i] = followedMatches{}
	}
	err := eachPrediction(ctx, feeds, chain, cfg, func(feed int, p *football.Prediction) {
		followed[feed].followPrediction(p, truth)
	})
	if err != nil {
		return nil, err
	}
	all := map[string][markCount]tally{}
	for _, matches := range followed {
		for _, id := range slices.Sorted(maps.Keys(matches)) {
			matches[id].addToTallies(all)
		}
	}
	minutes := Minutes{}
	for name, tallies := range all {
		for i, t := range tallies {
			if t.n > 0 {
				minutes[name] = append(minutes[name], t.scoreMinute(minuteMarks()[i]))
			}
		}
	}
	if len(minutes) == 0 {
		return nil, errors.New("no match was followed while it was played: give a source of events, --source " +
			"statsbomb or simulator")
	}
	return minutes, nil
}

// followedMatch is what was forecast of a match: for each mark the last forecast up to it.
type followedMatch struct {
	played, settled bool
	home, away      int32 // goals at the end
	forecasts       map[string]*[markCount]football.Outcome
	truth           [markCount]football.Outcome
	// Sequence of the feature record for which the truth was last asked: all models forecast the same record.
	asked int64
}

// followedMatches are the matches of a feed.
type followedMatches map[football.MatchID]*followedMatch

// followPrediction adds a prediction to its match. truth may be nil.
func (c followedMatches) followPrediction(p *football.Prediction, truth Truth) {
	if c[p.Match] == nil {
		c[p.Match] = &followedMatch{forecasts: map[string]*[markCount]football.Outcome{}}
	}
	c[p.Match].keepPrediction(p, truth)
}

// keepPrediction keeps a forecast for the marks that are not behind it, and the result once there is one.
func (c *followedMatch) keepPrediction(p *football.Prediction, truth Truth) {
	live := p.Live
	switch live.Phase {
	case football.Settled:
		c.settled = true
		c.home, c.away = live.Regular()
		return
	case football.Postponed:
		return
	case football.PreMatch:
		c.setForecast(p.Model.ID+AtKickOff, 0, p.Outcome)
	case football.InPlay:
		c.played = c.played || live.Clock.Elapsed >= 60 // a file of results has kick-off and half-time only
	case football.HalfTime:
	}
	minute := minuteOf(live)
	c.setForecast(p.Model.ID, minute, p.Outcome)
	if truth == nil || c.asked == p.Feature.Sequence {
		return
	}
	c.asked = p.Feature.Sequence
	if is, ok := truth(p.Match, live); ok {
		for i, mark := range minuteMarks() {
			if mark >= minute {
				c.truth[i] = is
			}
		}
	}
}

// setForecast puts a forecast that was made in a minute at that mark and all later ones, until a later forecast
// replaces it.
func (c *followedMatch) setForecast(name string, minute int32, outcome football.Outcome) {
	if c.forecasts[name] == nil {
		c.forecasts[name] = new([markCount]football.Outcome)
	}
	for i, mark := range minuteMarks() {
		if mark >= minute {
			c.forecasts[name][i] = outcome
		}
	}
}

// minuteOf returns the minute of play that has begun, 0 before the kick-off; stoppage time is the last of its half.
func minuteOf(live football.LiveState) int32 {
	const half = football.HalfSeconds / 60
	switch {
	case live.Phase == football.PreMatch:
		return 0
	case live.Phase == football.HalfTime:
		return half
	case live.Clock.Period <= 1:
		return min((live.Clock.Elapsed+59)/60, half)
	case live.Clock.Period == 2:
		return half + (live.Clock.Elapsed+59)/60
	default:
		return math.MaxInt32
	}
}

// addToTallies adds the match to the sums of each model and mark, if it was followed while it was played and has a
// result.
func (c *followedMatch) addToTallies(all map[string][markCount]tally) {
	if !c.played || !c.settled {
		return
	}
	happened := score.ResultOf(c.home, c.away)
	for _, name := range slices.Sorted(maps.Keys(c.forecasts)) {
		tallies := all[name]
		for i, outcome := range c.forecasts[name] {
			if outcome != (football.Outcome{}) {
				tallies[i].addForecast(outcome, happened, c.truth[i])
			}
		}
		all[name] = tallies
	}
}

// tally is the sums of one model at one mark. known counts the forecasts of which the truth is known.
type tally struct {
	n, known                         int
	rps, logLoss, distance, surprise float64
	calibration                      score.Calibration
}

// addForecast adds the scores of one forecast. truth is empty where it is not known.
func (t *tally) addForecast(o football.Outcome, happened score.Result, truth football.Outcome) {
	if t.n++; t.n == 1 {
		t.calibration = score.NewCalibration(calibrationBins)
	}
	t.rps += score.RPS(o, happened)
	t.logLoss += score.LogLoss(o, happened)
	for _, r := range []score.Result{score.HomeWin, score.Draw, score.AwayWin} {
		t.calibration.Add(score.ProbabilityOf(o, r), r == happened)
	}
	if truth == (football.Outcome{}) {
		return
	}
	t.known++
	for _, r := range []score.Result{score.HomeWin, score.Draw, score.AwayWin} {
		p, q := score.ProbabilityOf(truth, r), score.ProbabilityOf(o, r)
		t.distance += math.Abs(p-q) / 3
		if p > 0 {
			t.surprise += p * math.Log(p/max(q, 1e-9))
		}
	}
}

// scoreMinute returns the means at a mark.
func (t *tally) scoreMinute(mark int32) Minute {
	n := float64(t.n)
	m := Minute{Minute: mark, N: t.n, RPS: t.rps / n, LogLoss: t.logLoss / n, ECE: t.calibration.ECE()}
	if t.known > 0 {
		distance, surprise := t.distance/float64(t.known), t.surprise/float64(t.known)
		m.Distance, m.Surprise = &distance, &surprise
	}
	return m
}

// WriteTable writes the scores for people: a section a mark, the best model first.
func (m Minutes) WriteTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, mark := range minuteMarks() {
		at := entriesOf(m, func(x Minute) bool { return x.Minute == mark })
		fmt.Fprintf(table, "minute %d\tn\tRPS\tlog loss\tECE\tfrom the truth\tnats\t\n", mark)
		for _, name := range namesByLoss(at, func(x Minute) float64 { return x.RPS }) {
			x := at[name]
			fmt.Fprintf(table, "%s\t%d\t%.4f\t%.4f\t%.4f\t%s\t%s\t\n", name, x.N, x.RPS, x.LogLoss, x.ECE,
				formatOptional(x.Distance), formatOptional(x.Surprise))
		}
		fmt.Fprintln(table, "\t\t\t\t\t\t\t")
	}
	return table.Flush()
}

// formatOptional returns four decimals, or nothing where there is no value.
func formatOptional(x *float64) string {
	if x == nil {
		return ""
	}
	return fmt.Sprintf("%.4f", *x)
}
