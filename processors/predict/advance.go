package predict

import (
	"math"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

// shootout is the period of penalties.
const shootout = 5

// beyond reports whether the 90 minutes are over and the match goes on.
func beyond(live football.LiveState) bool {
	return live.Phase == football.InPlay && live.Clock.Period > 2
}

// advance returns the probability that each side of a knock-out goes on, from the score grid of the 90 minutes and the goals that
// both sides would expect in them. How extra time and penalties are reckoned is in docs/decisions/0011-knock-outs.md, what the
// line carries of a tie in 0015-ties.md.
func (p Play) advance(g *grid.Grid, home, away, rho float64, f *football.MatchFeatures) football.Advance {
	if f.Tie.Kind == football.TieNone || !firstKnown(f) {
		return football.Advance{}
	}
	tie := grid.Tie{First: first(f), AwayGoals: f.Tie.AwayGoals, Shootout: 0.5}
	switch {
	case f.Tie.Kind == football.TieFirstLeg, f.Tie.Kind == football.TieReplay:
		return facts(p.later(g, home, away, rho, tie, f), f)
	case f.Tie.ExtraTime:
		share := p.extra(f.Live)
		homeLog, awayLog := p.short(0, f.Live)
		tie.ExtraHome, tie.ExtraAway = home*share*math.Exp(homeLog), away*share*math.Exp(awayLog)
	}
	if beyond(f.Live) {
		return facts(late(tie, f.Live), f)
	}
	return facts(g.Advance(tie), f)
}

// later returns the advance of a tie that goes on another day at the other ground: with eleven against eleven, and the home
// advantage on the other side.
func (p Play) later(g *grid.Grid, home, away, rho float64, tie grid.Tie, f *football.MatchFeatures) grid.Advance {
	ground := math.Exp(advantage(f))
	host, guest := away*ground, home/ground
	second := grid.New(host, guest, rho, 0, 0)
	if f.Tie.ExtraTime {
		share := p.extra(football.LiveState{})
		tie.ExtraHome, tie.ExtraAway = host*share, guest*share
	}
	if f.Tie.Kind == football.TieReplay {
		return g.WithReplay(&second, tie)
	}
	return g.OverTwoLegs(&second, tie)
}

// late returns the advance after 90 minutes. What these or extra time have decided is over, whatever the clock says.
func late(tie grid.Tie, live football.LiveState) grid.Advance {
	home, away := tie.ExtraHome, tie.ExtraAway
	tie.ExtraHome, tie.ExtraAway, tie.Shootout = 0, 0, kicks(live)
	regular := grid.Settled(live.Regular())
	if out := regular.Advance(tie); out.Regular == 1 {
		return out
	}
	g := grid.Settled(live.HomeGoals, live.AwayGoals)
	if live.Clock.Period < shootout {
		g = grid.New(home, away, 0, live.HomeGoals, live.AwayGoals)
	}
	out := g.Advance(tie)
	out.Regular, out.Extra = 0, out.Regular
	return out
}

// kicks returns the probability that the home side wins the shoot-out.
func kicks(live football.LiveState) float64 {
	switch live.ShootoutWinner {
	case football.Home:
		return 1
	case football.Away:
		return 0
	default:
		return grid.Kicks{Home: live.HomeKicks, Away: live.AwayKicks, HomeScored: live.HomePenalties, AwayScored: live.AwayPenalties}.Shootout()
	}
}

// extra returns what is left of extra time as a share of a match's scoring, at its mean rate.
func (p Play) extra(live football.LiveState) float64 {
	seconds := 2.0 * football.ExtraHalfSeconds
	if beyond(live) {
		seconds -= football.ExtraHalfSeconds*float64(live.Clock.Period-3) + min(float64(live.Clock.Elapsed), football.ExtraHalfSeconds)
	}
	return max(seconds, p.Least) / (p.FirstHalf + p.SecondHalf)
}

// gone returns who has gone on, once the match is settled: nobody after a first leg or a draw that is played again, nor where
// nobody said who won on penalties.
func gone(f *football.MatchFeatures) football.Advance {
	live := f.Live
	if f.Tie.Kind == football.TieNone || f.Tie.Kind == football.TieFirstLeg || !firstKnown(f) {
		return football.Advance{}
	}
	g := grid.Settled(live.HomeGoals, live.AwayGoals)
	tie := grid.Tie{First: first(f), AwayGoals: f.Tie.AwayGoals}
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
	return facts(out, f)
}

// firstKnown reports whether what went before this match is known.
func firstKnown(f *football.MatchFeatures) bool {
	return f.Tie.Kind != football.TieSecondLeg || f.Tie.FirstHome >= 0
}

// first returns the goals of the first leg.
func first(f *football.MatchFeatures) grid.Goals {
	if f.Tie.Kind != football.TieSecondLeg {
		return grid.Goals{}
	}
	return grid.Goals{Home: f.Tie.FirstHome, Away: f.Tie.FirstAway}
}

// facts returns an advance as it is published.
func facts(a grid.Advance, f *football.MatchFeatures) football.Advance {
	goals := first(f)
	return football.Advance{
		Kind: f.Tie.Kind, FirstHome: goals.Home, FirstAway: goals.Away, Home: a.Home, Away: a.Away,
		Regular: a.Regular, Extra: a.Extra, Penalties: a.Penalties,
	}
}
