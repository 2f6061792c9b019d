package rating

import "github.com/touchline/touchline/schemas/football"

// Team is what the fold knows of a team. Its zero value is a team that never played.
type Team struct {
	Competition football.CompetitionID `avro:"competition"` // the league of its season
	Level       int32                  `avro:"level"`       // of that league: 1 is the top division
	// of its league's last settled match; "": it has played in cups only
	Season      football.Season  `avro:"season"`
	LastKickoff football.Instant `avro:"last_kickoff"`
	Played      int32            `avro:"played"` // settled matches ever
	Form        string           `avro:"form"`   // the last five results, oldest first: "WDLWW"

	Attack  float64 `avro:"attack"`
	Defence float64 `avro:"defence"`
	// How uncertain both are, and how the season has gone beyond them.
	AttackVariance  float64 `avro:"attack_variance"`
	DefenceVariance float64 `avro:"defence_variance"`
	AttackForm      float64 `avro:"attack_form"`
	DefenceForm     float64 `avro:"defence_form"`

	Elo    float64 `avro:"elo"`
	PiHome float64 `avro:"pi_home"`
	PiAway float64 `avro:"pi_away"`

	Counted         int32   `avro:"counted"` // settled matches whose shots are known
	ShotsFor        float64 `avro:"shots_for"`
	ShotsAgainst    float64 `avro:"shots_against"`
	OnTargetFor     float64 `avro:"on_target_for"`
	OnTargetAgainst float64 `avro:"on_target_against"`
}

// Competition is what the fold knows of a competition. Its zero value is one without a settled match.
type Competition struct {
	FirstSeason   football.Season `avro:"first_season"`
	Played        int32           `avro:"played"`
	HomeWins      int32           `avro:"home_wins"`
	Draws         int32           `avro:"draws"`
	GoalRate      float64         `avro:"goal_rate"`      // log of an average away side's goals
	HomeAdvantage float64         `avro:"home_advantage"` // log of the ratio of home to away goals
	Rho           float64         `avro:"rho"`            // dependence of low scores
	Counted       int32           `avro:"counted"`        // settled matches whose shots are known
	PerShot       float64         `avro:"per_shot"`       // goals a shot
	PerOnTarget   float64         `avro:"per_on_target"`  // goals a shot on target
	PerCorner     float64         `avro:"per_corner"`     // goals a corner
}

// Result is a settled match as the fold takes it.
type Result struct {
	Match       football.MatchID       `avro:"match"`
	Competition football.CompetitionID `avro:"competition"`
	Level       int32                  `avro:"level"`
	Season      football.Season        `avro:"season"`
	Home        football.TeamID        `avro:"home"`
	Away        football.TeamID        `avro:"away"`
	Kickoff     football.Instant       `avro:"kickoff"`
	Neutral     bool                   `avro:"neutral"`
	ClosedDoors bool                   `avro:"closed_doors"` // played without spectators
	HomeGoals   int32                  `avro:"home_goals"`
	AwayGoals   int32                  `avro:"away_goals"`

	// Shots and corners of both sides, negative where not known.
	HomeShots    int32 `avro:"home_shots"`
	AwayShots    int32 `avro:"away_shots"`
	HomeOnTarget int32 `avro:"home_on_target"`
	AwayOnTarget int32 `avro:"away_on_target"`
	HomeCorners  int32 `avro:"home_corners"`
	AwayCorners  int32 `avro:"away_corners"`

	Cup bool `avro:"cup"` // of a competition without level, table and rates of its own
	// of a knock-out, such as a play-off of a league: played at its competition's rates, it counts for neither
	KnockOut bool `avro:"knock_out"`
	Void     bool `avro:"void"` // taken back: it keeps its place in the order and counts for nothing
}
