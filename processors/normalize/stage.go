package normalize

import (
	"cmp"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/touchline/touchline/schemas/football"
)

// lateness is how far behind stream time a live event may be.
const lateness = 10 * time.Minute

// Stage is the stage. It has no field but the reference, so it may be used by many goroutines.
type Stage struct{ ref *football.Reference }

// New returns the stage over the installation's pools, competitions and teams.
func New(ref *football.Reference) *Stage { return &Stage{ref} }

// Name returns "normalize".
func (*Stage) Name() string { return "normalize" }

// Version returns the version of the rules. Another version may number other events. 2 reads rows that 1 refused: with
// names of columns in all spellings, with cells beyond the header or short of its end (docs/decisions/0019-reading.md).
// 3 takes what several sources give of a match together (docs/decisions/0023-one-match.md), and refuses raw events that
// are not in their pool's partition, which 2 folded on the state of another partition.
func (*Stage) Version() int { return 3 }

// Partition returns the partition, of so many, to which a raw event belongs: its pool's. It is false for a pool that is
// not configured, which Step refuses wherever the event is.
func (s *Stage) Partition(raw *football.RawEvent, partitions int32) (int32, bool) {
	if _, ok := s.ref.Pool(raw.Pool); !ok {
		return 0, false
	}
	return s.ref.Partition(raw.Pool, partitions), true
}

// Step parses the raw event, applies its claims to the view and returns the match events that it caused. A refusal of
// the whole raw event is the only output of its step.
func (s *Stage) Step(v football.View, raw *football.RawEvent) []football.Output {
	if _, ok := s.ref.Pool(raw.Pool); !ok {
		return refuseInput(football.RefusedMalformed, "pool", "no pool %q is configured", raw.Pool)
	}
	switch raw.Source {
	case football.SourceClock:
		return s.acceptTick(v, raw)
	case football.SourceModels:
		return s.announceModels(v, raw)
	}
	parsed, refusal := parsePayload(raw)
	if refusal != nil {
		return []football.Output{refusal}
	}
	c, ok := s.ref.Competition(raw.Competition)
	switch {
	case !ok || c.Pool != raw.Pool:
		return refuseInput(football.RefusedMalformed, "competition", "the pool %s has no competition %q", raw.Pool,
			raw.Competition)
	case raw.Season == "":
		return refuseInput(football.RefusedMalformed, "season", "the raw event names no season")
	}
	step := step{ref: s.ref, view: v, raw: raw, pool: poolClockOf(v, raw.Pool)}
	return step.takeStatement(parsed)
}

// step is one raw event on its way into a match.
type step struct {
	ref   *football.Reference
	view  football.View
	raw   *football.RawEvent
	pool  Pool
	id    football.MatchID
	match *Match    // a copy of the view's
	fresh bool      // the match did not exist
	alias Alias     // the source's name for the match
	names [2]string // of the teams, where the payload was asked for them
	out   []football.Output

	newName bool // the source named the match for the first time
}

// takeStatement applies a statement.
func (s *step) takeStatement(parsed statement) []football.Output {
	if parsed.isLiveEvent() && s.raw.At.Add(lateness) < s.pool.Now {
		return refuseInput(football.RefusedLate, "at", "the event of %s is %s behind the pool's stream time %s",
			s.raw.At, s.pool.Now.Sub(s.raw.At).Truncate(time.Second), s.pool.Now)
	}
	if refusal := s.identifyMatch(parsed); refusal != nil {
		return []football.Output{refusal}
	}
	key := parsed.deliveryKey(s.raw)
	if !s.fresh && s.match.deliveryByKey(key) != nil {
		s.advanceStreamTime()
		return []football.Output{&football.Dropped{Reason: "duplicate"}}
	}
	if s.alias.Swapped {
		parsed, s.names = parsed.swapSides(), [2]string{s.names[1], s.names[0]}
	}
	delivery := Delivery{Key: key}
	refusal := s.applyClaims(parsed, &delivery)
	if refusal != nil {
		return []football.Output{refusal}
	}
	s.match.Deliveries = append(s.match.Deliveries, delivery) // also when it repeated what is recorded: that may change
	s.saveMatch()
	for _, refusal := range parsed.refused {
		s.out = append(s.out, refusal)
	}
	if len(s.out) == 0 {
		return []football.Output{&football.Dropped{Reason: "duplicate"}}
	}
	return s.out
}

