package source

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/touchline/touchline/schemas/football"
)

// broughtForward is how long before the day of its fixture a match is played at most.
const broughtForward = 21 * day

// meeting is a match of two teams at the ground of the first, in a season of a competition, and the rows that have it.
type meeting struct {
	kickoff football.Instant
	played  bool
	row     *Row         // the one that is published
	files   map[int]bool // the files that have it
}

// nameMatches gives each row the name of its match: competition, season and teams, and from the second meeting at the
// same ground on its number, in the order of their dates.
//
// Two rows of one file are two matches, be they a day apart or on one day, unless they are the same text. Rows of two
// files are one match when they are dated within a day of each other, or when one of them has no result yet, whose
// fixture may have been moved. Of the rows of a match the one with a result is published, else the last.
func nameMatches(rows []Row) {
	byPairing := map[pairing][]*Row{}
	var pairings []pairing
	for i := range rows {
		r := &rows[i]
		if r.Problem != "" {
			r.match = r.Line
			continue
		}
		p := pairingOf(r)
		if byPairing[p] == nil {
			pairings = append(pairings, p)
		}
		byPairing[p] = append(byPairing[p], r)
	}
	for _, p := range pairings {
		for i, m := range meetingsOf(byPairing[p]) {
			r := m.row
			r.repeated, r.match = false, matchName(r.Competition, r.Season, r.Home, r.Away)
			if i > 0 {
				r.match = fmt.Sprintf("%s/%d", r.match, i+1)
			}
		}
	}
	nameFirstLegs(byPairing)
}

// pairing is two teams, at the ground of the first, in a season of a competition.
type pairing struct{ competition, season, home, away string }

func pairingOf(r *Row) pairing {
	return pairing{string(r.Competition), string(r.Season), cmp.Or(string(r.HomeID), r.Home),
		cmp.Or(string(r.AwayID), r.Away)}
}

// nameFirstLegs gives each second leg the name of its first, the last one before it: the clubs may have met in the
// league too, so that the first leg is not their first meeting.
func nameFirstLegs(byPairing map[pairing][]*Row) {
	for p, rows := range byPairing {
		for _, r := range rows {
			if r.Tie != football.TieSecondLeg {
				continue
			}
			var first *Row
			for _, other := range byPairing[pairing{p.competition, p.season, p.away, p.home}] {
				if other.Tie == football.TieFirstLeg && !other.repeated && other.Kickoff < r.Kickoff &&
					(first == nil || other.Kickoff > first.Kickoff) {
					first = other
				}
			}
			if first != nil {
				r.firstLeg = first.match
			}
		}
	}
}

// matchName returns the name of the first meeting of two teams at the ground of the first in a season.
func matchName(competition football.CompetitionID, season football.Season, home, away string) string {
	return string(competition) + "/" + string(season) + "/" + strings.ReplaceAll(home, "/", " ") + "/" +
		strings.ReplaceAll(away, "/", " ")
}

// meetingsOf returns the matches that the rows are of, by kick-off.
func meetingsOf(rows []*Row) []*meeting {
	slices.SortStableFunc(rows, func(a, b *Row) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Kickoff, b.Kickoff))
	})
	var found []*meeting
	for _, r := range rows {
		r.repeated = true
		if m := sameMeeting(found, r); m != nil {
			m.addRow(r)
			continue
		}
		found = append(found, &meeting{kickoff: r.Kickoff, played: r.FullTime, row: r,
			files: map[int]bool{r.File: true}})
	}
	slices.SortStableFunc(found, func(a, b *meeting) int { return cmp.Compare(a.kickoff, b.kickoff) })
	return found
}

// sameMeeting returns the match that a row is of, the nearest one, or nil.
func sameMeeting(found []*meeting, r *Row) *meeting {
	var best *meeting
	for _, m := range found {
		distance := r.Kickoff.Sub(m.kickoff).Abs()
		same := distance <= day || m.mayBeMoved(r)
		if m.files[r.File] {
			same = distance == 0 && bytes.Equal(m.row.Body, r.Body) // a line that stands twice in its file
		}
		if same && (best == nil || distance < r.Kickoff.Sub(best.kickoff).Abs()) {
			best = m
		}
	}
	return best
}

// mayBeMoved reports whether a row that is dated otherwise may be of the match all the same, for one of the two has no
// result: a fixture may be put off by months, but is seldom brought forward by weeks. In leagues whose pairs meet twice
// at one ground, the fixture that is weeks after the result is the second meeting.
func (m *meeting) mayBeMoved(r *Row) bool {
	switch {
	case m.played && r.FullTime:
		return false
	case m.played:
		return r.Kickoff.Sub(m.kickoff) <= broughtForward
	case r.FullTime:
		return m.kickoff.Sub(r.Kickoff) <= broughtForward
	default:
		return true
	}
}

func (m *meeting) addRow(r *Row) {
	m.files[r.File] = true
	if m.played && !r.FullTime {
		return
	}
	m.kickoff, m.played, m.row = r.Kickoff, r.FullTime, r
}
