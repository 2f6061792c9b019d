package contest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/score"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/contest"
)

var question = contest.Question{Model: "goals", First: 2, Second: 3, Checkpoint: football.CheckpointKickOff}

// evaluations are of n matches that version 3 knows the truth of and version 2 is wrong about by an error, each under
// the name that it had: in every third match version 3 is the one that is served.
func evaluations(n int, wrong float64) []*football.Evaluation {
	r := rand.New(rand.NewPCG(4, 2))
	var all []*football.Evaluation
	for i := range n {
		truth := football.Outcome{Home: 0.5, Draw: 0.25, Away: 0.25}
		said := football.Outcome{Home: 0.5 - wrong, Draw: 0.25, Away: 0.25 + wrong}
		home, away := int32(0), int32(1)
		switch u := r.Float64(); {
		case u < truth.Home:
			home, away = 1, 0
		case u < truth.Home+truth.Draw:
			home, away = 1, 1
		}
		for version, forecast := range map[int32]football.Outcome{2: said, 3: truth} {
			id := "goals"
			if (i%3 == 0) != (version == 3) {
				id = football.ShadowID(id, version)
			}
			all = append(all, &football.Evaluation{
				Match: football.MatchID(fmt.Sprintf("m%05d", i)), At: football.Instant(i / 10),
				Model:    football.ModelRef{ID: id, Version: version},
				Forecast: forecast, HomeGoals: home, AwayGoals: away,
				RPS: score.RPS(forecast, score.ResultOf(home, away)),
			})
		}
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func TestTheBetterVersionIsProposedWhateverItWasCalled(t *testing.T) {
	all := evaluations(800, 0.2)
	alone := &football.Evaluation{Match: "alone", Model: football.ModelRef{ID: "goals", Version: 3}, RPS: 1}
	v := contest.Judge(append(all, alone), question, 0.05)
	if v.Matches != 800 || !v.Proposed || v.Low <= 0 || v.SecondRPS >= v.FirstRPS || v.Most < v.Evidence {
		t.Errorf("got %+v", v)
	}
	if again := contest.Judge(evaluations(800, 0.2), question, 0.05); again != v {
		t.Errorf("in another order: %+v, before %+v", again, v)
	}
	var out bytes.Buffer
	if err := v.Write(&out); err != nil || !strings.Contains(out.String(),
		"proposed: touchline models promote goals 3") {
		t.Errorf("got %v\n%s", err, out.String())
	}
	other := question
	other.First, other.Second = 3, 2
	if v := contest.Judge(all, other, 0.05); v.Proposed || v.High >= 0 {
		t.Errorf("the worse one: got %+v", v)
	}
}

func TestEqualVersionsAreNotTold(t *testing.T) {
	if v := contest.Judge(evaluations(800, 0), question, 0.05); v.Proposed || v.Difference != 0 || v.Low > 0 ||
		v.High < 0 {
		t.Errorf("got %+v", v)
	}
	v := contest.Judge(nil, question, 0.05)
	var out bytes.Buffer
	if err := v.Write(&out); err != nil || v.Proposed || !strings.Contains(out.String(), "shadow version 3") {
		t.Errorf("no match: got %+v, %v\n%s", v, err, out.String())
	}
}

// TestAVerdictCanBePrintedHoweverClearItIs: e to the power of what 12,000 matches tell is beyond all numbers.
func TestAVerdictCanBePrintedHoweverClearItIs(t *testing.T) {
	v := contest.Judge(evaluations(12_000, 0.4), question, 0.05)
	text, err := json.Marshal(v)
	if err != nil || !v.Proposed || v.Evidence < 1e300 {
		t.Errorf("got %s, %v", text, err)
	}
}

// TestAVersionThatFellBackIsNotProposed: the evidence was there once, and what came since says otherwise.
func TestAVersionThatFellBackIsNotProposed(t *testing.T) {
	all := evaluations(400, 0.3)
	for _, e := range evaluations(4000, 0.3) {
		e.Match, e.At, e.Model.Version = "later."+e.Match, e.At+1000, 5-e.Model.Version
		all = append(all, e)
	}
	v := contest.Judge(all, question, 0.05)
	var out bytes.Buffer
	if err := v.Write(&out); err != nil || v.Proposed || v.Most < 20 || v.SecondRPS < v.FirstRPS ||
		!strings.Contains(out.String(), "was the better one") {
		t.Errorf("got %+v, %v\n%s", v, err, out.String())
	}
}

// TestBothAreScoredByTheSameResult, though a correction came when one of them was retired.
func TestBothAreScoredByTheSameResult(t *testing.T) {
	said := football.Outcome{Home: 0.6, Draw: 0.2, Away: 0.2}
	of := func(version, home int32, at football.Instant) *football.Evaluation {
		return &football.Evaluation{
			Match: "m", At: at, Model: football.ModelRef{ID: "goals", Version: version}, Forecast: said,
			HomeGoals: home,
			RPS:       score.RPS(said, score.ResultOf(home, 0)),
		}
	}
	if v := contest.Judge([]*football.Evaluation{of(2, 0, 1), of(3, 1, 2)}, question,
		0.05); v.FirstRPS != v.SecondRPS || v.Difference != 0 {
		t.Errorf("equal forecasts of one match: got %+v", v)
	}
}
