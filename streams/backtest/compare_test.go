package backtest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
)

// scored returns the report of one evaluation a match for each model, two matches a day.
func scored(losses map[string][]float64) *Report {
	var all []*football.Evaluation
	for model, values := range losses {
		for i, loss := range values {
			all = append(all, &football.Evaluation{
				Match: football.MatchID(fmt.Sprint("m", i)), Competition: "E0",
				Kickoff: football.Instant(i / 2 * 24 * 60 * 60 * 1000),
				Model:   football.ModelRef{ID: model}, Forecast: football.Outcome{Home: 0.5, Draw: 0.3, Away: 0.2},
				Over25: -1, HomeGoals: 1,
				RPS: loss, LogLoss: loss,
			})
		}
	}
	return summarize(football.CheckpointKickOff, all)
}

func TestThePairedTestCountsDays(t *testing.T) {
	r := scored(map[string][]float64{"a": {0.2, 0.5, 0.1, 0.3}, "b": {0.1, 0.2, 0.2, 0.2, 0.9}})
	c, err := r.Compare("a", "b")
	if err != nil {
		t.Fatal(err)
	}
	// The differences are 0.1 and 0.3 on one day, -0.1 and 0.1 on the next: less their mean of 0.1, the days sum to 0.2
	// and -0.2, so that the statistic is 0.4 / sqrt(0.04 + 0.04).
	if c.N != 4 || math.Abs(c.RPS.Difference-0.1) > 1e-12 || math.Abs(c.RPS.Statistic-math.Sqrt2) > 1e-9 ||
		math.Abs(c.RPS.P-0.15730) > 1e-5 {
		t.Errorf("got %+v", c)
	}
	if c.RPS.Interval.Low > 0.1 || c.RPS.Interval.High < 0.1 || c.RPS.Interval.Low < -0.1 || c.RPS.Interval.High > 0.3 {
		t.Errorf("got the interval %v", c.RPS.Interval)
	}
	back, err := r.Compare("b", "a")
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(back.LogLoss.Difference+c.LogLoss.Difference) > 1e-12 || math.Abs(back.LogLoss.P-c.LogLoss.P) > 1e-12 {
		t.Errorf("turned round: %+v and %+v", back.LogLoss, c.LogLoss)
	}
	if _, err := r.Compare("a", "c"); err == nil || !strings.Contains(err.Error(), `"c"`) ||
		!strings.Contains(err.Error(), "[") {
		t.Errorf("of a model that is not there: %v", err)
	}
}

func TestAModelIsNoBetterThanItself(t *testing.T) {
	r := scored(map[string][]float64{"a": {0.2, 0.5, 0.1, 0.3}})
	c, err := r.Compare("a", "a")
	if err != nil {
		t.Fatal(err)
	}
	if c.RPS != (Test{P: 1}) {
		t.Errorf("got %+v", c.RPS)
	}
	var text strings.Builder
	if err := c.Write(&text); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "no difference") {
		t.Errorf("got %s", text.String())
	}
}

func TestAnIntervalNarrowsWithMatches(t *testing.T) {
	width := func(n int) float64 {
		losses := make([]float64, n)
		for i := range losses {
			losses[i] = float64(i % 2)
		}
		i := Bootstrap(losses)
		if i != Bootstrap(losses) {
			t.Errorf("%d matches: two intervals of the same losses differ", n)
		}
		if i.Low > 0.5 || i.High < 0.5 {
			t.Errorf("%d matches: %v is not around 0.5", n, i)
		}
		return i.High - i.Low
	}
	few, many := width(100), width(10_000)
	if want := 2 * 1.96 * 0.5 / 100; math.Abs(many-want) > want/10 || few < 8*many {
		t.Errorf("widths %v and %v, want about %v and ten times that", many, few, want)
	}
	if none := Bootstrap(nil); none != (Interval{}) {
		t.Errorf("of no matches: %v", none)
	}
}

func TestPlotsAreDrawings(t *testing.T) {
	r := scored(map[string][]float64{"goals": {0.2, 0.5}, "odds:closing-avg-power": {0.1, 0.2}})
	paths, err := r.Plot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != 3 {
		t.Fatalf("got %v", paths)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		decoder := xml.NewDecoder(strings.NewReader(string(text)))
		for err == nil {
			_, err = decoder.Token()
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", path, err)
		}
		if !strings.Contains(string(text), "ECE") && !strings.Contains(string(text), "goals") {
			t.Errorf("%s names no model", path)
		}
	}
	if _, err := scored(nil).Plot(t.TempDir()); err == nil {
		t.Error("nothing was plotted")
	}
}
