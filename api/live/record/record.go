package record

import (
	"bytes"
	"context"
	"fmt"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Record is a record of the feed, decoded as far as routing needs it.
type Record struct {
	Topic     Topic
	Partition int32
	Offset    int64
	Match     football.MatchID // "" for what belongs to a pool, and for what could not be decoded
	At        football.Instant

	Competition football.CompetitionID
	Season      football.Season
	Home, Away  football.TeamID
	Phase       football.Phase       // of a prediction
	Model       string               // of a prediction
	Sequence    int64                // of the event, or of the feature record of a prediction
	Event       *football.MatchEvent // of match-events
	Value       []byte               // the Avro frame, of a prediction; nil where only its place is remembered

	Control bool // a transaction's marker: it moves the positions and nothing else
}

// ConflationKey is what conflation replaces by: a model's forecasts of a match, or the events of a match.
func (r *Record) ConflationKey() string { return string(r.Match) + "~" + r.Model }

// IsShadow reports whether the forecast is of a version that is not served.
func (r *Record) IsShadow() bool {
	_, shadow := football.ModelName(r.Model)
	return shadow
}

// PlaceOnly returns the record without its value: what routing needs, and where the value is in the log.
func (r *Record) PlaceOnly() *Record {
	place := *r
	place.Value, place.Event = nil, nil
	return &place
}

// Decode decodes a value of a topic. With an error, which is a *wire.UndecodableError or that the registry can't be
// asked, comes a record of the position only: it moves the positions and nothing else. The value may be used again
// afterwards.
func Decode(
	ctx context.Context,
	serde *wire.Serde,
	topic Topic,
	partition int32,
	offset int64,
	value []byte,
) (*Record, error) {
	r := &Record{Topic: topic, Partition: partition, Offset: offset}
	if topic == Events {
		e, err := wire.Decode(ctx, serde, wire.MatchEvent, value)
		if err != nil {
			return r, fmt.Errorf("decode event: %w", err)
		}
		r.Match, r.At, r.Competition, r.Season, r.Home, r.Away = e.Match, e.At, e.Competition, e.Season, e.Home, e.Away
		r.Sequence, r.Event = e.Sequence, e
		return r, nil
	}
	p, err := wire.Decode(ctx, serde, wire.PredictionHead, value)
	if err != nil {
		return r, fmt.Errorf("decode forecast: %w", err)
	}
	r.Match, r.At, r.Competition, r.Season, r.Home, r.Away = p.Match, p.At, p.Competition, p.Season, p.Home, p.Away
	r.Phase, r.Model, r.Sequence = p.Live.Phase, p.Model.ID, p.Feature.Sequence
	r.Value = bytes.Clone(value) // whoever fetched it uses the memory again
	return r, nil
}
