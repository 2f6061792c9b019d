package fit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/schemas/football"
)

const daily = 24 * time.Hour

// world is a pool of two divisions whose strengths are known.
type world struct {
	truth Strengths
	draw  *rand.Rand
}

func newWorld(seed uint64, teams int) *world {
	w := &world{draw: rand.New(rand.NewPCG(seed, 7)), truth: Strengths{
		Levels: map[football.CompetitionID]Level{"one": {0.1, 0.3, -0.08}, "two": {0.0, 0.25, -0.03}},
		Teams:  map[football.TeamID]Strength{},
	}}
	var sum Strength
	for i := range teams {
		s := Strength{0.3 * w.draw.NormFloat64(), 0.25 * w.draw.NormFloat64()}
		w.truth.Teams[team(i)] = s
		sum.Attack, sum.Defence = sum.Attack+s.Attack/float64(teams), sum.Defence+s.Defence/float64(teams)
	}
	for id, s := range w.truth.Teams {
		w.truth.Teams[id] = Strength{s.Attack - sum.Attack, s.Defence - sum.Defence}
	}
	return w
}

func team(i int) football.TeamID { return football.TeamID(fmt.Sprintf("team-%02d", i)) }

// play returns seasons of two divisions of all teams; half of each division changes over every summer.
func (w *world) play(seasons int) []Match {
	var matches []Match
	n := len(w.truth.Teams)
	for season := range seasons {
		order := w.draw.Perm(n)
		for division, id := range []football.CompetitionID{"one", "two"} {
			members := order[division*n/2 : (division+1)*n/2]
			for _, home := range members {
				for _, away := range members {
					if home != away {
						at := football.Instant((season*365 + w.draw.IntN(270)) * int(daily.Milliseconds()))
						matches = append(matches, w.match(id, team(home), team(away), at, len(matches)))
					}
				}
			}
		}
	}
	Order(matches)
	return matches
}

func (w *world) match(id football.CompetitionID, home, away football.TeamID, at football.Instant, n int) Match {
	m := Match{ID: football.MatchID(fmt.Sprintf("m%05d", n)), Competition: id, Home: home, Away: away, Kickoff: at,
		Neutral: n%17 == 0}
	level, h, a := w.truth.Levels[id], w.truth.Teams[home], w.truth.Teams[away]
	atHome, atAway := level.Home, 0.0
	if m.Neutral {
		atHome, atAway = level.Home/2, level.Home/2
	}
	forHome, forAway := math.Exp(level.Goals+atHome+h.Attack-a.Defence), math.Exp(level.Goals+atAway+a.Attack-h.Defence)
	for { // by rejection, for the dependence of low scores
		m.HomeGoals, m.AwayGoals = w.poisson(forHome), w.poisson(forAway)
		if w.draw.Float64()*1.5 < factor(forHome, forAway, level.Rho, m.HomeGoals, m.AwayGoals) {
			return m
		}
	}
}

func (w *world) poisson(mean float64) int32 {
	goals, p := int32(0), w.draw.Float64()
	for p > math.Exp(-mean) {
		goals, p = goals+1, p*w.draw.Float64()
	}
	return goals
}

// factor is Dixon & Coles's, as in their paper.
func factor(home, away, rho float64, homeGoals, awayGoals int32) float64 {
	switch [2]int32{homeGoals, awayGoals} {
	case [2]int32{0, 0}:
		return 1 - home*away*rho
	case [2]int32{0, 1}:
		return 1 + home*rho
	case [2]int32{1, 0}:
		return 1 + away*rho
	case [2]int32{1, 1}:
		return 1 - rho
	}
	return 1
}

