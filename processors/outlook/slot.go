package outlook

import (
	"slices"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Matches that kick off within slotWidth of each other have one outlook, when the last of them has its result. One that
// has none longest after its kick-off is no longer waited for.
const (
	slotWidth = 30 * time.Minute
	longest   = 4 * time.Hour
)

// Slot is what the stage knows of a season's matches that are being played, and whether a result waits for an outlook.
type Slot struct {
	Playing []Playing        `avro:"playing"` // begun and without a result, in the order in which they began
	Due     bool             `avro:"due"`     // the last outlook lacks a result
	Kickoff football.Instant `avro:"kickoff"` // of the newest match whose result it lacks
}

// Playing is a match that has begun.
type Playing struct {
	Match   football.MatchID `avro:"match"`
	Kickoff football.Instant `avro:"kickoff"`
}

// withMatch returns the slot after a record of a match, never changing the old list.
func (s Slot) withMatch(f *football.MatchFeatures) Slot {
	i := slices.IndexFunc(s.Playing, func(p Playing) bool { return p.Match == f.Match })
	playing := f.Live.Phase == football.InPlay || f.Live.Phase == football.HalfTime
	switch {
	case playing && i < 0:
		s.Playing = slices.Concat(s.Playing, []Playing{{f.Match, f.Kickoff}})
	case !playing && i >= 0:
		s.Playing = slices.Concat(s.Playing[:i], s.Playing[i+1:])
	}
	return s
}

// withResult returns the slot after a result of a match that kicked off then came, changed or went.
func (s Slot) withResult(kickoff football.Instant) Slot {
	s.Due, s.Kickoff = true, max(s.Kickoff, kickoff)
	return s
}

// isOver reports whether a result waits for an outlook, and no match that kicked off with it is being played.
func (s Slot) isOver(now football.Instant) bool {
	return s.Due && !slices.ContainsFunc(s.Playing, func(p Playing) bool {
		apart := p.Kickoff.Sub(s.Kickoff)
		return max(apart, -apart) <= slotWidth && now.Sub(p.Kickoff) < longest
	})
}

// same reports whether two slots are equal.
func (s Slot) same(other Slot) bool {
	return s.Due == other.Due && s.Kickoff == other.Kickoff && slices.Equal(s.Playing, other.Playing)
}
