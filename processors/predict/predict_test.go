package predict_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

func all() *predict.Stage {
	return predict.New(predict.NewRegistry(append(predict.BuiltInModels(), predict.Baselines()...)...))
}

// TestStories plays the matches in testdata through features and predict and prints what each model forecasts, or with
// the argument "baselines" what each baseline does. After each event the state is dropped and restored. Rewrite with
// -rewrite.
func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var script featurestest.Script
		baseline := map[string]bool{}
		for _, m := range predict.Baselines() {
			baseline[m.Ref().ID] = true
		}
		driver := streams.NewDriver(streams.Chain{
			streams.Bind(features.New(features.Config{}), wire.MatchEvent),
			streams.Bind(all(), wire.MatchFeatures),
		})
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var out strings.Builder
			for _, line := range strings.Split(d.Input, "\n") {
				e, err := script.Event(line)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := driver.Pipe(e); err != nil {
					t.Fatal(err)
				}
				if err := driver.Restart(); err != nil {
					t.Fatal(err)
				}
				for _, written := range driver.Read(wire.TopicPredictions) {
					if p := written.Fact.(*football.Prediction); baseline[p.Model.ID] == d.HasArg("baselines") {
						fmt.Fprintln(&out, describe(p))
					}
				}
			}
			return out.String()
		})
	})
}

func describe(p *football.Prediction) string { return said(p) + onward(p.Advance) }

// onward says who goes on, of a knock-out.
func onward(a football.Advance) string {
	if a.Kind == football.TieNone {
		return ""
	}
	return fmt.Sprintf("  %s %d-%d: goes on %.4f %.4f, by then %.3f, extra time %.3f, penalties %.3f", a.Kind,
		a.FirstHome, a.FirstAway, a.Home, a.Away, a.Regular, a.Extra, a.Penalties)
}

func said(p *football.Prediction) string {
	return fmt.Sprintf("%d %-17s %-6s %d-%d  %-29s %.3f %.3f %.3f  goals %.2f-%.2f", p.Feature.Sequence, p.Trigger,
		p.Live.Clock,
		p.Live.HomeGoals, p.Live.AwayGoals, p.Model.ID, p.Outcome.Home, p.Outcome.Draw, p.Outcome.Away,
		p.ExpectedGoals.Home, p.ExpectedGoals.Away)
}

// record is a feature record of an average match with odds.
func record(live football.LiveState) *football.MatchFeatures {
	team := football.TeamFeatures{Elo: 1500, Points: -1, RestDays: 7}
	return &football.MatchFeatures{
		Match: "england.2015-16.arsenal.chelsea.1", Pool: "england", Sequence: 7, Hash: "0011223344556677",
		HomeTeam: team, AwayTeam: team, Live: live,
		League: football.CompetitionFeatures{GoalRate: 0.1, HomeAdvantage: 0.3, Rho: -0.07, HomeShare: 0.45,
			DrawShare: 0.25},
		Odds: []football.OddsQuoted{
			{Stage: football.OddsEarly, Quotes: []football.Quote{{Bookmaker: "average", Home: 2.2, Draw: 3.3, Away: 3.4,
				Over25: 1.9, Under25: 1.9}}},
			{Stage: football.OddsClosing, Quotes: []football.Quote{{Bookmaker: "average", Home: 2, Draw: 3.4,
				Away: 3.8}, {Bookmaker: "pinnacle", Home: 2.02, Draw: 3.5, Away: 3.9}}},
		},
	}
}

func predictions(f *football.MatchFeatures) map[string]*football.Prediction {
	out := map[string]*football.Prediction{}
	for _, o := range all().Step(nil, f) {
		p := o.(*football.Prediction)
		out[p.Model.ID] = p
	}
	return out
}

func TestPredictionsNameWhatTheyWereMadeFrom(t *testing.T) {
	for id, p := range predictions(record(football.LiveState{Phase: football.PreMatch})) {
		if p.Feature != (football.FeatureRef{Sequence: 7, Hash: "0011223344556677"}) || p.StageVersion != 1 ||
			p.Model.Version < 1 || len(p.Model.Digest) != 16 {
			t.Errorf("%s: got %+v", id, p)
		}
	}
}

func TestWhichModelsApply(t *testing.T) {
	noOdds := record(football.LiveState{Phase: football.PreMatch})
	noOdds.Odds = nil
	noQuote := record(football.LiveState{Phase: football.PreMatch})
	noQuote.Odds = []football.OddsQuoted{{Stage: football.OddsClosing}}
	tests := []struct {
		name   string
		record *football.MatchFeatures
		want   string
	}{
		{"before the match, with odds", record(football.LiveState{Phase: football.PreMatch}),
			"goals market-blend elo odds:closing-avg-power " +
				"odds:closing-avg-proportional odds:closing-avg-shin " +
				"odds:closing-pinnacle-power odds:early-avg-power base-rate"},
		{"in play", record(football.LiveState{Phase: football.InPlay}), "goals market-blend elo"},
		{"postponed", record(football.LiveState{Phase: football.Postponed}), "goals market-blend elo"},
		{"settled: all that forecast it", record(football.LiveState{Phase: football.Settled}),
			"goals market-blend elo odds:closing-avg-power " +
				"odds:closing-avg-proportional odds:closing-avg-shin " +
				"odds:closing-pinnacle-power odds:early-avg-power base-rate"},
		{"no odds", noOdds, "goals elo base-rate"},
		{"odds without a quote", noQuote, "goals elo base-rate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, o := range all().Step(nil, tt.record) {
				got = append(got, o.(*football.Prediction).Model.ID)
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
		})
	}
}

