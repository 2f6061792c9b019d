package backtest_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/backtest"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source/simulator"
	"github.com/touchline/touchline/streams/source/sourcetest"
)

func inPlay(models ...predict.Model) streams.Chain {
	return line.Whole(football.DefaultReference(),
		predict.NewRegistry(append(append(predict.BuiltInModels(), predict.NewScoreOnly()), models...)...))
}

// TestForecastsInPlayAreScoredAsTheyStood plays a small league whose true probabilities are known.
func TestForecastsInPlayAreScoredAsTheyStood(t *testing.T) {
	world := simulator.Worlds()[0]
	world.Clubs = world.Clubs[:8]
	sim, err := simulator.New(simulator.Config{Seed: 3, History: 2, Seasons: 1, Leagues: []simulator.League{world}})
	if err != nil {
		t.Fatal(err)
	}
	minutes, err := backtest.RunMinutes(t.Context(), sourcetest.Open(t, sim), inPlay, sim.TruthAt, backtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"goals", "market-blend", "score-only", "goals at kick-off"} {
		if len(minutes[name]) != 7 {
			t.Fatalf("%s: got %+v, want seven marks", name, minutes[name])
		}
	}
	goals, frozen, scoreOnly := minutes["goals"], minutes["goals at kick-off"], minutes["score-only"]
	for i, m := range goals {
		if m.N != 8*7 || m.Distance == nil || m.Surprise == nil || *m.Surprise < 0 {
			t.Errorf("minute %d: got %+v, want %d matches and the truth", m.Minute, m, 8*7)
		}
		if frozen[i].RPS != frozen[0].RPS {
			t.Errorf("minute %d: what was said at kick-off changed from %v to %v", m.Minute, frozen[0].RPS,
				frozen[i].RPS)
		}
	}
	if first, last := goals[0], goals[6]; last.RPS > first.RPS/2 || *last.Surprise > 0.05 || *last.Distance > 0.05 {
		t.Errorf("goals knows hardly more at minute 85 (%+v) than at 0 (%+v)", last, first)
	}
	if goals[3].RPS >= frozen[3].RPS || *goals[0].Surprise >= *scoreOnly[0].Surprise {
		t.Errorf("at half-time goals %v, held on to from kick-off %v; nats at kick-off %v, without teams %v",
			goals[3].RPS, frozen[3].RPS, *goals[0].Surprise, *scoreOnly[0].Surprise)
	}
	var table bytes.Buffer
	if err := minutes.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	if text := table.String(); !strings.Contains(text, "minute 45") || !strings.Contains(text, "goals at kick-off") {
		t.Errorf("got\n%s", text)
	}
}

func TestResultsAloneHaveNoMinutes(t *testing.T) {
	_, err := backtest.RunMinutes(t.Context(), season(t, scores), inPlay, nil, backtest.Config{})
	if err == nil || !strings.Contains(err.Error(), "--source") {
		t.Errorf("got error %v", err)
	}
}

func TestASourceWithoutEndCanBeStopped(t *testing.T) {
	sim, err := simulator.New(simulator.Config{History: -1})
	if err != nil {
		t.Fatal(err)
	}
	feeds := sourcetest.Open(t, sim)
	ctx, cancel := context.WithCancel(t.Context())
	progress := func(int, football.Instant, int) { cancel() } // once it is under way
	if _, err := backtest.RunMinutes(ctx, feeds, inPlay, nil, backtest.Config{Progress: progress}); !errors.Is(err,
		context.Canceled) {
		t.Errorf("minutes: got error %v", err)
	}
	if _, err := backtest.Run(ctx, feeds, inPlay, backtest.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("results: got error %v", err)
	}
}
