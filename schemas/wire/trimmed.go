package wire

import "github.com/touchline/touchline/schemas/football"

// Trimmed copies of prediction.avsc, for readers that need a part of a prediction. Avro lets a reader leave fields out;
// the score grid alone is five sixths of the decoding. They are never registered: nothing is written with them.
var (
	// PredictionHistory is what the history of forecasts in Postgres keeps.
	PredictionHistory = NewSchema[football.Prediction]("prediction-history", predictionHistoryText)
	// PredictionHead is what the live feed needs to route a forecast to its subscribers.
	PredictionHead = NewSchema[football.Prediction]("prediction-head", predictionHeadText)
)

const predictionHistoryText = `{"type": "record", "name": "Prediction", "namespace": "touchline.football", "fields": [
	{"name": "match", "type": "string"},
	{"name": "competition", "type": "string"},
	{"name": "season", "type": "string"},
	{"name": "kickoff", "type": {"type": "long", "logicalType": "timestamp-millis"}},
	{"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
	{"name": "trigger", "type": "string"},
	{"name": "live", "type": {"type": "record", "name": "LiveState", "fields": [
		{"name": "phase", "type": "string"},
		{"name": "clock", "type": {"type": "record", "name": "Clock", "fields": [
			{"name": "period", "type": "int"}, {"name": "elapsed", "type": "int"}]}},
		{"name": "home_goals", "type": "int"}, {"name": "away_goals", "type": "int"},
		{"name": "home_reds", "type": "int"}, {"name": "away_reds", "type": "int"}]}},
	{"name": "model", "type": {"type": "record", "name": "ModelRef", "fields": [
		{"name": "id", "type": "string"}, {"name": "version", "type": "int"}]}},
	{"name": "feature", "type": {"type": "record", "name": "FeatureRef",
		"fields": [{"name": "sequence", "type": "long"}]}},
	{"name": "stage_version", "type": "int"},
	{"name": "outcome", "type": {"type": "record", "name": "Outcome", "fields": [
		{"name": "home", "type": "double"}, {"name": "draw", "type": "double"}, {"name": "away", "type": "double"}]}},
	{"name": "expected_goals", "type": {"type": "record", "name": "ExpectedGoals", "fields": [
		{"name": "home", "type": "double"}, {"name": "away", "type": "double"}]}},
	{"name": "markets", "type": {"type": "record", "name": "Markets", "fields": [
		{"name": "totals", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": [
			{"name": "line", "type": "double"}, {"name": "p", "type": "double"}]}}},
		{"name": "both_score", "type": "double"}]}}]}`

const predictionHeadText = `{"type": "record", "name": "Prediction", "namespace": "touchline.football", "fields": [
	{"name": "match", "type": "string"},
	{"name": "competition", "type": "string"},
	{"name": "season", "type": "string"},
	{"name": "home", "type": "string"},
	{"name": "away", "type": "string"},
	{"name": "kickoff", "type": {"type": "long", "logicalType": "timestamp-millis"}},
	{"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
	{"name": "live", "type": {"type": "record", "name": "LiveState", "fields": [{"name": "phase", "type": "string"}]}},
	{"name": "model", "type": {"type": "record", "name": "ModelRef", "fields": [{"name": "id", "type": "string"}]}},
	{"name": "feature", "type": {"type": "record", "name": "FeatureRef",
		"fields": [{"name": "sequence", "type": "long"}]}}]}`
