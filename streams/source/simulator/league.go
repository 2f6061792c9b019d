package simulator

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// The world's constants, on the scale of log goals.
const (
	awayRate       = 0.12 // log of the mean goals of an average side away
	homeAdvantage  = 0.24
	attackSpread   = 0.30 // standard deviation among clubs
	defenceSpread  = 0.24
	seasonKept     = 0.90 // share of a strength that lasts a season
	seasonLength   = 364 * 24 * time.Hour
	roundLength    = 7 * 24 * time.Hour
	firstKickoff   = 15 * time.Minute // after the season's first instant
	strengthStream = 1 << 40          // generators of strengths, apart from those of matches
)

// slots are the kick-offs of a round, in minutes: matches follow each other through a weekend.
var slots = [...]int{0, 120, 18 * 60, 20 * 60, 22 * 60, 24 * 60, 26 * 60, 42 * 60, 44 * 60, 46 * 60}

// league is a league with its clubs' strengths.
type league struct {
	League
	cfg       Config
	seed      uint64
	ids       []string     // of the clubs
	strengths [][]strength // by season from the first of history on
	cups      map[int][]fixture
	seasons   map[int][]fixture // and their cups, by when they are announced
}

type strength struct{ attack, defence float64 }

func newLeague(cfg Config, l League) *league {
	h := fnv.New64a()
	h.Write([]byte(l.Competition))
	out := &league{League: l, cfg: cfg, seed: cfg.Seed ^ h.Sum64(), cups: map[int][]fixture{},
		seasons: map[int][]fixture{}}
	for _, club := range l.Clubs {
		out.ids = append(out.ids, football.Slug(club))
	}
	return out
}

// clubNumber returns the number of the club with that id, or -1.
func (l *league) clubNumber(id string) int { return slices.Index(l.ids, id) }

// seasonName returns the name of a season: 0 is the first live one, history is before.
func (l *league) seasonName(n int) football.Season {
	t := l.cfg.Start.Time()
	year := t.Year() + n
	if t.Month() < time.July {
		year--
	}
	return football.Season(fmt.Sprintf("%04d-%02d", year, (year+1)%100))
}

// seasonNamed returns the number of a season that is played.
func (l *league) seasonNamed(name football.Season) (int, bool) {
	var year int
	if _, err := fmt.Sscanf(string(name), "%4d-", &year); err != nil {
		return 0, false
	}
	var first int
	if _, err := fmt.Sscanf(string(l.seasonName(0)), "%4d-", &first); err != nil {
		return 0, false
	}
	n := year - first
	last := l.cfg.Seasons == 0 || n < l.cfg.Seasons
	return n, n >= -l.cfg.History && last && l.seasonName(n) == name
}

// meanGoals returns the mean goals of both sides over 90 minutes, red cards apart. On neutral ground both have half of
// the home advantage.
func (l *league) meanGoals(f fixture) (home, away float64) {
	for n := len(l.strengths); n <= f.season+l.cfg.History; n++ {
		l.strengths = append(l.strengths, l.drawStrengths(n))
	}
	s := l.strengths[f.season+l.cfg.History]
	atHome, onTravel := homeAdvantage, 0.0
	if f.neutral {
		atHome, onTravel = homeAdvantage/2, homeAdvantage/2
	}
	return math.Exp(awayRate + atHome + s[f.home].attack - s[f.away].defence),
		math.Exp(awayRate + onTravel + s[f.away].attack - s[f.home].defence)
}

// drawStrengths draws the strengths of the n-th season from those of the one before.
func (l *league) drawStrengths(n int) []strength {
	rng := rand.New(rand.NewPCG(l.seed, strengthStream+uint64(n)))
	kept, fresh := 0.0, 1.0
	if n > 0 {
		kept, fresh = seasonKept, math.Sqrt(1-seasonKept*seasonKept)
	}
	out := make([]strength, len(l.Clubs))
	for i := range out {
		out[i] = strength{fresh * attackSpread * rng.NormFloat64(), fresh * defenceSpread * rng.NormFloat64()}
		if n > 0 {
			before := l.strengths[n-1][i]
			out[i].attack += kept * before.attack
			out[i].defence += kept * before.defence
		}
	}
	return out
}

// firstKickoffOf returns the first kick-off of a season.
func (l *league) firstKickoffOf(season int) football.Instant {
	return l.cfg.Start.Add(time.Duration(season)*seasonLength + firstKickoff)
}

// fixture is a match of a season.
type fixture struct {
	season, number int
	home, away     int
	kickoff        football.Instant
	announced      football.Instant

	// Of a match of the cup.
	tie     football.Tie // its first leg by the name of the match
	first   [2]int32     // goals of the first leg, this match's home side first
	neutral bool
}

// fixtures returns a season's matches by kick-off: a double round-robin by the circle method.
func (l *league) fixtures(season int) []fixture {
	n := len(l.Clubs)
	base := l.firstKickoffOf(season)
	var out []fixture
	for round := range 2 * (n - 1) {
		r := round % (n - 1)
		for i := range n / 2 {
			home, away := (r+i)%(n-1), (n-1-i+r)%(n-1)
			if i == 0 {
				away = n - 1
			}
			if (i == 0 && r%2 == 1) != (round >= n-1) { // alternate grounds, and swap them in the second half
				home, away = away, home
			}
			slot := (i + round) % (n / 2) // nobody always plays on Friday
			at := time.Duration(slots[slot%len(slots)]+slot/len(slots)) * time.Minute
			kickoff := base.Add(time.Duration(round)*roundLength + at)
			out = append(out, fixture{season: season, home: home, away: away, kickoff: kickoff,
				announced: kickoff.Add(-source.ScheduledBefore)})
		}
	}
	slices.SortFunc(out, func(a, b fixture) int {
		return cmp.Or(cmp.Compare(a.kickoff, b.kickoff),
			cmp.Compare(a.home, b.home))
	})
	for i := range out {
		out[i].number = i + 1
	}
	return out
}

// seasonFixtures returns the matches of a season and its cup by when they are announced.
func (l *league) seasonFixtures(season int) []fixture {
	if known, ok := l.seasons[season]; ok {
		return known
	}
	out := append(l.fixtures(season), l.cupFixtures(season)...)
	slices.SortStableFunc(out, func(a, b fixture) int { return cmp.Compare(a.announced, b.announced) })
	l.seasons[season] = out
	return out
}

// competitionOf returns the competition that a match belongs to.
func (l *league) competitionOf(f fixture) football.CompetitionID {
	if f.tie.Kind != football.TieNone {
		return l.Cup
	}
	return l.Competition
}

// matchName returns the simulator's name for a match.
func (l *league) matchName(f fixture) string {
	return fmt.Sprintf("%s/%s/%d", l.competitionOf(f), l.seasonName(f.season), f.number)
}

// matchGenerator returns the generator of a match.
func (l *league) matchGenerator(f fixture) *rand.Rand {
	return rand.New(rand.NewPCG(l.seed, uint64(f.season+l.cfg.History)<<16|uint64(f.number)))
}
