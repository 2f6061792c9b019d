package football

import (
	"fmt"
	"time"
)

// Instant is event time: milliseconds since 1970-01-01T00:00:00Z. The zero value means "not known".
type Instant int64

// At converts a time to an instant, dropping what is finer than a millisecond.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time returns the instant as a UTC time.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// Add returns the instant d later, dropping what is finer than a millisecond.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Milliseconds()) }

// Sub returns the time from other to i.
func (i Instant) Sub(other Instant) time.Duration {
	return time.Duration(i-other) * time.Millisecond
}

// String formats the instant as RFC 3339 in UTC.
func (i Instant) String() string { return i.Time().Format(time.RFC3339) }

// Clock is the match clock: the period (1 and 2 are the halves, 3 and 4 extra time, 5 penalties; 0 before kick-off)
// and the seconds elapsed since that period began. Stoppage time runs on in the period that it belongs to.
type Clock struct {
	Period  int32 `avro:"period" json:"period"`
	Elapsed int32 `avro:"elapsed" json:"elapsed"`
}

// The periods of a match, as Clock.Period and the events of a period count them.
const (
	PeriodFirstHalf   int32 = 1
	PeriodSecondHalf  int32 = 2
	PeriodExtraFirst  int32 = 3
	PeriodExtraSecond int32 = 4
	PeriodPenalties   int32 = 5 // the shoot-out
)

// Regular lengths of the periods, in seconds.
const (
	HalfSeconds      = 45 * 60
	ExtraHalfSeconds = 15 * 60
)

// periodStart is the minute at which each period begins, periodLength its regular length in minutes.
var (
	periodStart  = [...]int32{0, 0, 45, 90, 105, 120}
	periodLength = [...]int32{0, 45, 45, 15, 15, 0}
)

// Before reports whether c is earlier in the match than other.
func (c Clock) Before(other Clock) bool {
	return c.Period < other.Period || c.Period == other.Period && c.Elapsed < other.Elapsed
}

// Minute returns the minute being played as it is shown on a scoreboard, from 1 (the first minute), with the minutes
// of stoppage time apart: 45 and 2 for "45+2". Before kick-off it returns 0 and 0.
func (c Clock) Minute() (minute, stoppage int32) {
	if c.Period < PeriodFirstHalf || c.Period > PeriodPenalties {
		return 0, 0
	}
	minute = c.Elapsed/60 + 1
	if length := periodLength[c.Period]; length > 0 && minute > length {
		return periodStart[c.Period] + length, minute - length
	}
	return periodStart[c.Period] + minute, 0
}

// String formats the clock as it is shown on a scoreboard: "23'", "45+2'".
func (c Clock) String() string {
	minute, stoppage := c.Minute()
	if stoppage > 0 {
		return fmt.Sprintf("%d+%d'", minute, stoppage)
	}
	return fmt.Sprintf("%d'", minute)
}
