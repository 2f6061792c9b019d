package statsbomb

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// Pauses before a period, by its number, and how long before kick-off line-ups are known.
var pauses = [...]time.Duration{2: 15 * time.Minute, 3: 5 * time.Minute, 4: time.Minute, 5: 5 * time.Minute}

const lineUpsBefore = time.Hour

// match is one file of events.
type match struct {
	id          string
	pool        football.PoolID
	competition football.CompetitionID
	season      football.Season
	date        string
	kickoff     football.Instant
	home, away  string
	items       []item
	elevens     []json.RawMessage // the line-ups so far, the home side's first
	lastPeriod  int               // that has ended so far

	known  indexed        // what an index has of it
	listed *source.Row    // what a file of matches has of it; nil where none does
	report *source.Report // of its file
}

// item is an event that is published.
type item struct {
	id       string
	moment   football.Moment
	payload  []byte
	index    int
	period   int
	elapsed  time.Duration // since the period began
	lineUp   bool
	at       football.Instant
	position football.Instant // the greatest instant of the match so far: events are ordered by index, not by time
}

// event is an event, as far as dating and ordering need it.
type event struct {
	ID        string `json:"id"`
	Index     int    `json:"index"`
	Period    int    `json:"period"`
	Timestamp string `json:"timestamp"`
	Type      struct {
		Name string `json:"name"`
	} `json:"type"`
	Team struct {
		Name string `json:"name"`
	} `json:"team"`
	FoulCommitted struct {
		Card *json.RawMessage `json:"card"`
	} `json:"foul_committed"`
	BadBehaviour struct {
		Card *json.RawMessage `json:"card"`
	} `json:"bad_behaviour"`
}

// published reports whether the event is part of a live feed.
func (e *event) published() bool {
	switch e.Type.Name {
	case "Starting XI", "Half Start", "Half End", "Shot", "Own Goal For", "Substitution":
		return true
	default:
		return e.FoulCommitted.Card != nil || e.BadBehaviour.Card != nil
	}
}

// ofNoInterest reports, without decoding it, that an event is none of those that are published: 97 of 100 are passes
// and the like.
func ofNoInterest(payload []byte) bool {
	for _, word := range [...]string{`"Starting XI"`, `"Half `, `"Shot"`, `"Own Goal For"`, `"Substitution"`,
		`"card"`} {
		if bytes.Contains(payload, []byte(word)) {
			return false
		}
	}
	return bytes.Contains(payload, []byte(`"type"`)) && bytes.Contains(payload, []byte(`"timestamp"`))
}

// readMatch reads a file of events. What can't be read from some point on becomes one unreadable item.
func readMatch(id string, data []byte) *match {
	m := &match{id: id}
	dec := json.NewDecoder(bytes.NewReader(data))
	_, err := dec.Token() // [
	for n := 1; err == nil && dec.More(); n++ {
		var payload json.RawMessage
		if err = dec.Decode(&payload); err != nil {
			break
		}
		if ofNoInterest(payload) {
			continue
		}
		m.addEvent(fmt.Sprintf("%s:%d", id, n), payload)
	}
	if err == nil {
		_, err = dec.Token() // ]
	}
	if err != nil {
		rest := bytes.TrimSpace(data[min(dec.InputOffset(), int64(len(data))):])
		if len(rest) == 0 {
			rest = []byte(err.Error()) // the file ends too early: there is no piece to show
		}
		m.items = append(m.items, m.unreadable(id+":rest", rest))
	}
	m.endMatch()
	return m
}

