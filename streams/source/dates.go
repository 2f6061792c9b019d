package source

import (
	"strconv"
	"strings"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// earliest is the first year that a date is read of. Football has older matches than the line has instants, see
// Undatable.
const earliest = 1860

// Undatable returns why a match of that kick-off can't be put on the line, whose instants begin in 1970, or "".
func Undatable(kickoff football.Instant) string {
	if kickoff.Add(-ScheduledBefore) <= 0 {
		return "the match was played before 1970"
	}
	return ""
}

// DateOrder is which comes first in a date that is written in numbers with the year last.
type DateOrder int

// The orders. DayFirst is that of football-data.co.uk and, without evidence of the other, of every file.
const (
	DayFirst DateOrder = iota
	MonthFirst
)

// OrderOf decides the order of a file's dates from all of them: by days above 12; where there are none, by the order in
// which they fit one season and, then, by the one in which the file is sorted. Where nothing decides it is DayFirst.
func OrderOf(dates []string) DateOrder {
	dayFirst, monthFirst := 0, 0
	for _, date := range dates {
		n, ok := numbersOf(date)
		switch {
		case !ok || n[0] > 31: // of another form, or the year comes first
		case n[0] > 12 && n[1] <= 12:
			dayFirst++
		case n[1] > 12 && n[0] <= 12:
			monthFirst++
		}
	}
	if dayFirst+monthFirst > 0 {
		if monthFirst > dayFirst {
			return MonthFirst
		}
		return DayFirst
	}
	const season = 340 // days
	daySpan, dayBack := dateSpread(dates, DayFirst)
	monthSpan, monthBack := dateSpread(dates, MonthFirst)
	switch {
	case daySpan > season && monthSpan <= season:
		return MonthFirst
	case monthSpan > season && daySpan <= season:
		return DayFirst
	case monthBack == 0 && dayBack > 0 && len(dates) > 4:
		return MonthFirst
	default:
		return DayFirst
	}
}

// dateSpread returns the days between the first and the last of the dates and how often they go back from row to row.
func dateSpread(dates []string, order DateOrder) (days, back int) {
	var first, last, before time.Time
	for _, text := range dates {
		date, _, ok := parseDate(text, order)
		if !ok {
			continue
		}
		if first.IsZero() || date.Before(first) {
			first = date
		}
		if date.After(last) {
			last = date
		}
		if date.Before(before) {
			back++
		}
		before = date
	}
	return int(last.Sub(first).Hours() / 24), back
}

// numbersOf returns the three numbers of a date that is written in numbers.
// A year of two digits is completed.
func numbersOf(text string) (n [3]int, ok bool) {
	text, _ = cutClock(text)
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '/' || r == '-' || r == '.' || r == ' ' })
	if len(parts) != 3 {
		return n, false
	}
	for i, part := range parts {
		value, err := strconv.Atoi(part)
		if err != nil || value < 0 || len(part) > 4 {
			return n, false
		}
		n[i] = value
		if i == 2 && len(part) <= 2 && len(parts[0]) <= 2 {
			n[i] = fullYear(value)
		}
	}
	return n, true
}

// cutClock cuts the time of day off a date that has one: "2024-08-16T20:00:00Z", "16/08/2024 20:00".
func cutClock(text string) (date, clock string) {
	text = strings.TrimSpace(text)
	if i := strings.IndexByte(text, 'T'); i >= 8 && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9' {
		return text[:i], text[i+1:]
	}
	if i := strings.IndexByte(text, ':'); i > 0 {
		if space := strings.LastIndexByte(text[:i], ' '); space > 0 {
			return strings.TrimRight(text[:space], " ,"), text[space+1:]
		}
	}
	return text, ""
}

// monthForms are dates with the month's name.
var monthForms = [...]string{
	"2 Jan 2006", "2 January 2006", "Jan 2 2006", "January 2 2006", "2 Jan 06", "2 January 06", "2006 Jan 2",
}

// parseDate reads a date in any form that result files use, as midnight UTC, and the time of day within it.
func parseDate(text string, order DateOrder) (date time.Time, clock string, ok bool) {
	day, clock := cutClock(text)
	if n, numbers := numbersOf(day); numbers {
		year, month, dayOfMonth := n[2], n[1], n[0]
		switch first := strings.IndexAny(day, "/-. "); {
		case first == 4:
			year, month, dayOfMonth = n[0], n[1], n[2]
		case order == MonthFirst:
			month, dayOfMonth = n[0], n[1]
		}
		return onCalendar(year, month, dayOfMonth), clock, validDay(year, month, dayOfMonth)
	}
	if number, err := strconv.Atoi(day); err == nil {
		switch {
		case len(day) == 8: // 20240816
			year, month, dayOfMonth := number/10000, number/100%100, number%100
			return onCalendar(year, month, dayOfMonth), clock, validDay(year, month, dayOfMonth)
		case len(day) == 5: // the serial number of a day in a spreadsheet
			date := time.Date(1899, time.December, 30+number, 0, 0, 0, 0, time.UTC)
			return date, clock, date.Year() >= earliest && date.Year() < 2100
		}
		return time.Time{}, clock, false
	}
	return parseMonthName(day, clock)
}

// parseMonthName reads "Sat 16 Aug 2024", "16-Aug-24", "August 16, 2024" and their like.
func parseMonthName(day, clock string) (time.Time, string, bool) {
	words := strings.FieldsFunc(day, func(r rune) bool {
		return r == ' ' || r == '-' || r == '/' || r == ',' ||
			r == '.'
	})
	if len(words) == 4 { // the day of the week
		words = words[1:]
	}
	for i, word := range words {
		if strings.EqualFold(word, "Sept") {
			words[i] = "Sep"
		}
	}
	plain := strings.Join(words, " ")
	for _, form := range monthForms {
		if date, err := time.Parse(form, plain); err == nil {
			return date, clock, date.Year() >= earliest
		}
	}
	return time.Time{}, clock, false
}

// fullYear completes a year of two digits: 70 to 99 are of the last century.
func fullYear(year int) int {
	switch {
	case year >= 100:
		return year
	case year >= 70:
		return 1900 + year
	default:
		return 2000 + year
	}
}

func onCalendar(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// validDay reports whether there is such a day, and matches of it can be dated.
func validDay(year, month, day int) bool {
	date := onCalendar(year, month, day)
	return year >= earliest && year < 2200 && date.Day() == day && int(date.Month()) == month
}

// Kickoff reads a date whose day comes first and a time of day, which may be empty, local to the zone.
func Kickoff(date, clock string, zone *time.Location) (football.Instant, bool) {
	at, problem := KickoffIn(DayFirst, date, clock, zone)
	return at, problem == ""
}

// KickoffIn reads a date of the given order and a time of day, local to the zone unless it names its own. A date may
// have the time of day in it. Where there is none it is 15:00. problem is what can't be read, "" where both can.
func KickoffIn(order DateOrder, date, clock string, zone *time.Location) (at football.Instant, problem string) {
	day, within, ok := parseDate(date, order)
	if !ok {
		return 0, "the date " + strconv.Quote(date) + " can't be read"
	}
	if noClock(clock) {
		clock = within
	}
	if noClock(clock) {
		clock = missingTime
	}
	since, named, ok := ParseClock(clock)
	if !ok {
		return 0, "the time of day " + strconv.Quote(clock) + " can't be read"
	}
	if named != nil {
		zone = named
	}
	h, m, s := int(since.Hours()), int(since.Minutes())%60, int(since.Seconds())%60
	return football.At(time.Date(day.Year(), day.Month(), day.Day(), h, m, s, 0, zone)), ""
}