func TestASettledMatchIsCertain(t *testing.T) {
	for id, p := range predictions(record(football.LiveState{Phase: football.Settled, HomeGoals: 1, AwayGoals: 2})) {
		if p.Outcome != (football.Outcome{Away: 1}) || p.Grid.P[0] != 1 || p.Grid.HomeFrom != 1 ||
			p.Grid.AwayFrom != 2 {
			t.Errorf("%s: got %+v, grid %d-%d", id, p.Outcome, p.Grid.HomeFrom, p.Grid.AwayFrom)
		}
	}
}

func TestTheMarketModelGivesBackTheMarket(t *testing.T) {
	p := predictions(record(football.LiveState{Phase: football.PreMatch}))
	odds, blend := p["odds:closing-avg-power"].Outcome, p["market-blend"].Outcome
	if math.Abs(odds.Home-blend.Home) > 0.01 || math.Abs(odds.Draw-blend.Draw) > 0.01 {
		t.Errorf("got %+v, want about %+v", blend, odds)
	}
}

// TestEachMarketIsThatOfItsLatestOdds: closing odds may quote the results alone, or the totals alone.
func TestEachMarketIsThatOfItsLatestOdds(t *testing.T) {
	f := record(football.LiveState{Phase: football.PreMatch})
	if got := predictions(f)["market-blend"].Markets.Totals[2].P; math.Abs(got-0.5) > 1e-4 {
		t.Errorf("over 2.5: got %v, want 0.5, as the early odds say", got)
	}
	early := *f
	early.Odds = early.Odds[:1]
	f.Odds[1].Quotes = []football.Quote{{Bookmaker: "average", Over25: 1.75, Under25: 2.1}}
	got, want := predictions(f)["market-blend"], predictions(&early)["market-blend"]
	if math.Abs(got.Outcome.Home-want.Outcome.Home) > 1e-4 || math.Abs(got.Outcome.Draw-want.Outcome.Draw) > 1e-4 {
		t.Errorf("results: got %+v, want %+v, as the early odds say", got.Outcome, want.Outcome)
	}
	if over := got.Markets.Totals[2].P; over < 0.53 {
		t.Errorf("over 2.5: got %v, want above 0.53, as the closing odds say", over)
	}
}

// TestInPlayLaws: what every forecast of a match in play must do, whatever the state of play.
func TestInPlayLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		live := football.LiveState{
			Phase: football.InPlay,
			Clock: football.Clock{Period: rapid.Int32Range(1, 5).Draw(t, "period"),
				Elapsed: rapid.Int32Range(0, 3600).Draw(t, "elapsed")},
			HomeGoals: rapid.Int32Range(0, 6).Draw(t, "home"), AwayGoals: rapid.Int32Range(0, 6).Draw(t, "away"),
			HomeReds: rapid.Int32Range(0, 3).Draw(t, "home reds"),
			AwayReds: rapid.Int32Range(0, 3).Draw(t, "away reds"),
		}
		p := predictions(record(live))["goals"]
		if sum := p.Outcome.Home + p.Outcome.Draw + p.Outcome.Away; math.Abs(sum-1) > 1e-9 {
			t.Fatalf("outcome %+v sums to %v", p.Outcome, sum)
		}
		if p.ExpectedGoals.Home < float64(live.HomeGoals) || p.ExpectedGoals.Away < float64(live.AwayGoals) {
			t.Fatalf("expected goals %+v at %d-%d", p.ExpectedGoals, live.HomeGoals, live.AwayGoals)
		}
		better := func(change func(*football.LiveState), what string) {
			changed := live
			change(&changed)
			if q := predictions(record(changed))["goals"]; q.Outcome.Home < p.Outcome.Home-1e-9 {
				t.Fatalf("%s: home %v, before %v (%+v)", what, q.Outcome.Home, p.Outcome.Home, live)
			}
		}
		better(func(l *football.LiveState) { l.HomeGoals++ }, "a goal for home")
		better(func(l *football.LiveState) { l.AwayReds++ }, "a red card for away")
	})
}

func TestTheLeadIsWorthMoreAsTheMatchGoesOn(t *testing.T) {
	last := 0.0
	for _, clock := range []football.Clock{{Period: 1}, {Period: 1, Elapsed: 1200}, {Period: 1, Elapsed: 2700},
		{Period: 2}, {Period: 2, Elapsed: 1200}, {Period: 2, Elapsed: 2700}} {
		p := predictions(record(football.LiveState{Phase: football.InPlay, Clock: clock, HomeGoals: 1}))["goals"]
		if p.Outcome.Home <= last {
			t.Errorf("at %s: got %v, want above %v", clock, p.Outcome.Home, last)
		}
		last = p.Outcome.Home
	}
}

