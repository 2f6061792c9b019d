package features

import (
	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// ratings reads and writes one ledger of the view.
type ratings struct {
	view   football.View
	ledger ledger
}

func (r ratings) team(id football.TeamID) rating.Team {
	return valueAt[rating.Team](r.view, r.ledger.team(id))
}

func (r ratings) competition(id football.CompetitionID) rating.Competition {
	return valueAt[rating.Competition](r.view, r.ledger.competition(id))
}

func (r ratings) table(id football.CompetitionID) rating.Table {
	return valueAt[rating.Table](r.view, r.ledger.table(id))
}

// putTeam writes a team where it differs from what is there; a team that never played is not kept.
func (r ratings) putTeam(id football.TeamID, t rating.Team) {
	put(r.view, r.ledger.team(id), t, t == r.team(id), t.Played == 0)
}

// putCompetition writes a competition likewise.
func (r ratings) putCompetition(id football.CompetitionID, c rating.Competition) {
	put(r.view, r.ledger.competition(id), c, c == r.competition(id), c.Played == 0)
}

// putTable writes a table likewise.
func (r ratings) putTable(id football.CompetitionID, t rating.Table) {
	put(r.view, r.ledger.table(id), t, t.Equal(r.table(id)), len(t.Rows) == 0)
}

// valueAt returns the value under the key, or its zero value.
func valueAt[T any](view football.View, key string) (value T) {
	if kept := football.Get[T](view, key); kept != nil {
		return *kept
	}
	return value
}

// put writes a value unless it is there already; an empty one is not kept.
func put[T any](view football.View, key string, value T, there, empty bool) {
	switch {
	case there:
	case empty:
		view.Delete(key)
	default:
		view.Put(key, &value)
	}
}

// meeting is a match as far as ratings care who enters it.
type meeting struct {
	competition football.CompetitionID
	level       int32
	season      football.Season
	home, away  football.TeamID
	cup         bool
}

// enter returns both teams as they enter the match, and the competition whose rates it is played at: of a cup the home side's
// league.
func (r ratings) enter(p rating.Params, m meeting) (home, away rating.Team, _ rating.Competition) {
	home, away = r.team(m.home), r.team(m.away)
	c := r.competition(league(m.competition, m.cup, home))
	entry := rating.EntryOf(c, m.competition, m.level, m.season)
	entry.Cup, entry.First = m.cup, entry.First && !m.cup
	return p.Enter(home, entry), p.Enter(away, entry), c
}

// league returns the competition whose rates a match is played at.
func league(id football.CompetitionID, cup bool, home rating.Team) football.CompetitionID {
	if cup && home.Competition != "" {
		return home.Competition
	}
	return id
}

// settle folds one result into the ledger.
func (r ratings) settle(p rating.Params, result rating.Result) {
	if result.Void {
		return
	}
	home, away, c := r.enter(p, meeting{result.Competition, result.Level, result.Season, result.Home, result.Away, result.Cup})
	home, away, c = p.Settle(home, away, c, result)
	r.putTeam(result.Home, home)
	r.putTeam(result.Away, away)
	if result.Cup {
		return // it teaches nothing of the league that lends it its rates
	}
	r.putCompetition(result.Competition, c)
	r.putTable(result.Competition, r.table(result.Competition).Settle(result))
}
