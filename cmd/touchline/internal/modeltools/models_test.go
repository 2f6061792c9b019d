package modeltools

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
)

// TestANoteIsOneCell: who writes a note writes no rows of the table.
func TestANoteIsOneCell(t *testing.T) {
	facts := []placedFact{{4, &football.ModelFact{ID: "goals", Version: 3, Change: football.ModelShadowed,
		Note: "why\n6\tgoals\x1b[2J"}, errors.New("no\nway")}}
	var out bytes.Buffer
	if err := printFacts(&out, facts, false); err != nil || strings.Count(out.String(), "\n") != 2 ||
		strings.ContainsAny(out.String(), "\t\x1b") {
		t.Errorf("got %v, %q", err, out.String())
	}
	if !strings.Contains(out.String(), "does not apply: no way why 6 goals [2J") {
		t.Errorf("got %q", out.String())
	}
}

// TestThePolicyLeavesAloneWhatIsServedOrWasTakenBack: a nightly job finds the evidence of yesterday again.
func TestThePolicyLeavesAloneWhatIsServedOrWasTakenBack(t *testing.T) {
	a := predict.DefaultGoals()
	a.Weights.StrengthBlend = 0.7
	registered, err := predict.Registration("goals", 3, a)
	if err != nil {
		t.Fatal(err)
	}
	tools := &modelTools{registry: predict.BuiltInRegistry()}
	say := func(fact *football.ModelFact) {
		offset := int64(len(tools.changes))
		tools.changes = append(tools.changes, placedFact{offset, fact, tools.registry.Apply(offset, fact)})
	}
	want := func(words string) {
		t.Helper()
		if got := tools.settled("goals", 3); !strings.Contains(got, words) || words == "" && got != "" {
			t.Errorf("got %q, want %q", got, words)
		}
	}
	promoted := &football.ModelFact{ID: "goals", Version: 3, Change: football.ModelPromoted}
	say(promoted) // does not apply: nobody knows the version
	say(registered)
	want("")
	say(&football.ModelFact{ID: "goals", Version: 3, Change: football.ModelSplit, Share: 0.5})
	want("")
	say(promoted)
	want("is served already")
	say(&football.ModelFact{ID: "goals", Version: 2, Change: football.ModelPromoted})
	want("replaced: touchline models promote goals 3")
}
