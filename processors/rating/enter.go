package rating

import (
	"strconv"

	"github.com/touchline/touchline/schemas/football"
)

// averageElo is the rating of an average team of a competition.
const averageElo = 1500.0

// Entry is a match that a team is about to play, as far as its ratings care.
type Entry struct {
	Competition football.CompetitionID
	Level       int32
	Season      football.Season
	First       bool // the competition's first season: every team is new, so none is a newcomer
	Cup         bool // of a competition that has no level and begins no season
}

// EntryOf returns the entry of a match in the league c.
func EntryOf(c Competition, id football.CompetitionID, level int32, season football.Season) Entry {
	return Entry{Competition: id, Level: level, Season: season, First: c.Played == 0 || c.FirstSeason == season}
}

// Enter returns the team as it is before a match of that season and competition. Within a season nothing changes, nor
// for a match left over from an earlier one. Over a summer strength becomes less certain, form ends, and Elo and
// pi-ratings regress towards the average; all of them move with promotion or relegation, or the team begins as a
// newcomer. A cup begins no season: until its league does, a team keeps the ratings of its last one.
func (p Params) Enter(t Team, e Entry) Team {
	if t.Played > 0 && (e.Cup || e.Season <= t.Season) {
		return t
	}
	switch {
	case t.Played == 0 && e.First:
		t.Elo = averageElo
		t.AttackVariance, t.DefenceVariance = p.FirstVariance, p.FirstVariance
	case t.Played == 0 || p.Absence > 0 && seasonsMissed(t.Season, e.Season) >= p.Absence:
		t = p.beginAsNewcomer(t)
	case t.Season == "": // it has played in cups only
	default:
		t = p.passSummer(t, e.Level-t.Level)
	}
	t.AttackForm, t.DefenceForm = 0, 0
	if e.Cup {
		return t
	}
	t.Season, t.Competition, t.Level = e.Season, e.Competition, e.Level
	return t
}

// beginAsNewcomer sets the ratings of a team from outside of the pool, or of one that comes back after Absence seasons.
// What it has played stays.
func (p Params) beginAsNewcomer(t Team) Team {
	t.Attack, t.Defence = p.Newcomer, p.Newcomer
	t.AttackVariance, t.DefenceVariance = p.NewcomerVariance, p.NewcomerVariance
	t.Elo = averageElo + p.EloNewcomer
	t.PiHome, t.PiAway = p.PiNewcomer, p.PiNewcomer
	return t
}

// passSummer carries a team into the next season. Levels is how far down it moved: -1 for a promotion, 1 for a
// relegation.
func (p Params) passSummer(t Team, levels int32) Team {
	shift, elo, pi, variance := 0.0, 0.0, 0.0, p.SummerVariance
	switch {
	case levels < 0:
		shift, elo, pi, variance = p.Promoted, p.EloPromoted, -p.PiMoved, p.MovedVariance
	case levels > 0:
		shift, elo, pi, variance = p.Relegated, p.EloRelegated, p.PiMoved, p.MovedVariance
	}
	t.Attack = clampStrength(t.Attack + shift)
	t.Defence = clampStrength(t.Defence + shift)
	t.AttackVariance += variance
	t.DefenceVariance += variance
	t.Elo = averageElo + p.EloKeep*(t.Elo-averageElo) + elo
	t.PiHome = p.PiKeep*t.PiHome + pi
	t.PiAway = p.PiKeep*t.PiAway + pi
	return t
}

// seasonsMissed returns how many seasons a team that last played in one missed before the next.
func seasonsMissed(last, next football.Season) int {
	from, okFrom := firstYear(last)
	to, okTo := firstYear(next)
	if !okFrom || !okTo {
		return 0
	}
	return max(to-from-1, 0)
}

// firstYear returns the year in which a season begins, the first four digits of its name; false where there are none.
func firstYear(s football.Season) (int, bool) {
	if len(s) < 4 {
		return 0, false
	}
	y, err := strconv.Atoi(string(s[:4]))
	return y, err == nil
}
