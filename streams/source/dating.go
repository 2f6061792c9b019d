package source

import (
	"path"
	"regexp"
	"strings"

	"github.com/touchline/touchline/schemas/football"
)

// SeasonOn returns the season of a competition from summer to summer that an instant belongs to.
func SeasonOn(at football.Instant) football.Season { return football.AutumnSpring.SeasonOn(at) }

var (
	longSeason  = regexp.MustCompile(`(?:^|\D)(\d{4}[-_]\d{4}|\d{4}[-_]\d{2})(?:\D|$)`)
	shortSeason = regexp.MustCompile(`(?:^|\D)(\d{4}|\d{2}[-_]\d{2})(?:\D|$)`)
)

// SeasonNamed returns the season in a file's name, or in its folder's: "2020-21_en.1.json", "E0_1516.csv",
// "1516/E0.csv". It returns "" where neither has one. Four digits are two years of two digits: "2021" is 2020-21.
func SeasonNamed(file string) football.Season {
	return seasonNamed(file, football.AutumnSpring)
}

// seasonNamed is SeasonNamed for a competition of that calendar: of one whose seasons are years, "2021" is 2021.
func seasonNamed(file string, calendar football.Calendar) football.Season {
	file = strings.ReplaceAll(file, `\`, "/")
	for _, part := range []string{path.Base(file), path.Base(path.Dir(file))} {
		for _, form := range []*regexp.Regexp{longSeason, shortSeason} {
			for _, m := range form.FindAllStringSubmatch(part, -1) {
				text := m[1]
				if calendar != football.CalendarYear && len(text) == 4 {
					text = text[:2] + "-" + text[2:]
				}
				season, ok := football.ParseSeason(text)
				if ok && (season.Calendar() == calendar || len(m[1]) > 5) {
					return season
				}
			}
		}
	}
	return ""
}

// SeasonStart returns the first day of a season, or 0 for "".
func SeasonStart(season football.Season) football.Instant { return season.Start() }
