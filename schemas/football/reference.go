package football

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

//go:embed reference.json
var referenceJSON []byte

// Reference is configuration that every part of the line shares: which competitions belong to which pool, and under
// which names sources know the teams. It is read-only after it was built and safe for concurrent use.
type Reference struct {
	pools        map[PoolID]PoolEntry
	competitions map[CompetitionID]CompetitionEntry
	teams        map[PoolID]map[string]TeamEntry // by the slug of each spelling
	byID         map[TeamID]TeamEntry
	byName       map[string]CompetitionID         // competitions by the slug of each spelling
	clubs        map[PoolID]map[string]*TeamEntry // teams by their club slug; nil where two have the same
	prefixes     map[string]PoolID                // open pools by the prefix of the ids of their teams
	order        []CompetitionID                  // of the competitions in the files
	rulings      map[seasonOf]Rulings
}

// PoolEntry is a pool as configured.
type PoolEntry struct {
	ID        PoolID `json:"id"`
	Name      string `json:"name"`
	Partition *int32 `json:"partition,omitempty"` // explicit partition; else a hash of the id
	Zone      string `json:"zone,omitempty"`      // IANA zone of local kick-off times; default UTC
	// prefix of the ids of teams that are admitted by their name; "": only configured teams play
	Open string `json:"open,omitempty"`
	// IANA zone of the local time at its grounds, where that is not Zone
	Local string `json:"local,omitempty"`
	// national teams play in it: they are rated from year to year, not from season to season
	National bool `json:"national,omitempty"`
}

// CompetitionEntry is a competition as configured.
type CompetitionEntry struct {
	ID      CompetitionID `json:"id"`
	Name    string        `json:"name"`
	Country string        `json:"country"`
	Pool    PoolID        `json:"pool"`
	Level   int           `json:"level"`             // 1 is the top division of its pool
	Aliases []string      `json:"aliases,omitempty"` // names under which sources know it
	// last places of its table that something depends on: the title, cups, safety
	Places []int `json:"places,omitempty"`
	// teams of the pool's leagues meet in it: it has no level, no table and no rates of its own
	Cup bool `json:"cup,omitempty"`
	// when its seasons begin and end: "year", or "" for those from summer to summer
	Calendar Calendar `json:"calendar,omitempty"`

	// of a tournament that is played in one country: all others are neutral there
	Hosts       []Host `json:"hosts,omitempty"`
	ClosedDoors []Span `json:"closed_doors,omitempty"` // when it was played without spectators
	// rules of its table, oldest first; without them a table goes by goal difference and no outlook is made
	Seasons []SeasonRules `json:"seasons,omitempty"`
}

// Span is some days, the first and the last one included.
type Span struct {
	From string `json:"from"` // as in 2020-05-16
	To   string `json:"to"`
}

// Host is who plays a tournament at home, and the zone of the local time there.
type Host struct {
	Span
	Teams []string `json:"teams"`
	Zone  string   `json:"zone"`
}

// IsHost reports whether a team of that name plays at home.
func (h Host) IsHost(team string) bool { return slices.Contains(h.Teams, team) }

// HostOn returns the host of the tournament that is played on a day (YYYY-MM-DD).
func (c CompetitionEntry) HostOn(day string) (Host, bool) {
	for _, h := range c.Hosts {
		if h.From <= day && day <= h.To {
			return h, true
		}
	}
	return Host{}, false
}

// ClosedDoorsAt reports whether the competition's matches of that day (UTC) are played without spectators.
func (c CompetitionEntry) ClosedDoorsAt(at Instant) bool {
	return slices.ContainsFunc(c.ClosedDoors, func(s Span) bool {
		day := at.Time().Format(time.DateOnly)
		return s.From <= day && day <= s.To
	})
}

func (s Span) validateSpan() error {
	from, errFrom := time.Parse(time.DateOnly, s.From)
	to, errTo := time.Parse(time.DateOnly, s.To)
	if errFrom != nil || errTo != nil || to.Before(from) {
		return fmt.Errorf("the span from %q to %q: give two dates as YYYY-MM-DD, the earlier one first", s.From, s.To)
	}
	return nil
}

// TeamEntry is a team as configured: Name is the spelling of football-data.co.uk where it has one.
type TeamEntry struct {
	ID      TeamID   `json:"id,omitempty"` // default: the slug of the name
	Name    string   `json:"name"`
	Pool    PoolID   `json:"pool"`
	Aliases []string `json:"aliases,omitempty"`
}

type referenceFile struct {
	Pools        []PoolEntry        `json:"pools"`
	Competitions []CompetitionEntry `json:"competitions"`
	Teams        []TeamEntry        `json:"teams"`
	Deductions   []Deduction        `json:"deductions,omitempty"`
	Awards       []Award            `json:"awards,omitempty"`
}

