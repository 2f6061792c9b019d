package source

import (
	"context"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Pace is how fast a feed's time passes. The zero value is as fast as it can.
type Pace struct {
	// Speed is in seconds of event time a second of the wall: 1 is real time, 60 plays a match in two minutes. 0 does
	// not wait.
	Speed float64

	// SkipIdle jumps over a stretch of event time that is longer than this and in which no match is in play. 0 waits
	// through nights and summers.
	SkipIdle time.Duration
}

// pacer delays a feed to its pace. The first event that is paced is the anchor: it is due at once, and later ones
// by their distance from it, so waits do not add up errors.
type pacer struct {
	Pace
	liveFrom football.Instant

	anchored bool
	event    football.Instant // the anchor
	wall     time.Time        // when it was due
	position football.Instant // of the last event
	inPlay   map[string]football.Instant
}

func newPacer(pace Pace, liveFrom football.Instant) *pacer {
	return &pacer{Pace: pace, liveFrom: liveFrom, inPlay: map[string]football.Instant{}}
}

// skipPublished passes over an event that was published before.
func (p *pacer) skipPublished(raw *football.RawEvent) {
	p.position = max(p.position, raw.At)
	p.trackPlay(raw)
}

// waitUntilDue returns when the event is due, or the cause of ctx.
func (p *pacer) waitUntilDue(ctx context.Context, raw *football.RawEvent) error {
	idle := p.SkipIdle > 0 && raw.At.Sub(p.position) > p.SkipIdle && !p.playing(p.position)
	p.skipPublished(raw)
	if p.Speed <= 0 || p.position < p.liveFrom {
		return nil
	}
	now := time.Now()
	if !p.anchored || idle {
		p.anchored, p.event, p.wall = true, p.position, now
		return nil
	}
	due := p.wall.Add(time.Duration(float64(p.position.Sub(p.event)) / p.Speed))
	if !due.After(now) {
		return nil
	}
	timer := time.NewTimer(due.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// trackPlay keeps which matches are in play.
func (p *pacer) trackPlay(raw *football.RawEvent) {
	switch raw.Moment {
	case football.MomentKickOff:
		p.inPlay[raw.SourceMatchID] = raw.At.Add(longestMatch)
	case football.MomentFullTime:
		delete(p.inPlay, raw.SourceMatchID)
	default: // nothing begins or ends
	}
}

func (p *pacer) playing(at football.Instant) bool {
	playing := false
	for match, until := range p.inPlay {
		if at > until {
			delete(p.inPlay, match)
			continue
		}
		playing = true
	}
	return playing
}
