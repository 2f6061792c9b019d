package outlook

import "github.com/touchline/touchline/schemas/football"

// fixture is a match that is still to be played, with the logarithms of both sides' intensities.
type fixture struct {
	home, away       int
	logHome, logAway float64
}

// tally is what many seasons came to.
type tally struct {
	positions [maxTeams][maxTeams]int32 // by team, then position
	points    [maxTeams]int64           // summed
}

// simulation plays the rest of a season many times. It is for one goroutine.
type simulation struct {
	cfg   Config
	goals *goals
	order []football.Criterion
}

// run returns what so many seasons come to, from where the table stands. Each season draws how far every team's attack and
// defence are from what is believed, then every match. All fixtures are played in every season, so the scores of the one
// before are overwritten.
func (s *simulation) run(now *table, fixtures []fixture, rho float64, rng *random) *tally {
	out := &tally{}
	t := *now
	ranks := make([]int, now.teams)
	var attack, defence [maxTeams]float64
	for range s.cfg.Seasons {
		t.rows = now.rows
		for i := range ranks {
			a, d := rng.normals()
			attack[i], defence[i] = s.cfg.Uncertainty*a, s.cfg.Uncertainty*d
		}
		for i := range fixtures {
			f := &fixtures[i]
			home, away := rowOf(f.logHome+attack[f.home]-defence[f.away]), rowOf(f.logAway+attack[f.away]-defence[f.home])
			var score result
			score.home, score.away = s.goals.match(rng, home, away, rho)
			t.play(f.home, f.away, score)
		}
		t.rank(s.order, rng, ranks)
		for position, team := range ranks {
			out.positions[team][position]++
			out.points[team] += int64(t.rows[team].points)
		}
	}
	return out
}
