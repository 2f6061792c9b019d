package fit

import "math"

// negativeLogPosterior is the objective of a fit of strengths: minus the log of the weighted likelihood times the
// prior, without the factorials. It is +Inf where Dixon & Coles's factor of a score is negative.
func (p *strengthFit) negativeLogPosterior(x, gradient []float64, hessian *symmetric) float64 {
	clear(gradient)
	clear(hessian.at)
	value := 0.0
	prior := func(i int, mean, precision float64) {
		d := x[i] - mean
		value += precision * d * d / 2
		gradient[i] += precision * d
		hessian.lowerRow(i)[i] += precision
	}
	for i := range p.competitions {
		prior(3*i, levelMean, 1/levelVariance)
		prior(3*i+1, homeMean, 1/homeVariance)
		prior(3*i+2, rhoMean, 1/rhoVariance)
	}
	for i := 3 * len(p.competitions); i < len(x); i += 2 {
		attack, defence := x[i], x[i+1]
		// of the normal distribution of two numbers that go together
		own, other := p.precision, p.precision*p.correlation
		value += own*(attack*attack+defence*defence)/2 - other*attack*defence
		gradient[i] += own*attack - other*defence
		gradient[i+1] += own*defence - other*attack
		hessian.lowerRow(i)[i] += own
		hessian.lowerRow(i + 1)[i+1] += own
		hessian.lowerRow(i + 1)[i] -= other
	}
	for i := range p.scores {
		value += p.scores[i].addToObjective(x, gradient, hessian)
	}
	if math.IsNaN(value) {
		return math.Inf(1)
	}
	return value
}

// parameters is how many parameters a match depends on: goals, home, rho and both teams' attack and defence.
const parameters = 7

// addToObjective adds the match's part to gradient and Hessian, and returns its part of the value. The derivatives by
// the two logs of means and rho come from scoreTerms; the chain rule takes them to the seven parameters.
func (w *weighedMatch) addToObjective(x, gradient []float64, hessian *symmetric) float64 {
	at := [parameters]int{w.level, w.level + 1, w.level + 2, w.home, w.home + 1, w.away, w.away + 1}
	byHome := [parameters]float64{1, w.atHome[0], 0, 1, 0, 0, -1} // derivatives of the log of the home side's mean
	byAway := [parameters]float64{1, w.atHome[1], 0, 0, -1, 1, 0}
	logHome, logAway := w.logMeans(x)
	t := scoreTerms(logHome, logAway, x[w.level+2], w.goals)
	for i := range parameters {
		dependence := 0.0
		if i == 2 {
			dependence = 1
		}
		gradient[at[i]] += w.weight * (t.home*byHome[i] + t.away*byAway[i] + t.rho*dependence)
		// The row of the local Hessian, by the derivative of each of the three first derivatives.
		home := w.weight * (t.homeHome*byHome[i] + t.homeAway*byAway[i] + t.homeRho*dependence)
		away := w.weight * (t.homeAway*byHome[i] + t.awayAway*byAway[i] + t.awayRho*dependence)
		rho := w.weight * (t.homeRho*byHome[i] + t.awayRho*byAway[i] + t.rhoRho*dependence)
		for j := range i + 1 {
			x := home*byHome[j] + away*byAway[j]
			if j == 2 {
				x += rho
			}
			hessian.addEntry(at[i], at[j], x)
		}
	}
	return w.weight * t.value
}

// logMeans returns the logs of both sides' expected goals.
func (w *weighedMatch) logMeans(x []float64) (home, away float64) {
	goals, advantage := x[w.level], x[w.level+1]
	return goals + w.atHome[0]*advantage + x[w.home] - x[w.away+1],
		goals + w.atHome[1]*advantage + x[w.away] - x[w.home+1]
}

// terms is minus the log likelihood of one score without the factorials, and its derivatives by the logs of both means
// and by rho.
type terms struct {
	value                                                  float64
	home, away, rho                                        float64
	homeHome, homeAway, awayAway, homeRho, awayRho, rhoRho float64
}

// scoreTerms returns the terms of two Poisson counts with Dixon & Coles's factor on the four lowest scores. The value
// is not a number where the factor is negative.
func scoreTerms(logHome, logAway, rho float64, goals [2]int32) terms {
	home, away := math.Exp(logHome), math.Exp(logAway)
	t := terms{
		value: home - float64(goals[0])*logHome + away - float64(goals[1])*logAway,
		home:  home - float64(goals[0]), away: away - float64(goals[1]), homeHome: home, awayAway: away,
	}
	switch goals {
	case [2]int32{0, 0}:
		product := home * away
		factor := 1 - product*rho
		first, second := product*rho/factor, product*rho/(factor*factor)
		t.value -= math.Log(factor)
		t.home, t.away, t.rho = t.home+first, t.away+first, product/factor
		t.homeHome, t.awayAway, t.homeAway = t.homeHome+second, t.awayAway+second, second
		t.homeRho, t.awayRho = product/(factor*factor), product/(factor*factor)
		t.rhoRho = t.rho * t.rho
	case [2]int32{0, 1}:
		factor := 1 + home*rho
		t.value -= math.Log(factor)
		t.home, t.rho = t.home-home*rho/factor, -home/factor
		t.homeHome, t.homeRho, t.rhoRho = t.homeHome-home*rho/(factor*factor), -home/(factor*factor), t.rho*t.rho
	case [2]int32{1, 0}:
		factor := 1 + away*rho
		t.value -= math.Log(factor)
		t.away, t.rho = t.away-away*rho/factor, -away/factor
		t.awayAway, t.awayRho, t.rhoRho = t.awayAway-away*rho/(factor*factor), -away/(factor*factor), t.rho*t.rho
	case [2]int32{1, 1}:
		t.value -= math.Log(1 - rho)
		t.rho = 1 / (1 - rho)
		t.rhoRho = t.rho * t.rho
	}
	return t
}
