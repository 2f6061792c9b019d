package football

// Outlook is what many simulations of the rest of a season come to, as of one result. It follows from the settled
// matches and the ratings alone: a replay gives the same.
type Outlook struct {
	Pool        PoolID        `avro:"pool"`
	Competition CompetitionID `avro:"competition"`
	Season      Season        `avro:"season"`
	Sequence    int64         `avro:"sequence"` // numbers the outlooks of a season from 1 without gaps
	At          Instant       `avro:"at"`
	Match       MatchID       `avro:"match"` // whose record brought it about

	Settled   int32 `avro:"settled"`   // matches played
	Remaining int32 `avro:"remaining"` // matches simulated
	Seasons   int32 `avro:"seasons"`   // simulations
	// SHA-256 of competition, season and settled results, first 16 hexadecimal digits
	Results string `avro:"results"`

	Teams []TeamOutlook `avro:"teams"` // in the order of the table
}

// TeamOutlook is what becomes of one team.
type TeamOutlook struct {
	Team           TeamID  `avro:"team"`
	Played         int32   `avro:"played"`
	Points         int32   `avro:"points"`
	GoalDifference int32   `avro:"goal_difference"`
	GoalsFor       int32   `avro:"goals_for"`
	ExpectedPoints float64 `avro:"expected_points"` // mean at the end of the season
	// probability of each final position, the first first; they sum to 1
	Positions []float32     `avro:"positions"`
	Places    []PlaceChance `avro:"places"`
}

// PlaceChance is the probability of ending in a place of the competition's rules.
type PlaceChance struct {
	Place string  `avro:"place" json:"place"`
	P     float64 `avro:"p" json:"p"`
}
