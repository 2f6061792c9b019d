package fit

import (
	"cmp"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Match is a settled match as a fit of strengths sees it.
type Match struct {
	ID                   football.MatchID
	Pool                 football.PoolID
	Competition          football.CompetitionID
	Home, Away           football.TeamID
	Kickoff              football.Instant
	Neutral              bool
	HomeGoals, AwayGoals int32
}

// Order sorts matches by kick-off, then id: the order in which they are summed. Sums of floating-point numbers depend
// on it, so callers order matches before they fit to them.
func Order(matches []Match) {
	slices.SortFunc(matches, func(a, b Match) int {
		return cmp.Or(cmp.Compare(a.Kickoff, b.Kickoff),
			cmp.Compare(a.ID, b.ID))
	})
}

// Settings of a fit of strengths.
type Settings struct {
	// HalfLife is the time in which a match loses half of its weight. 0: all matches weigh 1.
	HalfLife time.Duration
	// Variance of attack and defence around 0 that is expected before any match is seen: less shrinks strengths more.
	// 0 stands for no shrinkage; since no finite strength explains a team that never scored, that is a variance of 4.
	Variance float64
}

// attackDefenceCorrelation is the correlation of a team's attack and defence that is expected with a Variance: good
// teams are good at both. So the difference between teams shrinks less than their number of goals.
const attackDefenceCorrelation = 0.85

// noShrinkageVariance is the variance that is used for none: e^2, seven times the average, is then one standard
// deviation.
const noShrinkageVariance = 4.0

// Priors of what holds for a competition, so wide that a season outweighs them: a competition of one match needs them.
const (
	levelMean, levelVariance = 0.1, 4.0
	homeMean, homeVariance   = 0.35, 1.0
	rhoMean, rhoVariance     = -0.07, 0.04
)

// Level is what applies to all matches of a competition, in logs of goals; see Strengths.
type Level struct{ Goals, Home, Rho float64 }

// Strength is a team's, in logs of goals.
type Strength struct{ Attack, Defence float64 }

// Strengths explain the scores of one pool. The log of a side's expected goals is its competition's Goals, plus Home
// for the home side (half of it for both on neutral ground), plus its Attack, less the other's Defence. Rho is the
// dependence of low scores. 0 is the mean attack of the pool, and the mean defence, within a hundredth.
type Strengths struct {
	Levels map[football.CompetitionID]Level
	Teams  map[football.TeamID]Strength
}

// DixonColes returns the strengths that make the matches of one pool most likely, each weighing less the longer it was
// before asOf: M. Dixon, S. Coles, "Modelling Association Football Scores and Inefficiencies in the Football Betting
// Market", Applied Statistics 46, 1997. All competitions of the pool are fitted at once, for teams that were promoted
// or relegated link them. start is where the search begins and may be nil; where it ends does not depend on it. It is
// an error when there is no match, or when Newton's method does not converge.
func DixonColes(matches []Match, asOf football.Instant, s Settings, start *Strengths) (*Strengths, Convergence, error) {
	if len(matches) == 0 {
		return nil, Convergence{}, errors.New("there is no match to fit to")
	}
	p := newStrengthFit(matches, asOf, s)
	x := p.startParameters(start)
	convergence, _, err := minimise(x, p.negativeLogPosterior)
	// strengths and rho of other matches can make a score impossible; without rho none is
	if errors.Is(err, errNoLikelihood) {
		for i := range p.competitions {
			x[3*i+2] = 0
		}
		convergence, _, err = minimise(x, p.negativeLogPosterior)
	}
	if err != nil {
		return nil, Convergence{}, err
	}
	return p.strengths(x), convergence, nil
}

// LogLikelihood returns the sum, over the matches, of weight times the log of the probability that the strengths give
// the score, and the sum of the weights. The strengths must have all teams.
func (s *Strengths) LogLikelihood(matches []Match, asOf football.Instant, settings Settings) (sum, weights float64) {
	p := newStrengthFit(matches, asOf, settings)
	x := p.startParameters(s)
	for i := range p.scores {
		w := &p.scores[i]
		home, away := w.logMeans(x)
		factorials, _ := math.Lgamma(float64(w.goals[0]) + 1)
		other, _ := math.Lgamma(float64(w.goals[1]) + 1)
		sum -= w.weight * (scoreTerms(home, away, x[w.level+2], w.goals).value + factorials + other)
		weights += w.weight
	}
	return sum, weights
}

// strengthFit is the fit of one pool's strengths. Its parameters are three a competition (goals, home, rho), in the
// order of their ids, then two a team (attack, defence), likewise.
type strengthFit struct {
	competitions []football.CompetitionID
	teams        []football.TeamID
	scores       []weighedMatch
	precision    float64 // of attack and defence before any match, given the other
	correlation  float64 // their correlation
}

// weighedMatch is a match with its weight and the places of its parameters.
type weighedMatch struct {
	level, home, away int // of the competition's goals, and of both teams' attack
	atHome            [2]float64
	goals             [2]int32
	weight            float64
}

// newStrengthFit lays out the parameters and weighs the matches: 2^-(age / half-life), 1 without a half-life.
func newStrengthFit(matches []Match, asOf football.Instant, s Settings) *strengthFit {
	levels, teams := map[football.CompetitionID]int{}, map[football.TeamID]int{}
	for _, m := range matches {
		levels[m.Competition], teams[m.Home], teams[m.Away] = 0, 0, 0
	}
	p := &strengthFit{
		competitions: slices.Sorted(maps.Keys(levels)), teams: slices.Sorted(maps.Keys(teams)),
		scores: make([]weighedMatch, len(matches)), precision: 1 / noShrinkageVariance,
	}
	if s.Variance > 0 {
		p.precision = 1 / (s.Variance * (1 - attackDefenceCorrelation*attackDefenceCorrelation))
		p.correlation = attackDefenceCorrelation
	}
	for i, id := range p.competitions {
		levels[id] = 3 * i
	}
	for i, id := range p.teams {
		teams[id] = 3*len(p.competitions) + 2*i
	}
	for i, m := range matches {
		w := weighedMatch{
			level: levels[m.Competition], home: teams[m.Home], away: teams[m.Away],
			atHome: [2]float64{1, 0}, goals: [2]int32{m.HomeGoals, m.AwayGoals}, weight: 1,
		}
		if m.Neutral {
			w.atHome = [2]float64{0.5, 0.5}
		}
		if s.HalfLife > 0 {
			w.weight = math.Exp2(-asOf.Sub(m.Kickoff).Hours() / s.HalfLife.Hours())
		}
		p.scores[i] = w
	}
	return p
}

// startParameters returns the parameters to begin with: those of start where it has them, else the priors' means and
// teams that are all alike.
func (p *strengthFit) startParameters(start *Strengths) []float64 {
	x := make([]float64, 3*len(p.competitions)+2*len(p.teams))
	for i, id := range p.competitions {
		level := Level{levelMean, homeMean, rhoMean}
		if start != nil {
			if known, ok := start.Levels[id]; ok {
				level = known
			}
		}
		x[3*i], x[3*i+1], x[3*i+2] = level.Goals, level.Home, level.Rho
	}
	for i, id := range p.teams {
		if start != nil {
			team := start.Teams[id]
			at := 3*len(p.competitions) + 2*i
			x[at], x[at+1] = team.Attack, team.Defence
		}
	}
	return x
}

// maxRho bounds the dependence of low scores: a few matches can ask for more than football knows.
const maxRho = 0.3

// strengths returns the parameters by name, with rho within maxRho.
func (p *strengthFit) strengths(x []float64) *Strengths {
	s := &Strengths{Levels: map[football.CompetitionID]Level{}, Teams: map[football.TeamID]Strength{}}
	for i, id := range p.competitions {
		s.Levels[id] = Level{x[3*i], x[3*i+1], min(max(x[3*i+2], -maxRho), maxRho)}
	}
	for i, id := range p.teams {
		at := 3*len(p.competitions) + 2*i
		s.Teams[id] = Strength{x[at], x[at+1]}
	}
	return s
}
