package projectiontest

import (
	"math"
	"time"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

// Match makes facts of one match. Zero fields have defaults: the Premier League of 2015-16, kick-off on 15 August 2015
// at 15:00 UTC, Arsenal against Chelsea.
type Match struct {
	Pool        football.PoolID
	Competition football.CompetitionID
	Season      football.Season
	Home, Away  football.TeamID
	Kickoff     football.Instant
}

func (m Match) withDefaults() Match {
	if m.Pool == "" {
		m.Pool = "england"
	}
	if m.Competition == "" {
		m.Competition = "E0"
	}
	if m.Season == "" {
		m.Season = "2015-16"
	}
	if m.Home == "" {
		m.Home = "arsenal"
	}
	if m.Away == "" {
		m.Away = "chelsea"
	}
	if m.Kickoff == 0 {
		m.Kickoff = football.At(time.Date(2015, 8, 15, 15, 0, 0, 0, time.UTC))
	}
	return m
}

// ID returns the match's id.
func (m Match) ID() football.MatchID {
	m = m.withDefaults()
	return football.NewMatchID(m.Pool, m.Season, m.Home, m.Away, 1)
}

// Event makes the match's event of that sequence, which happens sequence minutes after kick-off.
func (m Match) Event(sequence int64, body football.EventBody) *football.MatchEvent {
	m = m.withDefaults()
	return &football.MatchEvent{
		Match: m.ID(), Pool: m.Pool, Competition: m.Competition, Season: m.Season, Home: m.Home, Away: m.Away,
		Sequence: sequence,
		At:       m.Kickoff.Add(time.Duration(sequence) * time.Minute), Source: "test",
		SourceEventID: string(m.ID()) + "/" + string(rune('a'+sequence)),
		Body:          body,
	}
}

// Scheduled makes the event that announces the match.
func (m Match) Scheduled(sequence int64) *football.MatchEvent {
	m = m.withDefaults()
	e := m.Event(sequence, football.FixtureScheduled{Kickoff: m.Kickoff, HomeName: string(m.Home),
		AwayName: string(m.Away)})
	e.At = m.Kickoff.Add(-14 * 24 * time.Hour)
	return e
}

// Live makes a live state of the first half, or of the end when settled.
func Live(phase football.Phase, home, away int32) football.LiveState {
	live := football.LiveState{Phase: phase, HomeGoals: home, AwayGoals: away, HomeShots: 3 * home, AwayShots: 3 * away}
	if phase == football.InPlay {
		live.Clock = football.Clock{Period: 1, Elapsed: 23*60 + 10}
	}
	return live
}

// Features makes the match's feature record of that sequence.
func (m Match) Features(sequence int64, trigger string, live football.LiveState) *football.MatchFeatures {
	m = m.withDefaults()
	return &football.MatchFeatures{
		Match: m.ID(), Pool: m.Pool, Competition: m.Competition, Season: m.Season, Home: m.Home, Away: m.Away,
		Kickoff:  m.Kickoff,
		Sequence: sequence, At: m.Kickoff.Add(time.Duration(sequence) * time.Minute), Trigger: trigger, Live: live,
		HomeTeam: football.TeamFeatures{Attack: 0.21, Defence: 0.12, Elo: 1602, PiHome: 0.8, PiAway: 0.4, Played: 120,
			Points: 2.2},
		AwayTeam: football.TeamFeatures{Attack: 0.18, Defence: 0.15, Elo: 1595, PiHome: 0.7, PiAway: 0.5, Played: 120,
			Points: 1.8},
		League: football.CompetitionFeatures{GoalRate: 0.2, HomeAdvantage: 0.25, Rho: -0.1, HomeShare: 0.45,
			DrawShare: 0.26, Played: 400},
		Hash: "0123456789abcdef",
	}
}

// Prediction makes a model's forecast from the match's feature record of that sequence: independent Poisson goals,
// whose means move with the sequence.
func (m Match) Prediction(model string, sequence int64) *football.Prediction {
	return m.PredictionAt(model, sequence, Live(football.PreMatch, 0, 0))
}

// PredictionAt makes a forecast in that state of play.
func (m Match) PredictionAt(model string, sequence int64, live football.LiveState) *football.Prediction {
	m = m.withDefaults()
	lambda, mu := 1.6+0.05*float64(sequence%10), 1.2
	p := &football.Prediction{
		Match: m.ID(), Pool: m.Pool, Competition: m.Competition, Season: m.Season, Home: m.Home, Away: m.Away,
		Kickoff: m.Kickoff,
		At:      m.Kickoff.Add(time.Duration(sequence) * time.Minute), Trigger: "goal", Live: live,
		Model:   football.ModelRef{ID: model, Version: 1, Digest: "fedcba9876543210"},
		Feature: football.FeatureRef{Sequence: sequence, Hash: "0123456789abcdef"}, StageVersion: 1,
		ExpectedGoals: football.ExpectedGoals{Home: lambda + float64(live.HomeGoals),
			Away: mu + float64(live.AwayGoals)},
		Reasons: []football.Reason{{Name: "elo-difference", Value: 7}, {Name: "home-advantage", Value: 0.25}},
	}
	const size = grid.Size
	p.Grid = football.ScoreGrid{HomeFrom: live.HomeGoals, AwayFrom: live.AwayGoals, Size: size,
		P: make([]float32, size*size)}
	totals := map[float64]float64{}
	for h := range size {
		for a := range size {
			prob := poisson(lambda, h) * poisson(mu, a)
			p.Grid.P[h*size+a] = float32(prob)
			home, away := h+int(live.HomeGoals), a+int(live.AwayGoals)
			switch {
			case home > away:
				p.Outcome.Home += prob
			case home < away:
				p.Outcome.Away += prob
			default:
				p.Outcome.Draw += prob
			}
			if home > 0 && away > 0 {
				p.Markets.BothScore += prob
			}
			for _, line := range []float64{0.5, 1.5, 2.5, 3.5, 4.5} {
				if float64(home+away) > line {
					totals[line] += prob
				}
			}
		}
	}
	for _, line := range []float64{0.5, 1.5, 2.5, 3.5, 4.5} {
		p.Markets.Totals = append(p.Markets.Totals, football.Line{Line: line, P: totals[line]})
		p.Markets.Handicaps = append(p.Markets.Handicaps, football.Line{Line: line - 2, P: p.Outcome.Home})
	}
	return p
}

// Outlook makes an outlook of the match's season: the home side wins the title with that probability.
func (m Match) Outlook(sequence int64, title float64) *football.Outlook {
	m = m.withDefaults()
	return &football.Outlook{
		Pool: m.Pool, Competition: m.Competition, Season: m.Season, Sequence: sequence,
		At:    m.Kickoff.Add(time.Duration(sequence) * time.Minute),
		Match: m.ID(), Settled: 1, Remaining: 379, Seasons: 10_000, Results: "0123456789abcdef",
		Teams: []football.TeamOutlook{
			{Team: m.Home, Played: 1, Points: 3, GoalDifference: 1, GoalsFor: 1, ExpectedPoints: 71.5,
				Positions: []float32{float32(title),
					float32(1 - title)}, Places: []football.PlaceChance{{Place: "title", P: title}}},
			{Team: m.Away, Played: 1, GoalDifference: -1, ExpectedPoints: 65.25,
				Positions: []float32{float32(1 - title),
					float32(title)}, Places: []football.PlaceChance{{Place: "title", P: 1 - title}}},
		},
	}
}

// Evaluation makes the score of a forecast of the match.
func (m Match) Evaluation(model string, checkpoint football.Checkpoint, revision int32, forecast football.Outcome, home,
	away int32) *football.Evaluation {
	m = m.withDefaults()
	e := &football.Evaluation{
		Match: m.ID(), Pool: m.Pool, Competition: m.Competition, Season: m.Season, Kickoff: m.Kickoff,
		Model: football.ModelRef{ID: model, Version: 1,
			Digest: "fedcba9876543210"}, Checkpoint: checkpoint, Revision: revision,
		At: m.Kickoff.Add(115 * time.Minute), Forecast: forecast, Over25: 0.5, HomeGoals: home, AwayGoals: away,
	}
	var happened [3]float64
	p := [3]float64{forecast.Home, forecast.Draw, forecast.Away}
	switch {
	case home > away:
		happened[0] = 1
	case home == away:
		happened[1] = 1
	default:
		happened[2] = 1
	}
	var cumulative float64
	for i := range 3 {
		e.Brier += (p[i] - happened[i]) * (p[i] - happened[i])
		if i < 2 {
			cumulative += p[i] - happened[i]
			e.RPS += cumulative * cumulative / 2
		}
		if happened[i] == 1 {
			e.LogLoss = -math.Log(p[i])
		}
	}
	return e
}

func poisson(mean float64, n int) float64 {
	p := math.Exp(-mean)
	for i := 1; i <= n; i++ {
		p *= mean / float64(i)
	}
	return p
}
