package match

import "github.com/touchline/touchline/schemas/football"

// Longest stoppage time, in seconds, to which the clock runs by itself while no event ends the period. The longest in
// the men's World Cup of 2022 was 14 minutes.
const (
	maxStoppage      = 15 * 60
	maxExtraStoppage = 5 * 60
)

// matchClock returns the match clock: running while a period is played, else stopped where the last period ended.
// Period is the latest one that has events, ended whether it is over. After the second half of a knock-out that may go
// on, and after each half of its extra time, the clock is at the beginning of the next period.
func (s State) matchClock(phase football.Phase, period int32, ended bool) football.Clock {
	switch {
	case period == 0 && phase != football.Settled:
		return football.Clock{}
	case phase == football.Settled && period < 2:
		return football.Clock{Period: 2, Elapsed: football.HalfSeconds} // a source of results gives no later period
	case ended && phase != football.Settled && period >= 2 && period < penaltiesPeriod && s.mayGoBeyond(period):
		return football.Clock{Period: s.periodAfter(period)}
	case phase == football.Settled || ended:
		return football.Clock{Period: period, Elapsed: s.periodDuration(period)}
	default:
		return football.Clock{Period: period, Elapsed: s.runningElapsed(period)}
	}
}

// mayGoBeyond reports whether a knock-out may go on when a period is over. A second leg always may: whether it does
// depends on the first, which this state does not have. A single match goes on when it is level, and always after the
// first half of extra time.
func (s State) mayGoBeyond(period int32) bool {
	home, away := s.currentScore()
	return s.Tie.Kind == football.TieSecondLeg || s.Tie.Kind == football.TieSingle && (home == away || period == 3)
}

// periodAfter returns the period that follows in a knock-out that is level.
func (s State) periodAfter(period int32) int32 {
	if period == 2 && !s.Tie.ExtraTime {
		return penaltiesPeriod
	}
	return period + 1
}

// periodDuration returns the seconds that a period took, as stated at its end. Where that is not stated it is the
// regular length, or the clock of a later event.
func (s State) periodDuration(period int32) int32 {
	stated := int32(0)
	for _, e := range s.Events {
		if e.Kind == periodEnded && e.Period == period {
			stated = max(stated, e.Elapsed)
		}
	}
	if stated == 0 {
		return max(regularDuration(period), s.latestElapsed(period))
	}
	return stated
}

// runningElapsed returns the seconds since the period began. It stops after the longest stoppage time, but never before
// an event that happened.
func (s State) runningElapsed(period int32) int32 {
	seconds := int64(s.Now-s.periodStart(period)) / 1000
	seconds = min(max(seconds, 0), int64(regularDuration(period)+longestStoppage(period)))
	return max(int32(seconds), s.latestElapsed(period))
}

// periodStart returns the instant at which the period began: that of its kick-off event, the earliest where there are
// several; else the earliest start that its events imply by their own clocks.
func (s State) periodStart(period int32) football.Instant {
	stated, implied := football.Instant(0), s.Now
	for _, e := range s.Events {
		switch {
		case e.Period != period:
		case e.Kind != kickOff && e.Kind != periodStarted:
			implied = min(implied, e.At-football.Instant(e.Elapsed)*1000)
		case stated == 0 || e.At < stated:
			stated = e.At
		}
	}
	if stated != 0 {
		return stated
	}
	return implied
}

// latestElapsed returns the latest clock of the period's events, in seconds; 0 without any.
func (s State) latestElapsed(period int32) int32 {
	latest := int32(0)
	for _, e := range s.Events {
		if e.Period == period {
			latest = max(latest, e.Elapsed)
		}
	}
	return latest
}

// regularDuration returns the seconds of a period without stoppage time; a shoot-out has none.
func regularDuration(period int32) int32 {
	switch {
	case period <= 2:
		return football.HalfSeconds
	case period < penaltiesPeriod:
		return football.ExtraHalfSeconds
	default:
		return 0
	}
}

// longestStoppage returns the seconds beyond the regular length at which the clock stops by itself.
func longestStoppage(period int32) int32 {
	if period <= 2 {
		return maxStoppage
	}
	return maxExtraStoppage
}
