package board

import (
	"github.com/touchline/touchline/api/live/record"
	"github.com/touchline/touchline/schemas/football"
)

// match is what the board knows of a match: the latest forecast of each model. Of a match that is not current any more,
// the forecasts are places in the log, without values.
type match struct {
	competition football.CompetitionID
	home, away  football.TeamID
	models      map[string]*record.Record
	current     bool
}

// settledMatch is a match that leaves once stream time has passed its instant by Config.Keep.
type settledMatch struct {
	match football.MatchID
	at    football.Instant
}

// keepForecast makes a forecast the latest of its match and model, and releases matches that have been over for long.
// The caller has locked the board.
func (b *Board) keepForecast(r *record.Record) {
	m := b.matches[r.Match]
	if m == nil {
		m = &match{competition: r.Competition, home: r.Home, away: r.Away, models: map[string]*record.Record{}}
		b.matches[r.Match] = m
	}
	if old := m.models[r.Model]; old != nil && r.Sequence < old.Sequence {
		return // an older forecast, written again
	}
	m.models[r.Model] = r
	m.current = true
	if r.Phase == football.Settled {
		b.settled[r.Partition] = append(b.settled[r.Partition], settledMatch{r.Match, r.At})
	}
	horizon := r.At.Add(-b.cfg.Keep)
	over := b.settled[r.Partition]
	for len(over) > 0 && over[0].at < horizon {
		b.releaseMatch(over[0].match, horizon)
		over = over[1:]
	}
	b.settled[r.Partition] = over
}

// releaseMatch keeps of a match that is over only where its forecasts are in the log. The caller has locked the board.
func (b *Board) releaseMatch(id football.MatchID, horizon football.Instant) {
	m := b.matches[id]
	if m == nil || !m.current {
		return
	}
	for _, r := range m.models {
		if r.Phase != football.Settled || r.At >= horizon {
			return // it went on, or was corrected lately; its turn comes again
		}
	}
	for model, r := range m.models {
		m.models[model] = r.PlaceOnly()
	}
	m.current = false
}

// Knows reports whether the board has had a record of the match.
func (b *Board) Knows(id football.MatchID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.matches[id] != nil
}

// KnowsAny reports whether the board has had a forecast of a match that may pass the filter.
func (b *Board) KnowsAny(f record.Filter) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, m := range b.matches {
		if f.WantsMatch(id, m.competition, m.home, m.away) {
			return true
		}
	}
	return false
}

// Places returns where in the log the latest forecasts of a match are, by model, and whether the match is current, so
// that an image of it needs nothing from elsewhere.
func (b *Board) Places(id football.MatchID) (places map[string]*record.Record, current bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.matches[id]
	if m == nil {
		return nil, false
	}
	places = make(map[string]*record.Record, len(m.models))
	for model, r := range m.models {
		places[model] = r
	}
	return places, m.current
}
