package outlook

import "github.com/touchline/touchline/schemas/football"

// fixture is a match that is still to be played, with the logarithms of both sides' intensities.
type fixture struct {
	home, away       int
	logHome, logAway float64
}

// tally is the sums over all simulated seasons.
type tally struct {
	positions [maxTeams][maxTeams]int32 // by team, then position
	points    [maxTeams]int64           // summed
}

// simulation plays the rest of a season many times. It is for one goroutine.
type simulation struct {
	cfg   Config
	goals *goalTable
	order []football.Criterion
}

// simulateSeasons returns the sums over cfg.Seasons seasons, each continued from the table now. Each season draws how
// far every team's attack and defence are from their ratings, then every match. All fixtures are played in every
// season, so the scores of the one before are overwritten. The order of draws from rng is part of the result.
func (s *simulation) simulateSeasons(now *table, fixtures []fixture, rho float64, rng *random) *tally {
	out := &tally{}
	t := *now
	ranks := make([]int, now.teams)
	var attack, defence [maxTeams]float64
	for range s.cfg.Seasons {
		t.rows = now.rows
		for i := range ranks {
			a, d := rng.normalPair()
			attack[i], defence[i] = s.cfg.Uncertainty*a, s.cfg.Uncertainty*d
		}
		for i := range fixtures {
			f := &fixtures[i]
			home, away := rowOfLog(f.logHome+attack[f.home]-defence[f.away]),
				rowOfLog(f.logAway+attack[f.away]-defence[f.home])
			var score result
			score.home, score.away = s.goals.drawScore(rng, home, away, rho)
			t.enterScore(f.home, f.away, score)
		}
		t.rankTeams(s.order, rng, ranks)
		for position, team := range ranks {
			out.positions[team][position]++
			out.points[team] += int64(t.rows[team].points)
		}
	}
	return out
}
