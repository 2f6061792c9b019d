package evaluate

import (
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// keepDays is how long after its kick-off a match's state is kept, in days of prediction time.
const keepDays = 31

const millisPerDay = 24 * 60 * 60 * 1000

func dayOf(at football.Instant) int64 { return int64(at) / millisPerDay }

// dropDay returns the day on which a match that kicks off then may be forgotten; a postponed one (kick-off 0) is looked
// at again when as much time has passed from now.
func dropDay(kickoff, now football.Instant) int64 { return dayOf(max(kickoff, now)) + keepDays }

// enlist makes the match due on that day.
func enlist(v football.View, pool football.PoolID, id football.MatchID, day int64) {
	due := Due{}
	if d := football.Get[Due](v, dueKey(pool, day)); d != nil {
		due = *d
	}
	due.Matches = slices.Concat(due.Matches, []football.MatchID{id})
	v.Put(dueKey(pool, day), &due)
}

// sweep looks at the matches that are due up to the prediction's day: it drops those that are old, and enlists anew those
// that were moved since. With every day's list it has work in proportion to what was once enlisted, so it is bounded.
func sweep(v football.View, p *football.Prediction) {
	today := dayOf(p.At)
	pool := football.Get[Pool](v, poolKey(p.Pool))
	if pool != nil && today < pool.Next {
		return
	}
	from := today
	if pool != nil {
		from = pool.Next
	}
	for day := from; day <= today; day++ {
		due := football.Get[Due](v, dueKey(p.Pool, day))
		if due == nil {
			continue
		}
		for _, id := range due.Matches {
			visit(v, p, id, today)
		}
		v.Delete(dueKey(p.Pool, day))
	}
	v.Put(poolKey(p.Pool), &Pool{Next: today + 1})
}

// visit drops a match that is old. One that was moved, or has no date, is kept and looked at later.
func visit(v football.View, p *football.Prediction, id football.MatchID, today int64) {
	m := football.Get[Match](v, matchKey(id))
	if m == nil {
		return
	}
	if later := dayOf(m.Kickoff) + keepDays; later > today {
		enlist(v, p.Pool, id, later)
		return
	}
	if m.Kickoff == 0 {
		enlist(v, p.Pool, id, today+keepDays)
		return
	}
	v.Delete(matchKey(id))
}
