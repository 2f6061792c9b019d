package outlook_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/processors/outlook"
	"github.com/touchline/touchline/processors/standings"
	"github.com/touchline/touchline/schemas/football"
)

// newRuledLeague returns a league of four teams with the given rules and rulings, as fields of a reference file.
func newRuledLeague(t testing.TB, rules, rulings string) *league {
	t.Helper()
	if rulings != "" {
		rulings = ", " + rulings
	}
	ref, err := football.ParseReference([]byte(`{"pools": [{"id": "p"}], "competitions": [{"id": "L", "name": "L",
		"pool": "p", "level": 1, "seasons": [{"from": "2000-01", "teams": 4, ` + rules + `}]}],
		"teams": [{"name": "a", "pool": "p"}, {"name": "b", "pool": "p"}, {"name": "c", "pool": "p"},
		{"name": "d", "pool": "p"}]` + rulings + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return &league{t: t, view: featurestest.NewView(), stage: outlook.New(outlook.Config{Seasons: 1, Reference: ref})}
}

// playSeason feeds a whole season, and returns its last outlook.
func (l *league) playSeason(score func(home, away string) (int32, int32)) *football.Outlook {
	l.t.Helper()
	var last *football.Outlook
	for _, home := range []string{"a", "b", "c", "d"} {
		for _, away := range []string{"a", "b", "c", "d"} {
			if home == away {
				continue
			}
			homeGoals, awayGoals := score(home, away)
			if o := l.result(home, away, homeGoals, awayGoals); o != nil {
				last = o
			}
		}
	}
	return last
}

func goalless(string, string) (int32, int32) { return 0, 0 }

// points returns what each team has, in the order of the table.
func points(o *football.Outlook) string {
	var cells []string
	for _, team := range o.Teams {
		cells = append(cells, fmt.Sprintf("%s %d", team.Team, team.Points))
	}
	return strings.Join(cells, ", ")
}

func TestOutlookIsMadeOfDoubleRoundRobinsOnly(t *testing.T) {
	for _, rules := range []string{`"meetings": 2`, `"split": {"after": 3, "top": 2}`, `"win": 2`} {
		if o := newRuledLeague(t, rules, "").playSeason(goalless); o != nil {
			t.Errorf("%s: got an outlook, want none", rules)
		}
	}
	if o := newRuledLeague(t, `"order": ["goals-for"]`, "").playSeason(goalless); o == nil || o.Remaining != 0 {
		t.Errorf("a double round robin: got %+v, want the outlook of its end", o)
	}
}

func TestDeductionCountsFromItsDayOn(t *testing.T) {
	deduction := `"deductions": [{"competition": "L", "season": "2015-16", "team": "b", "points": 9, "source": "s",
		"on": %q}]`
	order := `"order": ["goal-difference"]`
	homeWins := func(home, _ string) (int32, int32) { return int32('e' - home[0]), 0 }
	for day, want := range map[string]string{
		"1970-01-01": "a 9, c 9, d 9, b 0",
		"1970-01-02": "a 9, b 9, c 9, d 9",
	} {
		o := newRuledLeague(t, order, fmt.Sprintf(deduction, day)).playSeason(homeWins)
		if got := points(o); got != want {
			t.Errorf("from %s on: got %s, want %s", day, got, want)
		}
	}
}

func TestAwardReplacesWhatWasPlayed(t *testing.T) {
	award := `"awards": [{"competition": "L", "season": "2015-16", "home": "d", "away": "c", "home_goals": %d,
		"away_goals": %d, "winner": %q, "source": "s", "on": "1970-01-01"}]`
	for _, test := range []struct {
		home, away int
		winner     string
		want       string
	}{
		{3, 0, "", "d 8, a 6, b 6, c 5"},
		{0, 0, "home", "d 8, a 6, b 6, c 5"},
		{0, 0, "away", "c 8, a 6, b 6, d 5"},
	} {
		l := newRuledLeague(t, `"order": ["goal-difference", "goals-for"]`,
			fmt.Sprintf(award, test.home, test.away, test.winner))
		o := l.playSeason(func(home, away string) (int32, int32) {
			if home == "a" && away == "b" || home == "b" && away == "a" {
				return 1, 1 // more goals than the others
			}
			return 0, 0
		})
		got := points(o)
		if alike := strings.Replace(got, "b 6, a 6", "a 6, b 6", 1); alike != test.want { // by lot
			t.Errorf("%d-%d, winner %q: got %s, want %s", test.home, test.away, test.winner, got, test.want)
		}
	}
}

// The stage has a table of its own, made for speed. It must have the order of standings during a season, and end every
// season as that does.
func TestFastTableIsThatOfStandings(t *testing.T) {
	numbers := rand.New(rand.NewPCG(1, 2))
	criteria := football.Criteria()
	for n := range 600 {
		var order []football.Criterion
		for _, i := range numbers.Perm(len(criteria))[:1+numbers.IntN(4)] {
			order = append(order, criteria[i])
		}
		league := newRuledLeague(t, fmt.Sprintf(`"order": ["%s"]`, joinCriteria(order, `", "`)), "")
		var matches []standings.Match
		for _, m := range shuffledSeason(numbers) {
			matches = append(matches, m)
			now := league.result(string(m.Home), string(m.Away), m.HomeGoals, m.AwayGoals)
			if now == nil {
				continue // not all teams were seen
			}
			want := standings.MakeTable(football.SeasonRules{Teams: 4, Order: order}, football.Rulings{}, matches)
			if got := describeDifference(now, want); got != "" {
				t.Errorf("season %d by %v after %d matches: %s, want %+v", n, order, len(matches), got, want)
			}
		}
		if len(matches) != 12 {
			t.Fatalf("got %d matches, want a double round robin of four teams", len(matches))
		}
	}
}

// shuffledSeason returns a double round robin of four teams that are often level.
func shuffledSeason(numbers *rand.Rand) []standings.Match {
	var season []standings.Match
	teams := []football.TeamID{"a", "b", "c", "d"}
	for _, home := range teams {
		for _, away := range teams {
			if home != away {
				season = append(season, standings.Match{Home: home, Away: away, HomeGoals: numbers.Int32N(2),
					AwayGoals: numbers.Int32N(2)})
			}
		}
	}
	numbers.Shuffle(len(season), func(i, j int) { season[i], season[j] = season[j], season[i] })
	return season
}

// describeDifference returns how an outlook differs from a table, or "": in its order, and at the end of the season in
// where the teams end. Teams that share a position are by lot.
func describeDifference(o *football.Outlook, want []standings.Row) string {
	shares := map[football.TeamID]int{} // the position that a team has or shares
	for _, r := range want {
		shares[r.Team] = r.Position
	}
	for i, team := range o.Teams {
		if want[i].Position != shares[team.Team] {
			return fmt.Sprintf("%s is at %d", team.Team, i+1)
		}
		for at, p := range team.Positions {
			if o.Remaining == 0 && p > 0 && want[at].Position != shares[team.Team] {
				return fmt.Sprintf("%s ends at %d", team.Team, at+1)
			}
		}
	}
	return ""
}

// TestRulingsReachTheFirstTeam: that team's number is 0.
func TestRulingsReachTheFirstTeam(t *testing.T) {
	order := `"order": ["goal-difference"]`
	deduction := `"deductions": [{"competition": "L", "season": "2015-16", "team": "a", "points": 2, "source": "s",
		"on": "1970-01-01"}]`
	award := `"awards": [{"competition": "L", "season": "2015-16", "home": %q, "away": %q, "home_goals": 3,
		"away_goals": 0, "source": "s", "on": "1970-01-01"}]`
	for _, test := range []struct{ name, rulings, want string }{
		{"a deduction", deduction, "b 6, c 6, d 6, a 4"},
		{"an award at home", fmt.Sprintf(award, "a", "b"), "a 8, c 6, d 6, b 5"},
		{"an award away", fmt.Sprintf(award, "b", "a"), "b 8, c 6, d 6, a 5"},
	} {
		o := newRuledLeague(t, order, test.rulings).playSeason(goalless)
		slices.SortFunc(o.Teams, func(x, y football.TeamOutlook) int { // lots decide between those that are level
			return cmp.Or(cmp.Compare(y.Points, x.Points), cmp.Compare(x.Team, y.Team))
		})
		if got := points(o); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func joinCriteria(order []football.Criterion, separator string) string {
	var names []string
	for _, c := range order {
		names = append(names, string(c))
	}
	return strings.Join(names, separator)
}
