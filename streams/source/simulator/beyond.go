package simulator

import (
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Extra time and penalties.
const (
	extraHalf    = 15 * time.Minute // and a minute more in half of them
	usualExtra   = 31               // minutes of both halves
	beforeExtra  = 5 * time.Minute
	betweenExtra = time.Minute
	beforeKicks  = 3 * time.Minute
	betweenKicks = 45 * time.Second
	kickScored   = 0.75
	kicksEach    = 5
)

// playBeyondRegularTime plays a knock-out on that is level after 90 minutes.
func (l *league) playBeyondRegularTime(m *match) {
	if !m.decides() || m.aggregate() != 0 {
		return
	}
	m.recordPeriodEnd(2, m.end.Sub(m.secondStart))
	for n := int32(3); n <= 4; n++ {
		start := m.end.Add(beforeExtra)
		if n == 4 {
			start = m.end.Add(betweenExtra)
		}
		m.recordPeriodStart(n, start)
		minutes := int(extraHalf/time.Minute) + m.rng.IntN(2)
		l.playPeriod(m, n, start, minutes, func(int) float64 { return 1.0 / (usualFirst + usualSecond) })
		m.end = start.Add(time.Duration(minutes) * time.Minute)
		m.recordPeriodEnd(n, m.end.Sub(start))
	}
	if m.aggregate() == 0 {
		m.playShootout()
	}
}

// decides reports whether the match goes on until somebody has won.
func (f fixture) decides() bool {
	return f.tie.Kind == football.TieSingle || f.tie.Kind == football.TieSecondLeg
}

// playShootout plays the shoot-out: five kicks each, less where it is decided before, then one each until it is.
func (m *match) playShootout() {
	start := m.end.Add(beforeKicks)
	m.recordPeriodStart(football.PeriodPenalties, start)
	taken, first := [2]int32{}, m.rng.IntN(2)
	for n := 0; !decided(taken, m.penalties); n++ {
		side := (first + n) % 2
		d := &drawing{match: m, period: football.PeriodPenalties, start: start, side: side}
		msg := message{Type: "shot", Player: d.drawPlayer(side)}
		if m.rng.Float64() < kickScored {
			msg.Type, msg.Penalty = "goal", true
			m.penalties[side]++
		}
		taken[side]++
		d.addMessage(msg, time.Duration(n+1)*betweenKicks, 0)
		m.end = start.Add(time.Duration(n+1)*betweenKicks + time.Second)
	}
	m.recordPeriodEnd(football.PeriodPenalties, m.end.Sub(start))
}

// decided reports whether a shoot-out is over: what is left of five kicks can't change it, or one side leads after as
// many.
func decided(taken, scored [2]int32) bool {
	if taken[0] >= kicksEach && taken[1] >= kicksEach {
		return taken[0] == taken[1] && scored[0] != scored[1]
	}
	return scored[0]+max(kicksEach-taken[0], 0) < scored[1] || scored[1]+max(kicksEach-taken[1], 0) < scored[0]
}

// recordPeriodStart and recordPeriodEnd record where a period begins and ends.
func (m *match) recordPeriodStart(period int32, at football.Instant) {
	m.periods = append(m.periods, timed{at: at, message: message{Type: "period-start",
		Clock: &football.Clock{Period: period}}})
}

func (m *match) recordPeriodEnd(period int32, took time.Duration) {
	end := message{Type: "period-end", Clock: &football.Clock{Period: period, Elapsed: int32(took.Seconds())},
		Score: &[2]int32{m.fullTime[0], m.fullTime[1]}}
	if period == football.PeriodPenalties {
		end.Side = football.Away
		if m.winningClub() == m.home {
			end.Side = football.Home
		}
	}
	m.periods = append(m.periods, timed{at: m.end, message: end})
}
