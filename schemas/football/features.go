package football

// MatchFeatures is all that any model needs to forecast a match, as of one match event, and the result once it is
// settled. It is named by match, sequence and hash.
type MatchFeatures struct {
	Match       MatchID       `avro:"match"`
	Pool        PoolID        `avro:"pool"`
	Competition CompetitionID `avro:"competition"`
	Season      Season        `avro:"season"`
	Home        TeamID        `avro:"home"`
	Away        TeamID        `avro:"away"`
	Kickoff     Instant       `avro:"kickoff"`
	Neutral     bool          `avro:"neutral"`

	Sequence       int64   `avro:"sequence"` // numbers the feature records of a match from 1 without gaps
	At             Instant `avro:"at"`       // stream time of the pool when it was made
	Trigger        string  `avro:"trigger"`  // why it was made: the kind of the event, or "team-result", "daily"
	ModelsPosition int64   `avro:"models_position"`

	HomeTeam TeamFeatures        `avro:"home_team"`
	AwayTeam TeamFeatures        `avro:"away_team"`
	League   CompetitionFeatures `avro:"league"`
	Live     LiveState           `avro:"live"`
	Odds     []OddsQuoted        `avro:"odds"` // the latest of each stage, early first
	Tie      TieFeatures         `avro:"tie"`

	Hash string `avro:"hash"` // of everything above, 16 hexadecimal digits
}

// TeamFeatures is what is known of a team before this match: settled matches before its kick-off only.
type TeamFeatures struct {
	// log of the scoring rate against an average defence, 0 is average
	Attack   float64 `avro:"attack" json:"attack"`
	Defence  float64 `avro:"defence" json:"defence"`     // log of how much it lowers the opponent's rate, 0 is average
	Elo      float64 `avro:"elo" json:"elo"`             // Elo rating, 1500 is average
	PiHome   float64 `avro:"pi_home" json:"pi_home"`     // pi-rating at home, in goals (Constantinou & Fenton 2013)
	PiAway   float64 `avro:"pi_away" json:"pi_away"`     // pi-rating away, in goals
	Played   int32   `avro:"played" json:"played"`       // settled matches ever
	Points   float64 `avro:"points" json:"points"`       // mean points of the last five matches, 0 to 3; -1 when none
	RestDays float64 `avro:"rest_days" json:"rest_days"` // days since the last kick-off, at most 30

	// exponentially weighted mean; -1 when not known
	ShotsFor        float64 `avro:"shots_for" json:"shots_for"`
	ShotsAgainst    float64 `avro:"shots_against" json:"shots_against"` // likewise
	OnTargetFor     float64 `avro:"on_target_for" json:"on_target_for"`
	OnTargetAgainst float64 `avro:"on_target_against" json:"on_target_against"`

	AttackForm  float64 `avro:"attack_form" json:"attack_form"`   // this season's attack beyond Attack, in its units
	DefenceForm float64 `avro:"defence_form" json:"defence_form"` // likewise
	// 0 while there is something to play for, up to 1 when nothing can change
	Decided float64 `avro:"decided" json:"decided"`
}

// CompetitionFeatures is what is known of a competition before this match.
type CompetitionFeatures struct {
	// log of the mean goals of an away side, behind closed doors if the match is
	GoalRate float64 `avro:"goal_rate" json:"goal_rate"`
	// log of the ratio of home to away goals, likewise
	HomeAdvantage float64 `avro:"home_advantage" json:"home_advantage"`
	Rho           float64 `avro:"rho" json:"rho"`               // dependence of low scores (Dixon & Coles 1997)
	HomeShare     float64 `avro:"home_share" json:"home_share"` // share of home wins so far
	DrawShare     float64 `avro:"draw_share" json:"draw_share"`
	Played        int32   `avro:"played" json:"played"`
}

// Phase is how far a match is.
type Phase string

// The phases of a match.
const (
	PreMatch  Phase = "pre-match"
	InPlay    Phase = "in-play"
	HalfTime  Phase = "half-time"
	Settled   Phase = "settled"
	Postponed Phase = "postponed"
)

// LiveState is the state of play as derived from the events that were not taken back.
type LiveState struct {
	Phase        Phase   `avro:"phase" json:"phase"`
	Clock        Clock   `avro:"clock" json:"clock"`
	HomeGoals    int32   `avro:"home_goals" json:"home_goals"`
	AwayGoals    int32   `avro:"away_goals" json:"away_goals"`
	HomeReds     int32   `avro:"home_reds" json:"home_reds"`
	AwayReds     int32   `avro:"away_reds" json:"away_reds"`
	HomeShots    int32   `avro:"home_shots" json:"home_shots"`
	AwayShots    int32   `avro:"away_shots" json:"away_shots"`
	HomeOnTarget int32   `avro:"home_on_target" json:"home_on_target"`
	AwayOnTarget int32   `avro:"away_on_target" json:"away_on_target"`
	HomeXG       float64 `avro:"home_xg" json:"home_xg"` // sum of the shots' xG, goals included where the feed gives it
	AwayXG       float64 `avro:"away_xg" json:"away_xg"`

	// The score at half-time: 0-0 until then, -1 where it is past and no source gave it.
	HomeHalfTime int32 `avro:"home_half_time" json:"home_half_time"`
	AwayHalfTime int32 `avro:"away_half_time" json:"away_half_time"`

	// What came after 90 minutes, as far as sources gave it: the goals of extra time, which are part of the score, and
	// the shoot-out, which is not.
	HomeExtra      int32 `avro:"home_extra" json:"home_extra"`
	AwayExtra      int32 `avro:"away_extra" json:"away_extra"`
	HomeKicks      int32 `avro:"home_kicks" json:"home_kicks"` // taken
	AwayKicks      int32 `avro:"away_kicks" json:"away_kicks"`
	HomePenalties  int32 `avro:"home_penalties" json:"home_penalties"` // scored
	AwayPenalties  int32 `avro:"away_penalties" json:"away_penalties"`
	ShootoutWinner Side  `avro:"shootout_winner" json:"shootout_winner"` // "" while there is none
}

// Regular returns the score without extra time: what 1X2 and all other markets are settled by.
func (l LiveState) Regular() (home, away int32) {
	return l.HomeGoals - l.HomeExtra, l.AwayGoals - l.AwayExtra
}