// TestDerivativesAreThoseOfTheValue compares gradient and Hessian of both likelihoods with finite differences, and the
// value with the formula of the paper.
func TestDerivativesAreThoseOfTheValue(t *testing.T) {
	matches := newWorld(3, 8).play(2)
	p := newStrengthFit(matches, matches[len(matches)-1].Kickoff, Settings{HalfLife: 200 * daily, Variance: 0.1})
	draw := rand.New(rand.NewPCG(1, 1))
	x := p.startParameters(nil)
	for i := range x {
		x[i] += 0.1 * draw.NormFloat64()
	}
	checkDerivatives(t, x, p.negativeLogPosterior)

	var counts []Count
	for range 200 {
		counts = append(counts, Count{Y: 3 * draw.Float64(), Offset: draw.NormFloat64() / 4,
			X: []float64{draw.NormFloat64(), draw.NormFloat64()}})
	}
	checkDerivatives(t, []float64{0.3, -0.2}, poissonObjective(counts, []float64{0.1, 0.2}, 4))

	want := 0.0
	for _, w := range p.scores {
		home := math.Exp(x[w.level] + w.atHome[0]*x[w.level+1] + x[w.home] - x[w.away+1])
		away := math.Exp(x[w.level] + w.atHome[1]*x[w.level+1] + x[w.away] - x[w.home+1])
		want -= w.weight * (float64(w.goals[0])*math.Log(home) - home + float64(w.goals[1])*math.Log(away) - away +
			math.Log(factor(home, away, x[w.level+2], w.goals[0], w.goals[1])))
	}
	for i := range x {
		switch {
		case i >= 3*len(p.competitions) && (i-3*len(p.competitions))%2 == 0:
			sum, difference := x[i]+x[i+1], x[i]-x[i+1] // which do not depend on each other
			want += sum*sum/2/(2*0.1*(1+attackDefenceCorrelation)) +
				difference*difference/2/(2*0.1*(1-attackDefenceCorrelation))
		case i >= 3*len(p.competitions):
		case i%3 == 0:
			want += (x[i] - levelMean) * (x[i] - levelMean) / 2 / levelVariance
		case i%3 == 1:
			want += (x[i] - homeMean) * (x[i] - homeMean) / 2 / homeVariance
		case i%3 == 2:
			want += (x[i] - rhoMean) * (x[i] - rhoMean) / 2 / rhoVariance
		}
	}
	if got := p.negativeLogPosterior(x, make([]float64, len(x)), newSymmetric(len(x))); math.Abs(got-want) > 1e-9*want {
		t.Errorf("value %v, by the paper %v", got, want)
	}
}

func checkDerivatives(t *testing.T, x []float64, f objective) {
	t.Helper()
	const h = 1e-5
	n := len(x)
	gradient, hessian := make([]float64, n), newSymmetric(n)
	f(x, gradient, hessian)
	up, down, spare := make([]float64, n), make([]float64, n), newSymmetric(n)
	for i := range x {
		moved := append([]float64(nil), x...)
		moved[i] += h
		high := f(moved, up, spare)
		moved[i] -= 2 * h
		low := f(moved, down, spare)
		if want := (high - low) / (2 * h); math.Abs(gradient[i]-want) > 1e-5*(1+math.Abs(want)) {
			t.Errorf("derivative by %d: %v, by differences %v", i, gradient[i], want)
		}
		for j := range i + 1 {
			if want := (up[j] - down[j]) / (2 * h); math.Abs(hessian.lowerRow(i)[j]-want) > 1e-5*(1+math.Abs(want)) {
				t.Errorf("second derivative by %d and %d: %v, by differences %v", i, j, hessian.lowerRow(i)[j], want)
			}
		}
	}
}

