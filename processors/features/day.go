package features

import (
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// day counts days (UTC) since 1970-01-01: the unit in which the stage keeps its calendar.
type day int64

const millisPerDay = 24 * 60 * 60 * 1000

// dayContaining returns the day of an instant. Instants before 1970 belong to days below 0.
func dayContaining(at football.Instant) day {
	d := day(at / millisPerDay)
	if at < 0 && at%millisPerDay != 0 {
		d--
	}
	return d
}

// String formats the day as in 2015-08-08.
func (d day) String() string {
	return time.UnixMilli(int64(d) * millisPerDay).UTC().Format(time.DateOnly)
}