// DefaultReference returns the reference that is built into the program. It is parsed once: it has some thousand names.
func DefaultReference() *Reference { return builtIn() }

var builtIn = sync.OnceValue(func() *Reference {
	ref, err := ParseReference(referenceJSON)
	if err != nil {
		panic("built-in reference: " + err.Error()) // a programmer's mistake, found by the first test
	}
	return ref
})

// ParseReference reads a reference file. Later files extend earlier ones: an entry with a known id replaces it. All
// mistakes are reported at once, each with the entry's name.
func ParseReference(files ...[]byte) (*Reference, error) {
	ref := &Reference{
		pools:        map[PoolID]PoolEntry{},
		competitions: map[CompetitionID]CompetitionEntry{},
		teams:        map[PoolID]map[string]TeamEntry{},
		byID:         map[TeamID]TeamEntry{},
		rulings:      map[seasonOf]Rulings{},
	}
	var errs []error
	for i, data := range files {
		var f referenceFile
		if err := json.Unmarshal(data, &f); err != nil {
			return nil, fmt.Errorf("reference file %d: %w", i+1, err)
		}
		for _, p := range f.Pools {
			ref.pools[p.ID] = p
		}
		for _, c := range f.Competitions {
			if _, ok := ref.pools[c.Pool]; !ok {
				errs = append(errs, fmt.Errorf("competition %q: unknown pool %q", c.ID, c.Pool))
			}
			for _, span := range c.ClosedDoors {
				if err := span.validateSpan(); err != nil {
					errs = append(errs, fmt.Errorf("competition %q: %w", c.ID, err))
				}
			}
			for _, rules := range c.Seasons {
				errs = append(errs, rules.validateRules(c.ID))
			}
			if _, known := ref.competitions[c.ID]; !known {
				ref.order = append(ref.order, c.ID)
			}
			ref.competitions[c.ID] = c
		}
		for _, t := range f.Teams {
			errs = append(errs, ref.addTeam(t))
		}
		errs = append(errs, ref.addRulings(f))
	}
	ref.indexNames()
	return ref, errors.Join(errs...)
}

// indexNames makes the indexes by name, once all files are read.
func (r *Reference) indexNames() {
	r.byName, r.clubs, r.prefixes = map[string]CompetitionID{}, map[PoolID]map[string]*TeamEntry{}, map[string]PoolID{}
	for _, id := range r.order { // a code is nobody else's name
		r.byName[Slug(string(id))] = id
	}
	for _, id := range r.order {
		c := r.competitions[id]
		for _, spelling := range append([]string{c.Name}, c.Aliases...) {
			if _, known := r.byName[Slug(spelling)]; !known {
				r.byName[Slug(spelling)] = c.ID
			}
		}
	}
	for _, p := range r.Pools() {
		if p.Open != "" {
			r.prefixes[p.Open] = p.ID
		}
		clubs := map[string]*TeamEntry{}
		for slug, t := range r.teams[p.ID] {
			if other, known := clubs[clubSlug(slug)]; known && (other == nil || other.ID != t.ID) {
				clubs[clubSlug(slug)] = nil
				continue
			}
			clubs[clubSlug(slug)] = &t
		}
		r.clubs[p.ID] = clubs
	}
}

func (r *Reference) addTeam(t TeamEntry) error {
	if _, ok := r.pools[t.Pool]; !ok {
		return fmt.Errorf("team %q: unknown pool %q", t.Name, t.Pool)
	}
	if t.ID == "" {
		t.ID = TeamID(Slug(t.Name))
	}
	if other, ok := r.byID[t.ID]; ok && other.Pool != t.Pool {
		return fmt.Errorf("team %q: its id %q is also that of %q in pool %q; give one of them an id", t.Name, t.ID,
			other.Name, other.Pool)
	}
	r.byID[t.ID] = t
	spellings := r.teams[t.Pool]
	if spellings == nil {
		spellings = map[string]TeamEntry{}
		r.teams[t.Pool] = spellings
	}
	for _, name := range append([]string{t.Name}, t.Aliases...) {
		slug := Slug(name)
		if other, ok := spellings[slug]; ok && other.ID != t.ID {
			return fmt.Errorf("team %q: the spelling %q is also one of %q", t.Name, name, other.Name)
		}
		spellings[slug] = t
	}
	return nil
}