// TestStrengthsAreFoundAsWellAsTheMatchesAllow fits simulated seasons: the errors are as large as the curvature says
// they are on average, and shrink with the number of matches.
func TestStrengthsAreFoundAsWellAsTheMatchesAllow(t *testing.T) {
	rms := func(seasons int) float64 {
		sum, n := 0.0, 0
		for seed := range uint64(5) {
			w := newWorld(seed, 24)
			matches := w.play(seasons)
			got, convergence, err := DixonColes(matches, 0, Settings{Variance: 0.1}, nil)
			if err != nil || convergence.Steps > 15 {
				t.Fatalf("%v after %d steps", err, convergence.Steps)
			}
			for id, want := range w.truth.Teams {
				da, dd := got.Teams[id].Attack-want.Attack, got.Teams[id].Defence-want.Defence
				sum, n = sum+da*da+dd*dd, n+2
			}
			for id, want := range w.truth.Levels {
				if l := got.Levels[id]; seasons == 16 && (math.Abs(l.Goals-want.Goals) > 0.1 ||
					math.Abs(l.Home-want.Home) > 0.1 || math.Abs(l.Rho-want.Rho) > 0.1) {
					t.Errorf("%s: got %+v, want about %+v", id, l, want)
				}
			}
		}
		return math.Sqrt(sum / float64(n))
	}
	few, many := rms(4), rms(16)
	// A team's 22 matches a season tell its log attack with a variance of about 1/(22*1.3).
	for _, c := range []struct {
		seasons int
		got     float64
	}{{4, few}, {16, many}} {
		expected := math.Sqrt(1 / (22 * 1.2 * float64(c.seasons)))
		if c.got < 0.7*expected || c.got > 1.3*expected {
			t.Errorf("%d seasons: errors of %.4f, want about %.4f", c.seasons, c.got, expected)
		}
	}
}

