package features

import (
	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// ratings reads and writes the ratings of one ledger of the view: teams, competitions and tables.
type ratings struct {
	view   football.View
	ledger ledger
}

// teamRating returns a team's ratings, the zero value where it never played.
func (r ratings) teamRating(id football.TeamID) rating.Team {
	return valueAt[rating.Team](r.view, r.ledger.teamKey(id))
}

// competitionRates returns a competition's rates, the zero value where it has no settled match.
func (r ratings) competitionRates(id football.CompetitionID) rating.Competition {
	return valueAt[rating.Competition](r.view, r.ledger.competitionKey(id))
}

// leagueTable returns a competition's table of the running season, empty where there is none.
func (r ratings) leagueTable(id football.CompetitionID) rating.Table {
	return valueAt[rating.Table](r.view, r.ledger.tableKey(id))
}

// putTeam writes a team where it differs from what is there; a team that never played is not kept.
func (r ratings) putTeam(id football.TeamID, t rating.Team) {
	putChanged(r.view, r.ledger.teamKey(id), t, t == r.teamRating(id), t.Played == 0)
}

// putCompetition writes a competition likewise.
func (r ratings) putCompetition(id football.CompetitionID, c rating.Competition) {
	putChanged(r.view, r.ledger.competitionKey(id), c, c == r.competitionRates(id), c.Played == 0)
}

// putTable writes a table likewise.
func (r ratings) putTable(id football.CompetitionID, t rating.Table) {
	putChanged(r.view, r.ledger.tableKey(id), t, t.Equal(r.leagueTable(id)), len(t.Rows) == 0)
}

// valueAt returns the value under the key, or its zero value.
func valueAt[T any](view football.View, key string) (value T) {
	if kept := football.Get[T](view, key); kept != nil {
		return *kept
	}
	return value
}

// putChanged writes a value unless it is there already: what is not written is not appended to the changelog. An empty
// value is deleted.
func putChanged[T any](view football.View, key string, value T, there, empty bool) {
	switch {
	case there:
	case empty:
		view.Delete(key)
	default:
		view.Put(key, &value)
	}
}

// meeting is what ratings need to know of a match before it is played.
type meeting struct {
	competition football.CompetitionID
	level       int32
	season      football.Season
	home, away  football.TeamID
	cup         bool
	knockOut    bool
}

// enterMatch returns both teams as they enter the match, and the competition whose rates apply to it: of a cup that is
// the home side's league. Neither a cup nor a play-off begins a season.
func (r ratings) enterMatch(p rating.Params, m meeting) (home, away rating.Team, _ rating.Competition) {
	home, away = r.teamRating(m.home), r.teamRating(m.away)
	c := r.competitionRates(ratesCompetition(m.competition, m.cup, home))
	entry := rating.EntryOf(c, m.competition, m.level, m.season)
	outside := m.cup || m.knockOut
	entry.Cup, entry.First = outside, entry.First && !outside
	return p.Enter(home, entry), p.Enter(away, entry), c
}

// ratesCompetition returns the competition whose goal rate and home advantage apply to a match: of a cup the home
// side's league, where that is known.
func ratesCompetition(id football.CompetitionID, cup bool, home rating.Team) football.CompetitionID {
	if cup && home.Competition != "" {
		return home.Competition
	}
	return id
}

// settleResult folds one result into the ledger. A void one changes nothing.
func (r ratings) settleResult(p rating.Params, result rating.Result) {
	if result.Void {
		return
	}
	home, away, c := r.enterMatch(p, meeting{
		competition: result.Competition, level: result.Level, season: result.Season, home: result.Home,
		away: result.Away, cup: result.Cup, knockOut: result.KnockOut,
	})
	home, away, c = p.Settle(home, away, c, result)
	r.putTeam(result.Home, home)
	r.putTeam(result.Away, away)
	if result.Cup || result.KnockOut {
		return // it tells nothing of the league whose rates it uses
	}
	r.putCompetition(result.Competition, c)
	r.putTable(result.Competition, r.leagueTable(result.Competition).Settle(result))
}
