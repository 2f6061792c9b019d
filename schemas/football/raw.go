package football

// RawEvent is a provider's payload, verbatim, in an envelope of where it came from and when it counts. It is
// the only fact that collectors write, and the truth from which everything else can be derived again.
type RawEvent struct {
	Pool   PoolID `avro:"pool"`
	Source string `avro:"source"` // one of Sources, SourceClock or SourceModels
	// unique within the source: the same id twice is a duplicate delivery
	SourceEventID string `avro:"source_event_id"`
	// the source's own name for the match; "" where a payload names it by itself
	SourceMatchID string        `avro:"source_match_id"`
	Competition   CompetitionID `avro:"competition"` // "" for pool-wide events such as ticks
	Season        Season        `avro:"season"`      // "" for pool-wide events
	Moment        Moment        `avro:"moment"`
	At            Instant       `avro:"at"`         // event time on the pool's clock
	FetchedAt     Instant       `avro:"fetched_at"` // when the collector got the payload
	ContentType   string        `avro:"content_type"`
	Payload       []byte        `avro:"payload"`
}

// The sources of raw events. Each has one collector and, in normalize, one parser.
const (
	SourceSimulator     = "simulator"
	SourceFootballData  = "football-data" // result files of football-data.co.uk and of its kind
	SourceOpenFootball  = "openfootball"  // football.json
	SourceStatsBomb     = "statsbomb"     // open event data
	SourceInternational = "international" // results of national teams
	SourceClock         = "clock"         // ticks
	SourceModels        = "models"        // changes of football.models
)

// Sources returns the sources of matches, one of which a collector is given: all but SourceClock and SourceModels,
// whose events the line writes by itself.
func Sources() []string {
	return []string{
		SourceSimulator, SourceFootballData, SourceOpenFootball, SourceStatsBomb, SourceInternational,
	}
}

// Moment is the part of a payload that a raw event represents. A result row of a CSV implies a history (scheduled 14
// days before kick-off, closing odds a minute before, ...): the collector publishes the same verbatim payload once per
// moment, and normalize takes from it only what was known by then.
type Moment string

// The moments that collectors publish.
const (
	MomentTick       Moment = "tick"       // a whole minute (in play) or day of the pool's clock; empty payload
	MomentModels     Moment = "models"     // a change of football.models takes effect for this pool
	MomentScheduled  Moment = "scheduled"  // fixture and, where the payload has them, early odds
	MomentClosing    Moment = "closing"    // closing odds, a minute before kick-off
	MomentKickOff    Moment = "kick-off"   // the match begins
	MomentHalfTime   Moment = "half-time"  // the half-time score
	MomentFullTime   Moment = "full-time"  // the result
	MomentEvent      Moment = "event"      // the payload is one event of a live feed, whose type is in it
	MomentUnreadable Moment = "unreadable" // the collector could not even date it: normalize refuses it with the reason
)
