package outlook

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// simulateRest returns the outlook of a season from its settled results, the latest features of its teams and the rules
// of its table.
func (s *Stage) simulateRest(
	v football.View, season *Season, f *football.MatchFeatures, rules football.SeasonRules,
) *football.Outlook {
	now := settledTable(season, s.cfg.Reference.Rulings(f.Competition, f.Season).AsOf(f.At))
	fixtures := s.remainingFixtures(v, season, f, now)
	seed := sha256.Sum256([]byte(string(f.Competition) + " " + string(f.Season)))
	simulation := newSimulation(s.draws, now, fixtures, season.League.Rho, rules.Order,
		binary.BigEndian.Uint64(seed[:8]))
	tally := simulation.simulateSeasons(s.seasonsFor(v, f))
	sum := digestResults(season, f)
	out := &football.Outlook{
		Pool: f.Pool, Competition: f.Competition, Season: f.Season, Sequence: season.Sequence, At: f.At, Match: f.Match,
		Settled: int32(len(season.Results)), Remaining: int32(len(fixtures)), Seasons: int32(tally.seasons),
		Results: hex.EncodeToString(sum[:8]),
	}
	lots := random(binary.BigEndian.Uint64(sum[:8]))
	ranking := newRanking(now.teams, rules.Order, &lots, now.scoreOf)
	ranking.unfinished = len(fixtures) > 0
	for team := range now.teams {
		ranking.keys[team] = packRow(now.rows[team], team)
	}
	for _, team := range ranking.rankTeams(now.teams) {
		out.Teams = append(out.Teams, teamOutlook(season, now, tally, team, rules.Places))
	}
	return out
}

// seasonsFor returns how many seasons to simulate for an outlook that a record brings about.
func (s *Stage) seasonsFor(v football.View, f *football.MatchFeatures) int {
	if v.Published().Sub(f.At) > HistoryAge {
		return s.cfg.HistorySeasons
	}
	return s.cfg.Seasons
}

// remainingFixtures returns the pairs of a double round robin that have no result, in the order of the teams.
func (s *Stage) remainingFixtures(v football.View, season *Season, f *football.MatchFeatures, now *table) []fixture {
	teams := make([]football.TeamFeatures, len(season.Teams))
	for i, id := range season.Teams {
		teams[i] = football.Get[Team](v, teamKey(f.Competition, f.Season, id)).Features
	}
	out := make([]fixture, 0, len(teams)*(len(teams)-1)-len(season.Results))
	for home := range teams {
		for away := range teams {
			if home == away || now.played[home][away] {
				continue
			}
			h, a := s.cfg.Rates.Intensities(teams[home], teams[away], season.League, false)
			out = append(out, fixture{home, away, rowOfLog(math.Log(h)), rowOfLog(math.Log(a))})
		}
	}
	return out
}

// teamOutlook returns the outlook of one team: what it has, and the frequencies over all simulated seasons.
func teamOutlook(
	season *Season, now *table, tally *tally, team int, places []football.Place,
) football.TeamOutlook {
	n, r := float64(tally.seasons), now.rows[team]
	out := football.TeamOutlook{
		Team: season.Teams[team], Played: r.played, Points: r.points, GoalDifference: r.difference, GoalsFor: r.scored,
		ExpectedPoints: float64(tally.points[team]) / n, Positions: make([]float32, now.teams),
		Places: make([]football.PlaceChance, len(places)),
	}
	for i := range out.Positions {
		out.Positions[i] = float32(float64(tally.positions[team][i]) / n)
	}
	for i, p := range places {
		sum := int32(0)
		for _, ended := range tally.positions[team][p.First-1 : p.Last] {
			sum += ended
		}
		out.Places[i] = football.PlaceChance{Place: p.Name, P: float64(sum) / n}
	}
	return out
}

// digestResults is the SHA-256 of the settled results, sorted: the same results in another order are the same season.
// Its first eight bytes seed the simulation.
func digestResults(season *Season, f *football.MatchFeatures) [sha256.Size]byte {
	lines := make([]string, len(season.Results))
	for i, r := range season.Results {
		pair := string(season.Teams[r.Home]) + " " + string(season.Teams[r.Away]) + " "
		lines[i] = string(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte(pair),
			uint32(r.HomeGoals)), uint32(r.AwayGoals)))
	}
	slices.SortFunc(lines, cmp.Compare[string])
	text := []byte(string(f.Competition) + " " + string(f.Season))
	for _, line := range lines {
		text = append(append(text, '\n'), line...)
	}
	return sha256.Sum256(text)
}
