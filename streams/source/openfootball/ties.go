package openfootball

import (
	"regexp"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballjson"
	"github.com/touchline/touchline/streams/source"
)

var (
	// knockOut are the names of stages and rounds whose matches decide who goes on.
	knockOut = regexp.MustCompile(`(?i)\b(?:finals?|semi-?\s?finals?|quarter-?\s?finals?|play-?\s?offs?|barrage|` +
		`knock-?out|round of \d+|last \d+|1/\d+|(?:third|3rd)[- ]place|achtelfinale|viertelfinale|halbfinale|finale|` +
		`eighth-?finals?|relegation play)\b`)
	// tableRound are the names of those that have a table, though their stage may be called a play-off or a final
	// round.
	tableRound = regexp.MustCompile(`(?i)\b(?:matchday|group|gruppe|championship round|relegation round|final round|` +
		`league (?:phase|stage)|regular season|jornada|spieltag|meisterrunde|championship group|relegation group)\b`)
	lastRound = regexp.MustCompile(`(?i)(?:^|[^-a-z])(?:final|finale|grand final)\b`)
)

// findTies marks the knock-outs of a file: by the names of their stages and rounds and, in a cup, all that is in no
// group. Two matches of a pair in one round, at either ground, are the legs of one tie.
func (r *fileReader) findTies(rows []source.Row, matches []listed) {
	type pairing struct{ round, home, away string }
	seen := map[pairing]int{}
	for i := range matches {
		row := &rows[i]
		match, err := footballjson.Parse(matches[i].payload)
		if row.Problem != "" || err != nil {
			continue
		}
		round := match.Stage + " " + matches[i].within
		grouped := tableRound.MatchString(round)
		if !knockOut.MatchString(round) && !r.competition.Cup || grouped {
			continue
		}
		row.Tie = football.TieSingle
		row.Neutral = row.Neutral || r.competition.Cup && lastRound.MatchString(round)
		if first, ok := seen[pairing{round, row.Away, row.Home}]; ok && !rows[first].Extra {
			rows[first].Tie, row.Tie = football.TieFirstLeg, football.TieSecondLeg
			rows[first].Neutral, row.Neutral = false, false
		}
		seen[pairing{round, row.Home, row.Away}] = i
	}
}
