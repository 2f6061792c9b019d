package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// eventsProjection writes match_events, and announces matches that no feature record has spoken of yet (matches.go).
// Ticks and changes of models belong to a pool, not to a match: they move stream time and become no row.
type eventsProjection struct {
	base
	names   *names
	seasons *years
	pending *newNamesOf
	rows    copyBuffer
}

var eventsTable = &table{
	name:    "match_events",
	columns: []string{"match", "sequence", "kind", "at", "source", "source_event_id", "body", "partition", "log_offset"},
	key:     []string{"match", "sequence"},
	newer:   "new.log_offset > old.log_offset",
}

func newEventsProjection(serde *wire.Serde, reference *football.Reference) *eventsProjection {
	return &eventsProjection{
		base: base{name: wire.TopicMatchEvents, schema: wire.MatchEvent, serde: serde,
			dropSQL: `TRUNCATE match_events; DELETE FROM matches WHERE sequence = 0`},
		names:   newNames(reference),
		seasons: newSeasonYears("matches"),
	}
}

func (p *eventsProjection) decode(ctx context.Context, r *kgo.Record) (any, football.Instant, error) {
	fact, err := wire.Decode(ctx, p.serde, wire.MatchEvent, r.Value)
	if err != nil {
		return nil, 0, err
	}
	return fact, fact.At, nil
}

func (p *eventsProjection) prepare(ctx context.Context, s *session, items []item) error {
	wanted := map[int]bool{}
	for _, it := range items {
		if e := it.fact.(*football.MatchEvent); e.Match != "" {
			wanted[int(SeasonYear(e.Season))] = true
		}
	}
	return p.seasons.need(ctx, s, wanted)
}

func (p *eventsProjection) write(ctx context.Context, tx *transaction, items []item) error {
	p.pending = p.names.batch()
	p.rows.reset()
	for _, it := range last(items, eventKey) {
		e := it.fact.(*football.MatchEvent)
		body, err := json.Marshal(e.Body)
		if err != nil {
			return fmt.Errorf("encode body of %s event %d: %w", e.Match, e.Sequence, err)
		}
		p.rows.row(len(eventsTable.columns))
		p.rows.text(string(e.Match))
		p.rows.int8(e.Sequence)
		p.rows.text(e.Body.Kind())
		p.rows.instant(e.At)
		p.rows.text(e.Source)
		p.rows.text(e.SourceEventID)
		p.rows.jsonb(body)
		p.rows.int4(it.record.Partition)
		p.rows.int8(it.record.Offset)
		if fixture, ok := e.Body.(football.FixtureScheduled); ok {
			p.pending.competition(e.Competition, e.Pool)
			p.pending.team(e.Home, e.Pool, fixture.HomeName)
			p.pending.team(e.Away, e.Pool, fixture.AwayName)
		}
	}
	if err := p.pending.write(ctx, tx); err != nil {
		return err
	}
	if err := tx.insert(ctx, eventsTable, &p.rows); err != nil {
		return err
	}
	announceMatches(&p.rows, items)
	return tx.merge(ctx, announcedTable, &p.rows)
}

func (p *eventsProjection) committed(int64, []item) { p.pending.committed() }

// eventKey orders events by match, then sequence. Events of a pool have none.
func eventKey(it item) (string, bool) {
	e := it.fact.(*football.MatchEvent)
	return fmt.Sprintf("%s~%012d", e.Match, e.Sequence), e.Match != ""
}
