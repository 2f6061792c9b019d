package match

import (
	"cmp"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// Kinds of the events that State keeps, as football.EventBody.Kind gives them.
const (
	kickOff       = "kick-off"
	goal          = "goal"
	card          = "card"
	shot          = "shot"
	periodStarted = "period-started"
	periodEnded   = "period-ended"
)

// At returns the state at an instant without an event: only the clock runs on. An instant before s.Now changes nothing,
// for stream time never goes back.
func (s State) At(now football.Instant) State {
	s.Now = max(s.Now, now)
	return s
}

// Apply returns the state after the event. The receiver and its slices are not changed, so the caller may go on with
// the old state when a transaction aborts.
//
// Events may arrive in any order: each is put where its match clock says. Kinds that change nothing in the play (odds,
// line-ups, substitutions, ticks) only move the time on.
func (s State) Apply(e *football.MatchEvent) State {
	s = s.At(e.At)
	switch body := e.Body.(type) {
	case football.FixtureScheduled:
		s.Kickoff, s.Neutral, s.Tie = body.Kickoff, body.Neutral, body.Tie
	case football.FullTime:
		s.Results = slices.Concat(s.Results, []Result{resultFrom(e.Sequence, body)})
	case football.MatchCounts:
		counts := resultFrom(e.Sequence, football.FullTime{Home: body.Home, Away: body.Away})
		s.Counts = slices.Concat(s.Counts, []Result{counts})
	case football.Correction:
		return s.removeSequence(body.Corrects)
	default:
		if event, ok := flatEvent(e); ok {
			return s.insertEvent(event)
		}
	}
	return s
}

// flatEvent returns the flat form of an event of the play; false for a kind that is not kept, and for a card that sends
// nobody off.
func flatEvent(e *football.MatchEvent) (Event, bool) {
	event := Event{Sequence: e.Sequence, Kind: e.Body.Kind(), At: e.At}
	switch body := e.Body.(type) {
	case football.KickOff:
		event.Period = 1
	case football.PeriodStarted:
		event.Period = body.Period
	case football.PeriodEnded:
		event.Period, event.Elapsed = body.Period, body.Elapsed
		event.HomeGoals, event.AwayGoals, event.Side = body.HomeGoals, body.AwayGoals, body.Winner
	case football.Goal:
		event.Side, event.OwnGoal, event.XG = body.Side, body.OwnGoal, max(body.XG, 0)
		event.Period, event.Elapsed = body.Clock.Period, body.Clock.Elapsed
	case football.Card:
		event.Side, event.Period, event.Elapsed = body.Side, body.Clock.Period, body.Clock.Elapsed
		return event, body.Colour.SendsOff()
	case football.Shot:
		event.Side, event.OnTarget, event.XG = body.Side, body.OnTarget, max(body.XG, 0)
		event.Period, event.Elapsed = body.Clock.Period, body.Clock.Elapsed
	case football.FixtureScheduled, football.OddsQuoted, football.LineUp, football.Substitution, football.FullTime,
		football.MatchCounts, football.Correction, football.Tick, football.ModelsChanged:
		return Event{}, false
	}
	return event, true
}

// resultFrom returns the result that a full time states. Counts that the source does not give stay negative.
func resultFrom(sequence int64, body football.FullTime) Result {
	return Result{
		Sequence: sequence, HomeGoals: body.HomeGoals, AwayGoals: body.AwayGoals,
		HomeReds: body.Home.Reds, AwayReds: body.Away.Reds,
		HomeShots: body.Home.Shots, AwayShots: body.Away.Shots,
		HomeOnTarget: body.Home.ShotsOnTarget, AwayOnTarget: body.Away.ShotsOnTarget,
		HomeCorners: body.Home.Corners, AwayCorners: body.Away.Corners,
	}
}

// insertEvent returns the state with the event at its place in the match. s.Events stays sorted by compareByClock.
func (s State) insertEvent(event Event) State {
	i, _ := slices.BinarySearchFunc(s.Events, event, compareByClock)
	s.Events = slices.Concat(s.Events[:i], []Event{event}, s.Events[i:])
	return s
}

// removeSequence returns the state without the event or the result of that sequence. A sequence that was never kept,
// for example of a yellow card, changes nothing.
func (s State) removeSequence(sequence int64) State {
	if i := slices.IndexFunc(s.Events, func(e Event) bool { return e.Sequence == sequence }); i >= 0 {
		s.Events = slices.Concat(s.Events[:i], s.Events[i+1:])
	}
	if i := slices.IndexFunc(s.Results, func(r Result) bool { return r.Sequence == sequence }); i >= 0 {
		s.Results = slices.Concat(s.Results[:i], s.Results[i+1:])
	}
	return s
}

// compareByClock orders events as they happened in the match; events of the same second in the order in which normalize
// accepted them.
func compareByClock(a, b Event) int {
	return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.Elapsed, b.Elapsed),
		cmp.Compare(a.Sequence, b.Sequence))
}
