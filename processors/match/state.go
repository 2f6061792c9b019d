package match

import (
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// State is what is known of one match. It is a value: Apply returns a new one and leaves the old one as it was.
type State struct {
	Kickoff football.Instant `avro:"kickoff"` // as scheduled; 0 while postponed
	Neutral bool             `avro:"neutral"`
	Tie     football.Tie     `avro:"tie"`
	Now     football.Instant `avro:"now"`     // the latest instant that the match has seen
	Events  []Event          `avro:"events"`  // of the play, without those that were taken back, by match clock
	Results []Result         `avro:"results"` // full-time results, likewise, by sequence; the last one counts
	// Counts are those that came apart from a result, likewise; their goals mean nothing.
	Counts []Result `avro:"counts"`
}

// Event is an event of the play in flat form. Fields that its kind does not have are zero.
type Event struct {
	Sequence  int64            `avro:"sequence"`
	Kind      string           `avro:"kind"` // football.EventBody.Kind
	At        football.Instant `avro:"at"`
	Side      football.Side    `avro:"side"` // of the end of a shoot-out: who won it
	Period    int32            `avro:"period"`
	Elapsed   int32            `avro:"elapsed"` // seconds since the period began
	OwnGoal   bool             `avro:"own_goal"`
	OnTarget  bool             `avro:"on_target"`
	XG        float64          `avro:"xg"`         // 0 where the feed gives none
	HomeGoals int32            `avro:"home_goals"` // of a statement
	AwayGoals int32            `avro:"away_goals"`
}

// Result is what a source states at full time. Counts are negative where it has none.
type Result struct {
	Sequence     int64 `avro:"sequence"`
	HomeGoals    int32 `avro:"home_goals"`
	AwayGoals    int32 `avro:"away_goals"`
	HomeReds     int32 `avro:"home_reds"`
	AwayReds     int32 `avro:"away_reds"`
	HomeShots    int32 `avro:"home_shots"`
	AwayShots    int32 `avro:"away_shots"`
	HomeOnTarget int32 `avro:"home_on_target"`
	AwayOnTarget int32 `avro:"away_on_target"`
	HomeCorners  int32 `avro:"home_corners"`
	AwayCorners  int32 `avro:"away_corners"`
}

// Result returns the result that counts; false when there is none, or every one was taken back. Counts that its source
// did not give are those that came apart from it, and of shots else those that were reported one by one.
func (s State) Result() (Result, bool) {
	if len(s.Results) == 0 {
		return Result{}, false
	}
	result := s.Results[len(s.Results)-1]
	for i := range s.Counts {
		given := &s.Counts[i]
		for j, known := range result.countFields() {
			if *known < 0 {
				*known = *given.countFields()[j]
			}
		}
	}
	if result.HomeShots < 0 && result.AwayShots < 0 && s.reportsShots() {
		var live football.LiveState
		s.addCounts(&live)
		result.HomeShots, result.AwayShots = live.HomeShots, live.AwayShots
		result.HomeOnTarget, result.AwayOnTarget = live.HomeOnTarget, live.AwayOnTarget
	}
	return result, true
}

// reportsShots reports whether the match has a shot that was no goal: then its feed gives shots, not goals alone.
func (s State) reportsShots() bool {
	return slices.ContainsFunc(s.Events, func(e Event) bool { return e.Kind == shot && e.Period < penaltiesPeriod })
}

// countFields returns the places of the counts, to be changed by the caller.
func (r *Result) countFields() [8]*int32 {
	return [...]*int32{&r.HomeReds, &r.AwayReds, &r.HomeShots, &r.AwayShots, &r.HomeOnTarget, &r.AwayOnTarget,
		&r.HomeCorners, &r.AwayCorners}
}
