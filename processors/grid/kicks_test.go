package grid_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/grid"
)

func TestAShootOut(t *testing.T) {
	for _, c := range []struct {
		name  string
		kicks grid.Kicks
		want  float64
	}{
		{"before the first kick", grid.Kicks{}, 0.5},
		{"level after four each", grid.Kicks{Home: 4, Away: 4, HomeScored: 3, AwayScored: 3}, 0.5},
		{"one ahead with one kick left of the other", grid.Kicks{Home: 5, Away: 4, HomeScored: 4, AwayScored: 3},
			0.25 + 0.75/2},
		{"sudden death, the away side is to answer", grid.Kicks{Home: 7, Away: 6, HomeScored: 6, AwayScored: 5},
			0.25 + 0.75/2},
		{"sudden death, the home side has missed", grid.Kicks{Home: 6, Away: 5, HomeScored: 4, AwayScored: 4},
			0.25 / 2},
		{"decided before the end", grid.Kicks{Home: 3, Away: 3, HomeScored: 3}, 1},
		{"lost", grid.Kicks{Home: 5, Away: 5, HomeScored: 3, AwayScored: 4}, 0},
	} {
		t.Run(c.name, func(t *testing.T) { near(t, "home", c.kicks.Shootout(), c.want, 1e-12) })
	}
}

// TestAShootOutIsTheMeanOfItsNextStates: the probability now is the mean of those after the next kick.
func TestAShootOutIsTheMeanOfItsNextStates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int32Range(0, 8).Draw(t, "rounds")
		k := grid.Kicks{Home: n, Away: n, HomeScored: rapid.Int32Range(0, n).Draw(t, "home"),
			AwayScored: rapid.Int32Range(0, n).Draw(t, "away")}
		if n >= 5 { // it would be over else
			k.AwayScored = k.HomeScored
		}
		hit, miss := k, k
		hit.Home, hit.HomeScored, miss.Home = n+1, k.HomeScored+1, n+1
		near(t, "home", k.Shootout(), 0.75*hit.Shootout()+0.25*miss.Shootout(), 1e-12)
		k.Home, k.Away, k.HomeScored, k.AwayScored = k.Away, k.Home, k.AwayScored, k.HomeScored
		swapped := grid.Kicks{Home: k.Away, Away: k.Home, HomeScored: k.AwayScored, AwayScored: k.HomeScored}
		near(t, "sides", k.Shootout()+swapped.Shootout(), 1, 1e-12)
	})
}