// addEvent adds the item of an event that is published. One that can't be read is an unreadable item at the place.
func (m *match) addEvent(place string, payload []byte) {
	var e event
	elapsed := time.Duration(0)
	err := json.Unmarshal(payload, &e)
	if err == nil {
		elapsed, err = sinceMidnight(e.Timestamp)
	}
	switch {
	case err != nil || e.ID == "" || e.Period < 1 || e.Period >= len(pauses):
		m.items = append(m.items, m.unreadable(place, payload))
		return
	case !e.published():
		return
	}
	i := item{id: e.ID, moment: football.MomentEvent, payload: payload, index: e.Index, period: e.Period,
		elapsed: elapsed}
	switch e.Type.Name {
	case "Starting XI":
		i.lineUp = true
		if m.elevens = append(m.elevens, payload); len(m.elevens) == 1 {
			m.home = e.Team.Name
		} else if len(m.elevens) == 2 {
			m.away = e.Team.Name
		}
	case "Half Start":
		if e.Period == 1 {
			i.moment = football.MomentKickOff
		}
	case "Half End":
		if e.Period == 1 {
			i.moment = football.MomentHalfTime
		}
		m.lastPeriod = max(m.lastPeriod, e.Period)
	}
	m.items = append(m.items, i)
}

// unreadable is an item that can't be dated; it comes where the one before it does.
func (m *match) unreadable(id string, payload []byte) item {
	i := item{id: id, moment: football.MomentUnreadable, payload: payload, lineUp: true}
	if n := len(m.items); n > 0 {
		before := m.items[n-1]
		i.index, i.period, i.elapsed, i.lineUp = before.index, before.period, before.elapsed, before.lineUp
	}
	return i
}

// endMatch makes the end of the last period the end of the match, and puts the fixture in front.
func (m *match) endMatch() {
	slices.SortStableFunc(m.items, func(a, b item) int { return cmp.Compare(a.index, b.index) })
	for i := range m.items {
		it := &m.items[i]
		var e event
		if m.lastPeriod > 1 && it.period == m.lastPeriod && it.moment == football.MomentEvent &&
			json.Unmarshal(it.payload, &e) == nil && e.Type.Name == "Half End" {
			it.moment = football.MomentFullTime
		}
	}
	if len(m.elevens) != 2 {
		return // without its teams the match can't be scheduled: normalize refuses its events as of an unknown match
	}
	payload := append([]byte{'['}, m.elevens[0]...)
	payload = append(append(payload, ','), m.elevens[1]...)
	m.announce(append(payload, ']'))
}

// announce puts the fixture in front, with the given payload.
func (m *match) announce(payload []byte) {
	if len(m.items) > 0 && m.items[0].moment == football.MomentScheduled {
		m.items = m.items[1:]
	}
	m.items = append([]item{{id: m.id, moment: football.MomentScheduled, payload: payload}}, m.items...)
}

// parameters are what is known of the match beyond the payload of its fixture.
func (m *match) parameters(i *item) string {
	if m.listed == nil || i.moment != football.MomentScheduled {
		return ""
	}
	return m.listed.Parameters()
}

// assignInstants gives every item its instant, now that kick-off is known.
func (m *match) assignInstants() {
	var starts [len(pauses)]football.Instant
	start, end := m.kickoff, m.kickoff
	position := football.Instant(0)
	for i := range m.items {
		it := &m.items[i]
		switch {
		case it.moment == football.MomentScheduled:
			it.at = m.kickoff.Add(-source.ScheduledBefore)
		case it.lineUp:
			it.at = m.kickoff.Add(-lineUpsBefore)
		default:
			if starts[it.period] == 0 {
				if it.period > 1 {
					start = end.Add(pauses[it.period])
				}
				starts[it.period] = start
			}
			it.at = starts[it.period].Add(it.elapsed)
			end = max(end, it.at)
		}
		position = max(position, it.at)
		it.position = position
	}
}

// sinceMidnight reads "00:45:59.920".
func sinceMidnight(timestamp string) (time.Duration, error) {
	t, err := time.Parse("15:04:05", timestamp)
	if err != nil {
		return 0, err
	}
	return t.Sub(t.Truncate(24 * time.Hour)), nil
}

// saturday returns 15:00 UTC of the n-th Saturday (from 0) on or after 15 August of a season.
func saturday(season football.Season, n int) football.Instant {
	at := source.SeasonStart(season).Add(45 * 24 * time.Hour)
	for at.Time().Weekday() != time.Saturday {
		at = at.Add(24 * time.Hour)
	}
	return at.Add(time.Duration(n)*7*24*time.Hour + 15*time.Hour)
}
