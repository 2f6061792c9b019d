package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

type eventItem = item[football.MatchEvent]

// eventRow is an event with its body as JSON, which is encoded before the rows are: encoding can fail.
type eventRow struct {
	eventItem
	body []byte
}

var eventsTable = &table[eventRow]{
	name: "match_events",
	columns: []column[eventRow]{
		textColumn("match", func(r eventRow) football.MatchID { return r.fact.Match }),
		bigintColumn("sequence", func(r eventRow) int64 { return r.fact.Sequence }),
		textColumn("kind", func(r eventRow) string { return r.fact.Body.Kind() }),
		instantColumn("at", func(r eventRow) football.Instant { return r.fact.At }),
		textColumn("source", func(r eventRow) string { return r.fact.Source }),
		textColumn("source_event_id", func(r eventRow) string { return r.fact.SourceEventID }),
		jsonColumn("body", func(r eventRow) []byte { return r.body }),
		intColumn("partition", func(r eventRow) int32 { return r.record.Partition }),
		bigintColumn("log_offset", func(r eventRow) int64 { return r.record.Offset }),
	},
	key:   []string{"match", "sequence"},
	newer: "new.log_offset > old.log_offset",
}

// eventsProjection writes match_events, and announces matches that have no feature record yet (matches.go). Ticks and
// changes of models belong to a pool, not to a match: they move stream time and become no row.
type eventsProjection struct {
	matchesBase[football.MatchEvent]
}

func newEventsProjection(serde *wire.Serde, reference *football.Reference) *eventsProjection {
	return &eventsProjection{newMatchesBase(base[football.MatchEvent]{
		topic: wire.TopicMatchEvents, schema: wire.MatchEvent, serde: serde,
		forget: `TRUNCATE match_events; DELETE FROM matches WHERE sequence = 0`,
		at:     func(e *football.MatchEvent) football.Instant { return e.At },
	}, reference, func(e *football.MatchEvent) football.Season { return e.Season })}
}

func (p *eventsProjection) writeItems(ctx context.Context, tx *transaction, items []eventItem) error {
	p.changes = p.directory.newChanges()
	var rows []eventRow
	for _, it := range lastOfEachKey(items, eventKey) {
		e := it.fact
		body, err := json.Marshal(e.Body)
		if err != nil {
			return fmt.Errorf("encode body of %s event %d: %w", e.Match, e.Sequence, err)
		}
		rows = append(rows, eventRow{it, body})
		if fixture, ok := e.Body.(football.FixtureScheduled); ok {
			p.changes.addCompetition(e.Competition, e.Pool)
			p.changes.addTeam(e.Home, e.Pool, fixture.HomeName)
			p.changes.addTeam(e.Away, e.Pool, fixture.AwayName)
		}
	}
	if err := p.changes.writeRows(ctx, tx); err != nil {
		return err
	}
	if err := eventsTable.insertRows(ctx, tx, rows); err != nil {
		return err
	}
	return announcedTable.mergeRows(ctx, tx, announcedRows(items))
}

// eventKey orders events by match, then sequence. Events of a pool have none.
func eventKey(it eventItem) (string, bool) {
	return fmt.Sprintf("%s~%012d", it.fact.Match, it.fact.Sequence), it.fact.Match != ""
}
