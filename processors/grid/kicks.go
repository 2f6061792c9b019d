package grid

// kickScored is the probability that a kick of a shoot-out is scored, about three in four (J. Apesteguia, I.
// Palacios-Huerta, "Psychological Pressure in Competitive Environments", American Economic Review 100, 2010). Whoever
// kicks first is taken to have no advantage.
const kickScored = 0.75

// regularKicks is how many kicks each side has before sudden death.
const regularKicks = 5

// Kicks is how far a shoot-out has come: the kicks that each side has taken, and scored.
type Kicks struct{ Home, Away, HomeScored, AwayScored int32 }

// Shootout returns the probability that the home side wins from here. Both sides score with the same probability, so it
// is one half at the beginning, and whenever they are level after the same number of kicks.
func (k Kicks) Shootout() float64 {
	each := max(k.Home, k.Away, regularKicks) // kicks of each side after which they may be level next
	home, away := goalsOf(each-k.Home), goalsOf(each-k.Away)
	lead := k.HomeScored - k.AwayScored
	win := 0.0
	for i, p := range home {
		for j, q := range away {
			switch margin := lead + int32(i-j); {
			case margin > 0:
				win += p * q
			case margin == 0:
				win += p * q / 2 // sudden death is even
			}
		}
	}
	return win
}

// goalsOf returns the probability of each number of goals from so many kicks.
func goalsOf(kicks int32) []float64 {
	p := []float64{1}
	for range kicks {
		next := make([]float64, len(p)+1)
		for goals, q := range p {
			next[goals] += q * (1 - kickScored)
			next[goals+1] += q * kickScored
		}
		p = next
	}
	return p
}
