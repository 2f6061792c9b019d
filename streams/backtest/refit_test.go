package backtest_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/touchline/touchline/processors/fit"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/backtest"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/simulator"
	"github.com/touchline/touchline/streams/source/sourcetest"
	"github.com/touchline/touchline/streams/train"
)

const week = 7 * 24 * time.Hour

// asked is what a refitted model said of a feature record.
type asked struct {
	record   *football.MatchFeatures
	forecast predict.Forecast
}

// refitted runs a backtest with one refitted model and returns all that it said.
func refitted(t *testing.T, feeds []source.Feed, refit backtest.Refit) (*backtest.Report, map[string]asked) {
	t.Helper()
	said := make([]map[string]asked, 0, len(feeds))
	chain := func(models ...predict.Model) streams.Chain {
		mine := map[string]asked{} // of one feed: feeds are folded in parallel
		said = append(said, mine)
		for i := range models {
			models[i] = overheard{models[i], mine}
		}
		return whole(models...)
	}
	report, err := backtest.Run(t.Context(), feeds, chain, backtest.Config{Refits: []backtest.Refit{refit}})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]asked{}
	for _, mine := range said {
		for id, a := range mine {
			all[id] = a
		}
	}
	return report, all
}

// overheard is a model whose forecasts are written down.
type overheard struct {
	predict.Model
	said map[string]asked
}

func (o overheard) Forecast(f *football.MatchFeatures) (predict.Forecast, bool) {
	forecast, ok := o.Model.Forecast(f)
	if ok {
		o.said[fmt.Sprintf("%s %d %s", f.Match, f.Sequence, f.Live.Phase)] = asked{f, forecast}
	}
	return forecast, ok
}

// unlike returns how many forecasts that were made before an instant differ between two runs, of how many.
func unlike(a, b map[string]asked, part football.Instant) (differ, of int) {
	for id, x := range a {
		if x.record.At < part {
			of++
			if x.forecast.ExpectedGoals != b[id].forecast.ExpectedGoals ||
				x.forecast.Outcome != b[id].forecast.Outcome {
				differ++
			}
		}
	}
	return differ, of
}

// TestARefitKnowsNothingOfTheFuture deals the results from a match on to other matches: no forecast of a refitted model
// made before it may change.
func TestARefitKnowsNothingOfTheFuture(t *testing.T) {
	refit := backtest.Refit{Name: "dixon-coles", Every: week,
		Settings: fit.Settings{HalfLife: 50 * week, Variance: 0.2}}
	_, honest := refitted(t, season(t, scores), refit)
	draw := rand.New(rand.NewPCG(4, 4))
	for _, from := range []int{6, 13, 22} {
		ahead := draw.Perm(30 - from)
		other := func(n int) (int, int) {
			if n < from {
				return scores(n)
			}
			home, away := scores(from + ahead[n-from])
			return away + 1, home // and turned round, lest a season of like results hide it
		}
		part := football.At(time.Date(2020, 9, 12, 16, 0, 0, 0, time.UTC).AddDate(0, 0, 3*from))
		_, changed := refitted(t, season(t, other), refit)
		differ, of := unlike(honest, changed, part)
		if differ != 0 || of < 7 {
			t.Errorf("from match %d on: %d of %d forecasts made before know what comes after", from, differ, of)
		}
		if differ, _ := unlike(honest, changed, math.MaxInt64); differ == 0 {
			t.Errorf("from match %d on: no forecast changes at all: the check can't fail", from)
		}
		// Sabotage: results that are published a fortnight early are learned from too soon.
		_, leaky := refitted(t, early(season(t, scores)), refit)
		_, leaked := refitted(t, early(season(t, other)), refit)
		if differ, _ := unlike(leaky, leaked, part); differ == 0 {
			t.Errorf("from match %d on: results that come before their matches were not noticed", from)
		}
	}
}

