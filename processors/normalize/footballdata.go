package normalize

import (
	"strconv"

	"github.com/touchline/touchline/schemas/football"
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

// columnNames are the columns before the odds. Files of further leagues spell the first six otherwise.
var columnNames = [firstOdds]string{
	"HomeTeam", "AwayTeam", "FTHG", "FTAG", "HTHG", "HTAG", "HS", "AS", "HST", "AST", "HC", "AC", "HF", "AF", "HY", "AY", "HR", "AR",
}

// name returns the column as it stands in a header.
func (c column) name() string {
	if c >= firstOdds {
		return oddsNames[c-firstOdds]
	}
	return columnNames[c]
}

var columnsByName = func() map[string]column {
	byName := map[string]column{"Home": homeTeam, "Away": awayTeam, "HG": fullTimeHome, "AG": fullTimeAway}
	for c := range column(columns) {
		byName[c.name()] = c
	}
	return byName
}()

func columnNamed(name []byte) (column, bool) {
	c, ok := columnsByName[string(name)]
	return c, ok
}

// readFootballData reads a result row of football-data.co.uk: the header line, a newline, the row. Of it only what was
// known at the raw event's moment is looked at.
func readFootballData(raw *football.RawEvent) (statement, *football.Refusal) {
	said := statement{moment: raw.Moment}
	c, bad := splitRow(raw.Payload)
	if bad != nil {
		return said, bad
	}
	said.home, said.away = string(c[homeTeam]), string(c[awayTeam])
	if said.home == "" {
		return said, refusal(football.RefusedMalformed, "HomeTeam", "the row names no home team")
	}
	if said.away == "" {
		return said, refusal(football.RefusedMalformed, "AwayTeam", "the row names no away team")
	}
	switch raw.Moment {
	case football.MomentScheduled:
		said.claims = append(said.claims, football.FixtureScheduled{Kickoff: kickoffOf(raw)})
		said.quote(&c, football.OddsEarly)
	case football.MomentClosing:
		if said.quote(&c, football.OddsClosing); len(said.claims)+len(said.refused) == 0 {
			return said, refusal(football.RefusedMalformed, "AvgCH", "the row has no closing odds")
		}
	case football.MomentKickOff:
		said.claims = append(said.claims, football.KickOff{})
	case football.MomentHalfTime:
		home, away, bad := c.score(halfTimeHome, halfTimeAway)
		if bad != nil {
			return said, bad
		}
		said.claims = append(said.claims, football.PeriodEnded{Period: 1, HomeGoals: home, AwayGoals: away})
	case football.MomentFullTime:
		return said, said.settle(&c)
	case football.MomentUnreadable:
	case football.MomentTick, football.MomentModels, football.MomentEvent:
		return said, wrongMoment(raw)
	}
	return said, nil
}

func (s *statement) settle(c *cells) *football.Refusal {
	home, away, bad := c.score(fullTimeHome, fullTimeAway)
	if bad != nil {
		return bad
	}
	s.claims = append(s.claims, football.FullTime{
		HomeGoals: home, AwayGoals: away,
		Home: football.SideCounts{
			Shots: s.count(c, homeShots), ShotsOnTarget: s.count(c, homeOnTarget), Corners: s.count(c, homeCorners),
			Fouls: s.count(c, homeFouls), Yellows: s.count(c, homeYellows), Reds: s.count(c, homeReds),
		},
		Away: football.SideCounts{
			Shots: s.count(c, awayShots), ShotsOnTarget: s.count(c, awayOnTarget), Corners: s.count(c, awayCorners),
			Fouls: s.count(c, awayFouls), Yellows: s.count(c, awayYellows), Reds: s.count(c, awayReds),
		},
	})
	return nil
}

// score reads two columns of goals.
func (c *cells) score(home, away column) (h, a int32, _ *football.Refusal) {
	h, ok := whole(c[home])
	if !ok {
		return 0, 0, refusal(football.RefusedMalformed, home.name(), "%q is no number of goals", c[home])
	}
	a, ok = whole(c[away])
	if !ok {
		return 0, 0, refusal(football.RefusedMalformed, away.name(), "%q is no number of goals", c[away])
	}
	return h, a, possibleScore(h, a)
}

// count reads a column of counts; -1 where it is empty. A bad count is refused by itself.
func (s *statement) count(c *cells, at column) int32 {
	if len(c[at]) == 0 {
		return -1
	}
	n, ok := whole(c[at])
	if ok && n >= 0 {
		return n
	}
	bad := refusal(football.RefusedMalformed, at.name(), "%q is no count", c[at])
	bad.Original = []byte(at.name() + "\n" + string(c[at]))
	s.refused = append(s.refused, bad)
	return -1
}

// whole reads a whole number, also one that a spreadsheet wrote as 2.0.
func whole(cell []byte) (int32, bool) {
	if n := len(cell); n > 2 && cell[n-2] == '.' && cell[n-1] == '0' {
		cell = cell[:n-2]
	}
	n, err := strconv.ParseInt(string(cell), 10, 32)
	return int32(n), err == nil
}

func wrongMoment(raw *football.RawEvent) *football.Refusal {
	return refusal(football.RefusedMalformed, "moment", "a payload of %s can't be of the moment %q", raw.Source, raw.Moment)
}
