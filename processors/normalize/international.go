package normalize

import (
	"bytes"
	"encoding/csv"
	"strings"

	"github.com/touchline/touchline/schemas/football"
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
		neutral := strings.ToUpper(cell["neutral"])
		if neutral != "TRUE" && neutral != "FALSE" {
			return parsed, newRefusal(football.RefusedMalformed, "neutral", "%q is neither TRUE nor FALSE",
				cell["neutral"])
		}
		parsed.claims = []football.EventBody{football.FixtureScheduled{Kickoff: kickoffOf(raw),
			Neutral: neutral == "TRUE"}}
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

// internationalRow returns the row's cells by the names of their columns.
func internationalRow(payload []byte) (map[string]string, *football.Refusal) {
	r := csv.NewReader(bytes.NewReader(payload))
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	lines, err := r.ReadAll()
	switch {
	case err != nil:
		return nil, newRefusal(football.RefusedMalformed, "payload", "%v", err)
	case len(lines) != 2:
		return nil, newRefusal(football.RefusedMalformed, "payload", "%d lines instead of a header and a row",
			len(lines))
	case len(lines[0]) != len(lines[1]):
		return nil, fieldCount(len(lines[1]), len(lines[0]))
	}
	cell := map[string]string{}
	for i, name := range lines[0] {
		cell[name] = strings.TrimSpace(lines[1][i])
	}
	return cell, nil
}
