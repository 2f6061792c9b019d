package simulator

import (
	"math"
	"math/rand/v2"

	"github.com/touchline/touchline/schemas/football"
)

// The process that makes goals and red cards.
const (
	usualFirst, usualSecond = 47, 50 // minutes of the halves of a match of usual length
	redsPerMatch            = 0.06   // mean of each side
	maxReds                 = 2      // of a side
	shortHanded             = 0.72   // factor on the goals of a side for each player sent off
	outnumbering            = 1.22   // and on its opponent's
	maxMargin               = 15
)

// minuteWeight is the share of a match's intensity in minute m of n: it rises by two thirds from the first to the last.
func minuteWeight(m, n int) float64 {
	const rise = 0.5
	return (1 - rise/2 + rise*(float64(m)+0.5)/float64(n)) / float64(n)
}

// eventChance is the probability that something of that mean happens in a minute of that weight.
func eventChance(mean, weight float64) float64 { return 1 - math.Exp(-mean*weight) }

// meansWithReds returns the means of both sides with players sent off.
func meansWithReds(home, away float64, homeReds, awayReds int) (h, a float64) {
	h = home * math.Pow(shortHanded, float64(homeReds)) * math.Pow(outnumbering, float64(awayReds))
	a = away * math.Pow(shortHanded, float64(awayReds)) * math.Pow(outnumbering, float64(homeReds))
	return h, a
}

// chain is the distribution of a match's state: the probability of each number of players sent off, home and away, and
// of each goal difference, from -maxMargin on.
type chain [maxReds + 1][maxReds + 1][2*maxMargin + 1]float64

// standing is how far a match has come.
type standing struct {
	minute             int // of a match of usual length, 0 to 97
	extra              int // of extra time of usual length, 0 to 31; before it 0
	margin             int // home's goals less away's
	homeReds, awayReds int // players sent off
}

// runChain returns the distribution after 90 minutes from that standing. The goal difference and the players sent off
// are a Markov chain, followed minute by minute.
func runChain(home, away float64, s standing) *chain {
	const minutes = usualFirst + usualSecond
	p := new(chain)
	p[min(s.homeReds, maxReds)][min(s.awayReds, maxReds)][min(max(s.margin+maxMargin, 0), 2*maxMargin)] = 1
	for m := s.minute; m < minutes; m++ {
		p = p.stepMinute(home, away, minuteWeight(m, minutes))
	}
	return p
}

// stepMinute returns the chain a minute later.
func (p *chain) stepMinute(home, away, w float64) *chain {
	next := new(chain)
	red := eventChance(redsPerMatch, w)
	for hr := range maxReds + 1 {
		for ar := range maxReds + 1 {
			h, a := meansWithReds(home, away, hr, ar)
			gh, ga := eventChance(h, w), eventChance(a, w)
			up, down := gh*(1-ga), ga*(1-gh)
			rh, ra := red, red
			if hr == maxReds {
				rh = 0
			}
			if ar == maxReds {
				ra = 0
			}
			from := &p[hr][ar]
			for d := 1; d < 2*maxMargin; d++ { // what runs over the edge is below 1e-6
				q := from[d]*(1-up-down) + from[d-1]*up + from[d+1]*down
				next[hr][ar][d] += q * (1 - rh) * (1 - ra)
				next[min(hr+1, maxReds)][ar][d] += q * rh * (1 - ra)
				next[hr][min(ar+1, maxReds)][d] += q * (1 - rh) * ra
				next[min(hr+1, maxReds)][min(ar+1, maxReds)][d] += q * rh * ra
			}
		}
	}
	return next
}

// sumOutcome sums the chain up.
func (p *chain) sumOutcome() football.Outcome {
	var out football.Outcome
	for hr := range p {
		for ar := range p[hr] {
			for d, q := range p[hr][ar] {
				switch {
				case d > maxMargin:
					out.Home += q
				case d < maxMargin:
					out.Away += q
				default:
					out.Draw += q
				}
			}
		}
	}
	sum := out.Home + out.Draw + out.Away
	return football.Outcome{Home: out.Home / sum, Draw: out.Draw / sum, Away: out.Away / sum}
}

// Margins and noise of the two bookmakers.
const (
	averageMargin, averageNoise   = 1.055, 0.045
	pinnacleMargin, pinnacleNoise = 1.025, 0.03
)

