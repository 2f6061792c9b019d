package football

// Prediction is one model's forecast of a match, made from one feature record. Replays of the same log by the same
// stage version on the same architecture give equal predictions.
type Prediction struct {
	Match       MatchID       `avro:"match"`
	Pool        PoolID        `avro:"pool"`
	Competition CompetitionID `avro:"competition"`
	Season      Season        `avro:"season"`
	Home        TeamID        `avro:"home"`
	Away        TeamID        `avro:"away"`
	Kickoff     Instant       `avro:"kickoff"`

	At      Instant   `avro:"at"`
	Trigger string    `avro:"trigger"`
	Live    LiveState `avro:"live"`

	Model        ModelRef   `avro:"model"`
	Feature      FeatureRef `avro:"feature"`
	StageVersion int32      `avro:"stage_version"`

	Outcome       Outcome       `avro:"outcome"`
	ExpectedGoals ExpectedGoals `avro:"expected_goals"`
	Grid          ScoreGrid     `avro:"grid"`
	Markets       Markets       `avro:"markets"`
	Reasons       []Reason      `avro:"reasons"`
	Advance       Advance       `avro:"advance"` // of a knock-out
}

// ID names the prediction: match, model and the feature record's sequence, joined by "~". No two predictions of one
// log share it.
func (p *Prediction) ID() string {
	return string(p.Match) + "~" + p.Model.ID + "~" + formatInt(p.Feature.Sequence)
}

// FeatureRef names the feature record that a prediction was made from.
type FeatureRef struct {
	Sequence int64  `avro:"sequence" json:"sequence"`
	Hash     string `avro:"hash" json:"hash"`
}

// Outcome is the probability of each result (1X2); the three sum to 1.
type Outcome struct {
	Home float64 `avro:"home" json:"home"`
	Draw float64 `avro:"draw" json:"draw"`
	Away float64 `avro:"away" json:"away"`
}

// ExpectedGoals is the mean of each side's final number of goals.
type ExpectedGoals struct {
	Home float64 `avro:"home" json:"home"`
	Away float64 `avro:"away" json:"away"`
}

// ScoreGrid is the probability of each final score, row-major with the home side's goals as rows: P[h*Size+a]. The
// grid begins at the score (HomeFrom, AwayFrom), the goals already scored; the last row and column are "that many or
// more". It sums to 1.
type ScoreGrid struct {
	HomeFrom int32     `avro:"home_from" json:"home_from"`
	AwayFrom int32     `avro:"away_from" json:"away_from"`
	Size     int32     `avro:"size" json:"size"`
	P        []float32 `avro:"p" json:"p"`
}

// Markets are probabilities derived from the score grid, and what the grid lacks of a match's two halves. All other
// markets follow from these: see processors/grid, Book.
type Markets struct {
	Totals []Line `avro:"totals" json:"totals"` // probability of more goals than the line, lines x.5
	// probability that the home side's goals plus the line exceed the away side's, lines x.5
	Handicaps []Line  `avro:"handicaps" json:"handicaps"`
	BothScore float64 `avro:"both_score" json:"both_score"`
	// share of the goals still expected that come before half-time, 0 to 1; -1 when not known
	FirstHalf float64 `avro:"first_half" json:"first_half"`
}

// Line is the probability of passing a line.
type Line struct {
	Line float64 `avro:"line" json:"line"`
	P    float64 `avro:"p" json:"p"`
}

// Reason is one named quantity that the forecast rests on, so that a reader sees how it came about.
type Reason struct {
	Name  string  `avro:"name" json:"name"`
	Value float64 `avro:"value" json:"value"`
}

// Evaluation scores the forecast that was current at a checkpoint of a settled match. A correction of the result is
// scored again under a higher revision.
type Evaluation struct {
	Match       MatchID       `avro:"match"`
	Pool        PoolID        `avro:"pool"`
	Competition CompetitionID `avro:"competition"`
	Season      Season        `avro:"season"`
	Kickoff     Instant       `avro:"kickoff"`
	Model       ModelRef      `avro:"model"`
	Checkpoint  Checkpoint    `avro:"checkpoint"`
	Revision    int32         `avro:"revision"` // from 1
	At          Instant       `avro:"at"`       // when the match was settled
	Forecast    Outcome       `avro:"forecast"`
	// probability of three goals or more at the checkpoint; -1 where the model has none
	Over25    float64 `avro:"over_2_5"`
	HomeGoals int32   `avro:"home_goals"`
	AwayGoals int32   `avro:"away_goals"`
	RPS       float64 `avro:"rps"`      // ranked probability score (Epstein 1969), 0 to 1, less is better
	LogLoss   float64 `avro:"log_loss"` // minus the natural log of the probability of what happened
	Brier     float64 `avro:"brier"`    // Brier score (1950), summed over the three results, 0 to 2
}

// Checkpoint is a point of a match at which forecasts are scored.
type Checkpoint string

// The checkpoints.
const (
	CheckpointOpening  Checkpoint = "opening"   // the first forecast after the fixture was scheduled
	CheckpointKickOff  Checkpoint = "kick-off"  // the last forecast before or at kick-off
	CheckpointHalfTime Checkpoint = "half-time" // the forecast made at half-time
)
