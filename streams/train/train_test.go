package train_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/processors/fit"
	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballtest"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/source/simulator"
	"github.com/touchline/touchline/streams/source/sourcetest"
	"github.com/touchline/touchline/streams/train"
)

// start is when live play begins in simulated worlds: what lies before it are result rows.
var start = football.At(time.Date(2026, time.August, 7, 18, 0, 0, 0, time.UTC))

// worlds opens two simulated leagues, each in a pool of its own.
func worlds(t *testing.T, history int) []source.Feed {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Seed: 4, History: history})
	if err != nil {
		t.Fatal(err)
	}
	return sourcetest.Open(t, sim)
}

func collect(t *testing.T, feeds []source.Feed, before football.Instant) []train.Example {
	t.Helper()
	chain := func() streams.Chain { return line.Features(football.DefaultReference()) }
	examples, err := train.Collect(t.Context(), feeds, chain, before, nil)
	if err != nil {
		t.Fatal(err)
	}
	return examples
}

func encoded(t *testing.T, a predict.Artefact) []byte {
	t.Helper()
	text, err := predict.Encode(a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := predict.Decode(a.Kind(), text); err != nil {
		t.Fatalf("what was trained can't be read: %v", err)
	}
	return text
}

// artefacts trains both kinds on the feeds.
func artefacts(t *testing.T, feeds []source.Feed) (goals, strengths []byte) {
	t.Helper()
	examples := collect(t, feeds, start)
	g, report, err := train.Goals(examples, train.GoalsOptions{Market: train.DefaultMarket})
	if err != nil || report.Priced == 0 || report.Trained.Matches != len(examples) || len(report.Parameters) != 7 {
		t.Fatalf("%+v, %v", report, err)
	}
	d, report, err := train.DixonColes(train.Matches(examples),
		train.DixonColesOptions{Before: start, Settings: train.DefaultSettings()})
	if err != nil || report.LogLikelihood <= report.Baseline {
		t.Fatalf("%+v, %v", report, err)
	}
	return encoded(t, g), encoded(t, d)
}

func TestTheSameHistoryGivesTheSameBytes(t *testing.T) {
	goals, strengths := artefacts(t, worlds(t, 2))
	for name, feeds := range map[string]func() []source.Feed{
		"again":                  func() []source.Feed { return worlds(t, 2) },
		"feeds in another order": func() []source.Feed { feeds := worlds(t, 2); slices.Reverse(feeds); return feeds },
	} {
		for _, processors := range []int{1, 2} {
			before := runtime.GOMAXPROCS(processors)
			g, d := artefacts(t, feeds())
			runtime.GOMAXPROCS(before)
			if !bytes.Equal(g, goals) {
				t.Errorf("%s on %d processors: other weights:\n%s\n%s", name, processors, g, goals)
			}
			if !bytes.Equal(d, strengths) {
				t.Errorf("%s on %d processors: other strengths", name, processors)
			}
		}
	}
}

// TestNothingAfterTheEndIsRead ends a feed with an error right at the end of what is trained on.
func TestNothingAfterTheEndIsRead(t *testing.T) {
	feeds := worlds(t, 1)
	end := start.Add(-200 * 24 * time.Hour)
	all := collect(t, feeds, end)
	if len(all) < 200 {
		t.Fatalf("%d matches", len(all))
	}
	if !slices.IsSortedFunc(all, func(a, b train.Example) int {
		return cmp.Or(cmp.Compare(a.Features.Kickoff, b.Features.Kickoff),
			cmp.Compare(a.Features.Match, b.Features.Match))
	}) {
		t.Error("the examples are in no order")
	}
	for _, e := range all {
		if e.Features.Kickoff >= end || e.Features.At > e.Features.Kickoff {
			t.Fatalf("%s of %s, as of %s: want what was known at kick-off before %s", e.Features.Match,
				e.Features.Kickoff, e.Features.At, end)
		}
	}
	broken := errors.New("broken")
	chain := func() streams.Chain { return line.Features(football.DefaultReference()) }
	if _, err := train.Collect(t.Context(), failing(worlds(t, 1), end, broken), chain, end, nil); err != nil {
		t.Errorf("something after the end was read: %v", err)
	}
	if _, err := train.Collect(t.Context(), failing(worlds(t, 1), end, broken), chain, end.Add(30*24*time.Hour),
		nil); !errors.Is(err, broken) {
		t.Errorf("got %v, want the feed's error", err)
	}
}

// failing is the feeds with an error behind the first event at or after an instant.
func failing(feeds []source.Feed, at football.Instant, with error) []source.Feed {
	for i := range feeds {
		next, over := feeds[i].Next, false
		feeds[i].Next = func(ctx context.Context) (*football.RawEvent, error) {
			if over {
				return nil, with
			}
			raw, err := next(ctx)
			over = err == nil && raw.At >= at
			return raw, err
		}
	}
	return feeds
}

// known are examples whose goals are drawn from weights that are known. With odds, all have the closing odds that the
// weights make fair.
func known(n int, truth rating.Weights, odds bool) []train.Example {
	draw := rand.New(rand.NewPCG(uint64(n), 6))
	poisson := func(mean float64) int32 {
		goals, p := int32(0), draw.Float64()
		for p > math.Exp(-mean) {
			goals, p = goals+1, p*draw.Float64()
		}
		return goals
	}
	team := func() football.TeamFeatures {
		t := football.TeamFeatures{Attack: 0.3 * draw.NormFloat64(), Defence: 0.3 * draw.NormFloat64(),
			AttackForm: 0.2 * draw.NormFloat64(), DefenceForm: 0.2 * draw.NormFloat64()}
		t.PiHome, t.PiAway = 0.5*draw.NormFloat64(), 0.5*draw.NormFloat64()
		if draw.IntN(5) == 0 {
			t.Decided = draw.Float64()
		}
		return t
	}
	var out []train.Example
	for i := range n {
		f := &football.MatchFeatures{
			Match: football.MatchID(fmt.Sprintf("p.2020-21.a.b.%d", i+1)), Kickoff: football.Instant(i+1) * 86_400_000,
			Neutral:  i%9 == 0,
			HomeTeam: team(), AwayTeam: team(),
			League: football.CompetitionFeatures{GoalRate: 0.1, HomeAdvantage: 0.3, Rho: 0},
		}
		home, away := truth.Intensities(f.HomeTeam, f.AwayTeam, f.League, f.Neutral)
		if odds {
			o, over := grid.Outcome(home, away, 0), grid.Over25(home, away)
			f.Odds = []football.OddsQuoted{{Stage: football.OddsClosing, Quotes: []football.Quote{
				{Bookmaker: "fair", Home: 1 / o.Home, Draw: 1 / o.Draw, Away: 1 / o.Away, Over25: 1 / over,
					Under25: 1 / (1 - over)},
			}}}
		}
		out = append(out, train.Example{Features: f, HomeGoals: poisson(home), AwayGoals: poisson(away)})
	}
	return out
}

func TestKnownWeightsAreFound(t *testing.T) {
	truth := rating.Weights{StrengthBlend: 1.1, StrengthGoals: 0.9, FormBlend: 0.5, FormGoals: 0.2, PiBlend: 0.2,
		DecidedTilt: 0.3, DecidedGoals: 0.1}
	want := []float64{1.1, 0.9, 0.5, 0.2, 0.2, 0.3, 0.1}
	largest := func(examples []train.Example, market float64) (worst float64) {
		a, report, err := train.Goals(examples, train.GoalsOptions{Market: market})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range report.Parameters {
			z := (p.After - want[i]) / p.Error
			if worst = max(worst, math.Abs(z)); math.Abs(z) > 4 {
				t.Errorf("%s is %v, fitted %v with an error of %v", p.Name, want[i], p.After, p.Error)
			}
		}
		if report.LogLikelihood <= report.Baseline || a.Trained.Matches != len(examples) {
			t.Errorf("got %+v, want better than the built-in weights", report)
		}
		return worst
	}
	priced := known(6000, truth, true)
	results := largest(priced, 0)
	half := largest(priced, train.DefaultMarket)
	fair := largest(priced, 1)
	if fair > 0.2 || half > results {
		t.Errorf("off by %.2f errors with results, %.2f with both, %.2f with fair odds: want less each time, and "+
			"nearly nothing", results, half, fair)
	}
	largest(known(6000, truth, false), 1) // where there are no odds, results count
}

func TestBoundsAndErrors(t *testing.T) {
	examples := known(300, rating.Defaults().Weights, true)
	day := func(n int) football.Instant { return football.Instant(n) * 86_400_000 }
	a, report, err := train.Goals(examples, train.GoalsOptions{From: day(100), Before: day(200)})
	if err != nil || a.Trained.Matches != 100 || report.Trained.From != "1970-04-11" ||
		report.Trained.Before != "1970-07-20" || report.Priced != 0 {
		t.Errorf("got %+v, %v", report.Trained, err)
	}
	if a, _, err := train.Goals(examples[:10], train.GoalsOptions{}); err != nil || a.Trained.Before != "1970-01-12" {
		t.Errorf("an end that is not given: %+v, %v", a, err)
	}
	for _, market := range []float64{-0.1, 1.1, math.NaN()} {
		if _, _, err := train.Goals(examples, train.GoalsOptions{Market: market}); err == nil {
			t.Errorf("a share of %v passes", market)
		}
	}
	if _, _, err := train.Goals(examples, train.GoalsOptions{From: day(1000)}); err == nil {
		t.Error("training on nothing passes")
	}
	if _, _, err := train.DixonColes(nil, train.DixonColesOptions{}); err == nil {
		t.Error("training on nothing passes")
	}
	match := fit.Match{ID: "m", Pool: "p", Competition: "c", Home: "a", Away: "b", Kickoff: day(3), HomeGoals: 2}
	d, report, err := train.DixonColes([]fit.Match{match}, train.DixonColesOptions{})
	if err != nil || d.Trained.Before != "1970-01-05" || !strings.Contains(report.Trained.Method,
		"all matches alike, no shrinkage") || d.Teams["a"].Attack <= d.Teams["b"].Attack {
		t.Errorf("got %+v, %v", d, err)
	}
}

// TestSixLeagues trains on all recorded seasons: weights agree with those that are built in, which were fitted to the
// same seasons elsewhere, and the strongest of a country are who they were.
func TestSixLeagues(t *testing.T) {
	feeds := sourcetest.Open(t, footballdata.New(football.DefaultReference(),
		filepath.Join(footballtest.Data(t), "club")))
	day := func(date string) football.Instant {
		at, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		return football.At(at)
	}
	examples := collect(t, feeds, day("2019-07-01"))
	a, report, err := train.Goals(examples, train.GoalsOptions{From: day("2010-07-01"), Market: train.DefaultMarket})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Parameters {
		if math.Abs(p.After-p.Before) > 4*p.Error {
			t.Errorf("%s is %v, fitted %v with an error of %v", p.Name, p.Before, p.After, p.Error)
		}
	}
	if a.Trained.Matches != 21402 || report.Priced < 15_000 {
		t.Errorf("got %+v", report)
	}
	d, report, err := train.DixonColes(train.Matches(examples),
		train.DixonColesOptions{Before: day("2019-07-01"), Settings: train.DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Competitions) != 6 || len(d.Teams) < 160 || report.LogLikelihood < report.Baseline+0.05 {
		t.Errorf("%d competitions, %d teams, %+v", len(d.Competitions), len(d.Teams), report)
	}
	for strong, weak := range map[football.TeamID]football.TeamID{"man-city": "huddersfield", "barcelona": "huesca",
		"bayern-munich": "nurnberg", "juventus": "chievo", "paris-sg": "guingamp"} {
		s, w := d.Teams[strong], d.Teams[weak]
		if s.Attack+s.Defence < w.Attack+w.Defence+0.8 {
			t.Errorf("%s %+v, %s %+v", strong, s, weak, w)
		}
	}
}
