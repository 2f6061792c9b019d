package backtest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/touchline/touchline/streams/backtest"
	"github.com/touchline/touchline/streams/source/simulator"
	"github.com/touchline/touchline/streams/source/sourcetest"
)

// TestWhoGoesOnIsScored plays cups whose true probabilities are known.
func TestWhoGoesOnIsScored(t *testing.T) {
	sim, err := simulator.New(simulator.Config{Seed: 2, History: 3, Seasons: 1, Cups: true})
	if err != nil {
		t.Fatal(err)
	}
	scores, err := backtest.RunTies(t.Context(), sourcetest.Open(t, sim), inPlay, sim.AdvanceAt, backtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	goals, at := scores["goals"], map[string]backtest.Advance{}
	for _, a := range goals {
		at[a.Moment] = a
		if a.Excess < -4 || a.Excess > 4 || a.ECE < 0 || a.Brier <= 0 {
			t.Errorf("got %+v", a)
		}
	}
	// Two cups: sixteen ties of one match and its replays, twelve of two legs, two finals.
	if first, all := at["kick-off of a first leg"],
		at["kick-off"]; first.N != 12 || all.N < 16+12+2 || *first.Distance > 0.1 || *all.Distance > 0.1 {
		t.Errorf("got %+v and %+v", first, all)
	}
	if half := at["half-time"]; half.N != at["kick-off"].N+12 || half.Brier >= 0.25 {
		t.Errorf("got %+v", half)
	}
	extra, penalties := at["extra time"], at["penalties"]
	if extra.N == 0 || *extra.Distance > 0.1 {
		t.Errorf("got %+v", extra)
	}
	if penalties.N > 0 && penalties.Brier != 0.25 {
		t.Errorf("penalties are a coin, got %+v", penalties)
	}
	var table bytes.Buffer
	if err := scores.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	if text := table.String(); !strings.Contains(text, "before extra time") || !strings.Contains(text, "market-blend") {
		t.Errorf("got\n%s", text)
	}
}

func TestLeaguesHaveNoTies(t *testing.T) {
	_, err := backtest.RunTies(t.Context(), season(t, scores), inPlay, nil, backtest.Config{})
	if err == nil || !strings.Contains(err.Error(), "--source") {
		t.Errorf("got error %v", err)
	}
}
