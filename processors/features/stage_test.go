package features_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/schemas/football"
)

// TestStories plays the events in testdata and prints what each causes, and on "state" what is kept. Rewrite with
// -rewrite.
func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var script featurestest.Script
		stage, view := features.New(features.Config{}), featurestest.NewView()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "state" {
				return strings.Join(view.Keys(strings.Fields(d.Input)...), "\n") + "\n"
			}
			d.MaybeScanArgs(t, "season", (*string)(&script.Season))
			d.MaybeScanArgs(t, "competition", (*string)(&script.Competition))
			var out strings.Builder
			for _, line := range strings.Split(d.Input, "\n") {
				e, err := script.Event(line)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintln(&out, line)
				for _, o := range stage.Step(view, e) {
					fmt.Fprintln(&out, "   ", describe(o))
				}
			}
			return out.String()
		})
	})
}

func describe(o football.Output) string {
	switch o := o.(type) {
	case *football.MatchFeatures:
		return fmt.Sprintf("%s:%s %d %s: %s %s %d-%d  elo %.0f %.0f  played %d %d  rest %.0f %.0f  odds %d  models %d",
			o.Home, o.Away, o.Sequence,
			o.Trigger, o.Live.Phase, o.Live.Clock, o.Live.HomeGoals, o.Live.AwayGoals, o.HomeTeam.Elo, o.AwayTeam.Elo,
			o.HomeTeam.Played, o.AwayTeam.Played, o.HomeTeam.RestDays, o.AwayTeam.RestDays, len(o.Odds),
			o.ModelsPosition)
	case *football.Refusal:
		return fmt.Sprintf("refused: %s, %s", o.Reason, o.Detail)
	case *football.Dropped:
		return "dropped: " + o.Reason
	default:
		return fmt.Sprintf("%T", o)
	}
}

func TestTheHashNamesTheContent(t *testing.T) {
	records := func(lines ...string) []*football.MatchFeatures {
		var script featurestest.Script
		stage, view := features.New(features.Config{}), featurestest.NewView()
		var out []*football.MatchFeatures
		for _, line := range lines {
			e, err := script.Event(line)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range stage.Step(view, e) {
				out = append(out, o.(*football.MatchFeatures))
			}
		}
		return out
	}
	const scheduled = "2015-08-08T14:00 arsenal:chelsea scheduled 2015-08-22T14:00"
	odds := records(scheduled, "2015-08-08T15:00 arsenal:chelsea odds early average 2.10 3.40 3.60 1.95 1.90")
	again := records(scheduled, "2015-08-08T15:00 arsenal:chelsea odds early average 2.10 3.40 3.60 1.95 1.90")
	other := records(scheduled, "2015-08-08T15:00 arsenal:chelsea odds early average 2.10 3.40 3.60 1.95 1.91")
	if odds[1].Hash != again[1].Hash || len(odds[1].Hash) != 16 {
		t.Errorf("the same record: got %q and %q", odds[1].Hash, again[1].Hash)
	}
	if odds[1].Hash == other[1].Hash || odds[0].Hash == odds[1].Hash || odds[0].Hash != other[0].Hash {
		t.Errorf("other records: got %q, %q and %q", odds[0].Hash, odds[1].Hash, other[1].Hash)
	}
}

func TestTheStageNamesItself(t *testing.T) {
	s := features.New(features.Config{})
	if s.Name() != "features" || s.Version() != 3 || len(s.State()) != 11 {
		t.Errorf("got %s %d %v", s.Name(), s.Version(), s.State())
	}
}
