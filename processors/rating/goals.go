package rating

import "math"

// Where a competition's conversion begins: one goal in ten shots, three in ten on target, as in most leagues; and how
// many matches that weighs.
const (
	firstPerShot          = 0.1
	firstPerOnTarget      = 0.3
	firstConversionWeight = 10
)

// maxGoals caps what one match can teach: 9-0 says hardly more than 6-0.
const maxGoals = 6.0

// maxStrength bounds attack and defence: e^2, seven times the average, is beyond any team, and without a bound a surprise
// could throw a rating so far that the next one throws it back farther.
const maxStrength = 2.0

// settleGoals moves attack, defence and the competition's parameters along the gradient of the likelihood of what was
// seen under what was expected.
func (p Params) settleGoals(home, away Team, c Competition, r Result) (Team, Team, Competition) {
	expectHome, expectAway := rates(home, away, c, r.Neutral)
	overHome := p.seen(c, r.HomeGoals, r.HomeShots, r.HomeOnTarget) - expectHome
	overAway := p.seen(c, r.AwayGoals, r.AwayShots, r.AwayOnTarget) - expectAway

	homeRate, awayRate := p.rate(home), p.rate(away)
	home.Attack = strength(home.Attack + homeRate*overHome)
	home.Defence = strength(home.Defence - homeRate*overAway)
	away.Attack = strength(away.Attack + awayRate*overAway)
	away.Defence = strength(away.Defence - awayRate*overHome)

	goalsHome := float64(r.HomeGoals) - expectHome
	goalsAway := float64(r.AwayGoals) - expectAway
	c.GoalRate += p.LevelRate * (goalsHome + goalsAway)
	if !r.Neutral {
		c.HomeAdvantage += p.HomeRate * (goalsHome - goalsAway) / 2
	}
	c.Rho = clamp(c.Rho+p.RhoRate*rhoScore(expectHome, expectAway, c.Rho, r.HomeGoals, r.AwayGoals), -0.2, 0.1)
	return home, away, p.convert(c, r)
}

// rates returns the goals that attack and defence expect.
func rates(home, away Team, c Competition, neutral bool) (float64, float64) {
	advantage := c.HomeAdvantage
	level := c.GoalRate
	if neutral {
		level, advantage = level+advantage/2, 0
	}
	return math.Exp(level + advantage + home.Attack - away.Defence), math.Exp(level + away.Attack - home.Defence)
}

// rate is the step of a team's attack and defence: larger while it is new.
func (p Params) rate(t Team) float64 {
	return p.Rate + p.EarlyRate*p.EarlyMatches/(p.EarlyMatches+float64(t.Recent))
}

// seen is what a match says about a side's attack: its goals, mixed with what its shots are worth. Goals are rare, so
// shots tell more of a side's strength than its goals do (E. Wheatcroft, "A profitable model for predicting the over/under
// market in football", International Journal of Forecasting 36, 2020).
func (p Params) seen(c Competition, goals, shots, onTarget int32) float64 {
	g := math.Min(float64(goals), maxGoals)
	if shots < 0 || onTarget < 0 {
		return g
	}
	return (1-p.Shots-p.OnTarget)*g + p.Shots*c.PerShot*float64(shots) + p.OnTarget*c.PerOnTarget*float64(onTarget)
}

// convert moves the competition's goals a shot.
func (p Params) convert(c Competition, r Result) Competition {
	shots, onTarget := r.HomeShots+r.AwayShots, r.HomeOnTarget+r.AwayOnTarget
	if r.HomeShots < 0 || r.AwayShots < 0 || r.HomeOnTarget < 0 || r.AwayOnTarget < 0 || shots == 0 || onTarget == 0 {
		return c
	}
	c.Counted++
	w := math.Max(p.ConversionRate, 1/float64(c.Counted+firstConversionWeight))
	goals := float64(r.HomeGoals + r.AwayGoals)
	c.PerShot += w * (goals/float64(shots) - c.PerShot)
	c.PerOnTarget += w * (goals/float64(onTarget) - c.PerOnTarget)
	return c
}

// rhoScore is the derivative, by rho, of the logarithm of Dixon & Coles's factor for the score.
func rhoScore(home, away, rho float64, homeGoals, awayGoals int32) float64 {
	switch {
	case homeGoals == 0 && awayGoals == 0:
		return -home * away / math.Max(1-home*away*rho, 0.1)
	case homeGoals == 0 && awayGoals == 1:
		return home / math.Max(1+home*rho, 0.1)
	case homeGoals == 1 && awayGoals == 0:
		return away / math.Max(1+away*rho, 0.1)
	case homeGoals == 1 && awayGoals == 1:
		return -1 / math.Max(1-rho, 0.1)
	default:
		return 0
	}
}

func strength(x float64) float64 { return clamp(x, -maxStrength, maxStrength) }

func clamp(x, low, high float64) float64 { return math.Min(math.Max(x, low), high) }
