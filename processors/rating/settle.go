package rating

import "math"

// formLength is how many results Form keeps.
const formLength = 5

// Settle returns both teams and their competition after the result. The teams must have entered its season. A void
// result changes nothing.
func (p Params) Settle(home, away Team, c Competition, r Result) (Team, Team, Competition) {
	if r.Void {
		return home, away, c
	}
	c = p.beginCompetition(c, r)
	home, away, c = p.settleGoals(home, away, c, r)
	home, away = p.settleElo(home, away, r)
	home, away = p.settlePi(home, away, r)
	home = p.settleShots(home, r.HomeShots, r.AwayShots, r.HomeOnTarget, r.AwayOnTarget)
	away = p.settleShots(away, r.AwayShots, r.HomeShots, r.AwayOnTarget, r.HomeOnTarget)
	return addToForm(home, r, r.HomeGoals-r.AwayGoals), addToForm(away, r, r.AwayGoals-r.HomeGoals), countOutcome(c, r)
}

// beginCompetition gives a competition without a settled match its first parameters.
func (p Params) beginCompetition(c Competition, r Result) Competition {
	if c.Played == 0 {
		c = Competition{
			FirstSeason: r.Season, GoalRate: p.FirstGoalRate, HomeAdvantage: p.FirstHome, Rho: p.FirstRho,
			PerShot: firstPerShot, PerOnTarget: firstPerOnTarget, PerCorner: firstPerCorner,
		}
	}
	return c
}

// addToForm adds a settled match to the team's form, "W", "D" or "L" by the margin of its goals, and counts it.
func addToForm(t Team, r Result, margin int32) Team {
	letter := "D"
	switch {
	case margin > 0:
		letter = "W"
	case margin < 0:
		letter = "L"
	}
	t.Form += letter
	t.Form = t.Form[max(len(t.Form)-formLength, 0):]
	t.Played++
	t.LastKickoff = max(t.LastKickoff, r.Kickoff)
	return t
}

// countOutcome adds a settled match to the competition's shares of results.
func countOutcome(c Competition, r Result) Competition {
	c.Played++
	switch {
	case r.HomeGoals > r.AwayGoals:
		c.HomeWins++
	case r.HomeGoals == r.AwayGoals:
		c.Draws++
	}
	return c
}

// settleShots moves the exponentially weighted means of shots, where the source counted them.
func (p Params) settleShots(t Team, shotsFor, shotsAgainst, onTargetFor, onTargetAgainst int32) Team {
	if shotsFor < 0 || shotsAgainst < 0 || onTargetFor < 0 || onTargetAgainst < 0 {
		return t
	}
	t.Counted++
	w := math.Max(p.ShotsRate, 1/float64(t.Counted)) // a plain mean until there are enough
	t.ShotsFor += w * (float64(shotsFor) - t.ShotsFor)
	t.ShotsAgainst += w * (float64(shotsAgainst) - t.ShotsAgainst)
	t.OnTargetFor += w * (float64(onTargetFor) - t.OnTargetFor)
	t.OnTargetAgainst += w * (float64(onTargetAgainst) - t.OnTargetAgainst)
	return t
}
