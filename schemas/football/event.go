package football

// MatchEvent is one thing that happened to a match, in canonical form. Sequence numbers a match's events from 1
// without gaps in the order in which they were accepted. A Tick belongs to a pool, not to a match: its Match is "".
type MatchEvent struct {
	Match         MatchID       `avro:"match"`
	Pool          PoolID        `avro:"pool"`
	Competition   CompetitionID `avro:"competition"`
	Season        Season        `avro:"season"`
	Home          TeamID        `avro:"home"`
	Away          TeamID        `avro:"away"`
	Sequence      int64         `avro:"sequence"`
	At            Instant       `avro:"at"`
	Source        string        `avro:"source"`
	SourceEventID string        `avro:"source_event_id"`
	Body          EventBody     `avro:"body"`
}

// EventBody is the closed set of things that can happen.
//
//sumtype:decl
type EventBody interface {
	// Kind returns the name of the body as it is written in read models and shown to people, such as "goal".
	Kind() string
	eventBody()
}

// FixtureScheduled announces a match, or moves one that was announced or postponed to another kick-off.
type FixtureScheduled struct {
	Kickoff  Instant `avro:"kickoff" json:"kickoff"` // 0: postponed, no new date yet
	HomeName string  `avro:"home_name" json:"home_name"`
	AwayName string  `avro:"away_name" json:"away_name"`
	Neutral  bool    `avro:"neutral" json:"neutral"`  // no home advantage
	Tie      Tie     `avro:"tie" json:"tie,omitzero"` // of a knock-out
}

// OddsQuoted is what bookmakers offered at one time.
type OddsQuoted struct {
	Stage  OddsStage `avro:"stage" json:"stage"`
	Quotes []Quote   `avro:"quotes" json:"quotes"`
}

// OddsStage is how long before kick-off odds were taken.
type OddsStage string

// The stages of odds.
const (
	OddsEarly   OddsStage = "early"   // some days before the match
	OddsClosing OddsStage = "closing" // the last before kick-off
)

// Quote is one bookmaker's decimal odds (payout per unit staked, above 1). A zero means that it was not offered.
type Quote struct {
	Bookmaker string  `avro:"bookmaker" json:"bookmaker"` // "average" (of the market), "pinnacle", "bet365", ...
	Home      float64 `avro:"home" json:"home"`
	Draw      float64 `avro:"draw" json:"draw"`
	Away      float64 `avro:"away" json:"away"`
	Over25    float64 `avro:"over_2_5" json:"over_2_5"`
	Under25   float64 `avro:"under_2_5" json:"under_2_5"`
}

// LineUp names the eleven that start for one side.
type LineUp struct {
	Side    Side     `avro:"side" json:"side"`
	Players []string `avro:"players" json:"players"`
}

// KickOff begins a match.
type KickOff struct{}

// Goal is a goal for Side (an own goal counts for the side that profits).
type Goal struct {
	Side    Side   `avro:"side" json:"side"`
	Clock   Clock  `avro:"clock" json:"clock"`
	Player  string `avro:"player" json:"player"`
	OwnGoal bool   `avro:"own_goal" json:"own_goal"`
	Penalty bool   `avro:"penalty" json:"penalty"`
	// of the shot that it was: the probability of a goal, above 0 to 1; 0 where the feed gives none
	XG float64 `avro:"xg" json:"xg,omitzero"`
}

// Card is a card shown to a player of Side. A second yellow is one Card with colour SecondYellow.
type Card struct {
	Side   Side   `avro:"side" json:"side"`
	Clock  Clock  `avro:"clock" json:"clock"`
	Colour Colour `avro:"colour" json:"colour"`
	Player string `avro:"player" json:"player"`
}

// Colour is the colour of a card.
type Colour string

// The colours of cards. SecondYellow and Red both send the player off.
const (
	Yellow       Colour = "yellow"
	SecondYellow Colour = "second-yellow"
	Red          Colour = "red"
)

// SendsOff reports whether the card leaves the side with a player fewer.
func (c Colour) SendsOff() bool { return c == SecondYellow || c == Red }

// Shot is an attempt at goal by Side that the feed reported apart from a goal (a goal is a Goal only).
type Shot struct {
	Side     Side    `avro:"side" json:"side"`
	Clock    Clock   `avro:"clock" json:"clock"`
	Player   string  `avro:"player" json:"player"`
	OnTarget bool    `avro:"on_target" json:"on_target"`
	XG       float64 `avro:"xg" json:"xg"` // probability of a goal, 0 to 1; negative where the feed gives none
}

// Substitution is a change of players of Side.
type Substitution struct {
	Side  Side   `avro:"side" json:"side"`
	Clock Clock  `avro:"clock" json:"clock"`
	Off   string `avro:"off" json:"off"`
	On    string `avro:"on" json:"on"`
}

// PeriodStarted begins a period after the first (KickOff begins that one).
type PeriodStarted struct {
	Period int32 `avro:"period" json:"period"`
}

