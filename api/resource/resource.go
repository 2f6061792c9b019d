package resource

import (
	"math"
	"time"

	"github.com/touchline/touchline/projections/readmodel"
	"github.com/touchline/touchline/schemas/football"
)

// Prediction is a forecast. Grid, markets and reasons are absent in the history, which does not keep them.
type Prediction struct {
	ID            string       `json:"id"`
	Match         string       `json:"match"`
	Competition   string       `json:"competition,omitempty"`
	Season        string       `json:"season,omitempty"`
	Home          string       `json:"home,omitempty"`
	Away          string       `json:"away,omitempty"`
	Kickoff       *time.Time   `json:"kickoff,omitempty"`
	At            time.Time    `json:"at"`
	Trigger       string       `json:"trigger"`
	Model         Model        `json:"model"`
	Feature       Feature      `json:"feature"`
	StageVersion  int32        `json:"stage_version"`
	Live          Live         `json:"live"`
	Outcome       Outcome      `json:"outcome"`
	ExpectedGoals HomeAway     `json:"expected_goals"`
	Over25        *float64     `json:"over_2_5"`
	BothScore     float64      `json:"both_score"`
	Grid          *Grid        `json:"grid,omitempty"`
	Markets       *Markets     `json:"markets,omitempty"`
	Reasons       []NamedValue `json:"reasons,omitempty"`
	Advance       *Advance     `json:"advance,omitempty"`
}

// Model names a model and its artefact.
type Model struct {
	ID      string `json:"id"`
	Version int32  `json:"version"`
	Digest  string `json:"digest,omitempty"`
}

// Feature names the feature record that a forecast was made from.
type Feature struct {
	Sequence int64  `json:"sequence"`
	Hash     string `json:"hash,omitempty"`
}

// Live is the state of play. Minute is as on a scoreboard: "23'", "45+2'"; "" before kick-off.
type Live struct {
	Phase        string  `json:"phase"`
	Period       int32   `json:"period"`
	Elapsed      int32   `json:"elapsed"`
	Minute       string  `json:"minute"`
	HomeGoals    int32   `json:"home_goals"`
	AwayGoals    int32   `json:"away_goals"`
	HomeReds     int32   `json:"home_reds"`
	AwayReds     int32   `json:"away_reds"`
	HomeShots    int32   `json:"home_shots"`
	AwayShots    int32   `json:"away_shots"`
	HomeOnTarget int32   `json:"home_on_target"`
	AwayOnTarget int32   `json:"away_on_target"`
	HomeXG       float64 `json:"home_xg"`
	AwayXG       float64 `json:"away_xg"`

	Regular  *Goals    `json:"regular,omitempty"`  // the score after 90 minutes, of a match that went on
	Shootout *Shootout `json:"shootout,omitempty"` // from its beginning, or once it is known who won
}

// Goals is a score.
type Goals struct {
	Home int32 `json:"home"`
	Away int32 `json:"away"`
}

// Shootout is how far a shoot-out has come. Sources of results name the winner only; kicks are 0 then.
type Shootout struct {
	Home      int32  `json:"home"` // scored
	Away      int32  `json:"away"`
	HomeKicks int32  `json:"home_kicks"` // taken
	AwayKicks int32  `json:"away_kicks"`
	Winner    string `json:"winner,omitempty"` // home, away
}

// Advance is the probability that each side of a knock-out goes on, and of each way in which that is decided.
type Advance struct {
	Kind      string  `json:"kind"` // single, first-leg, second-leg, replay
	FirstLeg  *Goals  `json:"first_leg,omitempty"`
	Home      float64 `json:"home"`
	Away      float64 `json:"away"`
	Regular   float64 `json:"regular"` // without extra time
	Extra     float64 `json:"extra"`
	Penalties float64 `json:"penalties"`
}

// Outcome is the probability of each result.
type Outcome struct {
	Home float64 `json:"home"`
	Draw float64 `json:"draw"`
	Away float64 `json:"away"`
}

// HomeAway is a number for each side.
type HomeAway struct {
	Home float64 `json:"home"`
	Away float64 `json:"away"`
}

