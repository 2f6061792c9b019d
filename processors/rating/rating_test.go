package rating_test

import (
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

const day = 24 * 60 * 60 * 1000

// play settles one result between two teams of a league in its second season, so that newcomers are newcomers.
func play(
	home, away rating.Team, c rating.Competition, r rating.Result,
) (rating.Team, rating.Team, rating.Competition) {
	p := rating.Defaults()
	e := rating.EntryOf(c, "E0", 1, r.Season)
	return p.Settle(p.Enter(home, e), p.Enter(away, e), c, r)
}

func result(home, away int32) rating.Result {
	return rating.Result{
		Season: "2015-16", HomeGoals: home, AwayGoals: away, HomeShots: -1, AwayShots: -1, HomeOnTarget: -1,
		AwayOnTarget: -1,
		HomeCorners:  -1, AwayCorners: -1,
	}
}

func TestAWinMovesEveryRatingTheRightWay(t *testing.T) {
	home, away, c := play(rating.Team{}, rating.Team{}, rating.Competition{}, result(3, 0))
	if !(home.Attack > 0 && home.Defence > 0 && home.Elo > 1500 && home.PiHome > 0 && home.PiAway > 0) {
		t.Errorf("home: got %+v, want everything above the average", home)
	}
	if !(away.Attack < 0 && away.Defence < 0 && away.Elo < 1500 && away.PiHome < 0 && away.PiAway < 0) {
		t.Errorf("away: got %+v, want everything below the average", away)
	}
	if home.Form != "W" || away.Form != "L" || home.Played != 1 || c.Played != 1 || c.HomeWins != 1 ||
		c.FirstSeason != "2015-16" {
		t.Errorf("got %+v, %+v, %+v", home, away, c)
	}
}

func TestShotsTeachMoreThanGoals(t *testing.T) {
	dominated := result(0, 1) // by a lucky goal
	dominated.HomeShots, dominated.AwayShots, dominated.HomeOnTarget, dominated.AwayOnTarget = 30, 2, 12, 1
	lucky, _, c := play(rating.Team{}, rating.Team{}, rating.Competition{}, dominated)
	plain, _, _ := play(rating.Team{}, rating.Team{}, rating.Competition{}, result(0, 1))
	if !(lucky.Attack > plain.Attack && lucky.Attack > 0) {
		t.Errorf("attack after 30 shots without a goal: got %v, want above 0 and above %v", lucky.Attack, plain.Attack)
	}
	if lucky.ShotsFor != 30 || lucky.OnTargetAgainst != 1 || c.Counted != 1 {
		t.Errorf("got %+v, %+v", lucky, c)
	}
}

func TestAVoidResultChangesNothing(t *testing.T) {
	r := result(3, 0)
	r.Void = true
	home, away, c := rating.Defaults().Settle(rating.Team{Attack: 1}, rating.Team{Elo: 1600}, rating.Competition{}, r)
	if home != (rating.Team{Attack: 1}) || away != (rating.Team{Elo: 1600}) || c != (rating.Competition{}) {
		t.Errorf("got %+v, %+v, %+v", home, away, c)
	}
}

func TestEnter(t *testing.T) {
	p := rating.Defaults()
	good := rating.Team{
		Played: 38, Season: "2014-15", Level: 1, Attack: 0.4, Defence: 0.3, AttackVariance: 0.01, DefenceVariance: 0.01,
		AttackForm: 0.1, Elo: 1600, PiHome: 1, PiAway: 0.8,
	}
	league := rating.Competition{Played: 380, FirstSeason: "2010-11"}
	tests := []struct {
		name   string
		team   rating.Team
		league rating.Competition
		season football.Season
		level  int32
		cup    bool
		attack float64
		spread float64 // variance of the attack
		elo    float64
	}{
		{"within a season nothing changes", good, league, "2014-15", 1, false, 0.4, 0.01, 1600},
		{"a match left over from an earlier season changes nothing", good, league, "2013-14", 1, false, 0.4, 0.01,
			1600},
		{"a summer makes less certain", good, league, "2015-16", 1, false, 0.4, 0.01 + p.SummerVariance,
			1500 + p.EloKeep*100},
		{"relegation: strong among weaker ones", good, league, "2015-16", 2, false, 0.4 + p.Relegated,
			0.01 + p.MovedVariance, 1500 + p.EloKeep*100 + p.EloRelegated},
		{"promotion: weak among stronger ones", good, league, "2015-16", 0, false, 0.4 + p.Promoted,
			0.01 + p.MovedVariance, 1500 + p.EloKeep*100 + p.EloPromoted},
		{"back after a season's absence", good, league, "2016-17", 1, false, p.Newcomer, p.NewcomerVariance,
			1500 + p.EloNewcomer},
		{"a newcomer", rating.Team{}, league, "2015-16", 1, false, p.Newcomer, p.NewcomerVariance,
			1500 + p.EloNewcomer},
		{"the first season of a competition", rating.Team{}, rating.Competition{}, "2015-16", 1, false, 0,
			p.FirstVariance, 1500},
		{"a season that is no year is a summer later", rating.Team{Played: 1, Season: "A", Level: 1, Elo: 1500}, league,
			"B", 0, false, p.Promoted, p.MovedVariance, 1500 + p.EloPromoted},
		{"a cup before the season begins none", good, league, "2015-16", 0, true, 0.4, 0.01, 1600},
		{"a newcomer in a cup", rating.Team{}, rating.Competition{}, "2015-16", 0, true, p.Newcomer, p.NewcomerVariance,
			1500 + p.EloNewcomer},
		{"a newcomer of cups begins its first season as it is", rating.Team{Played: 2, Attack: 0.4,
			AttackVariance: 0.01, Elo: 1600}, league, "2015-16", 2, false, 0.4, 0.01, 1600},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			entry := rating.EntryOf(tt.league, "E0", tt.level, tt.season)
			if tt.cup {
				entry = rating.Entry{Competition: "FAC", Season: tt.season, Cup: true}
			}
			got := p.Enter(tt.team, entry)
			if math.Abs(got.Attack-tt.attack) > 1e-12 || math.Abs(got.Elo-tt.elo) > 1e-9 {
				t.Errorf("got attack %v, Elo %v, want %v, %v", got.Attack, got.Elo, tt.attack, tt.elo)
			}
			if math.Abs(got.AttackVariance-tt.spread) > 1e-12 {
				t.Errorf("got variance %v, want %v", got.AttackVariance, tt.spread)
			}
			if later := tt.season > tt.team.Season && (!tt.cup || tt.team.Played == 0); later != (got.AttackForm == 0) {
				t.Errorf("got form %v: it is of one season", got.AttackForm)
			}
		})
	}
}

func TestTheFoldStaysFiniteAndBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		teams := make([]rating.Team, 4)
		var c rating.Competition
		for i := range rapid.IntRange(1, 200).Draw(t, "matches") {
			h := rapid.IntRange(0, 3).Draw(t, "home")
			a := (h + rapid.IntRange(1, 3).Draw(t, "away")) % 4
			r := result(rapid.Int32Range(0, 15).Draw(t, "hg"), rapid.Int32Range(0, 15).Draw(t, "ag"))
			r.Neutral = rapid.Bool().Draw(t, "neutral")
			r.Kickoff = football.Instant(i+1) * day
			if rapid.Bool().Draw(t, "counted") {
				r.HomeShots, r.AwayShots, r.HomeOnTarget, r.AwayOnTarget = 40, 0, 0,
					rapid.Int32Range(0, 20).Draw(t, "on target")
				r.HomeCorners, r.AwayCorners = rapid.Int32Range(-1, 20).Draw(t, "corners"), 3
			}
			teams[h], teams[a], c = play(teams[h], teams[a], c, r)
			for _, team := range []rating.Team{teams[h], teams[a]} {
				if !(math.Abs(team.Attack) <= 2 && math.Abs(team.Defence) <= 2 && math.Abs(team.Elo) < 4000 &&
					len(team.Form) <= 5) ||
					!(team.AttackVariance > 0 && team.AttackVariance < 1 && team.DefenceVariance > 0 &&
						team.DefenceVariance < 1) {
					t.Fatalf("got %+v", team)
				}
			}
			if !(c.Rho >= -0.2 && c.Rho <= 0.1) {
				t.Fatalf("rho %v", c.Rho)
			}
		}
	})
}

func TestANeutralGroundHasNoHomeAdvantage(t *testing.T) {
	p := rating.Defaults()
	team := rating.Team{}.Features(0)
	team.Elo = 1500
	league := p.CompetitionFeatures(rating.Competition{}, false)
	home, away := p.Intensities(team, team, league, true)
	if math.Abs(home-away) > 1e-12 {
		t.Errorf("equal teams on neutral ground: got %v and %v", home, away)
	}
	atHome, visiting := p.Intensities(team, team, league, false)
	if !(atHome > home && visiting < away) || math.Abs(math.Log(atHome/visiting)-league.HomeAdvantage) > 1e-12 {
		t.Errorf("at home: got %v and %v, want a ratio of e^%v", atHome, visiting, league.HomeAdvantage)
	}
}

