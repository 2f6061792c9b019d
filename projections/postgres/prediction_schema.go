package postgres

import (
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// forecastText is prediction.avsc without what the history does not keep: above all the score grid, which would be five
// sixths of the decoding. Avro lets a reader leave fields out.
const forecastText = `{"type": "record", "name": "Prediction", "namespace": "touchline.football", "fields": [
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
	{"name": "feature", "type": {"type": "record", "name": "FeatureRef", "fields": [{"name": "sequence", "type": "long"}]}},
	{"name": "stage_version", "type": "int"},
	{"name": "outcome", "type": {"type": "record", "name": "Outcome", "fields": [
		{"name": "home", "type": "double"}, {"name": "draw", "type": "double"}, {"name": "away", "type": "double"}]}},
	{"name": "expected_goals", "type": {"type": "record", "name": "ExpectedGoals", "fields": [
		{"name": "home", "type": "double"}, {"name": "away", "type": "double"}]}},
	{"name": "markets", "type": {"type": "record", "name": "Markets", "fields": [
		{"name": "totals", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": [
			{"name": "line", "type": "double"}, {"name": "p", "type": "double"}]}}},
		{"name": "both_score", "type": "double"}]}}]}`

var forecastSchema = wire.NewSchema[football.Prediction]("prediction-history", forecastText)
