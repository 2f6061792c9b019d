package evaluate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/evaluate"
	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
)

// TestStories plays the events in testdata through features, predict and evaluate and prints the evaluations. After
// each event the state is dropped and restored from what the changelogs would hold. Rewrite with -rewrite.
func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var script featurestest.Script
		driver := streams.NewDriver(streams.Chain{
			streams.Bind(features.New(features.Config{}), wire.MatchEvent),
			streams.Bind(predict.New(predict.NewRegistry(predict.NewGoals(), predict.NewMarketBlend(),
				predict.NewBaseRate())), wire.MatchFeatures),
			streams.Bind(evaluate.New(), wire.Prediction),
		})
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "state" {
				return strings.Join(driver.Keys(2), "\n") + "\n"
			}
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
				for _, written := range driver.Read(wire.TopicEvaluations) {
					fmt.Fprintln(&out, describe(written.Fact.(*football.Evaluation)))
				}
			}
			return out.String()
		})
	})
}

func describe(e *football.Evaluation) string {
	const line = "%-12s %-9s revision %d  %.3f %.3f %.3f  over 2.5 %.3f  %d-%d  RPS %.3f  log loss %.3f  Brier %.3f"
	return fmt.Sprintf(line, e.Model.ID, e.Checkpoint,
		e.Revision, e.Forecast.Home, e.Forecast.Draw, e.Forecast.Away, e.Over25, e.HomeGoals, e.AwayGoals, e.RPS,
		e.LogLoss, e.Brier)
}

const day = football.Instant(24 * 60 * 60 * 1000)

func prediction(match string, kickoff, at football.Instant, phase football.Phase) *football.Prediction {
	return &football.Prediction{
		Match: football.MatchID(match), Pool: "england", Kickoff: kickoff, At: at,
		Live:  football.LiveState{Phase: phase},
		Model: football.ModelRef{ID: "goals", Version: 1}, Outcome: football.Outcome{Home: 1},
	}
}

func TestStateIsDroppedAMonthAfterTheMatch(t *testing.T) {
	tests := []struct {
		name  string
		moved football.Instant // kick-off as predicted later; -1: not moved
		at    football.Instant // of the pool's last prediction
		kept  bool
	}{
		{"within a month", -1, 130 * day, true},
		{"after a month", -1, 131 * day, false},
		{"moved to a later day", 120 * day, 131 * day, true},
		{"a month after the later day", 120 * day, 151 * day, false},
		{"postponed without a date", 0, 131 * day, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stage, view := evaluate.New(), featurestest.NewView()
			stage.Step(view, prediction("old", 100*day, 90*day, football.PreMatch))
			if tt.moved >= 0 {
				stage.Step(view, prediction("old", tt.moved, 91*day, football.PreMatch))
			}
			stage.Step(view, prediction("other", 160*day, 110*day, football.PreMatch))
			for at := 112 * day; at <= tt.at; at += day {
				stage.Step(view, prediction("other", 160*day, at, football.PreMatch))
			}
			if got := view.Get("match/old") != nil; got != tt.kept {
				t.Errorf("kept: got %v, want %v", got, tt.kept)
			}
		})
	}
}

func TestAModelWithoutForecastIsNotScored(t *testing.T) {
	stage, view := evaluate.New(), featurestest.NewView()
	if out := stage.Step(view, prediction("m", day, 2*day, football.Settled)); out != nil {
		t.Errorf("a match without forecasts: got %v", out)
	}
	stage.Step(view, prediction("m", day, 2*day, football.InPlay))
	if out := stage.Step(view, prediction("m", day, 2*day, football.Settled)); out != nil {
		t.Errorf("a match with forecasts in play only: got %v", out)
	}
}

