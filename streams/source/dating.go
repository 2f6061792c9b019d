package source

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// missingTime is the local kick-off of a match whose source gives none.
const missingTime = "15:00"

// dateForms are the dates that result files use.
var dateForms = [...]string{time.DateOnly, "02/01/2006", "02/01/06"}

// Kickoff reads a date and a local time of day, which may be empty.
func Kickoff(date, clock string, zone *time.Location) (football.Instant, bool) {
	clock = strings.TrimSpace(clock)
	if clock == "" {
		clock = missingTime
	}
	date = strings.TrimSpace(date)
	for _, form := range dateForms {
		if len(date) != len(form) {
			continue
		}
		if t, err := time.ParseInLocation(form+" 15:04", date+" "+clock, zone); err == nil && t.Year() >= 1860 {
			return football.At(t), true
		}
	}
	return 0, false
}

// SeasonOn returns the season that an instant belongs to: July to December begin one, January to June end one.
func SeasonOn(at football.Instant) football.Season {
	t := at.Time()
	if t.Month() < time.July {
		return seasonFrom(t.Year() - 1)
	}
	return seasonFrom(t.Year())
}

func seasonFrom(year int) football.Season {
	return football.Season(fmt.Sprintf("%04d-%02d", year, (year+1)%100))
}

var (
	longSeason  = regexp.MustCompile(`(\d{4})[-_](\d{2})(?:\D|$)`)
	shortSeason = regexp.MustCompile(`(?:^|\D)(\d{2})(\d{2})(?:\D|$)`)
)

// SeasonNamed returns the season in a file's name, or in its folder's: "2020-21_en.1.json", "E0_1516.csv",
// "1516/E0.csv". It returns "" where neither has one.
func SeasonNamed(file string) football.Season {
	file = strings.ReplaceAll(file, `\`, "/")
	for _, part := range []string{path.Base(file), path.Base(path.Dir(file))} {
		for _, m := range longSeason.FindAllStringSubmatch(part, -1) {
			from, _ := strconv.Atoi(m[1])
			if to, _ := strconv.Atoi(m[2]); to == (from+1)%100 {
				return seasonFrom(from)
			}
		}
		for _, m := range shortSeason.FindAllStringSubmatch(part, -1) {
			from, _ := strconv.Atoi(m[1])
			if to, _ := strconv.Atoi(m[2]); to == (from+1)%100 {
				century := 2000
				if from >= 70 {
					century = 1900
				}
				return seasonFrom(century + from)
			}
		}
	}
	return ""
}

// SeasonStart returns the first day of a season, or 0 for "".
func SeasonStart(season football.Season) football.Instant {
	if len(season) < 4 {
		return 0
	}
	year, err := strconv.Atoi(string(season[:4]))
	if err != nil {
		return 0
	}
	return football.At(time.Date(year, time.July, 1, 0, 0, 0, 0, time.UTC))
}

// Zone returns a pool's time zone.
func Zone(ref *football.Reference, pool football.PoolID) (*time.Location, error) {
	p, ok := ref.Pool(pool)
	if !ok || p.Zone == "" {
		return time.UTC, nil
	}
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return nil, fmt.Errorf("pool %s: time zone %q: %w", pool, p.Zone, err)
	}
	return zone, nil
}
