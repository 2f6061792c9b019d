package wire

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/hamba/avro/v2"

	"github.com/touchline/touchline/schemas/football"
)

// eventRecord is a MatchEvent as hamba can encode it: the sealed body becomes an Avro union over any.
type eventRecord struct {
	Match         football.MatchID       `avro:"match"`
	Pool          football.PoolID        `avro:"pool"`
	Competition   football.CompetitionID `avro:"competition"`
	Season        football.Season        `avro:"season"`
	Home          football.TeamID        `avro:"home"`
	Away          football.TeamID        `avro:"away"`
	Sequence      int64                  `avro:"sequence"`
	At            football.Instant       `avro:"at"`
	Source        string                 `avro:"source"`
	SourceEventID string                 `avro:"source_event_id"`
	Body          any                    `avro:"body"`
}

// eventRecords are zero records to decode into: each is only needed until its fields are copied.
var eventRecords = sync.Pool{New: func() any { return new(eventRecord) }}

// newEventAPI returns the library with the Go type of each branch of the body's union.
func newEventAPI() avro.API {
	api := libraryConfig.Freeze()
	for _, body := range Bodies() {
		api.Register("touchline.football."+typeName(body), body)
	}
	return api
}

// Bodies returns a zero value of every event body, in the order of the union.
func Bodies() []football.EventBody {
	return []football.EventBody{
		football.FixtureScheduled{}, football.OddsQuoted{}, football.LineUp{}, football.KickOff{}, football.Goal{},
		football.Card{}, football.Shot{}, football.Substitution{}, football.PeriodStarted{}, football.PeriodEnded{},
		football.FullTime{}, football.Correction{}, football.Tick{}, football.ModelsChanged{}, football.MatchCounts{},
	}
}

func typeName(body football.EventBody) string {
	name := fmt.Sprintf("%T", body)
	return name[len("football."):]
}

// matchEventSchema is the schema of match events, whose sealed body travels as a union.
func matchEventSchema() *Schema[football.MatchEvent] {
	s := &Schema[football.MatchEvent]{
		format: newFormat("match-event", schemaText("match-event"), reflect.TypeFor[*eventRecord](), newEventAPI),
		blank:  func() any { return eventRecords.Get() },
	}
	s.toAvro = func(e *football.MatchEvent) any {
		return &eventRecord{
			e.Match, e.Pool, e.Competition, e.Season, e.Home, e.Away, e.Sequence, e.At, e.Source, e.SourceEventID,
			e.Body,
		}
	}
	s.fromAvro = func(value any) (*football.MatchEvent, error) {
		r := value.(*eventRecord)
		defer func() {
			*r = eventRecord{}
			eventRecords.Put(r)
		}()
		body, ok := r.Body.(football.EventBody)
		if !ok {
			return nil, fmt.Errorf("decode match-event: unknown body %T", r.Body)
		}
		return &football.MatchEvent{
			Match: r.Match, Pool: r.Pool, Competition: r.Competition, Season: r.Season, Home: r.Home, Away: r.Away,
			Sequence: r.Sequence, At: r.At, Source: r.Source, SourceEventID: r.SourceEventID, Body: body,
		}, nil
	}
	return s
}
