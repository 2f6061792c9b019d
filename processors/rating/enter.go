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
}

// EntryOf returns the entry of a match in the competition c.
func EntryOf(c Competition, id football.CompetitionID, level int32, season football.Season) Entry {
	return Entry{Competition: id, Level: level, Season: season, First: c.Played == 0 || c.FirstSeason == season}
}

// Enter returns the team as it stands before a match of that season and competition. Within a season nothing changes,
// nor for a match left over from an earlier one; over a summer the team regresses towards the average, moves with
// promotion or relegation, or begins as a newcomer.
func (p Params) Enter(t Team, e Entry) Team {
	if t.Played > 0 && e.Season <= t.Season {
		return t
	}
	switch {
	case t.Played == 0 && e.First:
		t.Elo = averageElo
	case t.Played == 0 || absent(t.Season, e.Season):
		t = p.newcomer(t)
	default:
		t = p.summer(t, e.Level-t.Level)
	}
	t.Season, t.Competition, t.Level = e.Season, e.Competition, e.Level
	return t
}

// newcomer seeds a team from outside, or one that comes back after a season's absence.
func (p Params) newcomer(t Team) Team {
	if t.Played == 0 {
		t.Elo = averageElo
	}
	t.Attack = p.Newcomer + p.NewcomerKeep*t.Attack
	t.Defence = p.Newcomer + p.NewcomerKeep*t.Defence
	t.Elo = averageElo + p.EloNewcomer + p.NewcomerKeep*(t.Elo-averageElo)
	t.PiHome = p.PiNewcomer + p.NewcomerKeep*t.PiHome
	t.PiAway = p.PiNewcomer + p.NewcomerKeep*t.PiAway
	t.Recent = 0
	return t
}

// summer regresses a team towards the average of its competition. Levels is how far down it moved: -1 for a promotion.
func (p Params) summer(t Team, levels int32) Team {
	shift, elo := 0.0, 0.0
	switch {
	case levels < 0:
		shift, elo = p.Promoted, p.EloPromoted
	case levels > 0:
		shift, elo = p.Relegated, p.EloRelegated
	}
	t.Attack = p.SeasonKeep*t.Attack + shift
	t.Defence = p.SeasonKeep*t.Defence + shift
	t.Elo = averageElo + p.EloKeep*(t.Elo-averageElo) + elo
	t.PiHome = p.PiKeep*t.PiHome + shift
	t.PiAway = p.PiKeep*t.PiAway + shift
	return t
}

// absent reports whether a team that last played in one season missed at least one before the next.
func absent(last, next football.Season) bool {
	from, okFrom := year(last)
	to, okTo := year(next)
	return okFrom && okTo && to-from > 1
}

// year returns the year in which a season begins.
func year(s football.Season) (int, bool) {
	if len(s) < 4 {
		return 0, false
	}
	y, err := strconv.Atoi(string(s[:4]))
	return y, err == nil
}
