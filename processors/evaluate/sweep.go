package evaluate

import (
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// keepDays is how long after its kick-off a match's state is kept, in days of prediction time. The features stage
// accepts corrections for 30 days.
const keepDays = 31

const millisPerDay = 24 * 60 * 60 * 1000

// daysSince1970 returns the day (UTC) of an instant from 1970 on.
func daysSince1970(at football.Instant) int64 { return int64(at) / millisPerDay }

// dropDay returns the day on which a match that kicks off then may be dropped; a postponed one (kick-off 0) is checked
// when as much time has passed from now.
func dropDay(kickoff, now football.Instant) int64 { return daysSince1970(max(kickoff, now)) + keepDays }

// enlistMatch adds the match to those that are due on that day.
func enlistMatch(v football.View, pool football.PoolID, id football.MatchID, day int64) {
	due := Due{}
	if d := football.Get[Due](v, dueMatchesKey(pool, day)); d != nil {
		due = *d
	}
	due.Matches = slices.Concat(due.Matches, []football.MatchID{id})
	v.Put(dueMatchesKey(pool, day), &due)
}

// sweepDueMatches checks the matches that are due up to the prediction's day, once a day in each pool: it drops those
// that are old, and enlists anew those that were moved since. Each day's list is deleted, so the work is bounded by the
// number of matches that were enlisted.
func sweepDueMatches(v football.View, p *football.Prediction) {
	today := daysSince1970(p.At)
	pool := football.Get[Pool](v, poolKey(p.Pool))
	if pool != nil && today < pool.Next {
		return
	}
	from := today
	if pool != nil {
		from = pool.Next
	}
	for day := from; day <= today; day++ {
		due := football.Get[Due](v, dueMatchesKey(p.Pool, day))
		if due == nil {
			continue
		}
		for _, id := range due.Matches {
			dropOrEnlist(v, p, id, today)
		}
		v.Delete(dueMatchesKey(p.Pool, day))
	}
	v.Put(poolKey(p.Pool), &Pool{Next: today + 1})
}

// dropOrEnlist drops a match that is old. One that was moved, or has no date, is kept and checked later.
func dropOrEnlist(v football.View, p *football.Prediction, id football.MatchID, today int64) {
	m := football.Get[Match](v, matchKey(id))
	if m == nil {
		return
	}
	if later := daysSince1970(m.Kickoff) + keepDays; later > today {
		enlistMatch(v, p.Pool, id, later)
		return
	}
	if m.Kickoff == 0 {
		enlistMatch(v, p.Pool, id, today+keepDays)
		return
	}
	v.Delete(matchKey(id))
}
