package outlook

import (
	"github.com/touchline/touchline/schemas/football"
)

// fixture is a match that is still to be played, with the logarithms of both sides' intensities as fixed-point rows.
type fixture struct {
	home, away       int
	logHome, logAway int32
}

// tally is the sums over all simulated seasons.
type tally struct {
	seasons   int
	positions [maxTeams][maxTeams]int32 // by team, then position
	points    [maxTeams]int64           // summed
}

// blockSize is how many seasons are simulated side by side: as many as leave the tables of a league in the cache.
const blockSize = 64

// simulation plays the rest of a season many times. It is for one goroutine.
type simulation struct {
	*draws
	now      *table
	fixtures []fixture
	scoring  *scoreTables
	ranking  *ranking
	tally    tally

	attack, defence [maxTeams]random // sequences of the errors of the ratings, a number for each season
	matches         []random         // sequences of the fixtures

	// Of the block that is played, by team or fixture, then season. Errors are rows.
	keys                        [maxTeams][blockSize]uint64
	attackErrors, defenceErrors [maxTeams][blockSize]int32
	scores                      [][blockSize]uint8
	season                      int                       // of the block, which is ranked
	fixtureAt                   [maxTeams][maxTeams]int16 // place in fixtures, -1 where the pair has been played
}

// draws are the tables behind all simulations.
type draws struct {
	book   *scoreBook
	gains  *gains
	errors *[1 << errorBits]int32
}

// newDraws returns the tables for ratings with errors of a standard deviation.
func newDraws(uncertainty float64) *draws {
	return &draws{&scoreBook{tables: map[int]*scoreTables{}}, newGains(), newErrors(uncertainty)}
}

// newSimulation returns a simulation that goes on from the table now. The seed is that of the season: the same match,
// and the same team's strength, are drawn alike as the season goes on, so that what moves between two outlooks is what
// happened and not the draw.
func newSimulation(
	d *draws, now *table, fixtures []fixture, rho float64, order []football.Criterion, seed uint64,
) *simulation {
	lots := random(seed)
	s := &simulation{
		draws: d, now: now, fixtures: fixtures, scoring: d.book.tablesOf(rho), matches: make([]random, len(fixtures)),
		scores: make([][blockSize]uint8, len(fixtures)),
	}
	s.ranking = newRanking(now.teams, order, &lots, s.scoreOf)
	sequence := func(kind, i int) random { return random(lots.at(uint32((kind*maxTeams + i) * maxTeams))) }
	for team := range now.teams {
		s.attack[team], s.defence[team] = sequence(maxTeams, team), sequence(maxTeams+1, team)
		for other := range now.teams {
			s.fixtureAt[team][other] = -1
		}
	}
	for i, f := range fixtures {
		s.matches[i] = sequence(f.home, f.away)
		s.fixtureAt[f.home][f.away] = int16(i)
	}
	return s
}

// simulateSeasons plays so many seasons, and at most blockSize - 1 more. Each draws how far every team's attack and
// defence are from their ratings, then every match.
func (s *simulation) simulateSeasons(seasons int) *tally {
	s.tally = tally{}
	for s.tally.seasons < seasons {
		first := uint32(s.tally.seasons)
		s.beginBlock(first)
		for i := range s.fixtures {
			s.playFixture(i, first)
		}
		for s.season = range blockSize {
			s.countSeason()
		}
		s.tally.seasons += blockSize
	}
	return &s.tally
}

// beginBlock sets the tables of the block's seasons to what is settled, and draws the errors of the ratings.
func (s *simulation) beginBlock(first uint32) {
	for team := range s.now.teams {
		key := packRow(s.now.rows[team], team)
		keys, attack, defence := &s.keys[team], &s.attackErrors[team], &s.defenceErrors[team]
		for season := range uint32(blockSize) {
			keys[season] = key
			attack[season] = s.errors[s.attack[team].at(first+season)>>(64-errorBits)]
			defence[season] = s.errors[s.defence[team].at(first+season)>>(64-errorBits)]
		}
	}
}

// playFixture draws a fixture's score in each season of the block, and counts it in their tables.
func (s *simulation) playFixture(i int, first uint32) {
	f, sequence, tables, gains := s.fixtures[i], s.matches[i], s.scoring, s.gains
	scores, homeKeys, awayKeys := &s.scores[i], &s.keys[f.home], &s.keys[f.away]
	homeAttack, homeDefence := &s.attackErrors[f.home], &s.defenceErrors[f.home]
	awayAttack, awayDefence := &s.attackErrors[f.away], &s.defenceErrors[f.away]
	for season := range uint32(blockSize) {
		u := sequence.at(first + season)
		home := (f.logHome + homeAttack[season] - awayDefence[season] + int32(u&0xff)) >> rowBits
		away := (f.logAway + awayAttack[season] - homeDefence[season] + int32(u>>8&0xff)) >> rowBits
		home, away = min(max(home, 0), goalRows-1), min(max(away, 0), goalRows-1)
		score := tables[home*goalRows+away].drawScore(uint32(u >> 32))
		scores[season] = score
		homeKeys[season] += gains.home[score]
		awayKeys[season] += gains.away[score]
	}
}

// countSeason ranks a season of the block and adds it to the sums.
func (s *simulation) countSeason() {
	for team := range s.now.teams {
		s.ranking.keys[team] = s.keys[team][s.season]
	}
	for position, team := range s.ranking.rankTeams(s.now.teams) {
		s.tally.positions[team][position]++
		s.tally.points[team] += int64(unpackRow(s.ranking.keys[team]).points)
	}
}

// scoreOf returns the score of a pair in the season that is ranked, and whether they meet at all.
func (s *simulation) scoreOf(home, away int) (result, bool) {
	at := s.fixtureAt[home][away]
	if at < 0 {
		return s.now.scoreOf(home, away)
	}
	return unpackScore(s.scores[at][s.season]), true
}
