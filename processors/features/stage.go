package features

import (
	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// MaxPerEvent is the most feature records that one event of a match causes: its own, each team's next fixture's and the
// second leg's.
const MaxPerEvent = 4

// MaxPerTick returns the most feature records that a tick causes in a pool with so many matches in play and so many
// fixtures within the horizon.
func MaxPerTick(inPlay, horizon int) int { return inPlay + horizon }

// Stage folds match events into feature records. It holds settings only; all state is in the view.
type Stage struct {
	cfg Config
}

// New returns the stage.
func New(cfg Config) *Stage { return &Stage{cfg: cfg.withDefaults()} }

// Name returns "features".
func (s *Stage) Name() string { return "features" }

// Version returns 3: it changes when a replay would give other records. 2 has tables and form; 3 does not take
// knock-outs for matches of their league, and settles a match again when its score after 90 minutes becomes known.
func (s *Stage) Version() int { return 3 }

// Step folds e into the view and returns the feature records that it causes.
func (s *Stage) Step(v football.View, e *football.MatchEvent) []football.Output {
	st := step{cfg: s.cfg, params: s.cfg.ratingParams(e.Pool), view: v, id: e.Pool, event: e}
	st.loadPool()
	switch body := e.Body.(type) {
	case football.Tick:
		st.applyTick()
	case football.ModelsChanged:
		st.pool.ModelsPosition = max(st.pool.ModelsPosition, body.Position)
	default:
		st.applyMatchEvent()
	}
	st.storePool()
	return st.out
}

// step is one call of Step: the event, and what it has changed and caused so far.
type step struct {
	cfg    Config
	params rating.Params // of the pool
	view   football.View
	id     football.PoolID
	event  *football.MatchEvent
	pool   Pool // a copy, which storePool writes back
	out    []football.Output
}

// loadPool reads the pool's state and moves its stream time on, which never goes back.
func (st *step) loadPool() {
	if p := football.Get[Pool](st.view, poolKey(st.id)); p != nil {
		st.pool = *p
	}
	if st.pool.Now == 0 { // announcements of models may come before the first event, and have no instant
		today := int64(dayContaining(st.event.At))
		st.pool.Today, st.pool.Oldest = today, today
	}
	st.pool.Now = max(st.pool.Now, st.event.At)
}

// storePool writes the pool's state if the step changed it.
func (st *step) storePool() {
	if p := football.Get[Pool](st.view, poolKey(st.id)); p == nil || !p.equalPool(st.pool) {
		pool := st.pool
		st.view.Put(poolKey(st.id), &pool)
	}
}

// applyMatchEvent applies an event of a match.
func (st *step) applyMatchEvent() {
	old := football.Get[Match](st.view, matchKey(st.event.Match))
	if old == nil {
		old = st.newMatchOrRefuse()
	}
	if old == nil {
		return
	}
	m := *old
	m.Play = old.Play.Apply(st.event)
	moved, changed := st.applyBody(old, &m)
	if !changed {
		return
	}
	st.view.Put(matchKey(m.Match), &m)
	if moved {
		st.recordNextFixtures(m.Home, m.Away, m.Second)
	}
}

// applyBody does what the event's kind asks for. It reports whether ratings moved, and whether the match has to be
// written.
func (st *step) applyBody(old, m *Match) (moved, changed bool) {
	before, live := old.Play.At(st.event.At).Live(), m.Play.Live()
	switch body := st.event.Body.(type) {
	case football.FixtureScheduled:
		st.moveFixture(old, m)
		st.linkFirstLeg(m)
		st.recordAnnouncement(m, live)
	case football.OddsQuoted:
		m.Odds = replaceOdds(m.Odds, Odds{Sequence: st.event.Sequence, Stage: body.Stage, Quotes: body.Quotes})
		st.recordAnnouncement(m, live)
	case football.LineUp:
		st.recordAnnouncement(m, live)
	case football.Substitution:
		return false, false // no model counts substitutions
	case football.Correction:
		m.Odds = removeOdds(old.Odds, body.Corrects)
		return st.settleMatch(m, before, live, len(m.Odds) != len(old.Odds)), true
	case football.FullTime, football.MatchCounts:
		return st.settleMatch(m, before, live, false), true
	case football.KickOff, football.Goal, football.Card, football.Shot, football.PeriodStarted, football.PeriodEnded:
		// after full time too: another source may give what was scored in 90 minutes of a result after extra time
		return st.settleMatch(m, before, live, false), true
	case football.Tick, football.ModelsChanged: // of a pool, not of a match
	}
	return false, true
}

// newMatchOrRefuse handles an event of a match without state. A fixture begins one. A correction or a result that comes
// after the correction window is dropped as "needs-rebuild"; all else is refused. Both give nil.
func (st *step) newMatchOrRefuse() *Match {
	e := st.event
	switch e.Body.(type) {
	case football.FixtureScheduled:
		return &Match{Match: e.Match, Competition: e.Competition, Season: e.Season, Home: e.Home, Away: e.Away,
			FirstHome: -1, FirstAway: -1}
	case football.Correction, football.FullTime:
		st.out = append(st.out, &football.Dropped{Reason: "needs-rebuild"})
	default:
		st.out = append(st.out, &football.Refusal{
			Reason: football.RefusedUnknownMatch, Field: "match",
			Detail: e.Body.Kind() + " of " + string(e.Match) + ", which was never scheduled or was settled long ago",
		})
	}
	return nil
}

// recordAnnouncement makes a record of a match that is within the horizon, or that has records already.
func (st *step) recordAnnouncement(m *Match, live football.LiveState) {
	if m.Records > 0 || m.Play.Kickoff != 0 && m.Play.Kickoff <= st.horizonEnd() {
		st.makeRecord(m, live, st.event.Body.Kind())
	}
}

// settleMatch brings the match's result into the ratings, if it changed, and makes a record of any change. Odds tells
// whether the event took odds back. It reports whether ratings moved.
func (st *step) settleMatch(m *Match, before, live football.LiveState, odds bool) (moved bool) {
	st.followMatch(m, live)
	moved = st.foldResult(m)
	if before != live || odds {
		st.makeRecord(m, live, st.event.Body.Kind())
	}
	return moved
}

// applyTick moves the clocks of the matches in play, and begins a day when it is a new one.
func (st *step) applyTick() {
	for _, id := range st.pool.InPlay {
		old := football.Get[Match](st.view, matchKey(id))
		m := *old
		m.Play = old.Play.At(st.event.At)
		if live := m.Play.Live(); live != old.Play.Live() {
			st.makeRecord(&m, live, st.event.Body.Kind())
			st.view.Put(matchKey(id), &m)
		}
	}
	if today := dayContaining(st.pool.Now); today > day(st.pool.Today) {
		st.beginDay(today)
	}
}

// horizonEnd is the last kick-off that gets records now.
func (st *step) horizonEnd() football.Instant { return st.pool.Now.Add(st.cfg.Horizon) }

// clockRuns reports whether the match's clock is followed.
func clockRuns(live football.LiveState) bool {
	return live.Phase == football.InPlay || live.Phase == football.HalfTime
}

// hasBegun reports whether the match has begun: from then on the ratings that count for it no longer change.
func hasBegun(live football.LiveState) bool { return clockRuns(live) || live.Phase == football.Settled }

// followMatch brings the pool's list of matches in play, and the ratings kept at kick-off, up to date with the state of
// play.
func (st *step) followMatch(m *Match, live football.LiveState) {
	st.pool.InPlay = listMatch(st.pool.InPlay, m.Match, clockRuns(live))
	frozen := football.Get[KnownBefore](st.view, kickoffKey(m.Match)) != nil
	switch {
	case hasBegun(live) && !frozen:
		before := st.knownNow(m)
		st.view.Put(kickoffKey(m.Match), &before)
	case !hasBegun(live) && frozen:
		st.view.Delete(kickoffKey(m.Match)) // the kick-off itself was taken back
	}
}