// applyClaims applies the claims of a statement one after the other.
func (s *step) applyClaims(parsed statement, d *Delivery) *football.Refusal {
	if parsed.corrects != "" {
		return s.takeCorrection(parsed, d)
	}
	for _, claim := range parsed.claims {
		if parsed.team != "" {
			team, ok := s.ref.Team(s.raw.Pool, parsed.team)
			switch {
			case ok && team.ID == s.match.Home:
				claim = withSide(claim, football.Home)
			case ok && team.ID == s.match.Away:
				claim = withSide(claim, football.Away)
			default:
				return newRefusal(football.RefusedUnknownTeam, "team", "%q does not play in %s", parsed.team, s.id)
			}
		}
		if refusal := s.applyClaim(claim, d); refusal != nil {
			return refusal
		}
	}
	return nil
}

// emitEvent numbers the body as the match's next event.
func (s *step) emitEvent(body football.EventBody, d *Delivery) {
	m := s.match
	m.Sequence++
	d.Sequence, d.Kind = m.Sequence, body.Kind()
	m.Expires = max(m.Expires, s.raw.At.Add(window))
	s.out = append(s.out, &football.MatchEvent{
		Match: s.id, Pool: s.raw.Pool, Competition: m.Competition, Season: m.Season, Home: m.Home, Away: m.Away,
		Sequence: m.Sequence, At: s.raw.At, Source: s.raw.Source, SourceEventID: s.raw.SourceEventID, Body: body,
	})
}

// saveMatch writes the match, a new alias and stream time.
func (s *step) saveMatch() {
	if s.newName {
		alias := s.alias
		alias.Match = s.id
		s.match.Aliases = append(s.match.Aliases, alias)
		s.view.Put(aliasKey(s.raw.Pool, alias.Source, alias.Name), &alias)
	}
	if s.fresh {
		listDueMatch(s.view, s.raw.Pool, s.match.Expires, s.id)
		pairMatch(s.view, s.raw.Pool, s.id, s.match)
	}
	s.view.Put(matchKey(s.id), s.match)
	s.advanceStreamTime()
}

// advanceStreamTime moves stream time on.
func (s *step) advanceStreamTime() {
	if s.pool.Swept == 0 {
		s.pool.Swept = startOfDay(s.raw.At) // what is made from here on is due later
	}
	if s.raw.At > s.pool.Now {
		s.pool.Now = s.raw.At
		s.view.Put(poolKey(s.raw.Pool), &s.pool)
	}
}

// parsePayload parses the payload with its source's parser.
func parsePayload(raw *football.RawEvent) (statement, *football.Refusal) {
	if oversized(raw.ContentType) {
		return statement{}, newRefusal(football.RefusedOversized, "",
			"the payload is over 1 MiB; the raw event has its first %d bytes", len(raw.Payload))
	}
	if !utf8.Valid(raw.Payload) {
		return statement{}, newRefusal(football.RefusedMalformed, "payload", "the payload is not UTF-8")
	}
	parse := parserOf(raw.Source)
	if parse == nil {
		return statement{}, newRefusal(football.RefusedUnknownSource, "source", "no parser for the source %q",
			raw.Source)
	}
	parsed, bad := parse(raw)
	if bad == nil && raw.Moment == football.MomentUnreadable {
		bad = newRefusal(football.RefusedMalformed, "", "%s",
			cmp.Or(contentParameter(raw.ContentType, "problem"), "the collector could not date the payload"))
	}
	return parsed, bad
}

// hashKey hashes the identity of a delivery: FNV-1a over 64 bits. Among a match's some hundred deliveries a collision
// by chance is out of reach.
func hashKey(parts ...string) int64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * prime
		}
		h *= prime // a zero byte between the parts
	}
	return int64(h)
}

func newRefusal(reason football.RefusalReason, field, format string, args ...any) *football.Refusal {
	return &football.Refusal{Reason: reason, Field: field, Detail: fmt.Sprintf(format, args...)}
}

func refuseInput(reason football.RefusalReason, field, format string, args ...any) []football.Output {
	return []football.Output{newRefusal(reason, field, format, args...)}
}