// TestAVersionIsScoredByItsOwnForecasts, under whatever name: goals 2 is served until goals 3 is promoted, before the
// match, while it is played, or after it was settled.
func TestAVersionIsScoredByItsOwnForecasts(t *testing.T) {
	phases := []football.Phase{football.PreMatch, football.PreMatch, football.HalfTime, football.Settled}
	for promoted := range len(phases) + 1 {
		stage, view := evaluate.New(), featurestest.NewView()
		said := map[int32][]float64{} // by version and phase
		var got []string
		for i, phase := range phases {
			for _, version := range []int32{2, 3} {
				p := prediction("m", 10*day, day*football.Instant(1+i), phase)
				p.Model.Version = version
				if served := version == 3 == (i >= promoted); !served {
					p.Model.ID = football.ShadowID(p.Model.ID, version)
				}
				p.Outcome.Home = float64(version)/10 + float64(i)/100
				said[version] = append(said[version], p.Outcome.Home)
				for _, o := range stage.Step(view, p) {
					e := o.(*football.Evaluation)
					got = append(got, fmt.Sprintf("%s %d %s %.2f", e.Model.ID, e.Model.Version, e.Checkpoint,
						e.Forecast.Home))
				}
			}
		}
		var want []string
		for _, version := range []int32{2, 3} {
			id := "goals"
			if version == 3 != (promoted < len(phases)) {
				id = football.ShadowID(id, version)
			}
			for i, checkpoint := range []football.Checkpoint{football.CheckpointOpening, football.CheckpointKickOff,
				football.CheckpointHalfTime} {
				want = append(want, fmt.Sprintf("%s %d %s %.2f", id, version, checkpoint, said[version][i]))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("promoted before record %d:\ngot  %s\nwant %s", promoted, strings.Join(got, ", "),
				strings.Join(want, ", "))
		}
	}
}

func TestAStepNeverChangesValuesThatItGot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stage, view := evaluate.New(), featurestest.NewView()
		at := 100 * day
		for range rapid.IntRange(1, 30).Draw(t, "predictions") {
			at += football.Instant(rapid.IntRange(0, 20).Draw(t, "days")) * day
			phase := rapid.SampledFrom([]football.Phase{football.PreMatch, football.HalfTime, football.Settled,
				football.Postponed}).Draw(t, "phase")
			p := prediction(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "match"), at+5*day, at, phase)
			p.Model.ID = rapid.SampledFrom([]string{"goals", "elo"}).Draw(t, "model")
			p.Live.HomeGoals = rapid.Int32Range(0, 1).Draw(t, "goals")
			before := view.Dump()
			stage.Step(featurestest.NewOverlay(view), p)
			if after := view.Dump(); after != before {
				t.Fatalf("got\n%s\nwant\n%s", after, before)
			}
			if out := stage.Step(view, p); len(out) > 3 {
				t.Fatalf("%d evaluations, want at most 3", len(out))
			}
		}
	})
}

func TestTheStageNamesItself(t *testing.T) {
	s := evaluate.New()
	if s.Name() != "evaluate" || s.Version() != 1 || len(s.State()) != 3 {
		t.Errorf("got %s %d %v", s.Name(), s.Version(), s.State())
	}
}

// TestAPostponedMatchIsCheckedAgain a month later, and dropped when it was played in the meantime.
func TestAPostponedMatchIsCheckedAgain(t *testing.T) {
	stage, view := evaluate.New(), featurestest.NewView()
	stage.Step(view, prediction("old", 100*day, 90*day, football.PreMatch)) // to be checked on day 131
	stage.Step(view, prediction("old", 0, 91*day, football.Postponed))
	for at := 92 * day; at <= 162*day; at += day {
		if at == 140*day {
			stage.Step(view, prediction("old", 121*day, at, football.PreMatch))
		}
		stage.Step(view, prediction("other", 170*day, at, football.PreMatch))
		if kept := view.Get("match/old") != nil; kept != (at < 162*day) {
			t.Fatalf("day %d: kept: got %v", at/day, kept)
		}
	}
}

// TestADayIsCheckedOnce: the first prediction of a day notes the next one as the first that is to be checked.
func TestADayIsCheckedOnce(t *testing.T) {
	stage, view := evaluate.New(), featurestest.NewView()
	stage.Step(view, prediction("m", 110*day, 100*day, football.PreMatch))
	if pool := view.Get("pool/england").(*evaluate.Pool); pool.Next != 101 {
		t.Errorf("got next day %d, want 101", pool.Next)
	}
	writes := view.Writes
	stage.Step(view, prediction("m", 110*day, 100*day+1, football.PreMatch))
	if view.Writes != writes {
		t.Errorf("the same forecast on the same day wrote %d values", view.Writes-writes)
	}
}

// TestTheCheckpoints: the record of the kick-off counts as made before the match, others in play do not count.
func TestTheCheckpoints(t *testing.T) {
	stage, view := evaluate.New(), featurestest.NewView()
	for i, record := range []struct {
		phase   football.Phase
		trigger string
	}{
		{football.PreMatch, "fixture-scheduled"}, {football.PreMatch, "odds-quoted"}, {football.InPlay, "kick-off"},
		{football.InPlay, "goal"}, {football.HalfTime, "period-ended"}, {football.InPlay, "tick"},
	} {
		p := prediction("m", 10*day, 9*day, record.phase)
		p.Trigger, p.Outcome.Home = record.trigger, float64(i)/10
		stage.Step(view, p)
	}
	want := map[football.Checkpoint]float64{
		football.CheckpointOpening: 0, football.CheckpointKickOff: 0.2, football.CheckpointHalfTime: 0.4,
	}
	out := stage.Step(view, prediction("m", 10*day, 11*day, football.Settled))
	for _, o := range out {
		e := o.(*football.Evaluation)
		if e.Forecast.Home != want[e.Checkpoint] {
			t.Errorf("%s: got the forecast %v, want %v", e.Checkpoint, e.Forecast.Home, want[e.Checkpoint])
		}
	}
	if len(out) != len(want) {
		t.Errorf("got %d evaluations, want %d", len(out), len(want))
	}
}
