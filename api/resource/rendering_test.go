package resource_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/touchline/touchline/api/resource"
	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/projections/projectiontest"
	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
)

var rewrite = flag.Bool("rewrite", false, "write testdata/rendering-N.json, N being resource.Rendering")

// What unchanged records look like to the outside is part of every ETag. When this test fails and the change is meant,
// raise resource.Rendering, run `go test ./api/resource -rewrite`, and delete the file of the version before.
func TestTheRenderingChangesWithItsVersion(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(samples(t)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", fmt.Sprintf("rendering-%d.json", resource.Rendering))
	if *rewrite {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("records do not look as in %s: if that is meant, raise resource.Rendering in api/resource/doc.go, run "+
			"go test ./api/resource -rewrite and delete %[1]s; got\n%s", file, got.Bytes())
	}
}

// samples are one of each resource, by its name, with every field that may be absent once present.
func samples(t *testing.T) map[string]any {
	t.Helper()
	match := projectiontest.Match{}
	live := projectiontest.Live(football.InPlay, 2, 1)
	live.Clock = football.Clock{Period: 5, Elapsed: 60}
	live.HomePenalties, live.AwayPenalties, live.HomeKicks, live.AwayKicks = 3, 2, 4, 4
	forecast := match.PredictionAt("goals", 3, live)
	forecast.Advance = football.Advance{Kind: football.TieSecondLeg, FirstHome: 1, FirstAway: 2, Home: 0.6, Away: 0.4,
		Regular: 0.5, Extra: 0.2, Penalties: 0.3}
	book, ok := grid.BookOf(match.Prediction("goals", 1))
	if !ok {
		t.Fatal("the sample has no score grid")
	}
	kickoff, over := time.Date(2015, 8, 15, 15, 0, 0, 0, time.UTC), 0.5
	return map[string]any{
		"prediction":         resource.OfPrediction(forecast, false),
		"prediction compact": resource.OfPrediction(match.Prediction("goals", 1), true),
		"markets":            resource.OfBook(match.Prediction("goals", 1), &book),
		"event":              resource.OfEvent(match.Event(3, football.Goal{Side: football.Home, Player: "Ramsey"})),
		"match": resource.OfMatch(readmodel.Match{ID: match.ID(), Pool: "england", Competition: "E0", Season: "2015-16",
			Home: "arsenal", Away: "chelsea", HomeName: "Arsenal", AwayName: "Chelsea", Kickoff: &kickoff,
			Tie: football.TieSingle, Live: live, ChangedAt: kickoff}),
		"history": resource.OfDigest(readmodel.Digest{Match: match.ID(), Model: "goals", ModelVersion: 2, Sequence: 3,
			At: kickoff, Trigger: "goal", StageVersion: 1, Phase: football.InPlay, Period: 2, Elapsed: 61, Home: 0.5,
			Draw: 0.3, Away: 0.2, ExpectedHome: 1.25, ExpectedAway: 0.75, Over25: &over, BothScore: 0.4}),
		"outlook": resource.OfOutlook("E0", &readmodel.Outlook{}),
	}
}

func TestNumbersHaveSixDecimals(t *testing.T) {
	t.Parallel()
	for given, want := range map[float64]float64{0: 0, 0.1234564: 0.123456, 0.1234566: 0.123457, -0.0000004: 0, 2: 2} {
		if got := resource.Round(given); got != want {
			t.Errorf("Round(%v): got %v, want %v", given, got, want)
		}
	}
}
