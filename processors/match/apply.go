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

// At returns the state at a later instant at which nothing was said: the clock has run on.
func (s State) At(now football.Instant) State {
	s.Now = max(s.Now, now)
	return s
}

// Apply returns the state after the event. The receiver and its slices are not changed.
func (s State) Apply(e *football.MatchEvent) State {
	s = s.At(e.At)
	switch body := e.Body.(type) {
	case football.FixtureScheduled:
		s.Kickoff, s.Neutral, s.Tie = body.Kickoff, body.Neutral, body.Tie
	case football.FullTime:
		s.Results = slices.Concat(s.Results, []Result{result(e.Sequence, body)})
	case football.Correction:
		return s.without(body.Corrects)
	default:
		if event, ok := standing(e); ok {
			return s.with(event)
		}
	}
	return s
}

// standing returns the flat form of an event of the play, or false for one that does not change it.
func standing(e *football.MatchEvent) (Event, bool) {
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
		event.Side, event.OwnGoal = body.Side, body.OwnGoal
		event.Period, event.Elapsed = body.Clock.Period, body.Clock.Elapsed
	case football.Card:
		event.Side, event.Period, event.Elapsed = body.Side, body.Clock.Period, body.Clock.Elapsed
		return event, body.Colour.SendsOff()
	case football.Shot:
		event.Side, event.OnTarget, event.XG = body.Side, body.OnTarget, max(body.XG, 0)
		event.Period, event.Elapsed = body.Clock.Period, body.Clock.Elapsed
	case football.FixtureScheduled, football.OddsQuoted, football.LineUp, football.Substitution, football.FullTime,
		football.Correction, football.Tick, football.ModelsChanged:
		return Event{}, false
	}
	return event, true
}

func result(sequence int64, body football.FullTime) Result {
	return Result{
		Sequence: sequence, HomeGoals: body.HomeGoals, AwayGoals: body.AwayGoals,
		HomeReds: body.Home.Reds, AwayReds: body.Away.Reds,
		HomeShots: body.Home.Shots, AwayShots: body.Away.Shots,
		HomeOnTarget: body.Home.ShotsOnTarget, AwayOnTarget: body.Away.ShotsOnTarget,
		HomeCorners: body.Home.Corners, AwayCorners: body.Away.Corners,
	}
}

// with returns the state with the event at its place in the match.
func (s State) with(event Event) State {
	i, _ := slices.BinarySearchFunc(s.Events, event, byClock)
	s.Events = slices.Concat(s.Events[:i], []Event{event}, s.Events[i:])
	return s
}

// without returns the state with the event of that sequence taken back. An event that was never kept changes nothing.
func (s State) without(sequence int64) State {
	if i := slices.IndexFunc(s.Events, func(e Event) bool { return e.Sequence == sequence }); i >= 0 {
		s.Events = slices.Concat(s.Events[:i], s.Events[i+1:])
	}
	if i := slices.IndexFunc(s.Results, func(r Result) bool { return r.Sequence == sequence }); i >= 0 {
		s.Results = slices.Concat(s.Results[:i], s.Results[i+1:])
	}
	return s
}

// byClock orders events as they happened in the match; events of the same second in the order of acceptance.
func byClock(a, b Event) int {
	return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.Elapsed, b.Elapsed), cmp.Compare(a.Sequence, b.Sequence))
}
