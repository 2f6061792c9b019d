package football

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Calendar is when a competition's seasons begin and end.
type Calendar string

// The calendars.
const (
	AutumnSpring Calendar = ""     // from summer to summer: "2015-16"
	CalendarYear Calendar = "year" // from January to December: "2015"
)

// SeasonOf returns the season that begins in a year.
func (c Calendar) SeasonOf(year int) Season {
	if c == CalendarYear {
		return Season(fmt.Sprintf("%04d", year))
	}
	return Season(fmt.Sprintf("%04d-%02d", year, (year+1)%100))
}

// SeasonOn returns the season that an instant belongs to by itself: a year, or from July to June. In 2020, when leagues
// were finished in summer, seasons change on 9 August.
func (c Calendar) SeasonOn(at Instant) Season {
	t := at.Time()
	turn := time.Date(t.Year(), time.July, 1, 0, 0, 0, 0, time.UTC)
	if t.Year() == 2020 {
		turn = time.Date(2020, time.August, 9, 0, 0, 0, 0, time.UTC)
	}
	if c != CalendarYear && t.Before(turn) {
		return c.SeasonOf(t.Year() - 1)
	}
	return c.SeasonOf(t.Year())
}

// Calendar returns the calendar of a season by its form: "2015" is a year, "2015-16" is not.
func (s Season) Calendar() Calendar {
	if len(s) == 4 {
		return CalendarYear
	}
	return AutumnSpring
}

// Start returns the first day of the season, or 0 for one without a year.
func (s Season) Start() Instant {
	year := int(s.Year())
	switch {
	case year == 0:
		return 0
	case s.Calendar() == CalendarYear:
		return At(time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC))
	default:
		return At(time.Date(year, time.July, 1, 0, 0, 0, 0, time.UTC))
	}
}

// Contains reports whether a match of the season can be played at that instant. A season begins up to a month early,
// and its last matches come up to three months late (those of 2019-20 and of Brazil's 2020 did).
func (s Season) Contains(at Instant) bool {
	start := s.Start()
	if start == 0 {
		return false
	}
	first, last := start.Time().AddDate(0, -1, 0), start.Time().AddDate(1, 2, 25)
	if s.Calendar() == AutumnSpring {
		last = start.Time().AddDate(1, 2, 0)
	}
	return at >= At(first) && at < At(last)
}

var (
	yearsForm = regexp.MustCompile(`^(\d{4})\s*[-/_–]\s*(\d{4}|\d{2})$`)
	shortForm = regexp.MustCompile(`^(\d{2})\s*[-/_–]?\s*(\d{2})$`)
	yearForm  = regexp.MustCompile(`^(?:18|19|20)\d{2}$`)
)

// ParseSeason reads a season in any form that files use: "2015-16", "2015/2016", "15/16", "1516", "2015". Four digits
// are a year where they can be one.
func ParseSeason(text string) (Season, bool) {
	if yearForm.MatchString(text) {
		year, _ := strconv.Atoi(text)
		return CalendarYear.SeasonOf(year), true
	}
	if m := yearsForm.FindStringSubmatch(text); m != nil {
		from, _ := strconv.Atoi(m[1])
		to, _ := strconv.Atoi(m[2])
		switch {
		case to%100 == (from+1)%100:
			return AutumnSpring.SeasonOf(from), true
		case to == from:
			return CalendarYear.SeasonOf(from), true
		}
		return "", false
	}
	if m := shortForm.FindStringSubmatch(text); m != nil {
		from, _ := strconv.Atoi(m[1])
		to, _ := strconv.Atoi(m[2])
		if to == (from+1)%100 {
			return AutumnSpring.SeasonOf(centuryOf(from)), true
		}
	}
	return "", false
}

// centuryOf completes a year of two digits: 70 to 99 are of the last century.
func centuryOf(year int) int {
	if year >= 70 {
		return 1900 + year
	}
	return 2000 + year
}
