package simulator

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

const (
	cupClubs    = 16
	cupStream   = 1 << 41 // generators of draws
	firstInCup  = 1001    // the number of a cup's first match, apart from those of the league
	replayAfter = 14 * 24 * time.Hour
	replayKnown = 36 * time.Hour // after the first match
	thursday    = 6 * 24 * 60    // minutes after the first kick-off of a week
)

// round is a round of a cup.
type round struct {
	week int              // in which it is played
	kind football.TieKind // of its first matches

	neutral bool
}

// rounds are those of sixteen clubs. Between two of them there is time to announce the next.
var rounds = [...]round{
	{week: 3, kind: football.TieReplay}, {week: 8, kind: football.TieFirstLeg}, {week: 14, kind: football.TieFirstLeg},
	{week: 20, kind: football.TieSingle, neutral: true},
}

// evening are the kick-offs of a cup round, in minutes after the first of its league week: on Thursday, when no
// postponed match is played.
var evening = [...]int{thursday - 60, thursday - 30, thursday, thursday + 30, thursday + 60, thursday + 90,
	thursday + 120, thursday + 150}

// cupFixtures returns the matches of a season's cup by when they are announced. Who plays in a later round is known
// from playing the ones before.
func (l *league) cupFixtures(season int) []fixture {
	if matches, ok := l.cups[season]; ok || l.Cup == "" || !l.cfg.Cups || season < 0 || len(l.Clubs) < cupClubs {
		return matches
	}
	d := &draw{league: l, season: season, base: l.firstKickoffOf(season)}
	clubs := rand.New(rand.NewPCG(l.seed, cupStream+uint64(season))).Perm(len(l.Clubs))[:cupClubs]
	for _, r := range rounds {
		var through []int
		for i := 0; i < len(clubs); i += 2 {
			through = append(through, d.playTie(r, i/2, clubs[i], clubs[i+1]))
		}
		clubs = through
	}
	slices.SortStableFunc(d.matches, func(a, b fixture) int { return cmp.Compare(a.announced, b.announced) })
	l.cups[season] = d.matches
	return d.matches
}

// draw makes the matches of a cup.
type draw struct {
	*league
	season  int
	base    football.Instant // the first kick-off of the season
	matches []fixture
}

// playTie plays the n-th tie of a round and returns who goes on.
func (d *draw) playTie(r round, n, home, away int) int {
	kickoff := d.base.Add(time.Duration(r.week)*roundLength + time.Duration(evening[n])*time.Minute)
	first := fixture{
		season: d.season, home: home, away: away, kickoff: kickoff, announced: kickoff.Add(-source.ScheduledBefore),
		tie: football.Tie{Kind: r.kind, ExtraTime: true}, neutral: r.neutral,
	}
	played := d.playCupMatch(&first)
	second := fixture{
		season: d.season, home: away, away: home, kickoff: kickoff.Add(replayAfter),
		announced: kickoff.Add(replayAfter - source.ScheduledBefore),
		tie:       football.Tie{Kind: football.TieSingle, ExtraTime: true},
	}
	switch {
	case r.kind == football.TieReplay && played.fullTime[0] == played.fullTime[1]:
		second.announced = kickoff.Add(replayKnown)
	case r.kind == football.TieFirstLeg:
		second.tie.Kind, second.tie.FirstLeg = football.TieSecondLeg, football.MatchID(d.matchName(first))
		second.first = [2]int32{played.fullTime[1], played.fullTime[0]}
	default:
		return played.winningClub()
	}
	return d.playCupMatch(&second).winningClub()
}

func (d *draw) playCupMatch(f *fixture) *match {
	f.number = firstInCup + len(d.matches)
	d.matches = append(d.matches, *f)
	return d.playMatch(*f, f.kickoff)
}

// winningClub returns the club that goes on.
func (m *match) winningClub() int {
	margin := m.aggregate()
	if margin == 0 {
		margin = m.penalties[0] - m.penalties[1]
	}
	if margin > 0 {
		return m.home
	}
	return m.away
}

// aggregate returns home's goals less away's, those of the first leg included.
func (m *match) aggregate() int32 {
	return m.fullTime[0] + m.first[0] - m.fullTime[1] - m.first[1]
}