// Team returns the team that a pool's sources call by that name. Spelling matters up to case, accents and punctuation,
// and of clubs up to what stands before or after their name ("FC"). An open pool admits every other name that has a
// letter in it, unless it is but a letter away from a known one.
func (r *Reference) Team(pool PoolID, name string) (TeamEntry, bool) {
	slug := Slug(name)
	if t, ok := r.teams[pool][slug]; ok {
		return t, true
	}
	p, ok := r.Pool(pool)
	if !ok || p.Open == "" || slug == "" {
		return TeamEntry{}, false
	}
	if !p.National {
		slug = clubSlug(slug)
		for _, spelling := range [...]string{slug, umlauts.Replace(slug)} {
			if t := r.clubs[pool][spelling]; t != nil {
				return *t, true
			}
		}
		if r.isNearKnownName(pool, slug) {
			return TeamEntry{}, false
		}
	}
	return TeamEntry{ID: TeamID(p.Open + "-" + slug), Name: strings.TrimSpace(name), Pool: pool}, true
}

// isNearKnownName reports whether a slug is a letter away from a spelling of a configured team of the pool.
func (r *Reference) isNearKnownName(pool PoolID, slug string) bool {
	for known := range r.teams[pool] {
		if closeTo(slug, known) {
			return true
		}
	}
	return false
}

// IsConfigured reports whether the team has an entry: one that an open pool admitted by its name has none.
func (r *Reference) IsConfigured(id TeamID) bool {
	_, ok := r.byID[id]
	return ok
}

// TeamByID returns the team with that id. One that an open pool admitted by its name has what the id kept of it: "Cote
// D Ivoire" for "nt-cote-d-ivoire".
func (r *Reference) TeamByID(id TeamID) (TeamEntry, bool) {
	if t, ok := r.byID[id]; ok {
		return t, true
	}
	if pool, slug, ok := provisionalTeam(id); ok {
		return TeamEntry{ID: id, Name: nameFromSlug(slug), Pool: pool}, true
	}
	prefix, slug, _ := strings.Cut(string(id), "-")
	if pool, ok := r.prefixes[prefix]; ok && slug != "" {
		return TeamEntry{ID: id, Name: nameFromSlug(slug), Pool: pool}, true
	}
	return TeamEntry{}, false
}

// nameFromSlug turns a slug back into a name.
func nameFromSlug(slug string) string {
	words := strings.Split(slug, "-")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

// Competition returns the competition with that id, by rule where it is provisional.
func (r *Reference) Competition(id CompetitionID) (CompetitionEntry, bool) {
	if c, ok := r.competitions[id]; ok {
		return c, true
	}
	return provisionalCompetition(id)
}

// CompetitionByName returns the competition that has this id, name or alias, up to case, accents and punctuation. Of
// several with one name ("Bundesliga") it is the first in the reference; CompetitionIn tells them apart by their
// country.
func (r *Reference) CompetitionByName(name string) (CompetitionEntry, bool) {
	c, ok := r.competitions[r.byName[Slug(name)]]
	return c, ok
}

// CompetitionIn returns the competition of a country that has this name or alias or, without a league, its first
// division.
func (r *Reference) CompetitionIn(country, league string) (CompetitionEntry, bool) {
	if c, ok := r.CompetitionByName(country + " " + league); ok && league != "" {
		return c, true
	}
	of, slug := Slug(country), Slug(league)
	for _, id := range r.order {
		c := r.competitions[id]
		if of == "" || Slug(c.Country) != of {
			continue
		}
		if league == "" && c.Level == 1 && !c.Cup {
			return c, true
		}
		for _, spelling := range append([]string{c.Name}, c.Aliases...) {
			if Slug(spelling) == slug {
				return c, true
			}
		}
	}
	if of == "" {
		return r.CompetitionByName(league)
	}
	return CompetitionEntry{}, false
}

// Competitions returns all competitions, ordered by id.
func (r *Reference) Competitions() []CompetitionEntry {
	out := make([]CompetitionEntry, 0, len(r.competitions))
	for _, c := range r.competitions {
		out = append(out, c)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// Pool returns the pool with that id, by rule where it is provisional.
func (r *Reference) Pool(id PoolID) (PoolEntry, bool) {
	if p, ok := r.pools[id]; ok {
		return p, true
	}
	return provisionalPool(id)
}

// Pools returns all pools, ordered by id.
func (r *Reference) Pools() []PoolEntry {
	return slices.SortedFunc(maps.Values(r.pools), func(a, b PoolEntry) int { return cmp.Compare(a.ID, b.ID) })
}

// Partition returns the partition, of n, that carries the pool: its configured one, or a hash of its id. It never
// changes for a pool while n does not.
func (r *Reference) Partition(pool PoolID, n int32) int32 {
	if p, ok := r.pools[pool]; ok && p.Partition != nil {
		return *p.Partition % n
	}
	h := fnv.New32a()
	h.Write([]byte(pool))
	return int32(h.Sum32() % uint32(n))
}

// ReferenceJSON returns the built-in reference as it is written, to be extended by further files.
func ReferenceJSON() []byte { return referenceJSON }
