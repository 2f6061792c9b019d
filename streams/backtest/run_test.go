package backtest_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/backtest"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/source/sourcetest"
)

// season is a league of six teams; results gives the score of the n-th match.
func season(t *testing.T, result func(n int) (home, away int)) []source.Feed {
	t.Helper()
	teams := []string{"Arsenal", "Chelsea", "Everton", "Liverpool", "Man City", "Man United"}
	var b strings.Builder
	b.WriteString("Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,HS,AS,AvgH,AvgD,AvgA,AvgCH,AvgCD,AvgCA\n")
	day, n := time.Date(2020, 9, 12, 0, 0, 0, 0, time.UTC), 0
	for i, home := range teams {
		for j, away := range teams {
			if i == j {
				continue
			}
			h, a := result(n)
			fmt.Fprintf(&b, "E0,%s,%s,%s,%d,%d,%d,%d,2.1,3.4,3.6,2.0,3.5,3.8\n", day.Format(time.DateOnly), home, away,
				h, a, 10+h, 8+a)
			day = day.AddDate(0, 0, 3)
			n++
		}
	}
	b.WriteString("E0,2021-05-30,Arsenal,Arsnal,1,0,1,1,2,3,4,2,3,4\n")
	path := filepath.Join(t.TempDir(), "E0_2021.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	feeds, err := footballdata.New(football.DefaultReference(), path).Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return feeds
}

func scores(n int) (home, away int) { return (n * 7) % 4, (n * 5) % 3 }

func whole(models ...predict.Model) streams.Chain {
	return line.Whole(football.DefaultReference(),
		predict.NewRegistry(append(append(predict.BuiltInModels(), predict.Baselines()...), models...)...))
}

func TestEveryModelIsScoredOnEveryMatch(t *testing.T) {
	var told int
	var at football.Instant
	progress := func(_ int, now football.Instant, events int) { told, at = told+events, now } // of one feed
	feeds := season(t, scores)
	report, err := backtest.Run(context.Background(), feeds, whole, backtest.Config{Progress: progress})
	if err != nil {
		t.Fatal(err)
	}
	for _, model := range []string{"goals", "market-blend", "elo", "base-rate", "odds:closing-avg-power",
		"odds:early-avg-power"} {
		if got := report.Pooled[model]; got.N != 30 || got.RPS <= 0 || got.RPS >= 1 || got.LogLoss <= 0 ||
			got.Accuracy < 0 || got.Accuracy > 1 {
			t.Errorf("%s: got %+v, want 30 matches and scores in their ranges", model, got)
		}
	}
	if !reflect.DeepEqual(report.Pooled, report.Competitions["E0"]) {
		t.Error("the only competition differs from the pool")
	}
	if told != report.Events || report.Events == 0 || at != feeds[0].Until {
		t.Errorf("progress told %d of %d events, to %s of %s", told, report.Events, at, feeds[0].Until)
	}
	if report.Refused["unknown-team"] == 0 || !strings.Contains(report.Example["unknown-team"], "Arsnal") {
		t.Errorf("refused %v, for example %v: want the unknown team named", report.Refused, report.Example)
	}
	var table bytes.Buffer
	if err := report.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	text := table.String()
	if goals, market, odds := strings.Index(text, "goals"), strings.Index(text, "market-blend"),
		strings.Index(text, "odds:"); goals < 0 || goals > market || market > odds {
		t.Errorf("models without odds come first, then those with, then the odds:\n%s", text)
	}
}

func TestFromScoresOnlyLaterMatches(t *testing.T) {
	from := football.At(time.Date(2020, 10, 12, 0, 0, 0, 0, time.UTC))
	report, err := backtest.Run(context.Background(), season(t, scores), whole, backtest.Config{From: from})
	if err != nil {
		t.Fatal(err)
	}
	if got := report.Pooled["goals"].N; got != 20 {
		t.Errorf("scored on %d matches, want the 20 from that day on", got)
	}
}

// forecasts returns every prediction made before the kick-off of its match, by id, and when that match kicks off.
func forecasts(t *testing.T, feeds []source.Feed) map[string]*football.Prediction {
	t.Helper()
	made := map[string]*football.Prediction{}
	for _, feed := range feeds {
		memory := streams.NewMemory(whole())
		sourcetest.Drain(t, feed, func(raw *football.RawEvent) {
			for _, result := range memory.Step(raw) {
				if p, ok := result.Output.(*football.Prediction); ok && p.At <= p.Kickoff {
					made[p.ID()] = p
				}
			}
		})
	}
	return made
}

// leaks returns how many forecasts differ between two histories though they were made before the histories part.
func leaks(a, b map[string]*football.Prediction, part football.Instant) int {
	n := 0
	for id, p := range a {
		if p.At < part && !reflect.DeepEqual(p, b[id]) {
			n++
		}
	}
	return n
}

// TestTheFutureDoesNotLeak changes every result from the 15th match on: no forecast made before it may change, though
// the changed results stand in the very payloads from which those forecasts' fixtures and odds were read.
func TestTheFutureDoesNotLeak(t *testing.T) {
	const from = 15
	part := football.At(time.Date(2020, 9, 12, 16, 0, 0, 0, time.UTC).AddDate(0, 0, 3*from))
	other := func(n int) (int, int) {
		if n < from {
			return scores(n)
		}
		return 5, n % 2
	}
	honest, changed := forecasts(t, season(t, scores)), forecasts(t, season(t, other))
	if n := leaks(honest, changed, part); n != 0 {
		t.Errorf("%d forecasts know results that come after them", n)
	}
	if n := leaks(honest, changed, part.Add(365*24*time.Hour)); n == 0 {
		t.Error("no forecast changes at all: the check can't fail")
	}
	// Sabotage: results that are published a fortnight early must be found.
	if n := leaks(forecasts(t, early(season(t, scores))), forecasts(t, early(season(t, other))), part); n == 0 {
		t.Error("results that come before their matches were not noticed")
	}
}

// early is the feed with every full time published where the match is scheduled.
func early(feeds []source.Feed) []source.Feed {
	for i, feed := range feeds {
		var queue []*football.RawEvent
		next := feed.Next
		feeds[i].Next = func(ctx context.Context) (*football.RawEvent, error) {
			if len(queue) > 0 {
				raw := queue[0]
				queue = queue[1:]
				return raw, nil
			}
			raw, err := next(ctx)
			if err == nil && raw.Moment == football.MomentScheduled {
				leaked := *raw
				leaked.Moment, leaked.SourceEventID = football.MomentFullTime, raw.SourceEventID+"-leaked"
				queue = append(queue, &leaked)
			}
			return raw, err
		}
	}
	return feeds
}
