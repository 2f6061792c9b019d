package outlook

import (
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// keepSeasons is how many seasons of a competition have state: a correction may reach back into the last one.
const keepSeasons = 2

// Stage folds feature records into outlooks. It holds settings and tables only; all state is in the view.
type Stage struct {
	cfg   Config
	draws *draws
}

// New returns the stage.
func New(cfg Config) *Stage {
	cfg = cfg.withDefaults()
	return &Stage{cfg: cfg, draws: newDraws(cfg.Uncertainty)}
}

// Name returns "outlook".
func (s *Stage) Name() string { return "outlook" }

// Version returns 3: it changes when a replay would give other outlooks.
func (s *Stage) Version() int { return 3 }

// Step folds f into the view and returns the outlook that it causes.
func (s *Stage) Step(v football.View, f *football.MatchFeatures) []football.Output {
	rules, ok := s.cfg.Reference.Rules(f.Competition, f.Season)
	if !ok || !rules.HasOutlook() || !f.Tie.Kind.CountsInTable() {
		return nil
	}
	key := seasonKey(f.Competition, f.Season)
	old := football.Get[Season](v, key)
	if old == nil {
		beginSeason(v, f)
		old = &Season{}
	}
	next, home := old.withTeam(f.Home)
	next, away := next.withTeam(f.Away)
	learnTeams(v, f)
	next, changed := countResult(next, f, home, away)
	grown := len(next.Teams) > len(old.Teams)
	due := followSlot(v, f, changed || grown && len(next.Teams) == rules.Teams)
	if len(next.Teams) != rules.Teams {
		due = false
	}
	if !due && !changed && !grown {
		return nil
	}
	next.League = f.League
	var out []football.Output
	if due {
		next.Sequence++
		out = []football.Output{s.simulateRest(v, &next, f, rules)}
	}
	v.Put(key, &next)
	return out
}

// followSlot brings a record into the season's slot. news is whether there is something that the last outlook lacks. It
// reports whether an outlook is due.
func followSlot(v football.View, f *football.MatchFeatures, news bool) bool {
	key := slotKey(f.Competition, f.Season)
	var old Slot
	if known := football.Get[Slot](v, key); known != nil {
		old = *known
	}
	slot := old.withMatch(f)
	if news {
		slot = slot.withResult(f.Kickoff)
	}
	due := slot.isOver(f.At)
	if due {
		slot.Due, slot.Kickoff = false, 0
	}
	if !slot.same(old) {
		v.Put(key, &slot)
	}
	return due
}

// beginSeason adds a season that was not seen before to the competition's list, and drops the state of seasons beyond
// keepSeasons.
func beginSeason(v football.View, f *football.MatchFeatures) {
	var kept Competition
	if c := football.Get[Competition](v, competitionKey(f.Competition)); c != nil {
		kept = *c
	}
	kept.Seasons = slices.Concat(kept.Seasons, []football.Season{f.Season})
	slices.Sort(kept.Seasons)
	for len(kept.Seasons) > keepSeasons {
		forgetSeason(v, f.Competition, kept.Seasons[0])
		kept.Seasons = kept.Seasons[1:]
	}
	v.Put(competitionKey(f.Competition), &kept)
}

// forgetSeason drops the state of a season and its teams.
func forgetSeason(v football.View, id football.CompetitionID, season football.Season) {
	if s := football.Get[Season](v, seasonKey(id, season)); s != nil {
		for _, team := range s.Teams {
			v.Delete(teamKey(id, season, team))
		}
	}
	v.Delete(seasonKey(id, season))
	v.Delete(slotKey(id, season))
}

// learnTeams keeps the features of the record's teams. Once a match has begun its records carry the features of
// kick-off, which may be older than what is kept; then they count only for a team without any.
func learnTeams(v football.View, f *football.MatchFeatures) {
	for _, side := range [...]struct {
		team     football.TeamID
		features football.TeamFeatures
	}{{f.Home, f.HomeTeam}, {f.Away, f.AwayTeam}} {
		key := teamKey(f.Competition, f.Season, side.team)
		known := football.Get[Team](v, key)
		if known == nil || notBegun(f) && known.At <= f.At && known.Features != side.features {
			v.Put(key, &Team{At: f.At, Features: side.features})
		}
	}
}

// notBegun reports whether the match has not begun.
func notBegun(f *football.MatchFeatures) bool {
	return f.Live.Phase == football.PreMatch || f.Live.Phase == football.Postponed
}

// countResult brings the record's result into the season, or takes it out when the match has none any more. It reports
// whether anything changed. Home and away are the teams' places in s.Teams.
func countResult(s Season, f *football.MatchFeatures, home, away int32) (Season, bool) {
	if f.Live.Phase != football.Settled {
		return s.withoutResult(home, away, matchOrdinal(f.Match))
	}
	return s.withResult(Result{home, away, matchOrdinal(f.Match), f.Live.HomeGoals, f.Live.AwayGoals})
}
