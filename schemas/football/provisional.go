package football

import (
	"strings"
)

// A league that the reference lacks is no error: it gets a competition and a pool by rule, from its country and its
// name alone, so that every part of the line makes the same of their ids, without configuration and in every replay.
//
//	country "ZZ", league "ZZ1":  pool x-zz, competition x-zz--zz1, team "FC Alpha": x-zz--alpha
//
// A reference file may take these ids over with better names (docs/reference.md).
const (
	provisionalPrefix    = "x-"
	provisionalSeparator = "--"
)

// provisionalZone is the zone of kick-off times of provisional pools: that of football-data.co.uk's files.
const provisionalZone = "Europe/London"

// ProvisionalCompetition returns the competition by rule of a league that the reference does not know. Leagues of one
// country share a pool; a league without a country has one of its own. It returns false for a league without a letter.
func ProvisionalCompetition(country, league string) (CompetitionEntry, bool) {
	slug, of := Slug(league), Slug(country)
	if slug == "" {
		return CompetitionEntry{}, false
	}
	if of == "" {
		of = slug
	}
	c, ok := provisionalCompetition(CompetitionID(provisionalPrefix + of + provisionalSeparator + slug))
	c.Name, c.Country = strings.TrimSpace(league), strings.TrimSpace(country)
	return c, ok
}

// IsProvisional reports whether a pool has its id by rule.
func IsProvisional(pool PoolID) bool {
	rest, ok := strings.CutPrefix(string(pool), provisionalPrefix)
	return ok && rest != "" && !strings.Contains(rest, provisionalSeparator)
}

// provisionalCompetition returns what the rule makes of an id.
func provisionalCompetition(id CompetitionID) (CompetitionEntry, bool) {
	pool, league, ok := strings.Cut(string(id), provisionalSeparator)
	if !ok || league == "" || !IsProvisional(PoolID(pool)) {
		return CompetitionEntry{}, false
	}
	level := 1
	if last := league[len(league)-1]; last >= '2' && last <= '9' && strings.Trim(league, "0123456789") != "" {
		level = int(last - '0') // ZZ2 is below ZZ1
	}
	return CompetitionEntry{
		ID: id, Name: nameFromSlug(league), Country: nameFromSlug(strings.TrimPrefix(pool, provisionalPrefix)),
		Pool: PoolID(pool), Level: level,
	}, true
}

// provisionalPool returns what the rule makes of an id.
func provisionalPool(id PoolID) (PoolEntry, bool) {
	if !IsProvisional(id) {
		return PoolEntry{}, false
	}
	return PoolEntry{
		ID: id, Name: nameFromSlug(strings.TrimPrefix(string(id), provisionalPrefix)), Zone: provisionalZone,
		Open: string(id) + "-", // which makes x-zz--alpha of Alpha
	}, true
}

// provisionalTeam returns the pool and the slug in the id of a team of a provisional pool.
func provisionalTeam(id TeamID) (PoolID, string, bool) {
	pool, slug, ok := strings.Cut(string(id), provisionalSeparator)
	return PoolID(pool), slug, ok && slug != "" && IsProvisional(PoolID(pool))
}
