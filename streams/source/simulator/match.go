package simulator

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Means of a side over a match, and what else is drawn.
const (
	shotsPerMatch   = 11.0 // that are no goals
	yellowsPerMatch = 1.7
	onTargetShare   = 0.33
	secondYellows   = 0.4 // of the players sent off
	penaltyShare    = 0.08
	ownGoalShare    = 0.03
	substitutions   = 4
	halfTimeBreak   = 15 * time.Minute
)

// message is one payload of the feed. Which fields it has depends on the type:
//
//	result        home, away, kickoff, odds, closing, half_time, full_time, counts: a row of history
//	fixture       home, away, kickoff, odds, and of a cup match neutral, tie (its first_leg is the name of a match)
//	postponed     nothing
//	closing       closing
//	line-up       side, players
//	kick-off      nothing
//	goal          side, clock, player, own_goal, penalty
//	shot          side, clock, player, on_target, xg
//	card          side, clock, player, colour
//	substitution  side, clock, player (off), on
//	half-time     half_time, clock (its length)
//	second-half   nothing
//	period-end    clock (its length), score, side (who won the shoot-out): of a cup match that goes on, from the
//	              second half on
//	period-start  clock
//	full-time     full_time, counts
//	correction    corrects (the source event id that is taken back), reason
type message struct {
	Type     string                  `json:"type"`
	Home     string                  `json:"home,omitempty"`
	Away     string                  `json:"away,omitempty"`
	Kickoff  football.Instant        `json:"kickoff,omitempty"`
	Odds     []football.Quote        `json:"odds,omitempty"`
	Closing  []football.Quote        `json:"closing,omitempty"`
	HalfTime *[2]int32               `json:"half_time,omitempty"`
	FullTime *[2]int32               `json:"full_time,omitempty"`
	Counts   *[2]football.SideCounts `json:"counts,omitempty"`
	Neutral  bool                    `json:"neutral,omitempty"`
	Tie      football.Tie            `json:"tie,omitzero"`
	Score    *[2]int32               `json:"score,omitempty"`
	Side     football.Side           `json:"side,omitempty"`
	Clock    *football.Clock         `json:"clock,omitempty"`
	Player   string                  `json:"player,omitempty"`
	On       string                  `json:"on,omitempty"`
	Players  []string                `json:"players,omitempty"`
	Colour   football.Colour         `json:"colour,omitempty"`
	OwnGoal  bool                    `json:"own_goal,omitempty"`
	Penalty  bool                    `json:"penalty,omitempty"`
	OnTarget bool                    `json:"on_target,omitempty"`
	XG       float64                 `json:"xg,omitempty"`
	Corrects string                  `json:"corrects,omitempty"`
	Reason   string                  `json:"reason,omitempty"`
}

// moment is a message at its instant.
type timed struct {
	at     football.Instant
	moment football.Moment
	message
	disallowed time.Duration // of a goal: how long after it VAR takes it back; 0: never
}

// match is a match that was played.
type match struct {
	fixture
	early, closing []football.Quote
	play           []timed // between kick-off and full time, both apart, by instant
	periods        []timed // where one ends or begins, beyond the second half
	halfTime       [2]int32
	fullTime       [2]int32 // with extra time
	penalties      [2]int32 // scored in the shoot-out
	counts         [2]football.SideCounts
	reds           [2]int
	firstHalf      time.Duration
	secondStart    football.Instant
	end            football.Instant
	rng            *rand.Rand // for what happens to the messages
	clubs          [2]string
}

// playMatch plays a fixture that kicks off at the given instant.
func (l *league) playMatch(f fixture, kickoff football.Instant) *match {
	rng := l.matchGenerator(f)
	home, away := l.meanGoals(f)
	m := &match{fixture: f, rng: rng, clubs: [2]string{l.Clubs[f.home], l.Clubs[f.away]}}
	m.early, m.closing = drawQuotes(rng, home, away, 1), drawQuotes(rng, home, away, 0.5)
	first, second := 46+rng.IntN(3), 47+rng.IntN(6)
	m.firstHalf = time.Duration(first) * time.Minute
	m.secondStart = kickoff.Add(m.firstHalf + halfTimeBreak)
	m.end = m.secondStart.Add(time.Duration(second) * time.Minute)
	l.playPeriod(m, 1, kickoff, first, func(minute int) float64 { return minuteWeight(minute, first+second) })
	m.halfTime = m.fullTime
	l.playPeriod(m, 2, m.secondStart, second,
		func(minute int) float64 { return minuteWeight(first+minute, first+second) })
	l.playBeyondRegularTime(m)
	slices.SortStableFunc(m.play, func(a, b timed) int { return cmp.Compare(a.at, b.at) })
	return m
}

// playPeriod plays the minutes of a period, each with its share of a match's intensity.
func (l *league) playPeriod(m *match, period int32, start football.Instant, minutes int,
	weight func(minute int) float64) {
	home, away := l.meanGoals(m.fixture)
	for minute := range minutes {
		d := &drawing{match: m, period: period, minute: minute, start: start, weight: weight(minute)}
		h, a := meansWithReds(home, away, m.reds[0], m.reds[1])
		sentOff := m.reds
		for side, mean := range [2]float64{h, a} {
			d.side = side
			sentOff[side] += d.minuteOf(mean, m.reds[side], l.cfg.Disallowed)
		}
		m.reds = sentOff
	}
}

