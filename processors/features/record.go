package features

import (
	"math"

	"github.com/touchline/touchline/processors/grid"
	"github.com/touchline/touchline/schemas/football"
)

// record makes the match's next feature record and counts it in m, which the caller puts.
func (st *step) record(m *Match, live football.LiveState, trigger string) {
	known := st.known(m)
	st.firstLeg(m)
	m.Records++
	f := &football.MatchFeatures{
		Match: m.Match, Pool: st.id, Competition: m.Competition, Season: m.Season, Home: m.Home, Away: m.Away,
		Kickoff: m.Play.Kickoff, Neutral: m.Play.Neutral,
		Sequence: m.Records, At: st.pool.Now, Trigger: trigger, ModelsPosition: st.pool.ModelsPosition,
		HomeTeam: known.Home, AwayTeam: known.Away, League: known.League, Live: live, Odds: facts(m.Odds), Tie: tie(m),
	}
	f.Hash = hash(f)
	if !begun(live) {
		m.Outcome = st.outcome(known, m.Play.Neutral)
	}
	st.out = append(st.out, f)
}

// known returns what counts for the match: what was known at kick-off once it has begun, else what is known now.
func (st *step) known(m *Match) Before {
	if before := football.Get[Before](st.view, kickoffKey(m.Match)); before != nil {
		return *before
	}
	return st.before(m)
}

// before returns what the ratings say of a match now.
func (st *step) before(m *Match) Before {
	ratings := ratings{view: st.view, ledger: current}
	home, away, competition := ratings.enter(st.params, meeting{m.Competition, st.level(m.Competition), m.Season, m.Home, m.Away,
		st.cup(m.Competition) || m.Play.Tie.Kind != football.TieNone})
	known := Before{
		Home: home.Features(m.Play.Kickoff), Away: away.Features(m.Play.Kickoff),
		League: st.params.CompetitionFeatures(competition, st.closedDoors(m)),
	}
	if c, ok := st.cfg.Reference.Competition(m.Competition); ok {
		table := ratings.table(m.Competition)
		known.Home.Decided = table.Decided(m.Season, m.Home, c.Places)
		known.Away.Decided = table.Decided(m.Season, m.Away, c.Places)
	}
	return known
}

// level returns the level of a competition in its pool, 1 for one that the reference does not know.
func (st *step) level(id football.CompetitionID) int32 {
	if c, ok := st.cfg.Reference.Competition(id); ok {
		return int32(c.Level)
	}
	return 1
}

// cup reports whether a competition is a cup, as far as the reference knows.
func (st *step) cup(id football.CompetitionID) bool {
	c, ok := st.cfg.Reference.Competition(id)
	return ok && c.Cup
}

// closedDoors reports whether the match is played without spectators, as far as the reference knows.
func (st *step) closedDoors(m *Match) bool {
	c, ok := st.cfg.Reference.Competition(m.Competition)
	return ok && c.ClosedDoorsAt(m.Play.Kickoff)
}

// outcome returns the base goals model's forecast before the match.
func (st *step) outcome(b Before, neutral bool) football.Outcome {
	home, away := st.params.Intensities(b.Home, b.Away, b.League, neutral)
	return grid.Outcome(home, away, b.League.Rho)
}

// distance is the largest change in a probability.
func distance(a, b football.Outcome) float64 {
	return max(math.Abs(a.Home-b.Home), math.Abs(a.Draw-b.Draw), math.Abs(a.Away-b.Away))
}