// Grid is the probability of each final score: rows are the home side's goals from home_from, columns the away side's
// from away_from; the last row and column are for that many or more.
type Grid struct {
	HomeFrom int32       `json:"home_from"`
	AwayFrom int32       `json:"away_from"`
	P        [][]float64 `json:"p"`
}

// Markets are probabilities derived from the grid.
type Markets struct {
	Totals    []Line  `json:"totals"`
	Handicaps []Line  `json:"handicaps"`
	BothScore float64 `json:"both_score"`
}

// Line is the probability of passing a line.
type Line struct {
	Line float64 `json:"line"`
	P    float64 `json:"p"`
}

// NamedValue is a quantity that a forecast rests on.
type NamedValue struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// OfPrediction renders a forecast; compact leaves out grid, markets and reasons.
func OfPrediction(p *football.Prediction, compact bool) Prediction {
	out := Prediction{
		ID:            p.ID(),
		Match:         string(p.Match),
		Competition:   string(p.Competition),
		Season:        string(p.Season),
		Home:          string(p.Home),
		Away:          string(p.Away),
		Kickoff:       knownInstant(p.Kickoff),
		At:            p.At.Time(),
		Trigger:       p.Trigger,
		Model:         Model{ID: p.Model.ID, Version: p.Model.Version, Digest: p.Model.Digest},
		Feature:       Feature{Sequence: p.Feature.Sequence, Hash: p.Feature.Hash},
		StageVersion:  p.StageVersion,
		Live:          OfLive(p.Live),
		Outcome:       Outcome{Round(p.Outcome.Home), Round(p.Outcome.Draw), Round(p.Outcome.Away)},
		ExpectedGoals: HomeAway{Round(p.ExpectedGoals.Home), Round(p.ExpectedGoals.Away)},
		BothScore:     Round(p.Markets.BothScore),
		Advance:       renderAdvance(p.Advance),
	}
	for _, line := range p.Markets.Totals {
		if line.Line == 2.5 {
			over := Round(line.P)
			out.Over25 = &over
		}
	}
	if compact {
		return out
	}
	out.Grid = renderGrid(&p.Grid)
	out.Markets = &Markets{
		Totals:    renderLines(p.Markets.Totals),
		Handicaps: renderLines(p.Markets.Handicaps),
		BothScore: out.BothScore,
	}
	for _, r := range p.Reasons {
		out.Reasons = append(out.Reasons, NamedValue{r.Name, Round(r.Value)})
	}
	return out
}

// OfDigest renders a forecast of the history.
func OfDigest(d readmodel.Digest) Prediction {
	p := football.Prediction{
		Match:   d.Match,
		Model:   football.ModelRef{ID: d.Model},
		Feature: football.FeatureRef{Sequence: d.Sequence},
	}
	out := Prediction{
		ID:           p.ID(),
		Match:        string(d.Match),
		At:           d.At.UTC(),
		Trigger:      d.Trigger,
		Model:        Model{ID: d.Model, Version: d.ModelVersion},
		Feature:      Feature{Sequence: d.Sequence},
		StageVersion: d.StageVersion,
		Live: OfLive(football.LiveState{Phase: d.Phase, Clock: football.Clock{Period: d.Period, Elapsed: d.Elapsed},
			HomeGoals: d.HomeGoals, AwayGoals: d.AwayGoals, HomeReds: d.HomeReds, AwayReds: d.AwayReds}),
		Outcome:       Outcome{Round(d.Home), Round(d.Draw), Round(d.Away)},
		ExpectedGoals: HomeAway{Round(d.ExpectedHome), Round(d.ExpectedAway)},
		BothScore:     Round(d.BothScore),
	}
	if d.Over25 != nil {
		over := Round(*d.Over25)
		out.Over25 = &over
	}
	return out
}

