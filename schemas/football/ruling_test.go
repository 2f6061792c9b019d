package football_test

import (
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// rulingsFile is a reference file with one league, two teams and the given rulings.
func rulingsFile(rulings string) []byte {
	return []byte(`{"pools": [{"id": "p"}], "competitions": [{"id": "L", "name": "League", "pool": "p"}],
		"teams": [{"name": "a", "pool": "p"}, {"name": "b", "pool": "p"}], ` + rulings + `}`)
}

const deduction = `"competition": "L", "season": "2020-21", "team": "a", "source": "a court"`

func TestRulingsAreThoseOfTheirSeasonUpToADay(t *testing.T) {
	ref, err := football.ParseReference(rulingsFile(`
		"deductions": [{` + deduction + `, "points": 6, "on": "2021-03-01"},
			{` + deduction + `, "points": 1, "on": "2020-10-01"}],
		"awards": [{"competition": "L", "season": "2020-21", "home": "a", "away": "b", "home_goals": 0, "away_goals": 3,
			"on": "2021-01-01", "source": "a court"}]`))
	if err != nil {
		t.Fatal(err)
	}
	all := ref.Rulings("L", "2020-21")
	if len(all.Deductions) != 2 || all.Deductions[0].Points != 1 || len(all.Awards) != 1 {
		t.Errorf("got %+v, want two deductions in the order of their days and an award", all)
	}
	if a, ok := all.Award("a", "b"); !ok || a.AwayGoals != 3 {
		t.Errorf("got %+v, %v, want the award of the match", a, ok)
	}
	if _, ok := all.Award("b", "a"); ok {
		t.Error("got an award for the return match, want none")
	}
	at := football.At(time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC))
	if until := all.AsOf(at); len(until.Deductions) != 1 || len(until.Awards) != 1 {
		t.Errorf("got %+v, want what was ruled until that day", until)
	}
	if other := ref.Rulings("L", "2021-22"); len(other.Deductions)+len(other.Awards) != 0 {
		t.Errorf("got %+v for another season, want none", other)
	}
}

func TestLaterFileReplacesARuling(t *testing.T) {
	award := `{"competition": "L", "season": "2020-21", "home": "a", "away": "b", "source": "a court", "on": `
	ref, err := football.ParseReference(
		rulingsFile(`"deductions": [{`+deduction+`, "points": 12, "on": "2020-11-04"}],
			"awards": [`+award+`"2021-01-01"}]`),
		[]byte(`{"deductions": [{`+deduction+`, "points": 6, "on": "2020-11-04"}],
			"awards": [`+award+`"2021-02-01", "winner": "away"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := ref.Rulings("L", "2020-21")
	if len(got.Deductions) != 1 || got.Deductions[0].Points != 6 {
		t.Errorf("got %+v, want the deduction of the later file", got.Deductions)
	}
	if len(got.Awards) != 1 || got.Awards[0].Winner != football.Away {
		t.Errorf("got %+v, want the award of the later file", got.Awards)
	}
}

func TestMistakeInARulingIsReported(t *testing.T) {
	const on = `"season": "2020-21", "on": "2021-01-01", "source": "s"`
	for rulings, want := range map[string]string{
		`"deductions": [{"competition": "X", "team": "a", ` + on + `}]`:                         "known competition",
		`"deductions": [{` + deduction + `, "on": "January"}]`:                                  "a day as",
		`"deductions": [{"competition": "L", "team": "z", ` + on + `}]`:                         `no team "z"`,
		`"awards": [{"competition": "L", "home": "a", "away": "b", "winner": "A", ` + on + `}]`: "no winner",
	} {
		if _, err := football.ParseReference(rulingsFile(rulings)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", rulings, err, want)
		}
	}
}

func TestRulesEndWhereTheyAreNotKnown(t *testing.T) {
	ref, err := football.ParseReference([]byte(`{"pools": [{"id": "p"}], "competitions": [{"id": "L", "name": "League",
		"pool": "p", "seasons": [{"from": "2019-20", "teams": 16}, {"from": "2020-21", "teams": 0}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := ref.Rules("L", "2019-20"); !ok {
		t.Error("got no rules of a season that has them")
	}
	if rules, ok := ref.Rules("L", "2021-22"); ok {
		t.Errorf("got %+v after the rules ended, want none", rules)
	}
}

func TestBuiltInRulingsAreOfSeasonsWhoseRulesAreKnown(t *testing.T) {
	ref := football.DefaultReference()
	rulings := 0
	for _, c := range ref.Competitions() {
		for year := 1990; year < 2030; year++ {
			season := c.Calendar.SeasonOf(year)
			r := ref.Rulings(c.ID, season)
			rulings += len(r.Deductions) + len(r.Awards)
			if _, ok := ref.Rules(c.ID, season); !ok && len(r.Deductions)+len(r.Awards) > 0 {
				t.Errorf("%s %s has rulings and no rules", c.ID, season)
			}
		}
	}
	if rulings < 70 {
		t.Errorf("got %d rulings, want all that are built in", rulings)
	}
}
