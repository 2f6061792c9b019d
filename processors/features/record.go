package features

import (
	"math"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

// makeRecord appends the match's next feature record to the step's outputs and counts it in m. The caller writes m to
// the view. Trigger names what caused the record.
func (st *step) makeRecord(m *Match, live football.LiveState, trigger string) {
	known := st.knownBefore(m)
	st.updateFirstLeg(m)
	m.Records++
	f := &football.MatchFeatures{
		Match: m.Match, Pool: st.id, Competition: m.Competition, Season: m.Season, Home: m.Home, Away: m.Away,
		Kickoff: m.Play.Kickoff, Neutral: m.Play.Neutral,
		Sequence: m.Records, At: st.pool.Now, Trigger: trigger, ModelsPosition: st.pool.ModelsPosition,
		HomeTeam: known.Home, AwayTeam: known.Away, League: known.League, Live: live, Odds: publishedOdds(m.Odds),
		Tie: tieFeatures(m),
	}
	f.Hash = hashRecord(f)
	if !hasBegun(live) {
		m.Outcome = st.baseOutcome(known, m.Play.Neutral)
	}
	st.out = append(st.out, f)
}

// knownBefore returns the ratings that count for the match: those at kick-off once it has begun, else the ones of now.
// So results of other matches that are settled while it is played do not change its forecasts.
func (st *step) knownBefore(m *Match) KnownBefore {
	if before := football.Get[KnownBefore](st.view, kickoffKey(m.Match)); before != nil {
		return *before
	}
	return st.knownNow(m)
}

// knownNow returns the ratings of both teams and the competition as of now, as models see them.
func (st *step) knownNow(m *Match) KnownBefore {
	ratings := ratings{view: st.view, ledger: current}
	knockOut := !m.Play.Tie.Kind.CountsInTable()
	home, away, competition := ratings.enterMatch(st.params, meeting{
		competition: m.Competition, level: st.competitionLevel(m.Competition), season: m.Season, home: m.Home,
		away: m.Away, cup: st.isCupCompetition(m.Competition), knockOut: knockOut,
	})
	known := KnownBefore{
		Home: home.Features(m.Play.Kickoff), Away: away.Features(m.Play.Kickoff),
		League: st.params.CompetitionFeatures(competition, st.closedDoors(m)),
	}
	if c, ok := st.cfg.Reference.Competition(m.Competition); ok && !knockOut {
		table := ratings.leagueTable(m.Competition)
		known.Home.Decided = table.Decided(m.Season, m.Home, c.Places)
		known.Away.Decided = table.Decided(m.Season, m.Away, c.Places)
	}
	return known
}

// competitionLevel returns the level of a competition in its pool, 1 for one that the reference does not know.
func (st *step) competitionLevel(id football.CompetitionID) int32 {
	if c, ok := st.cfg.Reference.Competition(id); ok {
		return int32(c.Level)
	}
	return 1
}

// isCupCompetition reports whether a competition is a cup, as far as the reference knows.
func (st *step) isCupCompetition(id football.CompetitionID) bool {
	c, ok := st.cfg.Reference.Competition(id)
	return ok && c.Cup
}

// closedDoors reports whether the match is played without spectators, as far as the reference knows.
func (st *step) closedDoors(m *Match) bool {
	c, ok := st.cfg.Reference.Competition(m.Competition)
	return ok && c.ClosedDoorsAt(m.Play.Kickoff)
}

// baseOutcome returns the base goals model's forecast before the match.
func (st *step) baseOutcome(b KnownBefore, neutral bool) football.Outcome {
	home, away := st.params.Intensities(b.Home, b.Away, b.League, neutral)
	return grid.Outcome(home, away, b.League.Rho)
}

// largestChange is the largest change in a probability.
func largestChange(a, b football.Outcome) float64 {
	return max(math.Abs(a.Home-b.Home), math.Abs(a.Draw-b.Draw), math.Abs(a.Away-b.Away))
}