// TestARefitForecastsAsTrainingDoes trains on what was settled before a fit was due, and compares the forecasts that
// stood after it.
func TestARefitForecastsAsTrainingDoes(t *testing.T) {
	settings := fit.Settings{HalfLife: 50 * week, Variance: 0.2}
	report, said := refitted(t, season(t, scores), backtest.Refit{Name: "dixon-coles", Every: week, Settings: settings})
	if got := report.Pooled["dixon-coles"]; got.N < 25 || got.N > 30 || got.Over25 == nil {
		t.Errorf("got %+v, want all matches but those of teams that had not played", got)
	}
	due := football.At(time.Date(2020, 11, 5, 0, 0, 0, 0, time.UTC)) // a Thursday, as 1970-01-01 was
	features := func() streams.Chain { return line.Features(football.DefaultReference()) }
	examples, err := train.Collect(t.Context(), season(t, scores), features, due, nil)
	if err != nil {
		t.Fatal(err)
	}
	artefact, _, err := train.DixonColes(train.Matches(examples),
		train.DixonColesOptions{Before: due, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	fact, err := predict.Registration("dixon-coles", 1, artefact)
	if err != nil {
		t.Fatal(err)
	}
	model, err := predict.Build(fact)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for id, a := range said {
		if a.record.At < due || a.record.At >= due.Add(week) {
			continue
		}
		compared++
		want, ok := model.Forecast(a.record)
		if !ok || math.Abs(want.Outcome.Home-a.forecast.Outcome.Home) > 1e-5 ||
			math.Abs(want.ExpectedGoals.Away-a.forecast.ExpectedGoals.Away) > 1e-5 {
			t.Errorf("%s: got %+v, trained %+v %v", id, a.forecast.Outcome, want.Outcome, ok)
		}
	}
	if compared < 5 {
		t.Errorf("only %d forecasts were made in the week", compared)
	}
}

// TestARefitForgetsWhatWasTakenBack plays a league whose results a tribunal often changes.
func TestARefitForgetsWhatWasTakenBack(t *testing.T) {
	feeds := func(overturned float64) []source.Feed {
		sim, err := simulator.New(simulator.Config{Seed: 3, Leagues: simulator.Worlds()[:1], History: -1, Seasons: 1,
			Overturned: overturned})
		if err != nil {
			t.Fatal(err)
		}
		opened := sourcetest.Open(t, sim)
		next, n := opened[0].Next, 0
		opened[0].Next = func(ctx context.Context) (*football.RawEvent, error) { // a part of the season is enough
			if n++; n > 8_000 {
				return nil, io.EOF
			}
			return next(ctx)
		}
		return opened
	}
	refit := backtest.Refit{Name: "dixon-coles", Every: week, Settings: fit.Settings{Variance: 0.2}}
	_, steady := refitted(t, feeds(-1), refit)
	_, often := refitted(t, feeds(0.5), refit)
	if differ, of := unlike(steady, often, math.MaxInt64); differ == 0 || of < 1000 {
		t.Errorf("%d of %d forecasts follow results that were changed", differ, of)
	}
}

func TestRefitsAreToldApartByTheirSettings(t *testing.T) {
	var digests []string
	for _, variance := range []float64{0.1, 0.2} {
		chain := func(models ...predict.Model) streams.Chain {
			for _, m := range models {
				digests = append(digests, m.Ref().Digest)
				if m.Kind() != predict.KindDixonColes {
					t.Errorf("%s is of kind %s", m.Ref().ID, m.Kind())
				}
			}
			return whole(models...)
		}
		cfg := backtest.Config{Refits: []backtest.Refit{{Name: "dixon-coles", Every: week,
			Settings: fit.Settings{Variance: variance}}}}
		if _, err := backtest.Run(t.Context(), season(t, scores), chain, cfg); err != nil {
			t.Fatal(err)
		}
	}
	if slices.Sort(digests); len(slices.Compact(digests)) != 2 {
		t.Errorf("got digests %v, want two", digests)
	}
}
