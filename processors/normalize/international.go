package normalize

import (
	"bytes"
	"strings"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/resultfile"
)

// readInternational reads a row of martj42/international_results: the header line, a newline, the row. Of it only what
// was known at the raw event's moment is looked at. At full time it may be a row of the shoot-outs, which has a
// winner.
func readInternational(raw *football.RawEvent) (statement, *football.Refusal) {
	parsed := statement{moment: raw.Moment}
	cell, bad := internationalRow(raw.Payload)
	if bad != nil {
		return parsed, bad
	}
	parsed.home, parsed.away = cell["home_team"], cell["away_team"]
	for _, field := range [...]string{"home_team", "away_team"} {
		if cell[field] == "" {
			return parsed, newRefusal(football.RefusedMalformed, field, "the row names no team")
		}
	}
	switch raw.Moment {
	case football.MomentScheduled:
		neutral, ok := map[string]bool{
			"TRUE": true, "T": true, "1": true, "YES": true,
			"FALSE": false, "F": false, "0": false, "NO": false, "": false,
		}[strings.ToUpper(cell["neutral"])]
		if !ok {
			return parsed, newRefusal(football.RefusedMalformed, "neutral", "%q is neither TRUE nor FALSE",
				cell["neutral"])
		}
		parsed.claims = []football.EventBody{football.FixtureScheduled{Kickoff: kickoffOf(raw), Neutral: neutral}}
	case football.MomentKickOff:
		parsed.claims = []football.EventBody{football.KickOff{}}
	case football.MomentFullTime:
		if winner, ok := cell["winner"]; ok {
			parsed.team = winner
			parsed.claims = []football.EventBody{football.PeriodEnded{Period: football.PeriodPenalties,
				HomeGoals: counted,
				AwayGoals: counted}}
			return parsed, nil
		}
		home, okHome := parseWhole([]byte(cell["home_score"]))
		away, okAway := parseWhole([]byte(cell["away_score"]))
		if !okHome || !okAway {
			return parsed, newRefusal(football.RefusedMalformed, "home_score", "%q-%q is no score",
				cell["home_score"], cell["away_score"])
		}
		if bad := possibleScore(home, away); bad != nil {
			return parsed, bad
		}
		parsed.claims = []football.EventBody{football.FullTime{HomeGoals: home, AwayGoals: away,
			Home: football.NoCounts(), Away: football.NoCounts()}}
	case football.MomentUnreadable:
	case football.MomentHalfTime, football.MomentClosing, football.MomentTick, football.MomentModels,
		football.MomentEvent:
		return parsed, wrongMoment(raw)
	}
	return parsed, nil
}

// internationalRow returns the row's cells by the names of their columns: those of this source's files, whatever their
// spelling. A row that ends before its score is torn and refused.
func internationalRow(payload []byte) (map[string]string, *football.Refusal) {
	header, row, ok := bytes.Cut(payload, []byte("\n"))
	row = bytes.TrimRight(row, "\r\n")
	if !ok || bytes.IndexByte(row, '\n') >= 0 {
		return nil, newRefusal(football.RefusedMalformed, "payload", "want a header and one row")
	}
	header = bytes.TrimRight(header, "\r\n")
	delimiter, ok := resultfile.DelimiterOf(header)
	if !ok {
		delimiter = ','
	}
	layout := resultfile.NewLayout(header, delimiter)
	cells := layout.Cut(row, nil)
	if column, torn := cells.Torn(); torn {
		return nil, newRefusal(football.RefusedMalformed, column, "the row ends before %s", column)
	}
	cell := map[string]string{}
	for name, column := range map[string]string{
		"home_team": resultfile.HomeTeam, "away_team": resultfile.AwayTeam, "home_score": resultfile.FullTimeHome,
		"away_score": resultfile.FullTimeAway, "neutral": "neutral", "winner": "winner",
	} {
		if layout.Has(column) {
			cell[name] = cells.Cell(column)
		}
	}
	return cell, nil
}
