package train

import (
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/touchline/touchline/processors/fit"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
)

// DixonColesOptions are how strengths are trained.
type DixonColesOptions struct {
	// From and Before bound the kick-offs of the matches that are fitted to. 0: no bound. Weights are those at Before,
	// or after the last match.
	From, Before football.Instant
	fit.Settings
}

// DixonColes fits the strengths of all teams to matches, each pool by itself and in parallel: see fit.DixonColes. It is
// an error when no match is within the bounds, a fit does not converge, or a strength is out of its range.
func DixonColes(matches []fit.Match, o DixonColesOptions) (*predict.DixonColesArtefact, Report, error) {
	matches = kickingOffWithin(matches, o.From, o.Before)
	if len(matches) == 0 {
		return nil, Report{}, errNoMatch
	}
	if o.Before == 0 {
		o.Before = endOfDay(matches[len(matches)-1].Kickoff)
	}
	byPool := map[football.PoolID][]fit.Match{}
	for _, m := range matches {
		byPool[m.Pool] = append(byPool[m.Pool], m)
	}
	pools := slices.Sorted(maps.Keys(byPool))
	fitted := make([]fitted, len(pools))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, id := range pools {
		group.Go(func() (err error) {
			if fitted[i], err = fitPool(byPool[id], o); err != nil {
				return fmt.Errorf("fit the strengths of the pool %s to %d matches: %w", id, len(byPool[id]), err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, Report{}, err
	}
	a, r := joinPools(fitted)
	a.Trained = training(matches[0].Kickoff, o.Before, len(matches), describeMethod(o.Settings))
	r.Trained = *a.Trained
	_, err := predict.Encode(a) // its error names what is out of its range
	return a, r, err
}

// fitted is one pool's strengths and how well they explain its scores.
type fitted struct {
	strengths  *fit.Strengths
	steps      int
	likelihood float64 // the weighted sum of the scores' log probabilities
	alike      float64 // likewise of teams that are all alike
	weights    float64
}

// fitPool fits the strengths of one pool, and of teams that are all alike, to compare with.
func fitPool(matches []fit.Match, o DixonColesOptions) (fitted, error) {
	strengths, convergence, err := fit.DixonColes(matches, o.Before, o.Settings, nil)
	if err != nil {
		return fitted{}, err
	}
	alike := o.Settings
	alike.Variance = 1e-9
	equal, _, err := fit.DixonColes(matches, o.Before, alike, nil)
	if err != nil {
		return fitted{}, err
	}
	f := fitted{strengths: strengths, steps: convergence.Steps}
	f.likelihood, f.weights = strengths.LogLikelihood(matches, o.Before, o.Settings)
	f.alike, _ = equal.LogLikelihood(matches, o.Before, o.Settings)
	return f, nil
}

// joinPools puts the pools' strengths into one artefact.
func joinPools(pools []fitted) (*predict.DixonColesArtefact, Report) {
	r := Report{Kind: predict.KindDixonColes, Against: "teams that are all alike"}
	strengths := make([]*fit.Strengths, len(pools))
	var sum, alike, weights float64
	for i, p := range pools {
		strengths[i] = p.strengths
		sum, alike, weights = sum+p.likelihood, alike+p.alike, weights+p.weights
		r.Steps = max(r.Steps, p.steps)
	}
	r.LogLikelihood, r.Baseline = sum/weights, alike/weights
	a := ArtefactOf(strengths...)
	for _, id := range slices.Sorted(maps.Keys(a.Competitions)) {
		c := a.Competitions[id]
		r.Parameters = append(r.Parameters,
			Parameter{Name: string(id) + " goals", After: c.Goals}, Parameter{Name: string(id) + " home",
				After: c.Home}, Parameter{Name: string(id) + " rho", After: c.Rho})
	}
	return a, r
}

// ArtefactOf returns the artefact of fitted pools, with the built-in play.
func ArtefactOf(pools ...*fit.Strengths) *predict.DixonColesArtefact {
	a := &predict.DixonColesArtefact{
		Competitions: map[football.CompetitionID]predict.DixonColesLevel{},
		Teams:        map[football.TeamID]predict.DixonColesTeam{}, Play: predict.DefaultPlay(),
	}
	for _, s := range pools {
		for id, l := range s.Levels {
			a.Competitions[id] = predict.DixonColesLevel{Goals: rounded(l.Goals), Home: rounded(l.Home),
				Rho: rounded(l.Rho)}
		}
		for id, t := range s.Teams {
			a.Teams[id] = predict.DixonColesTeam{Attack: rounded(t.Attack), Defence: rounded(t.Defence)}
		}
	}
	return a
}

// describeMethod returns the settings in a line, for people.
func describeMethod(s fit.Settings) string {
	memory, shrinkage := "all matches alike", "no shrinkage"
	if s.HalfLife > 0 {
		memory = fmt.Sprintf("half-life %g days", s.HalfLife.Hours()/24)
	}
	if s.Variance > 0 {
		shrinkage = fmt.Sprintf("prior variance %g", s.Variance)
	}
	return "Dixon-Coles likelihood, " + memory + ", " + shrinkage
}

// DefaultSettings are those that forecast best, walking forward through 2012-13 to 2018-19: see
// docs/models/dixon-coles.md.
func DefaultSettings() fit.Settings {
	return fit.Settings{HalfLife: 350 * 24 * time.Hour, Variance: 0.15}
}

// PaperSettings are those of Dixon & Coles (1997): a match loses 0.0065 of its weight in half a week, and nothing
// shrinks.
func PaperSettings() fit.Settings {
	const perDay = 0.0065 / 3.5
	return fit.Settings{HalfLife: time.Duration(math.Ln2 / perDay * 24 * float64(time.Hour))}
}
