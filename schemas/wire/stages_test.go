package wire_test

import (
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// TestTheTablesFitTogether: each stage reads a topic that stands before what it writes, and writes at least one.
func TestTheTablesFitTogether(t *testing.T) {
	place := map[string]int{}
	for i, topic := range wire.Topics() {
		place[topic.Name] = i
	}
	written := map[string]string{}
	for _, stage := range wire.Stages() {
		in, ok := place[stage.Reads]
		if !ok {
			t.Errorf("%s reads %s, which no row of the table of topics has", stage.Name, stage.Reads)
		}
		if len(stage.Writes()) == 0 {
			t.Errorf("%s writes nothing", stage.Name)
		}
		for _, topic := range stage.Writes() {
			if place[topic.Name] <= in {
				t.Errorf("%s reads %s and writes %s before it", stage.Name, stage.Reads, topic.Name)
			}
			written[topic.Name] = stage.Name
		}
		if found, ok := wire.StageOf(stage.Name); !ok || found != stage {
			t.Errorf("%s is not found under its name", stage.Name)
		}
	}
	for _, stage := range wire.Stages()[1:] {
		if written[stage.Reads] == "" {
			t.Errorf("%s reads %s, which no stage writes", stage.Name, stage.Reads)
		}
	}
	if _, ok := wire.StageOf("guess"); ok {
		t.Error("a stage that is none is found")
	}
}

// TestKeysOfFacts: a fact has a key in its own topics and in no other.
func TestKeysOfFacts(t *testing.T) {
	match, model := football.MatchID("m"), football.ModelRef{ID: "goals"}
	for _, c := range []struct {
		fact any
		want map[string]string
	}{
		{&football.MatchEvent{Match: match, Pool: "p"}, map[string]string{wire.TopicMatchEvents: "m"}},
		{&football.MatchEvent{Pool: "p"}, map[string]string{wire.TopicMatchEvents: "p"}},
		{&football.MatchFeatures{Match: match}, map[string]string{wire.TopicMatchFeatures: "m"}},
		{&football.Prediction{Match: match, Model: model}, map[string]string{
			wire.TopicPredictions: "m", wire.TopicPredictionsLatest: "m~goals",
		}},
		{&football.Evaluation{Match: match, Model: model, Checkpoint: "kick-off"}, map[string]string{
			wire.TopicEvaluations: "m~goals~kick-off",
		}},
		{&football.Outlook{Competition: "E0", Season: "2020-21"}, map[string]string{wire.TopicOutlooks: "E0~2020-21"}},
		{&football.Refusal{}, nil},
	} {
		for _, topic := range wire.Topics() {
			key, ok := topic.KeyOf(c.fact)
			want, belongs := c.want[topic.Name]
			if ok != belongs || key != want {
				t.Errorf("%T in %s: got %q, %t; want %q, %t", c.fact, topic.Name, key, ok, want, belongs)
			}
		}
	}
}
