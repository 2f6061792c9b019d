package predict

import (
	"math"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

// shootoutPeriod is the period of penalties.
const shootoutPeriod = 5

// afterRegularTime reports whether the 90 minutes are over and the match goes on.
func afterRegularTime(live football.LiveState) bool {
	return live.Phase == football.InPlay && live.Clock.Period > 2
}

// forecastAdvance returns the probability that each side of a knock-out goes on, from the score grid of the 90 minutes
// and the goals that both sides would expect in them. It is empty for a match that is no knock-out, and for a second
// leg whose first has no result. docs/decisions/0011-knock-outs.md has how extra time and penalties are calculated,
// 0015-ties.md what the line carries of a tie.
func (p Play) forecastAdvance(g *grid.Grid, home, away, rho float64, f *football.MatchFeatures) football.Advance {
	if f.Tie.Kind == football.TieNone || !firstKnown(f) {
		return football.Advance{}
	}
	tie := grid.Tie{First: firstLegGoals(f), AwayGoals: f.Tie.AwayGoals, Shootout: 0.5}
	switch {
	case f.Tie.Kind == football.TieFirstLeg, f.Tie.Kind == football.TieReplay:
		return publishedAdvance(p.advanceOnAnotherDay(g, home, away, rho, tie, f), f)
	case f.Tie.ExtraTime:
		share := p.extraTimeShare(f.Live)
		homeLog, awayLog := p.redCardLogs(0, f.Live)
		tie.ExtraHome, tie.ExtraAway = home*share*math.Exp(homeLog), away*share*math.Exp(awayLog)
	}
	if afterRegularTime(f.Live) {
		return publishedAdvance(advanceAfterRegularTime(tie, f.Live), f)
	}
	return publishedAdvance(g.Advance(tie), f)
}

// advanceOnAnotherDay returns the advance of a tie that goes on another day at the other ground (a first leg, or a draw
// that is played again): with eleven against eleven, and the home advantage on the other side.
func (p Play) advanceOnAnotherDay(
	g *grid.Grid, home, away, rho float64, tie grid.Tie, f *football.MatchFeatures,
) grid.Advance {
	ground := math.Exp(advantage(f))
	host, guest := away*ground, home/ground
	second := grid.New(host, guest, rho, 0, 0)
	if f.Tie.ExtraTime {
		share := p.extraTimeShare(football.LiveState{})
		tie.ExtraHome, tie.ExtraAway = host*share, guest*share
	}
	if f.Tie.Kind == football.TieReplay {
		return g.WithReplay(&second, tie)
	}
	return g.OverTwoLegs(&second, tie)
}

// advanceAfterRegularTime returns the advance after 90 minutes. What the 90 minutes or extra time have decided is over,
// whatever the clock is: the clock moves to the next period before anyone knows that none follows.
func advanceAfterRegularTime(tie grid.Tie, live football.LiveState) grid.Advance {
	home, away := tie.ExtraHome, tie.ExtraAway
	tie.ExtraHome, tie.ExtraAway, tie.Shootout = 0, 0, shootoutProbability(live)
	regular := grid.Settled(live.Regular())
	if out := regular.Advance(tie); out.Regular == 1 {
		return out
	}
	g := grid.Settled(live.HomeGoals, live.AwayGoals)
	if live.Clock.Period < shootoutPeriod {
		g = grid.New(home, away, 0, live.HomeGoals, live.AwayGoals)
	}
	out := g.Advance(tie)
	out.Regular, out.Extra = 0, out.Regular
	return out
}

// shootoutProbability returns the probability that the home side wins the shoot-out: 0 or 1 once the winner is stated.
func shootoutProbability(live football.LiveState) float64 {
	switch live.ShootoutWinner {
	case football.Home:
		return 1
	case football.Away:
		return 0
	default:
		return grid.Kicks{Home: live.HomeKicks, Away: live.AwayKicks, HomeScored: live.HomePenalties,
			AwayScored: live.AwayPenalties}.Shootout()
	}
}

// extraTimeShare returns what is left of extra time as a share of the scoring of 90 minutes, at their mean rate. While
// it is played at least Play.Least seconds are left.
func (p Play) extraTimeShare(live football.LiveState) float64 {
	seconds := 2.0 * football.ExtraHalfSeconds
	if afterRegularTime(live) {
		seconds -= football.ExtraHalfSeconds*float64(live.Clock.Period-3) + min(float64(live.Clock.Elapsed),
			football.ExtraHalfSeconds)
	}
	return max(seconds, p.Least) / (p.FirstHalf + p.SecondHalf)
}

// settledAdvance returns who has gone on, once the match is settled. It is empty after a first leg, after a draw that
// is played again, and where the winner of a shoot-out is not known.
func settledAdvance(f *football.MatchFeatures) football.Advance {
	live := f.Live
	if f.Tie.Kind == football.TieNone || f.Tie.Kind == football.TieFirstLeg || !firstKnown(f) {
		return football.Advance{}
	}
	g := grid.Settled(live.HomeGoals, live.AwayGoals)
	tie := grid.Tie{First: firstLegGoals(f), AwayGoals: f.Tie.AwayGoals}
	if live.ShootoutWinner == football.Home {
		tie.Shootout = 1
	}
	out := g.Advance(tie)
	switch {
	case out.Penalties > 0 && live.ShootoutWinner == "":
		return football.Advance{}
	case out.Penalties == 0 && live.Clock.Period > 2:
		out.Regular, out.Extra = 0, 1
	}
	return publishedAdvance(out, f)
}

// firstKnown reports whether what went before this match is known.
func firstKnown(f *football.MatchFeatures) bool {
	return f.Tie.Kind != football.TieSecondLeg || f.Tie.FirstHome >= 0
}

// firstLegGoals returns the goals of the first leg by this match's home and away side; 0-0 for a match that is no
// second leg.
func firstLegGoals(f *football.MatchFeatures) grid.Goals {
	if f.Tie.Kind != football.TieSecondLeg {
		return grid.Goals{}
	}
	return grid.Goals{Home: f.Tie.FirstHome, Away: f.Tie.FirstAway}
}

// publishedAdvance returns an advance as it is published.
func publishedAdvance(a grid.Advance, f *football.MatchFeatures) football.Advance {
	goals := firstLegGoals(f)
	return football.Advance{
		Kind: f.Tie.Kind, FirstHome: goals.Home, FirstAway: goals.Away, Home: a.Home, Away: a.Away,
		Regular: a.Regular, Extra: a.Extra, Penalties: a.Penalties,
	}
}
