package rating

import "math"

// Where a competition's conversion begins: one goal in ten shots, three in ten on target, one in four corners, as in
// most leagues; and how many matches that weighs.
const (
	firstPerShot          = 0.1
	firstPerOnTarget      = 0.3
	firstPerCorner        = 0.26
	firstConversionWeight = 10
)

// maxGoals caps the goals that a match counts with: 9-0 tells hardly more about strength than 6-0.
const maxGoals = 6.0

// maxStrength bounds attack and defence: e^2, seven times the average, is beyond any team, and without a bound a
// surprise could throw a rating so far that the next one throws it back farther.
const maxStrength = 2.0

// settleGoals moves strength and form by what was observed beyond what they expected, and the competition's parameters
// by the goals beyond what the model expected, so that a bias of the model does not last. All expectations are computed
// before anything moves.
func (p Params) settleGoals(home, away Team, c Competition, r Result) (Team, Team, Competition) {
	modelHome, modelAway := p.Intensities(home.Features(r.Kickoff), away.Features(r.Kickoff),
		p.CompetitionFeatures(c, r.ClosedDoors), r.Neutral)
	expectHome, expectAway := p.goalsByStrength(home, away, c, r)
	seenHome := p.observedGoals(c, r.HomeGoals, r.HomeShots, r.HomeOnTarget, r.HomeCorners)
	seenAway := p.observedGoals(c, r.AwayGoals, r.AwayShots, r.AwayOnTarget, r.AwayCorners)

	formHome := p.FormRate * (seenHome - expectHome*math.Exp(home.AttackForm-away.DefenceForm))
	formAway := p.FormRate * (seenAway - expectAway*math.Exp(away.AttackForm-home.DefenceForm))
	home.AttackForm, away.DefenceForm = clampStrength(home.AttackForm+formHome),
		clampStrength(away.DefenceForm-formHome)
	away.AttackForm, home.DefenceForm = clampStrength(away.AttackForm+formAway),
		clampStrength(home.DefenceForm-formAway)
	home, away = p.updateStrengths(home, away, seenHome, expectHome)
	away, home = p.updateStrengths(away, home, seenAway, expectAway)

	goalsHome := float64(r.HomeGoals) - modelHome
	goalsAway := float64(r.AwayGoals) - modelAway
	c.GoalRate += p.LevelRate * (goalsHome + goalsAway)
	if !r.Neutral && !r.ClosedDoors { // the advantage is that of open doors
		c.HomeAdvantage += p.HomeRate * (goalsHome - goalsAway) / 2
	}
	c.Rho = clampBetween(c.Rho+p.RhoRate*rhoScore(modelHome, modelAway, c.Rho, r.HomeGoals, r.AwayGoals), -0.2, 0.1)
	return home, away, p.updateConversion(c, r)
}

// updateStrengths moves the scorer's attack and the other side's defence, each by its share of the uncertainty, and
// makes both more certain: the extended Kalman filter for a logarithm of the scoring rate, with the covariance between
// teams left out. With seen goals s, expected goals e and spread v = attack variance + defence variance + Noise/e,
// attack moves by (attack variance / v) (s-e)/e and keeps 1 - attack variance / v of its variance; defence moves the
// other way. Drift is added to both variances.
func (p Params) updateStrengths(scorer, other Team, seen, expected float64) (Team, Team) {
	spread := scorer.AttackVariance + other.DefenceVariance + p.Noise/expected
	surprise := (seen - expected) / expected / spread
	scorer.Attack = clampStrength(scorer.Attack + scorer.AttackVariance*surprise)
	other.Defence = clampStrength(other.Defence - other.DefenceVariance*surprise)
	scorer.AttackVariance *= 1 - scorer.AttackVariance/spread
	other.DefenceVariance *= 1 - other.DefenceVariance/spread
	scorer.AttackVariance += p.Drift
	other.DefenceVariance += p.Drift
	return scorer, other
}

// goalsByStrength returns both sides' goals that strength alone expects, without form and pi-ratings.
func (p Params) goalsByStrength(home, away Team, c Competition, r Result) (float64, float64) {
	level, advantage := p.ratesByDoors(c, r.ClosedDoors)
	level, advantage = ratesByGround(level, advantage, r.Neutral)
	return math.Exp(level + advantage + home.Attack - away.Defence), math.Exp(level + away.Attack - home.Defence)
}

// ratesByDoors returns the log of a visitor's goals and the home advantage of a competition. Without spectators a part
// of the advantage goes over to the visitors.
func (p Params) ratesByDoors(c Competition, closed bool) (float64, float64) {
	if closed {
		return c.GoalRate + p.ClosedDoors*c.HomeAdvantage/2, (1 - p.ClosedDoors) * c.HomeAdvantage
	}
	return c.GoalRate, c.HomeAdvantage
}

// ratesByGround returns the log of a visitor's goals and the home advantage, which a neutral ground divides equally
// between both sides.
func ratesByGround(level, advantage float64, neutral bool) (float64, float64) {
	if neutral {
		return level + advantage/2, 0
	}
	return level, advantage
}

// observedGoals returns what a match tells about a side's attack, in goals: its goals, mixed with what its shots and
// corners are worth. Goals are rare, so shots tell more of a side's strength than its goals do (E. Wheatcroft, "A
// profitable model for predicting the over/under market in football", International Journal of Forecasting 36, 2020).
// Counts that are not known are negative; without shots only the goals count.
func (p Params) observedGoals(c Competition, goals, shots, onTarget, corners int32) float64 {
	g := math.Min(float64(goals), maxGoals)
	if shots < 0 || onTarget < 0 {
		return g
	}
	weight := p.Shots + p.OnTarget
	sum := p.Shots*c.PerShot*float64(shots) + p.OnTarget*c.PerOnTarget*float64(onTarget)
	if corners >= 0 {
		weight += p.Corners
		sum += p.Corners * c.PerCorner * float64(corners)
	}
	return sum + (1-weight)*g
}

// updateConversion moves the competition's goals a shot, a shot on target and a corner, where the source counted them.
func (p Params) updateConversion(c Competition, r Result) Competition {
	shots, onTarget := r.HomeShots+r.AwayShots, r.HomeOnTarget+r.AwayOnTarget
	if r.HomeShots < 0 || r.AwayShots < 0 || r.HomeOnTarget < 0 || r.AwayOnTarget < 0 || shots == 0 || onTarget == 0 {
		return c
	}
	c.Counted++
	w := math.Max(p.ConversionRate, 1/float64(c.Counted+firstConversionWeight))
	goals := float64(r.HomeGoals + r.AwayGoals)
	c.PerShot += w * (goals/float64(shots) - c.PerShot)
	c.PerOnTarget += w * (goals/float64(onTarget) - c.PerOnTarget)
	if corners := r.HomeCorners + r.AwayCorners; r.HomeCorners >= 0 && r.AwayCorners >= 0 && corners > 0 {
		c.PerCorner += w * (goals/float64(corners) - c.PerCorner)
	}
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

// clampStrength keeps attack, defence or form within maxStrength of the average.
func clampStrength(x float64) float64 { return clampBetween(x, -maxStrength, maxStrength) }

// clampBetween returns x, or the bound that it is beyond.
func clampBetween(x, low, high float64) float64 { return math.Min(math.Max(x, low), high) }