// PeriodEnded ends a period with the score as the source gives it; period 1 is half-time, 5 the shoot-out. A source of
// results may give its winner after the result.
type PeriodEnded struct {
	Period    int32 `avro:"period" json:"period"`
	Elapsed   int32 `avro:"elapsed" json:"elapsed"` // seconds that the period took; 0 where not known
	HomeGoals int32 `avro:"home_goals" json:"home_goals"`
	AwayGoals int32 `avro:"away_goals" json:"away_goals"`
	// of the shoot-out; "" where the goals decide, and of all other periods
	Winner Side `avro:"winner" json:"winner,omitempty"`
}

// FullTime settles a match with its result, extra time included and penalties not, and, where the source has them, the
// counts of the whole match.
type FullTime struct {
	HomeGoals int32      `avro:"home_goals" json:"home_goals"`
	AwayGoals int32      `avro:"away_goals" json:"away_goals"`
	Home      SideCounts `avro:"home" json:"home"`
	Away      SideCounts `avro:"away" json:"away"`
}

// MatchCounts are the counts of the whole match from another source than that of the result, which gave none.
type MatchCounts struct {
	Home SideCounts `avro:"home" json:"home"`
	Away SideCounts `avro:"away" json:"away"`
}

// SideCounts are a side's counts over a whole match; negative where the source gives none.
type SideCounts struct {
	Shots         int32 `avro:"shots" json:"shots"`
	ShotsOnTarget int32 `avro:"shots_on_target" json:"shots_on_target"`
	Corners       int32 `avro:"corners" json:"corners"`
	Fouls         int32 `avro:"fouls" json:"fouls"`
	Yellows       int32 `avro:"yellows" json:"yellows"`
	Reds          int32 `avro:"reds" json:"reds"`
}

// NoCounts is what a source that has no counts gives.
func NoCounts() SideCounts {
	return SideCounts{Shots: -1, ShotsOnTarget: -1, Corners: -1, Fouls: -1, Yellows: -1, Reds: -1}
}

// Correction takes back an earlier event of the same match: a goal that VAR disallowed, a result changed by a
// tribunal. What replaces it, if anything, follows as an event of its own.
type Correction struct {
	Corrects int64  `avro:"corrects" json:"corrects"` // the sequence of the event taken back
	Reason   string `avro:"reason" json:"reason"`
}

// Tick records that the pool's clock reached a whole minute (while a match of the pool is in play) or a new day.
type Tick struct{}

// ModelsChanged records that the pool now knows football.models up to Position (exclusive offset).
type ModelsChanged struct {
	Position int64 `avro:"position" json:"position"`
}

// The kinds of events, one for each type of EventBody: how read models, logs and stories name them.
const (
	KindFixtureScheduled = "fixture-scheduled"
	KindOddsQuoted       = "odds-quoted"
	KindLineUp           = "line-up"
	KindKickOff          = "kick-off"
	KindGoal             = "goal"
	KindCard             = "card"
	KindShot             = "shot"
	KindSubstitution     = "substitution"
	KindPeriodStarted    = "period-started"
	KindPeriodEnded      = "period-ended"
	KindFullTime         = "full-time"
	KindMatchCounts      = "match-counts"
	KindCorrection       = "correction"
	KindTick             = "tick"
	KindModelsChanged    = "models-changed"
)

func (FixtureScheduled) Kind() string { return KindFixtureScheduled }
func (OddsQuoted) Kind() string       { return KindOddsQuoted }
func (LineUp) Kind() string           { return KindLineUp }
func (KickOff) Kind() string          { return KindKickOff }
func (Goal) Kind() string             { return KindGoal }
func (Card) Kind() string             { return KindCard }
func (Shot) Kind() string             { return KindShot }
func (Substitution) Kind() string     { return KindSubstitution }
func (PeriodStarted) Kind() string    { return KindPeriodStarted }
func (PeriodEnded) Kind() string      { return KindPeriodEnded }
func (FullTime) Kind() string         { return KindFullTime }
func (MatchCounts) Kind() string      { return KindMatchCounts }
func (Correction) Kind() string       { return KindCorrection }
func (Tick) Kind() string             { return KindTick }
func (ModelsChanged) Kind() string    { return KindModelsChanged }

func (FixtureScheduled) eventBody() {}
func (OddsQuoted) eventBody()       {}
func (LineUp) eventBody()           {}
func (KickOff) eventBody()          {}
func (Goal) eventBody()             {}
func (Card) eventBody()             {}
func (Shot) eventBody()             {}
func (Substitution) eventBody()     {}
func (PeriodStarted) eventBody()    {}
func (PeriodEnded) eventBody()      {}
func (FullTime) eventBody()         {}
func (MatchCounts) eventBody()      {}
func (Correction) eventBody()       {}
func (Tick) eventBody()             {}
func (ModelsChanged) eventBody()    {}