func TestClosedDoorsTakeFromTheHomeAdvantageAndTeachNothingOfIt(t *testing.T) {
	p := rating.Defaults()
	open, closed := p.CompetitionFeatures(rating.Competition{}, false),
		p.CompetitionFeatures(rating.Competition{}, true)
	if !(closed.HomeAdvantage > 0 && closed.HomeAdvantage < open.HomeAdvantage && closed.GoalRate > open.GoalRate) {
		t.Errorf("got %+v behind closed doors, %+v before spectators", closed, open)
	}
	r := result(4, 0)
	_, _, before := play(rating.Team{}, rating.Team{}, rating.Competition{}, result(1, 1))
	_, _, taught := play(rating.Team{}, rating.Team{}, before, r)
	r.ClosedDoors = true
	surprised, _, after := play(rating.Team{}, rating.Team{}, before, r)
	if after.HomeAdvantage != before.HomeAdvantage || taught.HomeAdvantage <= before.HomeAdvantage {
		t.Errorf("home advantage %v: got %v behind closed doors, %v before spectators", before.HomeAdvantage,
			after.HomeAdvantage, taught.HomeAdvantage)
	}
	if usual, _, _ := play(rating.Team{}, rating.Team{}, before, result(4, 0)); surprised.Attack <= usual.Attack {
		t.Errorf("four goals behind closed doors taught %v, before spectators %v: want more", surprised.Attack,
			usual.Attack)
	}
}

func TestStrengthGrowsCertain(t *testing.T) {
	home, away, c := play(rating.Team{}, rating.Team{}, rating.Competition{}, result(1, 1))
	first := home
	for range 20 {
		home, away, c = play(home, away, c, result(1, 1))
	}
	if home.AttackVariance >= first.AttackVariance/2 || away.DefenceVariance >= first.DefenceVariance/2 {
		t.Errorf("variance after 20 more matches: got %v and %v, after one %v", home.AttackVariance,
			away.DefenceVariance, first.AttackVariance)
	}
	early, _, _ := play(first, first, c, result(4, 1))
	late, _, _ := play(home, home, c, result(4, 1))
	if early.Attack-first.Attack <= late.Attack-home.Attack {
		t.Error("a surprise moved a team of 21 matches at least as much as one of a single match")
	}
}

func TestFeatures(t *testing.T) {
	fresh := rating.Team{}.Features(10 * day)
	if fresh.Points != -1 || fresh.RestDays != 30 || fresh.ShotsFor != -1 || fresh.OnTargetAgainst != -1 {
		t.Errorf("a team that never played: got %+v", fresh)
	}
	played := rating.Team{Played: 3, Form: "WDL", LastKickoff: 3 * day, Counted: 1, ShotsFor: 12}.Features(10 * day)
	if math.Abs(played.Points-4./3) > 1e-12 || played.RestDays != 7 || played.ShotsFor != 12 {
		t.Errorf("got %+v", played)
	}
	p := rating.Defaults()
	c := p.CompetitionFeatures(rating.Competition{}, false)
	if c.GoalRate != p.FirstGoalRate || math.Abs(c.HomeShare-0.46) > 1e-12 || math.Abs(c.DrawShare-0.26) > 1e-12 {
		t.Errorf("a competition without matches: got %+v", c)
	}
	c = p.CompetitionFeatures(rating.Competition{Played: 80, HomeWins: 40, Draws: 20}, false)
	if math.Abs(c.HomeShare-0.492) > 1e-12 || math.Abs(c.DrawShare-0.252) > 1e-12 {
		t.Errorf("got %+v", c)
	}
}

func TestEveryFieldOfTheStateIsWrittenToTheChangelog(t *testing.T) {
	for _, blank := range []any{rating.Team{}, rating.Competition{}, rating.Result{}, rating.Table{}, rating.Row{}} {
		typ := reflect.TypeOf(blank)
		for i := range typ.NumField() {
			if typ.Field(i).Tag.Get("avro") == "" {
				t.Errorf("%s.%s has no avro tag", typ, typ.Field(i).Name)
			}
		}
	}
}

func BenchmarkSettle(b *testing.B) {
	p := rating.Defaults()
	home, away, c := play(rating.Team{}, rating.Team{}, rating.Competition{}, result(2, 1))
	b.ReportAllocs()
	for b.Loop() {
		home, away, c = p.Settle(home, away, c, result(1, 1))
	}
}

// TestANationalTeamIsNotForgotten when it has not played for years; a club begins anew.
func TestANationalTeamIsNotForgotten(t *testing.T) {
	known := rating.Team{Played: 10, Season: "2014", Level: 1, Attack: 0.7, Defence: 0.6, Elo: 1700}
	entry := rating.Entry{Competition: "WC", Level: 1, Season: "2018"}
	if got := rating.National().Enter(known, entry); got.Attack != known.Attack ||
		got.AttackVariance <= known.AttackVariance || got.Season != "2018" {
		t.Errorf("a national team: got %+v", got)
	}
	if got := rating.Defaults().Enter(known, entry); got.Attack == known.Attack {
		t.Errorf("a club: got %+v", got)
	}
}
