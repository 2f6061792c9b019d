package features

import (
	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// MaxPerEvent is the most feature records that one event of a match causes: its own, each team's next fixture's and the second
// leg's.
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

// Version returns 2: it changes when a replay would give other records.
func (s *Stage) Version() int { return 2 }

// Step folds e into the view and returns the feature records that it causes.
func (s *Stage) Step(v football.View, e *football.MatchEvent) []football.Output {
	st := step{cfg: s.cfg, params: s.cfg.params(e.Pool), view: v, id: e.Pool, event: e}
	st.begin()
	switch body := e.Body.(type) {
	case football.Tick:
		st.tick()
	case football.ModelsChanged:
		st.pool.ModelsPosition = max(st.pool.ModelsPosition, body.Position)
	default:
		st.play()
	}
	st.end()
	return st.out
}

// step is one call of Step: the event, and what it has changed and caused so far.
type step struct {
	cfg    Config
	params rating.Params // of the pool
	view   football.View
	id     football.PoolID
	event  *football.MatchEvent
	pool   Pool // a copy; put back by end
	out    []football.Output
}

// begin takes the pool's state and moves its stream time on.
func (st *step) begin() {
	if p := football.Get[Pool](st.view, poolKey(st.id)); p != nil {
		st.pool = *p
	}
	if st.pool.Now == 0 { // what models there are may be known before the first event that has a time
		today := int64(dayOf(st.event.At))
		st.pool.Today, st.pool.Oldest = today, today
	}
	st.pool.Now = max(st.pool.Now, st.event.At)
}

func (st *step) end() {
	if p := football.Get[Pool](st.view, poolKey(st.id)); p == nil || !p.equal(st.pool) {
		pool := st.pool
		st.view.Put(poolKey(st.id), &pool)
	}
}

// play applies an event of a match.
func (st *step) play() {
	old := football.Get[Match](st.view, matchKey(st.event.Match))
	if old == nil {
		old = st.unknown()
	}
	if old == nil {
		return
	}
	m := *old
	m.Play = old.Play.Apply(st.event)
	moved, changed := st.apply(old, &m)
	if !changed {
		return
	}
	st.view.Put(matchKey(m.Match), &m)
	if moved {
		st.next(m.Home, m.Away, m.Second)
	}
}

// apply does what the event's kind asks for. It reports whether ratings moved, and whether the match is to be kept anew.
func (st *step) apply(old, m *Match) (moved, changed bool) {
	before, live := old.Play.At(st.event.At).Live(), m.Play.Live()
	switch body := st.event.Body.(type) {
	case football.FixtureScheduled:
		st.move(old, m)
		st.link(m)
		st.announce(m, live)
	case football.OddsQuoted:
		m.Odds = quoted(m.Odds, Odds{Sequence: st.event.Sequence, Stage: body.Stage, Quotes: body.Quotes})
		st.announce(m, live)
	case football.LineUp:
		st.announce(m, live)
	case football.Substitution:
		return false, false // no model counts substitutions
	case football.Correction:
		m.Odds = unquoted(old.Odds, body.Corrects)
		return st.settle(m, before, live, len(m.Odds) != len(old.Odds)), true
	case football.FullTime:
		return st.settle(m, before, live, false), true
	case football.KickOff, football.Goal, football.Card, football.Shot, football.PeriodStarted, football.PeriodEnded,
		football.Tick, football.ModelsChanged:
		st.follow(m, live)
		if before != live {
			st.record(m, live, st.event.Body.Kind())
		}
	}
	return false, true
}

// unknown answers an event of a match without state: a fixture begins one, and what comes later than the correction
// window can only be mended by a rebuild.
func (st *step) unknown() *Match {
	e := st.event
	switch e.Body.(type) {
	case football.FixtureScheduled:
		return &Match{Match: e.Match, Competition: e.Competition, Season: e.Season, Home: e.Home, Away: e.Away, FirstHome: -1, FirstAway: -1}
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

// announce makes a record of a match that is within the horizon, or that has records already.
func (st *step) announce(m *Match, live football.LiveState) {
	if m.Records > 0 || m.Play.Kickoff != 0 && m.Play.Kickoff <= st.horizon() {
		st.record(m, live, st.event.Body.Kind())
	}
}

// settle brings the result that stands, if that is what changed, into the ratings, and makes a record of any change.
func (st *step) settle(m *Match, before, live football.LiveState, odds bool) (moved bool) {
	st.follow(m, live)
	moved = st.fold(m)
	if before != live || odds {
		st.record(m, live, st.event.Body.Kind())
	}
	return moved
}

// tick moves the clocks of the matches in play, and begins a day when it is a new one.
func (st *step) tick() {
	for _, id := range st.pool.InPlay {
		old := football.Get[Match](st.view, matchKey(id))
		m := *old
		m.Play = old.Play.At(st.event.At)
		if live := m.Play.Live(); live != old.Play.Live() {
			st.record(&m, live, st.event.Body.Kind())
			st.view.Put(matchKey(id), &m)
		}
	}
	if today := dayOf(st.pool.Now); today > day(st.pool.Today) {
		st.daily(today)
	}
}

// horizon is the last kick-off that gets records now.
func (st *step) horizon() football.Instant { return st.pool.Now.Add(st.cfg.Horizon) }

// playing reports whether the match's clock is followed.
func playing(live football.LiveState) bool {
	return live.Phase == football.InPlay || live.Phase == football.HalfTime
}

// begun reports whether what is known before the match is closed.
func begun(live football.LiveState) bool { return playing(live) || live.Phase == football.Settled }

// follow keeps the pool's list of matches in play, and what was known at kick-off, in step with the state of play.
func (st *step) follow(m *Match, live football.LiveState) {
	st.pool.InPlay = listed(st.pool.InPlay, m.Match, playing(live))
	frozen := football.Get[Before](st.view, kickoffKey(m.Match)) != nil
	switch {
	case begun(live) && !frozen:
		before := st.before(m)
		st.view.Put(kickoffKey(m.Match), &before)
	case !begun(live) && frozen:
		st.view.Delete(kickoffKey(m.Match)) // the kick-off itself was taken back
	}
}