// OfLive renders a state of play.
func OfLive(l football.LiveState) Live {
	minute := ""
	if l.Clock.Period > 0 {
		minute = l.Clock.String()
	}
	out := Live{
		Phase:        string(l.Phase),
		Period:       l.Clock.Period,
		Elapsed:      l.Clock.Elapsed,
		Minute:       minute,
		HomeGoals:    l.HomeGoals,
		AwayGoals:    l.AwayGoals,
		HomeReds:     l.HomeReds,
		AwayReds:     l.AwayReds,
		HomeShots:    l.HomeShots,
		AwayShots:    l.AwayShots,
		HomeOnTarget: l.HomeOnTarget,
		AwayOnTarget: l.AwayOnTarget,
		HomeXG:       Round(l.HomeXG),
		AwayXG:       Round(l.AwayXG),
	}
	if l.Clock.Period > 2 {
		home, away := l.Regular()
		out.Regular = &Goals{home, away}
	}
	if l.Clock.Period == football.PeriodPenalties || l.ShootoutWinner != "" {
		out.Shootout = &Shootout{l.HomePenalties, l.AwayPenalties, l.HomeKicks, l.AwayKicks, string(l.ShootoutWinner)}
	}
	return out
}

// renderAdvance renders who goes on, nil where the match is no knock-out.
func renderAdvance(a football.Advance) *Advance {
	if a.Kind == football.TieNone {
		return nil
	}
	out := &Advance{
		Kind:      string(a.Kind),
		Home:      Round(a.Home),
		Away:      Round(a.Away),
		Regular:   Round(a.Regular),
		Extra:     Round(a.Extra),
		Penalties: Round(a.Penalties),
	}
	if a.Kind == football.TieSecondLeg {
		out.FirstLeg = &Goals{a.FirstHome, a.FirstAway}
	}
	return out
}

// Team names a team.
type Team struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Match is a match with its state of play.
type Match struct {
	ID          string     `json:"id"`
	Pool        string     `json:"pool"`
	Competition string     `json:"competition"`
	Season      string     `json:"season"`
	Home        Team       `json:"home"`
	Away        Team       `json:"away"`
	Kickoff     *time.Time `json:"kickoff"`
	Neutral     bool       `json:"neutral"`
	Tie         string     `json:"tie,omitempty"` // of a knock-out: single, first-leg, second-leg, replay
	Live        Live       `json:"live"`
	ChangedAt   time.Time  `json:"changed_at"`
}

// OfMatch renders a match.
func OfMatch(m readmodel.Match) Match {
	out := Match{
		ID:          string(m.ID),
		Pool:        string(m.Pool),
		Competition: string(m.Competition),
		Season:      string(m.Season),
		Home:        Team{string(m.Home), m.HomeName},
		Away:        Team{string(m.Away), m.AwayName},
		Neutral:     m.Neutral,
		Tie:         string(m.Tie),
		Live:        OfLive(m.Live),
		ChangedAt:   m.ChangedAt.UTC(),
	}
	if m.Kickoff != nil {
		utc := m.Kickoff.UTC()
		out.Kickoff = &utc
	}
	return out
}

// Event is something that happened in a match; body depends on the kind.
type Event struct {
	Match    string    `json:"match"`
	Sequence int64     `json:"sequence"`
	Kind     string    `json:"kind"`
	At       time.Time `json:"at"`
	Source   string    `json:"source"`
	Body     any       `json:"body"`
}

// OfEvent renders an event from the log.
func OfEvent(e *football.MatchEvent) Event {
	return Event{
		Match:    string(e.Match),
		Sequence: e.Sequence,
		Kind:     e.Body.Kind(),
		At:       e.At.Time(),
		Source:   e.Source,
		Body:     e.Body,
	}
}

// Round rounds to six decimals, which is what the outside gets of a number.
func Round(f float64) float64 { return math.Round(f*1e6) / 1e6 }

func knownInstant(i football.Instant) *time.Time {
	if i == 0 {
		return nil
	}
	t := i.Time()
	return &t
}

func renderGrid(g *football.ScoreGrid) *Grid {
	size := int(g.Size)
	out := &Grid{HomeFrom: g.HomeFrom, AwayFrom: g.AwayFrom, P: make([][]float64, 0, size)}
	for first := 0; first+size <= len(g.P) && len(out.P) < size; first += size {
		row := make([]float64, size)
		for i := range row {
			row[i] = Round(float64(g.P[first+i]))
		}
		out.P = append(out.P, row)
	}
	return out
}

func renderLines(list []football.Line) []Line {
	out := make([]Line, len(list))
	for i, l := range list {
		out[i] = Line{l.Line, Round(l.P)}
	}
	return out
}