// drawQuotes returns what bookmakers offer: the probabilities of the mean goals (they do not foresee red cards), with
// noise that closing odds have half of, and a margin.
func drawQuotes(rng *rand.Rand, home, away, noise float64) []football.Quote {
	h, d, a, over := poissonMarkets(home, away)
	quote := func(bookmaker string, margin, sd float64) football.Quote {
		blur := func(p float64) float64 { return p * math.Exp(sd*noise*rng.NormFloat64()) }
		ph, pd, pa := blur(h), blur(d), blur(a)
		sum := ph + pd + pa
		po := min(max(blur(over), 0.05), 0.95)
		odds := func(p float64) float64 { return max(1.01, math.Round(100/(p*margin))/100) }
		return football.Quote{
			Bookmaker: bookmaker, Home: odds(ph / sum), Draw: odds(pd / sum), Away: odds(pa / sum), Over25: odds(po),
			Under25: odds(1 - po),
		}
	}
	return []football.Quote{quote("average", averageMargin, averageNoise),
		quote("pinnacle", pinnacleMargin, pinnacleNoise)}
}

// poissonMarkets returns the probabilities of the results and of more than 2.5 goals for independent Poisson goals.
func poissonMarkets(home, away float64) (h, d, a, over float64) {
	const n = 15
	var ph, pa [n]float64
	ph[0], pa[0] = math.Exp(-home), math.Exp(-away)
	for i := 1; i < n; i++ {
		ph[i], pa[i] = ph[i-1]*home/float64(i), pa[i-1]*away/float64(i)
	}
	for i := range n {
		for j := range n {
			q := ph[i] * pa[j]
			switch {
			case i > j:
				h += q
			case i < j:
				a += q
			default:
				d += q
			}
			if i+j > 2 {
				over += q
			}
		}
	}
	return h, d, a, over
}

// advanceProbability returns the probability that the home side of a cup match goes on.
func (l *league) advanceProbability(f fixture, s standing) float64 {
	home, away := l.meanGoals(f)
	p := runChain(home, away, s)
	back := fixture{season: f.season, home: f.away, away: f.home, tie: football.Tie{Kind: football.TieSingle}}
	switch f.tie.Kind {
	case football.TieReplay:
		o := p.sumOutcome()
		return o.Home + o.Draw*(1-l.advanceProbability(back, standing{}))
	case football.TieFirstLeg:
		back.tie.Kind = football.TieSecondLeg
		sum, total := 0.0, 0.0
		for d, q := range p.sumMargins() {
			if q < 1e-10 {
				continue
			}
			back.first = [2]int32{int32(max(maxMargin-d, 0)), int32(max(d-maxMargin, 0))} // the grounds change
			sum += q * (1 - l.advanceProbability(back, standing{}))
			total += q
		}
		return sum / total
	default:
		return p.decideTie(home, away, int(f.first[0]-f.first[1]), s.extra)
	}
}

// sumMargins sums the chain up by goal difference.
func (p *chain) sumMargins() (out [2*maxMargin + 1]float64) {
	for hr := range p {
		for ar := range p[hr] {
			for d, q := range p[hr][ar] {
				out[d] += q
			}
		}
	}
	return out
}

// decideTie returns the probability that the home side goes on, so many goals ahead from the first leg and with extra
// time from a minute on where it is level. Penalties are even.
func (p *chain) decideTie(home, away float64, lead, from int) float64 {
	won, lost, level := 0.0, 0.0, new(chain)
	for hr := range p {
		for ar := range p[hr] {
			for d, q := range p[hr][ar] {
				switch margin := d - maxMargin + lead; {
				case from > 0: // extra time has begun
					level[hr][ar][min(max(margin+maxMargin, 0), 2*maxMargin)] += q
				case margin > 0:
					won += q
				case margin < 0:
					lost += q
				default:
					level[hr][ar][maxMargin] += q
				}
			}
		}
	}
	for range usualExtra - from {
		level = level.stepMinute(home, away, 1.0/(usualFirst+usualSecond))
	}
	for d, q := range level.sumMargins() {
		switch {
		case d > maxMargin:
			won += q
		case d < maxMargin:
			lost += q
		default:
			won, lost = won+q/2, lost+q/2
		}
	}
	return won / (won + lost)
}