// drawing draws what one side does in one minute.
type drawing struct {
	*match
	period int32
	minute int
	start  football.Instant // of the period
	weight float64
	side   int
}

// minuteOf draws a side's minute and returns how many players were sent off.
func (d *drawing) minuteOf(mean float64, reds int, disallowed float64) (sentOff int) {
	counts := &d.counts[d.side]
	if d.rng.Float64() < eventChance(mean, d.weight) {
		goal := message{Type: "goal", Player: d.drawPlayer(d.side), Penalty: d.rng.Float64() < penaltyShare}
		if !goal.Penalty && d.rng.Float64() < ownGoalShare {
			goal.OwnGoal, goal.Player = true, d.drawPlayer(1-d.side)
		}
		d.addTimed(goal, 0)
		d.fullTime[d.side]++
		counts.Shots++
		counts.ShotsOnTarget++
	}
	if d.rng.Float64() < eventChance(shotsPerMatch*mean/1.3, d.weight) {
		shot := message{Type: "shot", Player: d.drawPlayer(d.side), OnTarget: d.rng.Float64() < onTargetShare,
			XG: drawShotXG(d.rng)}
		d.addTimed(shot, 0)
		counts.Shots++
		if shot.OnTarget {
			counts.ShotsOnTarget++
		}
	}
	if disallowed > 0 && d.rng.Float64() < eventChance(disallowed/2, d.weight) {
		d.addTimed(message{Type: "goal", Player: d.drawPlayer(d.side)}, time.Duration(50+d.rng.IntN(120))*time.Second)
	}
	if d.rng.Float64() < eventChance(yellowsPerMatch, d.weight) {
		d.addTimed(message{Type: "card", Colour: football.Yellow, Player: d.drawPlayer(d.side)}, 0)
		counts.Yellows++
	}
	if red := d.rng.Float64() < eventChance(redsPerMatch, d.weight); red && reds < maxReds {
		colour := football.Red
		if d.rng.Float64() < secondYellows {
			colour = football.SecondYellow
		}
		d.addTimed(message{Type: "card", Colour: colour, Player: d.drawPlayer(d.side)}, 0)
		counts.Reds++
		sentOff = 1
	}
	if d.period == 2 && d.minute >= 5 && d.minute < 43 && d.rng.Float64() < substitutions/38.0 {
		d.addTimed(message{Type: "substitution", Player: d.drawPlayer(d.side),
			On: playerName(d.clubs[d.side], 11+d.rng.IntN(7))}, 0)
	}
	if d.rng.Float64() < 5*d.weight {
		counts.Corners++
	}
	if d.rng.Float64() < 11*d.weight {
		counts.Fouls++
	}
	return sentOff
}

// addTimed puts a message at a second of the minute.
func (d *drawing) addTimed(m message, disallowed time.Duration) {
	d.addMessage(m, time.Duration(d.minute)*time.Minute+time.Duration(d.rng.IntN(60))*time.Second, disallowed)
}

// addMessage puts a message some time after the period began.
func (d *drawing) addMessage(m message, after, disallowed time.Duration) {
	m.Side = football.Home
	if d.side == 1 {
		m.Side = football.Away
	}
	m.Clock = &football.Clock{Period: d.period, Elapsed: int32(after.Seconds())}
	d.play = append(d.play, timed{at: d.start.Add(after), moment: football.MomentEvent, message: m,
		disallowed: disallowed})
}

func (d *drawing) drawPlayer(side int) string { return playerName(d.clubs[side], 1+d.rng.IntN(10)) }

// drawShotXG draws the probability of a goal that a missed shot had: mostly small.
func drawShotXG(rng *rand.Rand) float64 {
	x := rng.Float64()
	return float64(int(1000*(0.02+0.45*x*x*x))) / 1000
}

var surnames = [...]string{
	"Ashby", "Barrow", "Caine", "Dunmore", "Ellery", "Foxley", "Garrick", "Hale", "Ingram", "Jessop", "Kerr",
	"Lowell", "Marsh",
	"Nolan", "Orme", "Pryce", "Quill", "Rowan", "Stroud", "Tolland", "Umber", "Vance", "Wray", "Yardley", "Zeller",
	"Boyd", "Crane",
	"Drake", "Easton", "Frost", "Gale",
}

// playerName returns the name of a club's n-th player (0 keeps goal, from 11 on they sit on the bench).
func playerName(club string, n int) string {
	k := n * 5
	for _, c := range club {
		k += int(c)
	}
	return string(rune('A'+(k*7+n*3)%26)) + ". " + surnames[k%len(surnames)]
}

func startingEleven(club string) []string {
	names := make([]string, 11)
	for i := range names {
		names[i] = playerName(club, i)
	}
	return names
}
