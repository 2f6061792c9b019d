package normalize

import (
	"encoding/json"

	"github.com/touchline/touchline/schemas/football"
)

// poolClockOf returns a copy of the pool's clock.
func poolClockOf(v football.View, id football.PoolID) Pool {
	if p := football.Get[Pool](v, poolKey(id)); p != nil {
		return *p
	}
	return Pool{}
}

// acceptTick passes a tick on, once, and drops what is due when a new day has begun.
func (s *Stage) acceptTick(v football.View, raw *football.RawEvent) []football.Output {
	if raw.Moment != football.MomentTick {
		return refuseInput(football.RefusedMalformed, "moment", "the clock has no moment %q", raw.Moment)
	}
	p := poolClockOf(v, raw.Pool)
	switch {
	case p.Tick != 0 && raw.At == p.Tick:
		return []football.Output{&football.Dropped{Reason: "duplicate"}}
	case raw.At < p.Now:
		return []football.Output{&football.Dropped{Reason: "superseded"}} // stream time has passed it
	}
	p.Now, p.Tick = raw.At, raw.At
	sweepDueDays(v, raw.Pool, &p)
	v.Put(poolKey(raw.Pool), &p)
	return []football.Output{poolEvent(raw, football.Tick{})}
}

// announceModels passes on that the pool knows football.models up to a position. The payload is {"position": 12}. It
// takes effect where it stands: without a time, or with one that the pool has not passed.
func (s *Stage) announceModels(v football.View, raw *football.RawEvent) []football.Output {
	var change struct {
		Position int64 `json:"position"`
	}
	if err := json.Unmarshal(raw.Payload, &change); err != nil {
		return refuseInput(football.RefusedMalformed, "payload", "%v", err)
	}
	p := poolClockOf(v, raw.Pool)
	switch {
	case change.Position <= 0:
		return refuseInput(football.RefusedMalformed, "position", "the position %d of football.models", change.Position)
	case change.Position <= p.Models:
		return []football.Output{&football.Dropped{Reason: "superseded"}}
	case raw.At != 0 && raw.At < p.Now:
		return refuseInput(football.RefusedLate, "at",
			"a change of models at %s can't take effect before the pool's stream time %s", raw.At, p.Now)
	}
	p.Models = change.Position
	p.Now = max(p.Now, raw.At)
	v.Put(poolKey(raw.Pool), &p)
	changed := poolEvent(raw, football.ModelsChanged{Position: change.Position})
	changed.At = p.Now
	return []football.Output{changed}
}

// poolEvent is an event that belongs to a pool and to no match, and so has no sequence.
func poolEvent(raw *football.RawEvent, body football.EventBody) *football.MatchEvent {
	return &football.MatchEvent{Pool: raw.Pool, At: raw.At, Source: raw.Source, SourceEventID: raw.SourceEventID,
		Body: body}
}

// sweepDueDays drops the matches and meetings of the days that have begun since the last sweep and whose time has come.
func sweepDueDays(v football.View, pool football.PoolID, p *Pool) {
	today := startOfDay(p.Now)
	if p.Swept == 0 {
		p.Swept = today // nothing can be due on the pool's first day
	}
	for at := p.Swept.Add(day); at <= today; at = at.Add(day) {
		key := dueListKey(pool, at)
		due := football.Get[Due](v, key)
		if due == nil {
			continue
		}
		for _, id := range due.Matches {
			dropMatch(v, pool, id, p.Now)
		}
		for _, meeting := range due.Meetings {
			if m := football.Get[Meeting](v, meetingKey(meeting)); m != nil && m.Dropped == m.Last &&
				m.Kickoff.Add(meetingWindow) <= p.Now {
				v.Delete(meetingKey(meeting))
			}
		}
		v.Delete(key)
	}
	p.Swept = max(p.Swept, today)
}

// dropMatch drops a match whose time has come and remembers its ordinal. One that was given more time is looked at
// again then.
func dropMatch(v football.View, pool football.PoolID, id football.MatchID, now football.Instant) {
	m := football.Get[Match](v, matchKey(id))
	if m == nil {
		return
	}
	if m.Expires > now {
		listDueMatch(v, pool, m.Expires, id)
		return
	}
	v.Delete(matchKey(id))
	unpairMatch(v, pool, id, m)
	for _, a := range m.Aliases {
		v.Delete(aliasKey(pool, a.Source, a.Name))
	}
	meeting := Meeting{Last: 1}
	if known := football.Get[Meeting](v, meetingKey(meetingOf(id))); known != nil {
		meeting = *known
	}
	meeting.Dropped = max(meeting.Dropped, ordinalOf(id))
	meeting.Kickoff = max(meeting.Kickoff, m.Kickoff)
	v.Put(meetingKey(meetingOf(id)), &meeting)
	listDueMeeting(v, pool, now.Add(meetingWindow), meetingOf(id))
}

// listDueMatch lists the match on the first day that begins at or after at.
func listDueMatch(v football.View, pool football.PoolID, at football.Instant, id football.MatchID) {
	key := dueListKey(pool, at.Add(day-1))
	due := copyDueList(v, key)
	due.Matches = append(due.Matches, id)
	v.Put(key, &due)
}

func listDueMeeting(v football.View, pool football.PoolID, at football.Instant, meeting string) {
	key := dueListKey(pool, at.Add(day-1))
	due := copyDueList(v, key)
	due.Meetings = append(due.Meetings, meeting)
	v.Put(key, &due)
}

// copyDueList returns a copy of a list with room for one more on each side.
func copyDueList(v football.View, key string) Due {
	old := football.Get[Due](v, key)
	if old == nil {
		return Due{}
	}
	return Due{
		Matches:  append(make([]football.MatchID, 0, len(old.Matches)+1), old.Matches...),
		Meetings: append(make([]string, 0, len(old.Meetings)+1), old.Meetings...),
	}
}
