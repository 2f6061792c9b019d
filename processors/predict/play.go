package predict

import (
	"math"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

// Play are the constants of a match in play: how much of each side's scoring is still to come. Their ranges are in
// checkRanges; the names of the fields are part of digests, see refOfParameters.
type Play struct {
	FirstHalf  float64 `json:"first_half"`  // seconds that a first half takes, stoppage time included
	SecondHalf float64 `json:"second_half"` // likewise
	// Seconds that are always left while a half is played: nobody knows when the referee ends it.
	Least float64 `json:"least"`
	Rise  float64 `json:"rise"` // how much higher the scoring rate is at the end than at the beginning

	RedOwn   float64 `json:"red_own"`   // factor on a side's rate for each of its players sent off
	RedOther float64 `json:"red_other"` // factor on a side's rate for each opponent sent off

	Chase float64 `json:"chase"` // log of the factor on a side's rate while it is behind
	// Log of the factor on both rates that makes up for Chase: rates before the match are means over all scores.
	Hold float64 `json:"hold"`
	Open float64 `json:"open"` // log of the factor on both rates for each goal that fell beyond those expected so far
}

// DefaultPlay returns the constants of the line. Rise is fitted to the share of goals that fall before half-time
// (0.436), and Chase, Hold and Open to the scores of second halves, given the odds before the match, both on the
// seasons 2006-07 to 2018-19 of six leagues. That rates rise and depend on the score is as in M. Dixon, M. Robinson, "A
// birth process model for association football matches", The Statistician 47, 1998. The factors of a red card are those
// of J. Vecer, F. Kopriva, T. Ichiba, "Estimating the Effect of the Red Card in Soccer", Journal of Quantitative
// Analysis in Sports 5, 2009: the side with a player fewer scores at 2/3 of its rate, the other at 5/4.
func DefaultPlay() Play {
	return Play{
		FirstHalf: 47 * 60, SecondHalf: 49 * 60, Least: 60, Rise: 0.55,
		RedOwn: 2.0 / 3, RedOther: 5.0 / 4,
		Chase: 0.125, Hold: -0.04, Open: 0.02,
	}
}

// forecastScore returns the forecast of a match in which the sides would expect home and away goals over 90 minutes.
// The grid and all markets are of these 90 minutes; they are settled when extra time begins.
func (p Play) forecastScore(home, away, rho float64, of *football.MatchFeatures) Forecast {
	live := of.Live
	share := p.remainingShare(live)
	g := p.scoreGrid(home, away, rho, share, live)
	f := forecastOfGrid(&g)
	f.Markets.FirstHalf = p.shareBeforeHalfTime(live, share)
	f.Advance = p.forecastAdvance(&g, home, away, rho, of)
	scoredHome, scoredAway := live.Regular()
	f.Reasons = append(make([]football.Reason, 0, 12),
		football.Reason{Name: "lambda_home", Value: home},
		football.Reason{Name: "lambda_away", Value: away},
		football.Reason{Name: "remaining_share", Value: share},
		football.Reason{Name: "remaining_home", Value: f.ExpectedGoals.Home - float64(scoredHome)},
		football.Reason{Name: "remaining_away", Value: f.ExpectedGoals.Away - float64(scoredAway)},
	)
	return f
}

// scoreGrid returns the score grid when a share of the scoring is to come. Before the match rho is how the sides' goals
// depend on each other; in play the chase of the side that is behind takes its place.
func (p Play) scoreGrid(home, away, rho, share float64, live football.LiveState) grid.Grid {
	if afterRegularTime(live) {
		return grid.Settled(live.Regular())
	}
	homeLeft, awayLeft := p.goalsLeft(home, away, share, live)
	chase := p.chaseWeight(share, live)
	if chase == 0 {
		return grid.New(homeLeft, awayLeft, rho*share, live.HomeGoals, live.AwayGoals)
	}
	return grid.NewChase(homeLeft, awayLeft, rho*share*(1-chase), math.Exp(p.Chase*chase), live.HomeGoals,
		live.AwayGoals)
}

// chaseWeight returns how far the rates follow the score, from 0 to 1: fully from the first goal or from half-time on.
// Until then it rises from 0 at kick-off, so that the forecast goes on from the one before the match.
func (p Play) chaseWeight(share float64, live football.LiveState) float64 {
	if live.HomeGoals+live.AwayGoals > 0 {
		return 1
	}
	return min((1-share)/(1-p.shareAfter(p.FirstHalf)), 1)
}

// mostOpen bounds the log of the factor that goals beyond the expected ones make: parameters within their ranges may
// expect millions of goals.
const mostOpen = 20

// goalsLeft returns the goals that each side would still expect if neither were behind, when a share of its scoring is
// to come.
func (p Play) goalsLeft(home, away, share float64, live football.LiveState) (float64, float64) {
	beyond := float64(live.HomeGoals+live.AwayGoals) - (home+away)*(1-share)
	both := min(max(p.Open*beyond, -mostOpen), mostOpen) + p.Hold*p.chaseWeight(share, live)
	homeLog, awayLog := p.redCardLogs(both, live)
	return home * share * math.Exp(homeLog), away * share * math.Exp(awayLog)
}

// redCardLogs returns both, the log of the factor on both rates, plus the logs of the factors for players sent off, by
// side.
func (p Play) redCardLogs(both float64, live football.LiveState) (home, away float64) {
	reds, otherReds := float64(live.HomeReds), float64(live.AwayReds)
	home = both + reds*math.Log(p.RedOwn) + otherReds*math.Log(p.RedOther)
	away = both + otherReds*math.Log(p.RedOwn) + reds*math.Log(p.RedOther)
	return home, away
}

// remainingShare returns the share of the scoring of 90 minutes that is still to come, from 1 to 0.
func (p Play) remainingShare(live football.LiveState) float64 {
	elapsed := float64(live.Clock.Elapsed)
	switch {
	case live.Phase == football.HalfTime:
		return p.shareAfter(p.FirstHalf)
	case live.Phase != football.InPlay:
		return 1
	case live.Clock.Period <= 1:
		return p.shareAfter(min(elapsed, p.FirstHalf-p.Least))
	case live.Clock.Period == 2:
		return p.shareAfter(p.FirstHalf + min(elapsed, p.SecondHalf-p.Least))
	default:
		return 0
	}
}

// shareBeforeHalfTime returns which part of the remaining share comes before half-time, from 1 to 0.
func (p Play) shareBeforeHalfTime(live football.LiveState, share float64) float64 {
	if live.Phase == football.PreMatch || live.Phase == football.Postponed || live.Phase == football.InPlay &&
		live.Clock.Period <= 1 {
		return 1 - p.shareAfter(p.FirstHalf)/share
	}
	return 0
}

// shareAfter returns the share of the scoring after so many seconds of play: the integral of a rate that rises in a
// straight line from 1 to 1+Rise.
func (p Play) shareAfter(seconds float64) float64 {
	x := seconds / (p.FirstHalf + p.SecondHalf)
	return 1 - (x+p.Rise*x*x/2)/(1+p.Rise/2)
}