func TestShrinkageDecayAndOrder(t *testing.T) {
	matches := newWorld(9, 12).play(4)
	end := matches[len(matches)-1].Kickoff
	fitted := func(s Settings, start *Strengths, matches []Match) *Strengths {
		got, _, err := DixonColes(matches, end, s, start)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	spread := func(s *Strengths) (sum, mean float64) {
		for i := range 12 {
			sum, mean = sum+math.Abs(s.Teams[team(i)].Attack), mean+s.Teams[team(i)].Attack
		}
		return sum, mean
	}
	loose, tight := fitted(Settings{Variance: 0.5}, nil, matches), fitted(Settings{Variance: 0.01}, nil, matches)
	wide, meanWide := spread(loose)
	narrow, meanNarrow := spread(tight)
	if narrow > 0.8*wide {
		t.Errorf("a prior of 0.01 leaves a spread of %v, of 0.5 %v", narrow, wide)
	}
	if math.Abs(meanWide)+math.Abs(meanNarrow) > 12*0.01 {
		t.Errorf("sums of %v and %v, want 0 within 12 hundredths", meanWide, meanNarrow)
	}
	if again := fitted(Settings{Variance: 0.5}, nil, matches); !reflect.DeepEqual(again, loose) {
		t.Error("the same fit again gives other strengths")
	}
	warm := fitted(Settings{Variance: 0.5}, tight, matches)
	for id, want := range loose.Teams {
		if got := warm.Teams[id]; math.Abs(got.Attack-want.Attack)+math.Abs(got.Defence-want.Defence) > 1e-7 {
			t.Errorf("%s: from elsewhere %+v, want %+v", id, got, want)
		}
	}
	// With a very short memory only the last matches count.
	recent := matches[len(matches)*3/4:]
	short, last := fitted(Settings{Variance: 0.1, HalfLife: 15 * daily}, nil, matches),
		fitted(Settings{Variance: 0.1, HalfLife: 15 * daily}, nil, recent)
	for id, want := range last.Teams {
		if got := short.Teams[id]; math.Abs(got.Attack-want.Attack) > 1e-3 {
			t.Errorf("%s: with what is long ago %+v, without %+v", id, got, want)
		}
	}
	if _, _, err := DixonColes(nil, 0, Settings{}, nil); err == nil {
		t.Error("a fit to nothing passes")
	}
}

// TestOneMatchHasAnEstimate fits without shrinkage where no finite strength would explain the scores.
func TestOneMatchHasAnEstimate(t *testing.T) {
	for _, goals := range [][2]int32{{0, 0}, {9, 0}, {1, 1}, {0, 1}} {
		m := Match{Competition: "c", Home: "a", Away: "b", HomeGoals: goals[0], AwayGoals: goals[1]}
		got, _, err := DixonColes([]Match{m}, 0, Settings{}, nil)
		if err != nil {
			t.Fatalf("%v: %v", goals, err)
		}
		for id, s := range got.Teams {
			if math.Abs(s.Attack) > 5 || math.Abs(s.Defence) > 5 {
				t.Errorf("%v: %s is %+v", goals, id, s)
			}
		}
		if l := got.Levels["c"]; math.Abs(l.Rho) > maxRho || math.Abs(l.Goals) > 3 {
			t.Errorf("%v: %+v", goals, l)
		}
	}
}

// TestABeginningThatCannotBeIsMended begins with strengths under which a goalless draw is impossible.
func TestABeginningThatCannotBeIsMended(t *testing.T) {
	matches := newWorld(9, 12).play(2)
	from := &Strengths{Levels: map[football.CompetitionID]Level{"one": {1, 0.3, 0.3}, "two": {1, 0.3, 0.3}},
		Teams: map[football.TeamID]Strength{}}
	settings := Settings{Variance: 0.1}
	got, _, err := DixonColes(matches, 0, settings, from)
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := DixonColes(matches, 0, settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	for id, l := range want.Levels {
		if g := got.Levels[id]; math.Abs(g.Goals-l.Goals)+math.Abs(g.Rho-l.Rho) > 1e-6 {
			t.Errorf("%s: got %+v, want %+v", id, g, l)
		}
	}
}

func TestTheLikelihoodIsThatOfTheScores(t *testing.T) {
	w := newWorld(9, 12)
	matches := w.play(1)
	asOf := matches[len(matches)-1].Kickoff
	sum, weights := w.truth.LogLikelihood(matches, asOf, Settings{HalfLife: 100 * daily})
	wantSum, wantWeights := 0.0, 0.0
	for _, m := range matches {
		level, h, a := w.truth.Levels[m.Competition], w.truth.Teams[m.Home], w.truth.Teams[m.Away]
		atHome, atAway := level.Home, 0.0
		if m.Neutral {
			atHome, atAway = level.Home/2, level.Home/2
		}
		home, away := math.Exp(level.Goals+atHome+h.Attack-a.Defence), math.Exp(level.Goals+atAway+a.Attack-h.Defence)
		p := factor(home, away, level.Rho, m.HomeGoals, m.AwayGoals) * math.Exp(-home-away)
		for g := range m.HomeGoals {
			p *= home / float64(g+1)
		}
		for g := range m.AwayGoals {
			p *= away / float64(g+1)
		}
		weight := math.Pow(0.5, asOf.Sub(m.Kickoff).Hours()/2400)
		wantSum, wantWeights = wantSum+weight*math.Log(p), wantWeights+weight
	}
	if math.Abs(sum-wantSum) > 1e-9*math.Abs(wantSum) || math.Abs(weights-wantWeights) > 1e-9*wantWeights {
		t.Errorf("got %v of %v, want %v of %v", sum, weights, wantSum, wantWeights)
	}
}

// TestTheOptimumIsOne checks laws of the maximum: nowhere else is likelier, the parts of the data are explained at
// least as well by fits of their own, and a repeated observation counts twice.
func TestTheOptimumIsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Count {
			return Count{
				Y: rapid.Float64Range(0, 6).Draw(t, "y"), Offset: rapid.Float64Range(-0.5, 0.5).Draw(t, "offset"),
				X: []float64{rapid.Float64Range(-1, 1).Draw(t, "a"), rapid.Float64Range(-1, 1).Draw(t, "b"), 0},
			}
		}), 2, 40).Draw(t, "counts")
		centre := []float64{0.5, -0.2, 0.7}
		best := func(counts []Count, precision float64) Estimate {
			e, err := Poisson(counts, centre, precision)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		all := best(counts, 1)
		if math.Abs(all.Values[2]-0.7) > 1e-9 || math.Abs(all.Errors[2]-1) > 1e-9 {
			t.Fatalf("a parameter of which nothing is known: %+v", all)
		}
		value := poissonObjective(counts, centre, 1)
		other := make([]float64, 3)
		for i := range other {
			other[i] = all.Values[i] + rapid.Float64Range(-1, 1).Draw(t, "elsewhere")
		}
		if at := value(other, make([]float64, 3), newSymmetric(3)); at < all.Objective-1e-6 {
			t.Fatalf("%v has %v, the optimum %v", other, at, all.Objective)
		}
		cut := rapid.IntRange(1, len(counts)-1).Draw(t, "cut")
		parts := best(counts[:cut], 0.5).Objective + best(counts[cut:], 0.5).Objective
		if parts > all.Objective+1e-6 {
			t.Fatalf("two parts have %v, the whole %v", parts, all.Objective)
		}
		twice := best(append(append([]Count(nil), counts...), counts...), 2)
		if math.Abs(twice.Objective-2*all.Objective) > 1e-6*(1+math.Abs(all.Objective)) {
			t.Fatalf("all twice has %v, once %v", twice.Objective, all.Objective)
		}
	})
}

