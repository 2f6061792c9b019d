package outlook_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/features"
	"github.com/touchline/touchline/processors/features/featurestest"
	"github.com/touchline/touchline/processors/outlook"
	"github.com/touchline/touchline/processors/score"
	"github.com/touchline/touchline/schemas/football"
)

// seasons are the feature records of real seasons, by competition and season, and how many matches each has.
type seasons struct {
	names   []string
	records map[string][]*football.MatchFeatures
	matches map[string]int
}

// past folds the history up to 2018-19 into feature records, and keeps those of complete seasons from 2007-08 on.
func past(t testing.TB) *seasons {
	t.Helper()
	rows := featurestest.Load(t, featurestest.Divisions(), 2005, 2018)
	s := &seasons{records: map[string][]*football.MatchFeatures{}, matches: map[string]int{}}
	for _, r := range rows {
		s.matches[string(r.Competition)+" "+string(r.Season)]++
	}
	ref := football.DefaultReference()
	stage, view := features.New(features.Config{}), featurestest.NewView()
	for _, e := range featurestest.History(rows) {
		for _, out := range stage.Step(view, e) {
			f := out.(*football.MatchFeatures)
			rules, _ := ref.Rules(f.Competition, f.Season)
			name := string(f.Competition) + " " + string(f.Season)
			if f.Season >= "2007-08" && s.matches[name] == rules.Teams*(rules.Teams-1) {
				s.records[name] = append(s.records[name], f)
			}
		}
	}
	for name := range s.records {
		s.names = append(s.names, name)
	}
	slices.Sort(s.names)
	return s
}

// at folds a season, and returns the first outlook that has at least the share of its results, and the last one.
func (s *seasons) at(name string, cfg outlook.Config, share float64) (then, end *football.Outlook) {
	quick := cfg
	quick.Seasons = 1
	view, brief, full := featurestest.NewView(), outlook.New(quick), outlook.New(cfg)
	want, settled := int32(share*float64(s.matches[name])), int32(0)
	for _, f := range s.records[name] {
		stage := brief
		if f.Live.Phase == football.Settled {
			settled++
		}
		if settled >= want && then == nil {
			stage = full
		}
		for _, out := range stage.Step(view, f) {
			end = out.(*football.Outlook)
			if end.Settled >= want && then == nil {
				then = end
			}
		}
	}
	return then, end
}

// marks adds up how well forecasts of final positions did.
type marks struct {
	n           int
	rps         float64
	brier       map[string]float64
	calibration map[string]*score.Calibration
}

func newMarks() *marks {
	return &marks{brier: map[string]float64{}, calibration: map[string]*score.Calibration{}}
}

// add scores a distribution over positions by the position (from 0) that it came to.
func (m *marks) add(positions []float64, position int, places []football.Place) {
	m.n++
	sum := 0.0
	for i := range len(positions) - 1 {
		sum += positions[i]
		happened := 0.0
		if position <= i {
			happened = 1
		}
		m.rps += (sum - happened) * (sum - happened) / float64(len(positions)-1)
	}
	for _, p := range places {
		chance, happened := 0.0, 0.0
		for _, q := range positions[p.First-1 : p.Last] {
			chance += q
		}
		if position >= p.First-1 && position < p.Last {
			happened = 1
		}
		m.brier[p.Name] += (chance - happened) * (chance - happened)
		if m.calibration[p.Name] == nil {
			c := score.NewCalibration(10)
			m.calibration[p.Name] = &c
		}
		m.calibration[p.Name].Add(chance, happened == 1)
	}
}

func (m *marks) String() string {
	names := []string{"title", "champions-league", "europe", "relegation"}
	out := fmt.Sprintf("n %d  RPS %.4f", m.n, m.rps/float64(m.n))
	for _, name := range names {
		out += fmt.Sprintf("  %s %.4f (ECE %.4f)", name, m.brier[name]/float64(m.n), m.calibration[name].ECE())
	}
	return out
}

// mark scores the outlooks of a share of each season, and those of the table carried on at the points a match so far.
func (s *seasons) mark(t testing.TB, cfg outlook.Config, share float64) (simulated, carried *marks) {
	t.Helper()
	cfg.Reference = football.DefaultReference()
	simulated, carried = newMarks(), newMarks()
	ref := football.DefaultReference()
	for _, name := range s.names {
		competition, season, _ := strings.Cut(name, " ")
		rules, _ := ref.Rules(football.CompetitionID(competition), football.Season(season))
		then, end := s.at(name, cfg, share)
		if then == nil || end.Remaining != 0 {
			t.Fatalf("%s: no outlook at %.0f %%, or no end", name, 100*share)
		}
		final := map[football.TeamID]int{}
		for i, team := range end.Teams {
			final[team.Team] = i
		}
		for i, team := range extrapolated(then.Teams) {
			certain := make([]float64, len(then.Teams))
			certain[i] = 1
			carried.add(certain, final[team.Team], rules.Places)
		}
		for _, team := range then.Teams {
			positions := make([]float64, len(team.Positions))
			for i, p := range team.Positions {
				positions[i] = float64(p)
			}
			simulated.add(positions, final[team.Team], rules.Places)
		}
	}
	return simulated, carried
}

// extrapolated is the table if every team went on to win as many points a match as so far.
func extrapolated(teams []football.TeamOutlook) []football.TeamOutlook {
	teams = slices.Clone(teams)
	pace := func(t football.TeamOutlook) float64 { return float64(t.Points) / float64(max(t.Played, 1)) }
	slices.SortStableFunc(teams, func(a, b football.TeamOutlook) int {
		return cmp.Compare(pace(b), pace(a))
	})
	return teams
}

// TestOutlooksOfPastSeasons scores outlooks at the middle of 71 real seasons, on which the uncertainty was chosen,
// against the table carried on.
func TestOutlooksOfPastSeasons(t *testing.T) {
	if testing.Short() {
		t.Skip("folds 33,000 matches and simulates 71 seasons")
	}
	s := past(t)
	simulated, carried := s.mark(t, outlook.Config{Seasons: 2000}, 0.5)
	t.Logf("%d seasons\nsimulated %s\ncarried   %s", len(s.names), simulated, carried)
	if len(s.names) != 71 || simulated.n != 1440 {
		t.Errorf("%d seasons of %d teams, want 71 of 1440", len(s.names), simulated.n)
	}
	if got := simulated.rps / float64(simulated.n); got > 0.077 {
		t.Errorf("RPS of final positions at mid-season %.4f, want at most 0.077", got)
	}
	for place, most := range map[string]float64{"title": 0.03, "champions-league": 0.03, "europe": 0.03,
		"relegation": 0.03} {
		if simulated.brier[place] > carried.brier[place] {
			t.Errorf("%s: Brier %.1f in sum, the carried table has %.1f", place, simulated.brier[place],
				carried.brier[place])
		}
		if ece := simulated.calibration[place].ECE(); ece > most {
			t.Errorf("%s: calibration error %.4f, want at most %.2f", place, ece, most)
		}
	}
}
