package source

import (
	"strconv"
	"strings"
	"time"
)

// missingTime is the local kick-off of a match whose source gives none.
const missingTime = "15:00"

// noClock reports whether a cell means that the time of day is not known.
func noClock(text string) bool {
	switch strings.ToUpper(strings.TrimSpace(text)) {
	case "", "-", "--", "?", "NA", "N/A", "NAN", "NULL", "NONE", "TBC", "TBA", "TBD", "00:00:00.000":
		return true
	default:
		return false
	}
}

// places are the zones that files name by letters. Those of central, eastern and western Europe are kept by the clock
// on the wall, in summer too.
var places = map[string]string{
	"UTC": "UTC", "GMT": "UTC", "Z": "UTC", "BST": "Europe/London", "UK": "Europe/London",
	"WET": "Europe/Lisbon", "WEST": "Europe/Lisbon", "CET": "Europe/Berlin", "CEST": "Europe/Berlin",
	"EET": "Europe/Athens", "EEST": "Europe/Athens", "MSK": "Europe/Moscow", "ET": "America/New_York",
	"EST": "America/New_York", "EDT": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver",
	"PT": "America/Los_Angeles", "BRT": "America/Sao_Paulo", "ART": "America/Argentina/Buenos_Aires",
	"JST": "Asia/Tokyo", "KST": "Asia/Seoul", "AST": "Asia/Riyadh", "SAST": "Africa/Johannesburg",
}

// ParseClock reads a time of day: "20:00", "20:00:00", "20.00", "20h00", "8:00 PM", "2000", and a zone behind it:
// "18:00 UTC+3", "20:45 CET", "19:00Z". zone is nil where it names none.
func ParseClock(text string) (since time.Duration, zone *time.Location, ok bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	end := strings.IndexFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && r != ':' && r != '.' &&
			r != 'H'
	})
	digits, rest := text, ""
	if end >= 0 {
		digits, rest = text[:end], strings.TrimSpace(text[end:])
	}
	since, ok = parseDigits(digits)
	if !ok {
		return 0, nil, false
	}
	if noon := strings.TrimPrefix(strings.TrimPrefix(rest, "PM"), "P.M."); noon != rest {
		rest = strings.TrimSpace(noon)
		if since < 12*time.Hour {
			since += 12 * time.Hour
		}
	} else if morning := strings.TrimPrefix(strings.TrimPrefix(rest, "AM"), "A.M."); morning != rest {
		rest = strings.TrimSpace(morning)
		if since >= 12*time.Hour {
			since -= 12 * time.Hour
		}
	}
	if since >= 24*time.Hour {
		return 0, nil, false
	}
	if rest == "" {
		return since, nil, true
	}
	zone, ok = zoneNamed(strings.Trim(rest, "()"))
	return since, zone, ok
}

// parseDigits reads hours, minutes and seconds.
func parseDigits(text string) (time.Duration, bool) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ':' || r == '.' || r == 'H' })
	if len(parts) == 1 && (len(text) == 4 || len(text) == 3) { // 2000
		parts = []string{text[:len(text)-2], text[len(text)-2:]}
	}
	if len(parts) == 0 || len(parts) > 4 { // a fourth is fractions of a second
		return 0, false
	}
	var n [4]int
	for i, part := range parts {
		value, err := strconv.Atoi(part)
		if err != nil || i < 3 && len(part) > 2 {
			return 0, false
		}
		n[i] = value
	}
	if n[0] > 23 || n[1] > 59 || n[2] > 59 {
		return 0, false
	}
	return time.Duration(n[0])*time.Hour + time.Duration(n[1])*time.Minute + time.Duration(n[2])*time.Second, true
}

// zoneNamed returns the zone of "UTC+3", "GMT-04:30", "+02:00" or of letters.
func zoneNamed(text string) (*time.Location, bool) {
	if name, ok := places[text]; ok {
		zone, err := time.LoadLocation(name)
		return zone, err == nil
	}
	offset := strings.TrimPrefix(strings.TrimPrefix(text, "UTC"), "GMT")
	offset = strings.ReplaceAll(strings.TrimSpace(offset), "−", "-")
	if len(offset) < 2 || offset[0] != '+' && offset[0] != '-' {
		return nil, false
	}
	since, ok := parseOffset(offset[1:])
	if !ok || since > 15*time.Hour {
		return nil, false
	}
	if offset[0] == '-' {
		since = -since
	}
	return time.FixedZone(text, int(since.Seconds())), true
}

func parseOffset(text string) (time.Duration, bool) {
	if len(text) <= 2 {
		hours, err := strconv.Atoi(text)
		return time.Duration(hours) * time.Hour, err == nil
	}
	return parseDigits(text)
}
