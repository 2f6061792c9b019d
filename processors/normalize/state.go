package normalize

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Match is what is recorded of a match. It is dropped when Expires has passed.
type Match struct {
	Competition football.CompetitionID `avro:"competition"`
	Season      football.Season        `avro:"season"`
	Home        football.TeamID        `avro:"home"`
	Away        football.TeamID        `avro:"away"`
	Sequence    int64                  `avro:"sequence"` // of the last event
	Kickoff     football.Instant       `avro:"kickoff"`  // 0: postponed without a date
	Expires     football.Instant       `avro:"expires"`
	Phase       football.Phase         `avro:"phase"`
	Period      int32                  `avro:"period"` // the last that began
	Ended       int32                  `avro:"ended"`  // the last that ended
	HalfTime    Result                 `avro:"half_time"`
	FullTime    Result                 `avro:"full_time"`
	Odds        []Quoted               `avro:"odds"`
	Aliases     []Alias                `avro:"aliases"`
	Deliveries  []Delivery             `avro:"deliveries"`
	Tie         football.Tie           `avro:"tie"`
	Neutral     bool                   `avro:"neutral"`
	Scheduler   string                 `avro:"scheduler"` // the source that gave the kick-off
	Reporters   []Reporter             `avro:"reporters"`
	Counted     bool                   `avro:"counted"` // a source gave the counts of the whole match
}

// Result is a score that a source gave.
type Result struct {
	Stands   bool   `avro:"stands"`
	Home     int32  `avro:"home"`
	Away     int32  `avro:"away"`
	Source   string `avro:"source"`
	Sequence int64  `avro:"sequence"` // of the event that gave it; kept when it was taken back
}

// Quoted records that a source's odds of a stage were taken.
type Quoted struct {
	Source string             `avro:"source"`
	Stage  football.OddsStage `avro:"stage"`
}

// Alias is the name under which a source knows a match.
type Alias struct {
	Source string           `avro:"source"`
	Name   string           `avro:"name"`
	Match  football.MatchID `avro:"match"`
	// as the source gave it when it named the match
	Kickoff football.Instant `avro:"kickoff"`
	Swapped bool             `avro:"swapped"` // the source has the sides in the other order
}

// Delivery is one accepted raw event.
type Delivery struct {
	// hash of source, source event id and moment, and of the content where that may change
	Key int64 `avro:"key"`
	// of the last match event that it gave; 0 when it repeated what was recorded
	Sequence int64         `avro:"sequence"`
	Kind     string        `avro:"kind"`   // of that match event
	Side     football.Side `avro:"side"`   // of a goal
	Period   int32         `avro:"period"` // of a goal, and of the end of a period after the first
	Taken    bool          `avro:"taken"`  // a correction took it back
}

// Meeting counts the matches between two teams, at the ground of the first, in a season.
type Meeting struct {
	Last    int32            `avro:"last"`    // the ordinal of the newest
	Dropped int32            `avro:"dropped"` // matches up to this ordinal have been dropped
	Kickoff football.Instant `avro:"kickoff"` // of the newest that was dropped
}

// Pairing lists the matches of two teams, at the ground of the first, that have state: a match that one source calls of
// another season or competition than the other is found by it.
type Pairing struct {
	Matches []football.MatchID `avro:"matches"`
}

// Pool is a pool's clock.
type Pool struct {
	Now    football.Instant `avro:"now"`    // stream time: the greatest instant seen
	Tick   football.Instant `avro:"tick"`   // the last tick
	Swept  football.Instant `avro:"swept"`  // the day up to which matches were dropped
	Models int64            `avro:"models"` // the position of football.models that was last announced
}

// Due lists what to look at on one day: matches to drop and, by their id without the ordinal, meetings to forget.
type Due struct {
	Matches  []football.MatchID `avro:"matches"`
	Meetings []string           `avro:"meetings"`
}

