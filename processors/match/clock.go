package match

import "github.com/touchline/touchline/schemas/football"

// Longest stoppage time, in seconds, that the clock runs to by itself when nobody says that the period ended. The
// longest in the men's World Cup of 2022 was 14 minutes.
const (
	maxStoppage      = 15 * 60
	maxExtraStoppage = 5 * 60
)

// clock returns the match clock: running while a period is played, else standing where the last period ended.
func (s State) clock(phase football.Phase, period int32, ended bool) football.Clock {
	switch {
	case period == 0 && phase != football.Settled:
		return football.Clock{}
	case phase == football.Settled && period < 2:
		return football.Clock{Period: 2, Elapsed: football.HalfSeconds} // sources of results say no more
	case ended && phase != football.Settled && period >= 2 && period < penalties && s.goesOn(period):
		return football.Clock{Period: s.after(period)}
	case phase == football.Settled || ended:
		return football.Clock{Period: period, Elapsed: s.endOf(period)}
	default:
		return football.Clock{Period: period, Elapsed: s.elapsed(period)}
	}
}

// goesOn reports whether a knock-out may go on when a period is over. What a second leg needs for that, the first tells.
func (s State) goesOn(period int32) bool {
	home, away := s.score()
	return s.Tie.Kind == football.TieSecondLeg || s.Tie.Kind == football.TieSingle && (home == away || period == 3)
}

// after returns the period that follows in a knock-out that is level.
func (s State) after(period int32) int32 {
	if period == 2 && !s.Tie.ExtraTime {
		return penalties
	}
	return period + 1
}

// endOf returns the seconds that a period took, its regular length where nobody said.
func (s State) endOf(period int32) int32 {
	said := int32(0)
	for _, e := range s.Events {
		if e.Kind == periodEnded && e.Period == period {
			said = max(said, e.Elapsed)
		}
	}
	if said == 0 {
		return max(length(period), s.latest(period))
	}
	return said
}

// elapsed returns the seconds since the period began, by the instant of its start or, where nobody said that, by the
// first event's own clock. It stops after the longest stoppage time, but never before an event that happened.
func (s State) elapsed(period int32) int32 {
	seconds := int64(s.Now-s.start(period)) / 1000
	seconds = min(max(seconds, 0), int64(length(period)+stoppage(period)))
	return max(int32(seconds), s.latest(period))
}

// start returns the instant at which the period began.
func (s State) start(period int32) football.Instant {
	said, implied := football.Instant(0), s.Now
	for _, e := range s.Events {
		switch {
		case e.Period != period:
		case e.Kind != kickOff && e.Kind != periodStarted:
			implied = min(implied, e.At-football.Instant(e.Elapsed)*1000)
		case said == 0 || e.At < said:
			said = e.At
		}
	}
	if said != 0 {
		return said
	}
	return implied
}

// latest returns the latest clock that an event of the period has.
func (s State) latest(period int32) int32 {
	latest := int32(0)
	for _, e := range s.Events {
		if e.Period == period {
			latest = max(latest, e.Elapsed)
		}
	}
	return latest
}

func length(period int32) int32 {
	switch {
	case period <= 2:
		return football.HalfSeconds
	case period < penalties:
		return football.ExtraHalfSeconds
	default:
		return 0
	}
}

func stoppage(period int32) int32 {
	if period <= 2 {
		return maxStoppage
	}
	return maxExtraStoppage
}
