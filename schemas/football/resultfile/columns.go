package resultfile

import (
	"bytes"
	"strings"
)

// The columns that dating and ordering need. Their values are their names in football-data.co.uk's current files.
const (
	Division     = "Div"
	Country      = "Country"
	League       = "League"
	Season       = "Season"
	Date         = "Date"
	Time         = "Time"
	HomeTeam     = "HomeTeam"
	AwayTeam     = "AwayTeam"
	FullTimeHome = "FTHG"
	FullTimeAway = "FTAG"
	Result       = "FTR"
	HalfTimeHome = "HTHG"
	HalfTimeAway = "HTAG"
)

// aliases are the other spellings of columns, as letters and digits in lower case. A column that is not listed here has
// its own name only.
var aliases = map[string]string{
	"div": Division, "division": Division, "leaguecode": Division, "competitioncode": Division,
	"country": Country, "nation": Country,
	"league": League, "competition": League, "tournament": League, "leaguename": League,
	"season": Season, "year": Season,
	"date": Date, "matchdate": Date, "gamedate": Date, "day": Date, "datetime": Date, "dateutc": Date,
	"time": Time, "kickoff": Time, "kickofftime": Time, "matchtime": Time, "ko": Time, "kotime": Time,
	"hometeam": HomeTeam, "home": HomeTeam, "ht": HomeTeam, "hometeamname": HomeTeam, "team1": HomeTeam,
	"homename": HomeTeam, "homeclub": HomeTeam,
	"awayteam": AwayTeam, "away": AwayTeam, "at": AwayTeam, "awayteamname": AwayTeam, "team2": AwayTeam,
	"awayname": AwayTeam, "awayclub": AwayTeam, "visitor": AwayTeam, "visitingteam": AwayTeam, "visitorteam": AwayTeam,
	"fthg": FullTimeHome, "hg": FullTimeHome, "homegoals": FullTimeHome, "homescore": FullTimeHome,
	"fthomegoals": FullTimeHome, "fulltimehomegoals": FullTimeHome, "hgoals": FullTimeHome, "hgoal": FullTimeHome,
	"goalshome": FullTimeHome, "hometeamscore": FullTimeHome, "hometeamgoals": FullTimeHome, "fthome": FullTimeHome,
	"ftag": FullTimeAway, "ag": FullTimeAway, "awaygoals": FullTimeAway, "awayscore": FullTimeAway,
	"ftawaygoals": FullTimeAway, "fulltimeawaygoals": FullTimeAway, "vgoal": FullTimeAway, "agoals": FullTimeAway,
	"goalsaway": FullTimeAway, "awayteamscore": FullTimeAway, "awayteamgoals": FullTimeAway, "ftaway": FullTimeAway,
	"visitorgoals": FullTimeAway, "agoal": FullTimeAway,
	"ftr": Result, "res": Result, "result": Result, "ftresult": Result, "fulltimeresult": Result,
	"hthg": HalfTimeHome, "hthomegoals": HalfTimeHome, "halftimehomegoals": HalfTimeHome,
	"htag": HalfTimeAway, "htawaygoals": HalfTimeAway, "halftimeawaygoals": HalfTimeAway,
}

// exact are the spellings that need no folding: those of football-data.co.uk.
var exact = map[string]string{
	Division: Division, Country: Country, League: League, Season: Season, Date: Date, Time: Time, HomeTeam: HomeTeam,
	"Home": HomeTeam, "HT": HomeTeam, AwayTeam: AwayTeam, "Away": AwayTeam, "AT": AwayTeam, FullTimeHome: FullTimeHome,
	"HG": FullTimeHome, FullTimeAway: FullTimeAway, "AG": FullTimeAway, Result: Result, "Res": Result,
	HalfTimeHome: HalfTimeHome, HalfTimeAway: HalfTimeAway,
}

// Canonical returns the name of the column that a header's cell spells. A column that is no alias of another keeps its
// spelling, trimmed.
func Canonical(cell []byte) string {
	cell = TrimCell(cell)
	if name, ok := exact[string(cell)]; ok {
		return name
	}
	if len(cell) > 24 { // no alias is that long
		return string(cell)
	}
	var folded [24]byte
	n := 0
	for _, b := range cell {
		switch {
		case b >= 'A' && b <= 'Z':
			folded[n] = b + 'a' - 'A'
			n++
		case b >= 'a' && b <= 'z', b >= '0' && b <= '9':
			folded[n] = b
			n++
		case b == ' ' || b == '_' || b == '-' || b == '.' || b == '(' || b == ')':
		default:
			return string(cell) // "Avg>2.5", "P<2.5"
		}
	}
	if name, ok := aliases[string(folded[:n])]; ok {
		return name
	}
	return string(cell)
}

// TrimCell returns a cell without the space, the byte order mark and the quotes around it.
func TrimCell(cell []byte) []byte {
	cell = bytes.TrimSpace(bytes.TrimPrefix(cell, []byte("\xef\xbb\xbf")))
	if n := len(cell); n >= 2 && cell[0] == '"' && cell[n-1] == '"' {
		cell = cell[1 : n-1]
		if bytes.IndexByte(cell, '"') >= 0 {
			cell = bytes.ReplaceAll(cell, []byte(`""`), []byte(`"`))
		}
		cell = bytes.TrimSpace(cell)
	}
	if bytes.IndexByte(cell, 0xc2) >= 0 { // a space that does not break
		cell = []byte(strings.TrimSpace(strings.ReplaceAll(string(cell), "\u00a0", " ")))
	}
	return cell
}