// How long state is kept, in stream time.
const (
	window        = 30 * 24 * time.Hour  // after kick-off and after the last event: corrections come within it
	undatedWindow = 300 * 24 * time.Hour // of a match that was postponed without a date
	meetingWindow = 400 * 24 * time.Hour // of a dropped match's ordinal: longer than any season
	day           = 24 * time.Hour
)

// State returns the kinds of state that the stage keeps.
func (*Stage) State() []football.StateKind {
	return []football.StateKind{
		{Kind: "match", Blank: &Match{}}, {Kind: "alias", Blank: &Alias{}}, {Kind: "meeting", Blank: &Meeting{}},
		{Kind: "pool", Blank: &Pool{}}, {Kind: "due", Blank: &Due{}}, {Kind: "pairing", Blank: &Pairing{}},
	}
}

func matchKey(id football.MatchID) string { return "match/" + string(id) }
func poolKey(pool football.PoolID) string { return "pool/" + string(pool) }
func meetingKey(meeting string) string    { return "meeting/" + meeting }

func aliasKey(pool football.PoolID, source, name string) string {
	return "alias/" + string(pool) + "/" + source + "/" + name
}

func pairingKey(pool football.PoolID, home, away football.TeamID) string {
	return "pairing/" + string(pool) + "/" + string(home) + "/" + string(away)
}

// dueListKey names the list of the day on which at falls.
func dueListKey(pool football.PoolID, at football.Instant) string {
	return "due/" + string(pool) + "@" + at.Time().Format(time.DateOnly)
}

// meetingOf returns the match id without its ordinal.
func meetingOf(id football.MatchID) string {
	return string(id[:strings.LastIndexByte(string(id), '.')])
}

// startOfDay returns the midnight (UTC) at or before the instant.
func startOfDay(at football.Instant) football.Instant {
	const ms = football.Instant(day / time.Millisecond)
	return at - ((at%ms)+ms)%ms
}

// ordinalOf returns the last part of the match id.
func ordinalOf(id football.MatchID) int32 {
	n, _ := strconv.Atoi(string(id[strings.LastIndexByte(string(id), '.')+1:])) // the stage made the id
	return int32(n)
}

// cloneMatch returns a copy that can be changed without changing m: its slices are m's until they are appended to, and
// their elements are replaced by takeBack only, which copies them first.
func (m *Match) cloneMatch() *Match {
	c := *m
	c.Odds, c.Aliases, c.Deliveries = slices.Clip(m.Odds), slices.Clip(m.Aliases), slices.Clip(m.Deliveries)
	c.Reporters = slices.Clip(m.Reporters)
	return &c
}

// deliveryByKey returns the delivery with that key, or nil.
func (m *Match) deliveryByKey(key int64) *Delivery {
	for i := range m.Deliveries {
		if m.Deliveries[i].Key == key {
			return &m.Deliveries[i]
		}
	}
	return nil
}

// knownTo reports whether the source has a name for the match.
func (m *Match) knownTo(source string) bool {
	return slices.ContainsFunc(m.Aliases, func(a Alias) bool { return a.Source == source })
}

// knownToAnother reports whether a source other than this one has a name for the match.
func (m *Match) knownToAnother(source string) bool {
	return slices.ContainsFunc(m.Aliases, func(a Alias) bool { return a.Source != source })
}

// countGoals counts the goals that were not taken back, of the periods up to the given one; the shoot-out never counts.
func (m *Match) countGoals(upTo int32) (home, away int32) {
	for _, d := range m.Deliveries {
		switch {
		case d.Taken || d.Period > upTo || d.Period >= football.PeriodPenalties:
		case d.Side == football.Home:
			home++
		case d.Side == football.Away:
			away++
		}
	}
	return home, away
}

// started reports whether the match has kicked off.
func (m *Match) started() bool {
	return m.Phase == football.InPlay || m.Phase == football.HalfTime || m.Phase == football.Settled
}
