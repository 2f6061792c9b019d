package evaluate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/evaluate"
	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/processors/score"
	"github.com/touchline/touchline/schemas/football"
)

// mean adds up evaluations.
type mean struct {
	n                   int
	rps, logLoss, brier float64
	calibration         score.Calibration
}

func (m *mean) add(e *football.Evaluation) {
	m.n++
	m.rps += e.RPS
	m.logLoss += e.LogLoss
	m.brier += e.Brier
	for i, p := range []float64{e.Forecast.Home, e.Forecast.Draw, e.Forecast.Away} {
		m.calibration.Add(p, score.Result(i) == score.ResultOf(e.HomeGoals, e.AwayGoals))
	}
}

// line folds match events through features, predict and evaluate, in memory.
type line struct {
	features             *features.Stage
	predict              *predict.Stage
	evaluate             *evaluate.Stage
	featured, evaluated  *featurestest.View
	predictions, records int
}

func newLine(models ...predict.Model) *line {
	return &line{
		features: features.New(features.Config{}), predict: predict.New(predict.NewRegistry(models...)),
		evaluate: evaluate.New(),
		featured: featurestest.NewView(), evaluated: featurestest.NewView(),
	}
}

func (l *line) step(e *football.MatchEvent, each func(*football.Evaluation)) {
	for _, record := range l.features.Step(l.featured, e) {
		l.records++
		for _, p := range l.predict.Step(nil, record.(*football.MatchFeatures)) {
			l.predictions++
			for _, evaluation := range l.evaluate.Step(l.evaluated, p.(*football.Prediction)) {
				each(evaluation.(*football.Evaluation))
			}
		}
	}
}

// TestForecastsOfUnseenSeasons folds 17 seasons of six leagues and scores the last three, which no parameter was chosen
// on, against the bookmakers.
func TestForecastsOfUnseenSeasons(t *testing.T) {
	if testing.Short() {
		t.Skip("folds 40,000 matches with ten models")
	}
	events := featurestest.History(featurestest.Load(t, featurestest.Divisions(), 2005, 2021))
	l := newLine(append(predict.BuiltInModels(), predict.Baselines()...)...)
	means := map[string]*mean{}
	for _, e := range events {
		l.step(e, func(e *football.Evaluation) {
			if e.Season < "2019-20" {
				return
			}
			name := string(e.Checkpoint) + " " + e.Model.ID
			if means[name] == nil {
				means[name] = &mean{calibration: score.NewCalibration(20)}
			}
			means[name].add(e)
		})
	}
	t.Logf("%d events, %d records, %d predictions\n%s", len(events), l.records, l.predictions, table(means))
	if keys := len(l.evaluated.Keys()); keys > 1_000 {
		t.Errorf("evaluate keeps %d keys at the end, want a month's worth", keys)
	}
	for name, most := range map[string]float64{
		"kick-off goals": 0.2055, "kick-off market-blend": 0.2030, "kick-off odds:closing-avg-power": 0.2025,
		"kick-off elo": 0.2085, "half-time goals": 0.1570,
	} {
		if m := means[name]; m == nil || m.rps/float64(m.n) > most {
			t.Errorf("%s: %+v, want a mean RPS of at most %.4f", name, m, most)
		}
	}
	if m := means["kick-off goals"]; m.n != 7033 {
		t.Errorf("%d matches scored, want 7033", m.n)
	}
}

func table(means map[string]*mean) string {
	var rows []string
	for name, m := range means {
		n := float64(m.n)
		rows = append(rows, fmt.Sprintf("%-40s n %5d  RPS %.4f  log loss %.4f  Brier %.4f  ECE %.4f",
			name, m.n, m.rps/n, m.logLoss/n, m.brier/n, m.calibration.ECE()))
	}
	slices.Sort(rows)
	return strings.Join(rows, "\n")
}
