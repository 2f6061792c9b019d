package normalize

import (
	"strconv"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/resultfile"
)

// column is a column of football-data.co.uk's files that the stage reads.
type column int

const (
	homeTeam column = iota
	awayTeam
	fullTimeHome
	fullTimeAway
	halfTimeHome
	halfTimeAway
	homeShots
	awayShots
	homeOnTarget
	awayOnTarget
	homeCorners
	awayCorners
	homeFouls
	awayFouls
	homeYellows
	awayYellows
	homeReds
	awayReds
	firstOdds // the odds' columns, in the order of oddsColumns
)

// columns is the number of columns that the stage reads.
const columns = int(firstOdds) + len(oddsNames)

// columnNames are the columns before the odds; their other spellings are aliases of resultfile.
var columnNames = [firstOdds]string{
	"HomeTeam", "AwayTeam", "FTHG", "FTAG", "HTHG", "HTAG", "HS", "AS", "HST", "AST", "HC", "AC", "HF", "AF", "HY",
	"AY", "HR", "AR",
}

// headerName returns the column's name in a header.
func (c column) headerName() string {
	if c >= firstOdds {
		return oddsNames[c-firstOdds]
	}
	return columnNames[c]
}

var columnsByName = func() map[string]column {
	byName := map[string]column{}
	for c := range column(columns) {
		byName[c.headerName()] = c
	}
	return byName
}()

func columnNamed(name []byte) (column, bool) {
	if c, ok := columnsByName[string(name)]; ok {
		return c, true
	}
	c, ok := columnsByName[resultfile.Canonical(name)]
	return c, ok
}

// readFootballData reads a result row of football-data.co.uk: the header line, a newline, the row. Of it only what was
// known at the raw event's moment is looked at.
func readFootballData(raw *football.RawEvent) (statement, *football.Refusal) {
	parsed := statement{moment: raw.Moment}
	c, bad := splitRow(raw)
	if bad != nil {
		return parsed, bad
	}
	parsed.home, parsed.away = string(c[homeTeam]), string(c[awayTeam])
	if parsed.home == "" {
		return parsed, newRefusal(football.RefusedMalformed, "HomeTeam", "the row names no home team")
	}
	if parsed.away == "" {
		return parsed, newRefusal(football.RefusedMalformed, "AwayTeam", "the row names no away team")
	}
	switch raw.Moment {
	case football.MomentScheduled:
		parsed.claims = append(parsed.claims, scheduledFixture(raw))
		parsed.claimRowOdds(&c, football.OddsEarly)
	case football.MomentClosing:
		if parsed.claimRowOdds(&c, football.OddsClosing); len(parsed.claims)+len(parsed.refused) == 0 {
			return parsed, newRefusal(football.RefusedMalformed, "AvgCH", "the row has no closing odds")
		}
	case football.MomentKickOff:
		parsed.claims = append(parsed.claims, football.KickOff{})
	case football.MomentHalfTime:
		home, away, bad := c.scoreCells(halfTimeHome, halfTimeAway)
		if bad != nil {
			return parsed, bad
		}
		parsed.claims = append(parsed.claims, football.PeriodEnded{Period: 1, HomeGoals: home, AwayGoals: away})
	case football.MomentFullTime:
		return parsed, parsed.claimResult(&c)
	case football.MomentUnreadable:
	case football.MomentTick, football.MomentModels, football.MomentEvent:
		return parsed, wrongMoment(raw)
	}
	return parsed, nil
}

func (s *statement) claimResult(c *cells) *football.Refusal {
	home, away, bad := c.scoreCells(fullTimeHome, fullTimeAway)
	if bad != nil {
		return bad
	}
	s.claims = append(s.claims, football.FullTime{
		HomeGoals: home, AwayGoals: away,
		Home: football.SideCounts{
			Shots: s.countCell(c, homeShots), ShotsOnTarget: s.countCell(c, homeOnTarget),
			Corners: s.countCell(c, homeCorners),
			Fouls:   s.countCell(c, homeFouls), Yellows: s.countCell(c, homeYellows), Reds: s.countCell(c, homeReds),
		},
		Away: football.SideCounts{
			Shots: s.countCell(c, awayShots), ShotsOnTarget: s.countCell(c, awayOnTarget),
			Corners: s.countCell(c, awayCorners),
			Fouls:   s.countCell(c, awayFouls), Yellows: s.countCell(c, awayYellows), Reds: s.countCell(c, awayReds),
		},
	})
	return nil
}

// scoreCells reads two columns of goals.
func (c *cells) scoreCells(home, away column) (h, a int32, _ *football.Refusal) {
	h, ok := parseWhole(c[home])
	if !ok {
		return 0, 0, newRefusal(football.RefusedMalformed, home.headerName(), "%q is no number of goals", c[home])
	}
	a, ok = parseWhole(c[away])
	if !ok {
		return 0, 0, newRefusal(football.RefusedMalformed, away.headerName(), "%q is no number of goals", c[away])
	}
	return h, a, possibleScore(h, a)
}

// countCell reads a column of counts; -1 where it is empty. A bad count is refused by itself.
func (s *statement) countCell(c *cells, at column) int32 {
	if len(c[at]) == 0 {
		return -1
	}
	n, ok := parseWhole(c[at])
	if ok && n >= 0 {
		return n
	}
	bad := newRefusal(football.RefusedMalformed, at.headerName(), "%q is no count", c[at])
	bad.Original = []byte(at.headerName() + "\n" + string(c[at]))
	s.refused = append(s.refused, bad)
	return -1
}

// parseWhole reads a whole number, also one that a spreadsheet wrote as 2.0.
func parseWhole(cell []byte) (int32, bool) {
	if n := len(cell); n > 2 && cell[n-2] == '.' && cell[n-1] == '0' {
		cell = cell[:n-2]
	}
	n, err := strconv.ParseInt(string(cell), 10, 32)
	return int32(n), err == nil
}

func wrongMoment(raw *football.RawEvent) *football.Refusal {
	return newRefusal(football.RefusedMalformed, "moment", "a payload of %s can't be of the moment %q", raw.Source,
		raw.Moment)
}
