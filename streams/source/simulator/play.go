package simulator

import (
	"cmp"
	"container/heap"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// When a postponed match is called off, gets its new date and is played, relative to its first kick-off.
const (
	calledOff   = -24 * time.Hour
	rescheduled = -18 * time.Hour
	playedLater = 10*24*time.Hour + 3*time.Hour
	lineUpsOut  = -time.Hour
	tribunal    = 48 * time.Hour // after the end
)

// play is the feed of one league. It plays a match when its fixture is due, and keeps what is not yet delivered.
type play struct {
	cfg    Config
	league *league
	season int
	coming []fixture // of the season, by kick-off
	queue  queue
	made   int
}

func newPlay(cfg Config, l *league) *play {
	p := &play{cfg: cfg, league: l, season: -cfg.History}
	p.coming = l.seasonFixtures(p.season)
	return p
}

// Next returns the next message.
func (p *play) Next(context.Context) (source.Item, error) {
	for {
		if len(p.coming) == 0 && (p.cfg.Seasons == 0 || p.season+1 < p.cfg.Seasons) {
			p.season++
			p.coming = p.league.seasonFixtures(p.season)
		}
		due := len(p.coming) > 0 && (len(p.queue) == 0 || p.coming[0].announced <= p.queue[0].Position)
		switch {
		case due:
			f := p.coming[0]
			p.coming = p.coming[1:]
			if f.season < 0 {
				p.queueHistoryRow(f)
			} else {
				p.queueLiveMatch(f)
			}
		case len(p.queue) == 0:
			return source.Item{}, io.EOF
		default:
			return heap.Pop(&p.queue).(delivery).Item, nil
		}
	}
}

// queueHistoryRow delivers a match of history: one payload, at each of its moments.
func (p *play) queueHistoryRow(f fixture) {
	m := p.league.playMatch(f, f.kickoff)
	payload := encodeMessage(message{
		Type: "result", Home: m.clubs[0], Away: m.clubs[1], Kickoff: f.kickoff, Odds: m.early, Closing: m.closing,
		HalfTime: &m.halfTime, FullTime: &m.fullTime, Counts: &m.counts,
	})
	for _, at := range [...]struct {
		moment football.Moment
		after  time.Duration
	}{
		{football.MomentScheduled, -source.ScheduledBefore}, {football.MomentClosing, -source.ClosingBefore},
		{football.MomentKickOff, 0},
		{football.MomentHalfTime, source.HalfTimeAfter}, {football.MomentFullTime, source.FullTimeAfter},
	} {
		p.queuePayload(f, string(at.moment), at.moment, f.kickoff.Add(at.after), 0, payload)
	}
}

// queueLiveMatch delivers a match as it is played.
func (p *play) queueLiveMatch(f fixture) {
	kickoff := f.kickoff
	fixed := p.league.playMatch(f, kickoff)
	p.queueMessage(f, "fixture", football.MomentScheduled, f.announced, message{
		Type: "fixture", Home: fixed.clubs[0], Away: fixed.clubs[1], Kickoff: kickoff, Odds: fixed.early, Tie: f.tie,
		Neutral: f.neutral,
	})
	m := fixed
	league := f.tie.Kind == football.TieNone // the calendar of a cup has no room, and its result is final
	if league && fixed.rng.Float64() < p.cfg.Postponed {
		p.queueMessage(f, "postponed", football.MomentEvent, kickoff.Add(calledOff), message{Type: "postponed"})
		later := kickoff.Add(playedLater)
		p.queueMessage(f, "fixture-2", football.MomentScheduled, kickoff.Add(rescheduled), message{
			Type: "fixture", Home: fixed.clubs[0], Away: fixed.clubs[1], Kickoff: later,
		})
		kickoff = later
		m = p.league.playMatch(f, kickoff)
		m.rng.Float64() // the draw above
	}
	for side, club := range m.clubs {
		name := [2]football.Side{football.Home, football.Away}[side]
		p.queueMessage(f, "line-up-"+string(name), football.MomentEvent, kickoff.Add(lineUpsOut),
			message{Type: "line-up", Side: name, Players: startingEleven(club)})
	}
	p.queueMessage(f, "closing", football.MomentClosing, kickoff.Add(-source.ClosingBefore),
		message{Type: "closing", Closing: m.closing})
	p.queueMessage(f, "kick-off", football.MomentKickOff, kickoff, message{Type: "kick-off"})
	p.queueMessage(f, "half-time", football.MomentHalfTime, kickoff.Add(m.firstHalf), message{
		Type: "half-time", HalfTime: &m.halfTime, Clock: &football.Clock{Period: 1,
			Elapsed: int32(m.firstHalf.Seconds())},
	})
	p.queueMessage(f, "second-half", football.MomentEvent, kickoff.Add(m.firstHalf+halfTimeBreak),
		message{Type: "second-half"})
	p.queuePlayEvents(f, m)
	for i, t := range m.periods {
		p.queueMessage(f, fmt.Sprintf("p%d", i+1), football.MomentEvent, t.at, t.message)
	}
	p.queueMessage(f, "full-time", football.MomentFullTime, m.end,
		message{Type: "full-time", FullTime: &m.fullTime, Counts: &m.counts})
	if league && m.rng.Float64() < p.cfg.Overturned {
		at := m.end.Add(tribunal)
		awarded := [2]int32{3, 0}
		p.queueMessage(f, "overturned", football.MomentEvent, at, message{
			Type: "correction", Corrects: p.sourceEventID(f, "full-time"), Reason: "the tribunal annulled the result",
		})
		p.queueMessage(f, "full-time-2", football.MomentFullTime, at.Add(time.Second),
			message{Type: "full-time", FullTime: &awarded, Counts: &m.counts})
	}
}

// queuePlayEvents delivers what happened in play, some of it late, twice or broken.
func (p *play) queuePlayEvents(f fixture, m *match) {
	for i, t := range m.play {
		name := fmt.Sprintf("e%d", i+1)
		payload := encodeMessage(t.message)
		delay := p.drawDelay(m, t)
		p.queuePayload(f, name, t.moment, t.at, delay, payload)
		if m.rng.Float64() < p.cfg.Duplicate {
			p.queuePayload(f, name, t.moment, t.at, delay+time.Duration(5+m.rng.IntN(90))*time.Second, payload)
		}
		if m.rng.Float64() < p.cfg.Malformed {
			p.queuePayload(f, name+"-broken", t.moment, t.at, delay+time.Second, payload[:len(payload)*2/3])
		}
		if t.disallowed > 0 {
			p.queueMessage(f, name+"-var", football.MomentEvent, t.at.Add(delay+t.disallowed), message{
				Type: "correction", Corrects: p.sourceEventID(f, name), Reason: "VAR: no goal",
			})
		}
	}
}

// drawDelay draws how late a message is. What counts comes before full time; a shot may be too late to be taken.
func (p *play) drawDelay(m *match, t timed) time.Duration {
	late, by := m.rng.Float64() < p.cfg.Late, time.Duration(20+m.rng.IntN(160))*time.Second
	if t.Type == "shot" && m.rng.Float64() < 0.1 {
		by += 11 * time.Minute
	}
	if !late || t.at.Add(by) >= m.end {
		return 0
	}
	return by
}

// sourceEventID returns the source event id of a message.
func (p *play) sourceEventID(f fixture, name string) string {
	return p.league.matchName(f) + "#" + name
}

func (p *play) queueMessage(f fixture, name string, moment football.Moment, at football.Instant, m message) {
	p.queuePayload(f, name, moment, at, 0, encodeMessage(m))
}

// queuePayload queues a message that comes some time after its instant.
func (p *play) queuePayload(f fixture, name string, moment football.Moment, at football.Instant, delay time.Duration,
	payload []byte) {
	p.made++
	live := f.season >= 0
	heap.Push(&p.queue, delivery{
		Item: source.Item{
			Position: at.Add(delay),
			Kicks:    live && moment == football.MomentKickOff,
			Ends:     live && moment == football.MomentFullTime,
			Raw: &football.RawEvent{
				Pool: p.league.Pool, Source: Name, SourceEventID: p.sourceEventID(f, name),
				SourceMatchID: p.league.matchName(f),
				Competition:   p.league.competitionOf(f), Season: p.league.seasonName(f.season), Moment: moment, At: at,
				ContentType: "application/json", Payload: payload,
			},
		},
		home: p.league.Clubs[f.home], made: p.made,
	})
}

func encodeMessage(m message) []byte {
	payload, err := json.Marshal(m)
	if err != nil {
		panic("simulator: encode a message: " + err.Error()) // it has no value that JSON lacks
	}
	return payload
}

// delivery is a queued message.
type delivery struct {
	source.Item
	home string
	made int
}

// queue is a heap of what is not yet delivered.
type queue []delivery

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	a, b := q[i], q[j]
	return cmp.Or(
		cmp.Compare(a.Position, b.Position), cmp.Compare(source.Rank(a.Raw.Moment), source.Rank(b.Raw.Moment)),
		cmp.Compare(a.home, b.home), cmp.Compare(a.made, b.made),
	) < 0
}

func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push is called by package heap.
func (q *queue) Push(x any) { *q = append(*q, x.(delivery)) }

// Pop is called by package heap.
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = delivery{}
	*q = old[:len(old)-1]
	return last
}