func TestKickOffContinuesTheForecastBeforeIt(t *testing.T) {
	before := predictions(record(football.LiveState{Phase: football.PreMatch}))["goals"]
	after := predictions(record(football.LiveState{Phase: football.InPlay, Clock: football.Clock{Period: 1}}))["goals"]
	if before.Outcome != after.Outcome {
		t.Errorf("before %+v, at kick-off %+v", before.Outcome, after.Outcome)
	}
}

// TestTheFirstHalfsShare follows the share of the goals to come that fall before half-time: 0.436 of them at kick-off,
// as in the seasons that Rise was fitted to, and none once it has passed.
func TestTheFirstHalfsShare(t *testing.T) {
	for _, c := range []struct {
		live      football.LiveState
		low, high float64
	}{
		{football.LiveState{Phase: football.PreMatch}, 0.43, 0.44},
		{football.LiveState{Phase: football.InPlay, Clock: football.Clock{Period: 1, Elapsed: 40 * 60}}, 0.05, 0.15},
		{football.LiveState{Phase: football.HalfTime, Clock: football.Clock{Period: 1, Elapsed: 46 * 60}}, 0, 0},
		{football.LiveState{Phase: football.InPlay, Clock: football.Clock{Period: 2, Elapsed: 60}}, 0, 0},
	} {
		if got := predictions(record(c.live))["goals"].Markets.FirstHalf; got < c.low || got > c.high {
			t.Errorf("%s %s: got %v, want %v to %v", c.live.Phase, c.live.Clock, got, c.low, c.high)
		}
	}
}

func TestANeutralGroundIsNobodysHome(t *testing.T) {
	f := record(football.LiveState{Phase: football.PreMatch})
	f.Neutral = true
	for _, id := range []string{"goals", "elo"} {
		if o := predictions(f)[id].Outcome; math.Abs(o.Home-o.Away) > 1e-9 {
			t.Errorf("%s: got %+v, want equal chances", id, o)
		}
	}
}

func TestDigestsAndKindsTellModelsApart(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range append(predict.BuiltInModels(), predict.Baselines()...) {
		if key := m.Ref().Digest; seen[key] || m.Kind() == "" {
			t.Errorf("%s: digest %s twice, or no kind", m.Ref().ID, key)
		}
		seen[m.Ref().Digest] = true
	}
	if got, again := predict.NewGoals().Ref(), predict.NewGoals().Ref(); got != again {
		t.Errorf("got %v and %v", got, again)
	}
}

func TestTheStageKeepsNoState(t *testing.T) {
	if s := all(); s.Name() != "predict" || s.Version() != 1 || s.State() != nil {
		t.Errorf("got %s %d %v", s.Name(), s.Version(), s.State())
	}
}

func BenchmarkGoalsPrediction(b *testing.B)  { benchmark(b, predict.NewGoals()) }
func BenchmarkMarketPrediction(b *testing.B) { benchmark(b, predict.NewMarketBlend()) }

func benchmark(b *testing.B, m predict.Model) {
	stage := predict.New(predict.NewRegistry(m))
	f := record(football.LiveState{Phase: football.InPlay, Clock: football.Clock{Period: 1, Elapsed: 1200},
		HomeGoals: 1})
	b.ReportAllocs()
	for b.Loop() {
		_ = stage.Step(nil, f)
	}
}

// BenchmarkInPlayWithAllMarkets is one forecast in play and every market that a reader derives from it.
func BenchmarkInPlayWithAllMarkets(b *testing.B) {
	stage := predict.New(predict.NewRegistry(predict.NewGoals()))
	f := record(football.LiveState{Phase: football.InPlay, Clock: football.Clock{Period: 1, Elapsed: 1200},
		HomeGoals: 1})
	b.ReportAllocs()
	for b.Loop() {
		p := stage.Step(nil, f)[0].(*football.Prediction)
		if _, ok := grid.BookOf(p); !ok {
			b.Fatal("no markets")
		}
	}
}

// TestBookmakersThatAgreeAreAsOne: the market's model takes the mean of their quotes, of results and of goals.
func TestBookmakersThatAgreeAreAsOne(t *testing.T) {
	quote := football.Quote{Bookmaker: "a", Home: 2, Draw: 3.4, Away: 3.8, Over25: 1.7, Under25: 2.2}
	one := record(football.LiveState{Phase: football.PreMatch})
	one.Odds = []football.OddsQuoted{{Stage: football.OddsClosing, Quotes: []football.Quote{quote}}}
	want := predictions(one)["market-blend"]
	again := quote
	again.Bookmaker = "b"
	one.Odds[0].Quotes = append(one.Odds[0].Quotes, again)
	got := predictions(one)["market-blend"]
	near(t, "home", got.Outcome.Home, want.Outcome.Home)
	near(t, "goals at home", got.ExpectedGoals.Home, want.ExpectedGoals.Home)
	near(t, "goals away", got.ExpectedGoals.Away, want.ExpectedGoals.Away)
}
