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
	if t := football.Get[rating.Team](r.view, r.ledger.team(id)); t != nil {
		return *t
	}
	return rating.Team{}
}

func (r ratings) competition(id football.CompetitionID) rating.Competition {
	if c := football.Get[rating.Competition](r.view, r.ledger.competition(id)); c != nil {
		return *c
	}
	return rating.Competition{}
}

// putTeam writes a team where it differs from what is there; a team that never played is not kept.
func (r ratings) putTeam(id football.TeamID, t rating.Team) {
	switch {
	case t == r.team(id):
	case t.Played == 0:
		r.view.Delete(r.ledger.team(id))
	default:
		r.view.Put(r.ledger.team(id), &t)
	}
}

// putCompetition writes a competition likewise.
func (r ratings) putCompetition(id football.CompetitionID, c rating.Competition) {
	switch {
	case c == r.competition(id):
	case c.Played == 0:
		r.view.Delete(r.ledger.competition(id))
	default:
		r.view.Put(r.ledger.competition(id), &c)
	}
}

func (r ratings) table(id football.CompetitionID) rating.Table {
	if t := football.Get[rating.Table](r.view, r.ledger.table(id)); t != nil {
		return *t
	}
	return rating.Table{}
}

// putTable writes a table likewise.
func (r ratings) putTable(id football.CompetitionID, t rating.Table) {
	switch {
	case t.Equal(r.table(id)):
	case len(t.Rows) == 0:
		r.view.Delete(r.ledger.table(id))
	default:
		r.view.Put(r.ledger.table(id), &t)
	}
}

// settle folds one result into the ledger.
func (r ratings) settle(p rating.Params, result rating.Result) {
	if result.Void {
		return
	}
	c := r.competition(result.Competition)
	entry := rating.EntryOf(c, result.Competition, result.Level, result.Season)
	home, away, c := p.Settle(p.Enter(r.team(result.Home), entry), p.Enter(r.team(result.Away), entry), c, result)
	r.putTeam(result.Home, home)
	r.putTeam(result.Away, away)
	r.putCompetition(result.Competition, c)
	r.putTable(result.Competition, r.table(result.Competition).Settle(result))
}
