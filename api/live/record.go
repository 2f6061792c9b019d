package live

import (
	"bytes"
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// record is a record of the feed, decoded as far as routing needs it.
type record struct {
	topic     int
	partition int32
	offset    int64
	match     football.MatchID // "" for what belongs to a pool
	at        football.Instant

	competition football.CompetitionID
	season      football.Season
	home, away  football.TeamID
	kickoff     football.Instant
	phase       football.Phase // of a prediction
	model       string         // of a prediction
	sequence    int64
	event       *football.MatchEvent // of match-events
	value       []byte               // the frame, of a prediction

	control bool // a transaction's marker: it moves the positions and nothing else

	frames frames // rendered once for all who get the same
}

// key is what conflation replaces by: a model's forecasts of a match, or the events of a match.
func (r *record) key() string { return string(r.match) + "~" + r.model }

// shadow reports whether the forecast is of a version that is not served.
func (r *record) shadow() bool {
	_, shadow := football.ModelName(r.model)
	return shadow
}

// read decodes a record. An undecodable one comes back with its position only: it moves the cursor and nothing else.
func read(ctx context.Context, serde *wire.Serde, topic int, r *kgo.Record) (*record, error) {
	out := &record{topic: topic, partition: r.Partition, offset: r.Offset}
	if r.Attrs.IsControl() {
		out.control = true
		return out, nil
	}
	if topic == events {
		e, err := wire.Decode(ctx, serde, wire.MatchEvent, r.Value)
		if err != nil {
			return out, fmt.Errorf("decode event: %w", err)
		}
		out.match, out.at, out.competition, out.season, out.home, out.away = e.Match, e.At, e.Competition, e.Season, e.Home, e.Away
		out.sequence, out.event = e.Sequence, e
		return out, nil
	}
	p, err := wire.Decode(ctx, serde, wire.PredictionHead, r.Value)
	if err != nil {
		return out, fmt.Errorf("decode forecast: %w", err)
	}
	out.match, out.at, out.competition, out.season, out.home, out.away = p.Match, p.At, p.Competition, p.Season, p.Home, p.Away
	out.kickoff, out.phase, out.model, out.sequence = p.Kickoff, p.Live.Phase, p.Model.ID, p.Feature.Sequence
	out.value = bytes.Clone(r.Value) // the fetch that it came in is let go
	return out, nil
}

// ring holds the last records of a partition.
type ring struct {
	records []*record
	start   int // of the oldest, once it is full
	from    int64
}

// add appends a record; from is then the offset from which on all records are held.
func (r *ring) add(rec *record, size int) {
	if len(r.records) < size {
		r.records = append(r.records, rec)
		return
	}
	r.from = r.records[r.start].offset + 1
	r.records[r.start] = rec
	r.start = (r.start + 1) % size
}

// after calls fn for each record at or after the offset, in order.
func (r *ring) after(offset int64, fn func(*record)) {
	for i := range r.records {
		rec := r.records[(r.start+i)%len(r.records)]
		if rec.offset >= offset {
			fn(rec)
		}
	}
}
