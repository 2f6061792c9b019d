package source

import (
	"cmp"

	"github.com/touchline/touchline/schemas/football"
)

// PlaceRefused counts the refused rows of one file, those with a Problem, and gives each the instant and the season of
// the readable row before it: a refused row is published too, and what it says of time must not move the pool's clock.
// Refused rows before the first readable one get the given instant and season. Call it once, with the file's rows in
// order, when the readable ones have their kick-offs and seasons.
func PlaceRefused(rows []Row, at football.Instant, season football.Season, report *Report) {
	for i := range rows {
		row := &rows[i]
		if row.Problem == "" {
			at, season = row.Kickoff, row.Season
			continue
		}
		row.Kickoff, row.Season = at, season
		report.Refuse(cmp.Or(row.ProblemKind, row.Problem), row.Line)
	}
}
