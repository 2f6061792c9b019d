package whatif_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/source/sourcetest"
	"github.com/touchline/touchline/streams/whatif"
)

// rows are a double round robin of six teams, one match each third day from 12 September 2020 on.
func rows() []string {
	teams := []string{"Arsenal", "Chelsea", "Everton", "Liverpool", "Man City", "Man United"}
	day, out := time.Date(2020, 9, 12, 0, 0, 0, 0, time.UTC), []string{}
	for i, home := range teams {
		for j, away := range teams {
			if i != j {
				out = append(out, fmt.Sprintf("E0,%s,%s,%s,%d,%d", day.Format(time.DateOnly), home, away, (i*3+j)%4,
					(i+j*2)%3))
				day = day.AddDate(0, 0, 3)
			}
		}
	}
	return out
}

func history(t *testing.T, rows []string) source.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "E0_2021.csv")
	if err := os.WriteFile(path, []byte("Div,Date,HomeTeam,AwayTeam,FTHG,FTAG\n"+strings.Join(rows, "\n")+"\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	return footballdata.New(football.DefaultReference(), path)
}

func chain() streams.Chain {
	return line.Whole(football.DefaultReference(), predict.BuiltInRegistry())
}

// TestTheAnswerIsThatOfTheLine takes a match out of its history, with all that came after it, and asks for it.
func TestTheAnswerIsThatOfTheLine(t *testing.T) {
	all := rows()
	const at = 20 // Man City against Arsenal
	want := said(t, history(t, all), "man-city", "arsenal")
	date, err := time.Parse(time.DateOnly, strings.Split(all[at], ",")[1])
	if err != nil {
		t.Fatal(err)
	}
	q := whatif.Question{Competition: "E0", Home: "Man City", Away: "Arsenal", Date: date}
	for name, past := range map[string][]string{"the past": all[:at], "the match itself": all[:at+1],
		"the future": all} {
		got, err := whatif.Ask(t.Context(), football.DefaultReference(), history(t, past), chain(), q)
		if err != nil {
			t.Fatalf("with %s: %v", name, err)
		}
		if len(got) != 1 || got[0].Model.ID != "goals" || got[0].Outcome != want.Outcome ||
			got[0].Kickoff != want.Kickoff {
			t.Errorf("with %s: got %+v, the line said %+v", name, got[0].Outcome, want.Outcome)
		}
	}
	q.Date = time.Time{}
	got, err := whatif.Ask(t.Context(), football.DefaultReference(), history(t, all[:at]), chain(), q)
	if err != nil {
		t.Fatal(err)
	}
	if day := strings.Split(all[at-1], ",")[1]; got[0].Kickoff.Time().UTC().AddDate(0, 0,
		-1).Format(time.DateOnly) != day {
		t.Errorf("without a date: kick-off at %s, the last match was on %s", got[0].Kickoff, day)
	}
}

// said returns the line's last forecast of a match before its kick-off.
func said(t *testing.T, s source.Source, home, away football.TeamID) (last *football.Prediction) {
	t.Helper()
	memory := streams.NewMemory(chain())
	sourcetest.Drain(t, sourcetest.Open(t, s)[0], func(raw *football.RawEvent) {
		for _, result := range memory.Step(raw) {
			if p, ok := result.Output.(*football.Prediction); ok && p.Home == home && p.Away == away &&
				p.Live.Phase == football.PreMatch {
				last = p
			}
		}
	})
	return last
}

func TestAQuestionThatCantBeAnsweredGivesTheReason(t *testing.T) {
	day := time.Date(2020, 12, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		q    whatif.Question
		want string
	}{
		{whatif.Question{Competition: "X9", Home: "Arsenal", Away: "Chelsea", Date: day}, "X9"},
		{whatif.Question{Competition: "E0", Home: "Arsenl", Away: "Chelsea", Date: day}, "Arsenl"},
		{whatif.Question{Competition: "E0", Home: "Arsenal", Away: "Arsenal", Date: day}, "itself"},
		{whatif.Question{Competition: "SP1", Home: "Sevilla", Away: "Malaga", Date: day}, "--path"},
		{whatif.Question{Competition: "E0", Home: "Arsenal", Away: "Chelsea",
			Date: time.Date(2020, 10, 10, 0, 0, 0, 0, time.UTC)}, "another day"},
	} {
		_, err := whatif.Ask(t.Context(), football.DefaultReference(), history(t, rows()), chain(), c.q)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got error %v, want one with %q", c.q, err, c.want)
		}
	}
}
