package rating

import "math"

// eloScale is the rating difference at which one side is ten times as likely to win.
const eloScale = 400.0

// settleElo exchanges points by how surprising the result was, more for a larger margin (Hvattum & Arntzen 2010).
func (p Params) settleElo(home, away Team, r Result) (Team, Team) {
	advantage := p.EloHome
	if r.Neutral {
		advantage = 0
	}
	expected := 1 / (1 + math.Pow(10, -(home.Elo+advantage-away.Elo)/eloScale))
	margin := float64(r.HomeGoals - r.AwayGoals)
	scored := 0.5
	switch {
	case margin > 0:
		scored = 1
	case margin < 0:
		scored = 0
	}
	points := p.EloRate * math.Pow(1+math.Abs(margin), p.EloMargin) * (scored - expected)
	home.Elo += points
	away.Elo -= points
	return home, away
}