// TestErrorsAreThoseOfTheEstimates fits the same model to many samples: the estimates scatter as the errors say.
func TestErrorsAreThoseOfTheEstimates(t *testing.T) {
	w := newWorld(5, 2)
	truth := []float64{0.8, 0.2}
	var values, squares, said [2]float64
	const samples, size = 200, 400
	for range samples {
		counts := make([]Count, size)
		for i := range counts {
			x := []float64{w.draw.NormFloat64() / 3, w.draw.NormFloat64() / 3}
			counts[i] = Count{Y: float64(w.poisson(math.Exp(0.2 + dotProduct(truth, x)))), Offset: 0.2, X: x}
		}
		e, err := Poisson(counts, []float64{0, 0}, 1e-3)
		if err != nil {
			t.Fatal(err)
		}
		for i := range truth {
			d := e.Values[i] - truth[i]
			values[i], squares[i], said[i] = values[i]+d/samples, squares[i]+d*d/samples, said[i]+e.Errors[i]/samples
		}
	}
	for i := range truth {
		if scatter := math.Sqrt(squares[i]); math.Abs(values[i]) > 4*said[i]/math.Sqrt(samples) ||
			math.Abs(scatter/said[i]-1) > 0.2 {
			t.Errorf("parameter %d: off by %v on average, scatter %v, said %v", i, values[i], scatter, said[i])
		}
	}
}

func TestWhatCannotBeFitted(t *testing.T) {
	for name, counts := range map[string][]Count{
		"nothing": nil, "a negative count": {{Y: -1, X: []float64{1}}}, "too few numbers": {{Y: 1}},
		"no number": {{Y: math.NaN(), X: []float64{1}}},
	} {
		if _, err := Poisson(counts, []float64{0}, 1); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	hopeless := func(x, gradient []float64, hessian *symmetric) float64 { // falls for ever
		gradient[0], hessian.lowerRow(0)[0] = -1, 1
		return -x[0]
	}
	if _, _, err := minimise([]float64{0}, hopeless); err == nil {
		t.Error("a function without a minimum has one")
	}
	nowhere := func([]float64, []float64, *symmetric) float64 { return math.NaN() }
	if _, _, err := minimise([]float64{0}, nowhere); err == nil {
		t.Error("a function without a value has a minimum")
	}
	wrong := func(x, gradient []float64, hessian *symmetric) float64 { // rises where it says that it falls
		gradient[0], hessian.lowerRow(0)[0] = -1, 1
		return x[0]
	}
	if _, _, err := minimise([]float64{0}, wrong); err == nil {
		t.Error("a wrong gradient finds a minimum")
	}
	saddle := func(x, gradient []float64, hessian *symmetric) float64 { // begins where the curvature is negative
		gradient[0], hessian.lowerRow(0)[0] = 4*x[0]*x[0]*x[0]-2*x[0], 12*x[0]*x[0]-2
		return x[0]*x[0]*x[0]*x[0] - x[0]*x[0]
	}
	x := []float64{0.1}
	if _, _, err := minimise(x, saddle); err != nil || math.Abs(x[0]-math.Sqrt(0.5)) > 1e-6 {
		t.Errorf("from negative curvature: %v at %v", err, x[0])
	}
}

func BenchmarkDixonColes(b *testing.B) {
	matches := newWorld(2, 60).play(10)
	b.ReportMetric(float64(len(matches)), "matches")
	for b.Loop() {
		if _, _, err := DixonColes(matches, matches[len(matches)-1].Kickoff,
			Settings{HalfLife: 400 * daily, Variance: 0.1}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
