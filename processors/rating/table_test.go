package rating_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/touchline/touchline/processors/rating"
	"github.com/touchline/touchline/schemas/football"
)

// table returns a table of teams a, b, c, ... with these points after so many matches each.
func table(played int32, points ...int32) rating.Table {
	t := rating.Table{Season: "2015-16"}
	for i, p := range points {
		t.Rows = append(t.Rows, rating.Row{Team: football.TeamID(rune('a' + i)), Played: played, Points: p})
	}
	return t
}

func TestDecided(t *testing.T) {
	places := []int{1, 3} // the title, and the last safe place of four teams
	tests := []struct {
		name  string
		table rating.Table
		team  football.TeamID
		want  float64
	}{
		{"early in a season nothing is", table(0, 9, 0, 0, 0), "d", 0},
		{"level on points at the top", table(5, 10, 10, 4, 3), "b", 0},
		{"champion and safe, four points ahead with one match left", table(5, 13, 9, 6, 5), "a", (4./3 - 0.2) / 1.3},
		{"relegated, beyond all doubt", table(5, 13, 9, 8, 1), "d", 1},
		{"the season is over", table(6, 13, 9, 8, 1), "d", 0},
		{"a team that has not played", table(5, 13, 9, 8, 1), "z", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.table.Decided("2015-16", tt.team, places); fmt.Sprintf("%.9f", got) != fmt.Sprintf("%.9f",
				tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	over := table(5, 13, 9, 8, 1)
	if got := over.Decided("2016-17", "d", places); got != 0 {
		t.Errorf("before another season's match: got %v", got)
	}
	if got := over.Decided("2015-16", "d", []int{0, 4, 5}); got != 0 {
		t.Errorf("places that no table has: got %v", got)
	}
}

// TestTableLaws: a table counts each result of its season once, whatever the order, and keeps its old value.
func TestTableLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var old, folded rating.Table
		matches, points := int32(0), int32(0)
		for range rapid.IntRange(0, 40).Draw(t, "results") {
			r := result(rapid.Int32Range(0, 3).Draw(t, "home goals"), rapid.Int32Range(0, 3).Draw(t, "away goals"))
			home := rapid.IntRange(0, 5).Draw(t, "home")
			r.Home, r.Away = football.TeamID(rune('a'+home)), football.TeamID(rune('a'+(home+1)%6))
			r.Void = rapid.Bool().Draw(t, "void")
			old = rating.Table{Season: folded.Season, Rows: slices.Clone(folded.Rows)}
			kept := folded
			folded = folded.Settle(r)
			if !kept.Equal(old) {
				t.Fatalf("the old table was changed: %+v, was %+v", kept, old)
			}
			if r.Void {
				continue
			}
			matches++
			points += 3
			if r.HomeGoals == r.AwayGoals {
				points--
			}
		}
		played, won := int32(0), int32(0)
		for _, row := range folded.Rows {
			played += row.Played
			won += row.Points
		}
		if played != 2*matches || won != points {
			t.Fatalf("got %d played and %d points, want %d and %d", played, won, 2*matches, points)
		}
		earlier := result(1, 0)
		earlier.Season = "2014-15"
		if matches > 0 && !folded.Settle(earlier).Equal(folded) {
			t.Fatal("a match left over from an earlier season counted")
		}
		later := result(1, 0)
		later.Season, later.Home, later.Away = "2016-17", "a", "b"
		if next := folded.Settle(later); next.Season != "2016-17" || len(next.Rows) != 2 {
			t.Fatalf("a new season began with %+v", next)
		}
	})
}
