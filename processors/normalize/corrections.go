package normalize

import (
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// takeCorrection takes back an earlier delivery of the same source.
func (s *step) takeCorrection(parsed statement, d *Delivery) *football.Refusal {
	old := s.match.deliveryByKey(hashKey(s.raw.Source, parsed.corrects, string(football.MomentEvent), ""))
	if old == nil {
		old = s.match.resultDelivery(s.alias, parsed.corrects)
	}
	switch {
	case old != nil && old.Sequence == 0 && s.match.knownToAnother(s.raw.Source):
		return nil // the event of another source counts in its place, and is that one's to take back
	case old == nil || old.Sequence == 0:
		return newRefusal(football.RefusedImpossible, "corrects", "no event %q of this match was accepted",
			parsed.corrects)
	case old.Taken:
		return nil
	case !correctable(old.Kind):
		return newRefusal(football.RefusedImpossible, "corrects", "the event %q is a %s, which can't be taken back",
			parsed.corrects, old.Kind)
	}
	sequence := old.Sequence
	s.takeBack(sequence)
	s.emitEvent(football.Correction{Corrects: sequence, Reason: parsed.reason}, d)
	return nil
}

// takeBack marks the delivery that gave the event as taken back, and what rests on it as open again.
func (s *step) takeBack(sequence int64) {
	m := s.match
	m.Deliveries = slices.Clone(m.Deliveries)
	for i := range m.Deliveries {
		if m.Deliveries[i].Sequence == sequence {
			m.Deliveries[i].Taken = true
			if m.Deliveries[i].Kind == football.KindPeriodEnded && m.Deliveries[i].Period > 1 {
				m.Ended = min(m.Ended, m.Deliveries[i].Period-1)
			}
		}
	}
	switch sequence {
	case m.FullTime.Sequence:
		m.FullTime.Stands = false
		m.Phase = football.InPlay
	case m.HalfTime.Sequence:
		m.HalfTime.Stands = false
	}
}

// resultDelivery returns the newest delivery of a half-time or full-time score under that id of the alias's source. Its
// key has the score in it, as the source gave it, which a correction does not name.
func (m *Match) resultDelivery(alias Alias, id string) *Delivery {
	for _, r := range []struct {
		result Result
		moment football.Moment
	}{{m.FullTime, football.MomentFullTime}, {m.HalfTime, football.MomentHalfTime}} {
		if r.result.Sequence == 0 || r.result.Source != alias.Source {
			continue
		}
		score := formatScore(r.result.Home, r.result.Away)
		if alias.Swapped {
			score = formatScore(r.result.Away, r.result.Home)
		}
		if d := m.deliveryByKey(hashKey(alias.Source, id, string(r.moment), score)); d != nil {
			return d
		}
	}
	return nil
}

// correctable reports whether an event of that kind can be taken back. A fixture is moved instead, and what has begun
// has begun.
func correctable(kind string) bool {
	switch kind {
	case football.KindGoal, football.KindCard, football.KindShot, football.KindSubstitution, football.KindLineUp,
		football.KindPeriodEnded, football.KindFullTime:
		return true
	}
	return false
}
