package football

// Tie describes how the knock-out is decided that a match is part of. The zero value is a match of a league, which
// decides nothing but itself.
type Tie struct {
	Kind TieKind `avro:"kind" json:"kind"`
	// of a second leg: the first, played at the other ground
	FirstLeg MatchID `avro:"first_leg" json:"first_leg,omitempty"`
	// of two legs: goals scored away count double when the aggregate is level
	AwayGoals bool `avro:"away_goals" json:"away_goals"`
	// 30 minutes are played when it is level; else penalties at once
	ExtraTime bool `avro:"extra_time" json:"extra_time"`
}

// TieKind is which part of a knock-out a match is.
type TieKind string

// The kinds of ties.
const (
	TieNone      TieKind = ""           // no knock-out
	TieSingle    TieKind = "single"     // decided on the day, on penalties at last
	TieFirstLeg  TieKind = "first-leg"  // the aggregate with the second leg decides
	TieSecondLeg TieKind = "second-leg" // likewise with the first
	TieReplay    TieKind = "replay"     // when it is level it is played again at the other ground, and decided there
)

// CountsInTable reports whether a match counts for its league: in its table, in its rates and shares of results, and in
// what is simulated of its season. A knock-out does not, be it of a cup or a play-off of a league.
func (k TieKind) CountsInTable() bool { return k == TieNone }

// Known reports whether the kind is one of those above.
func (k TieKind) Known() bool {
	switch k {
	case TieNone, TieSingle, TieFirstLeg, TieSecondLeg, TieReplay:
		return true
	}
	return false
}

// TieFeatures is what a feature record knows of the tie.
type TieFeatures struct {
	Kind      TieKind `avro:"kind" json:"kind"`
	AwayGoals bool    `avro:"away_goals" json:"away_goals"`
	ExtraTime bool    `avro:"extra_time" json:"extra_time"`
	// goals of this match's home side in the first leg; -1 where it has no result
	FirstHome int32 `avro:"first_home" json:"first_home"`
	FirstAway int32 `avro:"first_away" json:"first_away"` // likewise of its away side
}

// Advance is the probability that each side goes on, by whatever way; the two sum to 1, as do the ways in which the
// tie is decided. Its zero value means that the match is no knock-out, or the first leg is not known.
type Advance struct {
	Kind      TieKind `avro:"kind" json:"kind"`
	FirstHome int32   `avro:"first_home" json:"first_home"` // goals of the first leg, 0-0 where there is none
	FirstAway int32   `avro:"first_away" json:"first_away"`
	Home      float64 `avro:"home" json:"home"`
	Away      float64 `avro:"away" json:"away"`
	Regular   float64 `avro:"regular" json:"regular"` // decided without extra time
	Extra     float64 `avro:"extra" json:"extra"`     // in extra time
	Penalties float64 `avro:"penalties" json:"penalties"`
}
