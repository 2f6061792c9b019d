package rating

import "github.com/touchline/touchline/schemas/football"

// maxRest is the most days of rest that count, also for a first match.
const maxRest = 30.0

// Features returns the team as models see it before a match that kicks off then.
func (t Team) Features(kickoff football.Instant) football.TeamFeatures {
	f := football.TeamFeatures{
		Attack: t.Attack, Defence: t.Defence, AttackForm: t.AttackForm, DefenceForm: t.DefenceForm, Elo: t.Elo,
		PiHome: t.PiHome, PiAway: t.PiAway,
		Played: t.Played, Points: t.formPoints(), RestDays: t.restDays(kickoff),
		ShotsFor: -1, ShotsAgainst: -1, OnTargetFor: -1, OnTargetAgainst: -1,
	}
	if t.Counted > 0 {
		f.ShotsFor, f.ShotsAgainst = t.ShotsFor, t.ShotsAgainst
		f.OnTargetFor, f.OnTargetAgainst = t.OnTargetFor, t.OnTargetAgainst
	}
	return f
}

// formPoints returns the mean points of the last five matches, -1 when there were none.
func (t Team) formPoints() float64 {
	if t.Form == "" {
		return -1
	}
	sum := 0
	for _, result := range t.Form {
		switch result {
		case 'W':
			sum += 3
		case 'D':
			sum++
		}
	}
	return float64(sum) / float64(len(t.Form))
}

// restDays returns the days since the team's last kick-off, at most maxRest, and maxRest before its first match.
func (t Team) restDays(kickoff football.Instant) float64 {
	if t.Played == 0 || kickoff <= t.LastKickoff {
		return maxRest
	}
	return min(kickoff.Sub(t.LastKickoff).Hours()/24, maxRest)
}

// Shares of home wins and draws before a competition has its own, and how many matches they weigh.
const (
	firstHomeShare = 0.46
	firstDrawShare = 0.26
	firstWeight    = 20.0
)

// CompetitionFeatures returns the competition as models see it before a match with spectators or behind closed doors.
func (p Params) CompetitionFeatures(c Competition, closedDoors bool) football.CompetitionFeatures {
	c = p.beginCompetition(c, Result{})
	level, advantage := p.ratesByDoors(c, closedDoors)
	n := float64(c.Played) + firstWeight
	return football.CompetitionFeatures{
		GoalRate: level, HomeAdvantage: advantage, Rho: c.Rho,
		HomeShare: (float64(c.HomeWins) + firstWeight*firstHomeShare) / n,
		DrawShare: (float64(c.Draws) + firstWeight*firstDrawShare) / n,
		Played:    c.Played,
	}
}
