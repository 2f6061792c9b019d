package football_test

import (
	"testing"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

func TestMatchID(t *testing.T) {
	id := football.NewMatchID("england", "2015-16", "arsenal", "chelsea", 1)
	if want := football.MatchID("england.2015-16.arsenal.chelsea.1"); id != want {
		t.Errorf("got %s, want %s", id, want)
	}
	if err := id.Validate(); err != nil {
		t.Errorf("%s: %v", id, err)
	}
	if id.Pool() != "england" {
		t.Errorf("pool of %s: got %q", id, id.Pool())
	}
	for _, bad := range []football.MatchID{"", "england", "a.b.c.d", "a.b.c.d.0", "a.b.c.d.x", "a..c.d.1",
		"a.b.c.d.1.2"} {
		if bad.Validate() == nil {
			t.Errorf("%q passes as a match id", string(bad))
		}
	}
	if pool := football.MatchID("nonsense").Pool(); pool != "" {
		t.Errorf("pool of an id without parts: got %q", pool)
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"Man United": "man-united", "1. FC Köln": "1-fc-koln", "  Nott'm  Forest ": "nott-m-forest",
		"Saint-Étienne":          "saint-etienne",
		"Brighton & Hove Albion": "brighton-hove-albion", "": "", "—": "", "Næstved": "naestved",
	} {
		if got := football.Slug(name); got != want {
			t.Errorf("Slug(%q): got %q, want %q", name, got, want)
		}
	}
}

func TestSideOther(t *testing.T) {
	if football.Home.Other() != football.Away || football.Away.Other() != football.Home {
		t.Error("the other side of a side is not the other side")
	}
}

func TestClock(t *testing.T) {
	for _, c := range []struct {
		clock football.Clock
		want  string
	}{
		{football.Clock{}, "0'"}, {football.Clock{Period: 1}, "1'"},
		{football.Clock{Period: 1, Elapsed: 22*60 + 59}, "23'"},
		{football.Clock{Period: 1, Elapsed: 46*60 + 5}, "45+2'"}, {football.Clock{Period: 2}, "46'"},
		{football.Clock{Period: 2, Elapsed: 45 * 60}, "90+1'"}, {football.Clock{Period: 3, Elapsed: 60}, "92'"},
		{football.Clock{Period: 4, Elapsed: 15 * 60}, "120+1'"}, {football.Clock{Period: 9}, "0'"},
	} {
		if got := c.clock.String(); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.clock, got, c.want)
		}
	}
	early, late := football.Clock{Period: 1, Elapsed: 3000}, football.Clock{Period: 2}
	if !early.Before(late) || late.Before(early) || early.Before(early) {
		t.Error("a stoppage-time goal of the first half must be before the second half")
	}
}

func TestInstant(t *testing.T) {
	at := football.At(time.Date(2015, 8, 8, 14, 0, 0, 999, time.UTC))
	if got := at.String(); got != "2015-08-08T14:00:00Z" {
		t.Errorf("got %s", got)
	}
	if later := at.Add(90 * time.Minute); later.Sub(at) != 90*time.Minute {
		t.Errorf("got %v", later.Sub(at))
	}
}

func TestPredictionID(t *testing.T) {
	p := football.Prediction{Match: "a.b.c.d.1", Model: football.ModelRef{ID: "goals"},
		Feature: football.FeatureRef{Sequence: 12}}
	if got, want := p.ID(), "a.b.c.d.1~goals~12"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestColoursThatSendOff(t *testing.T) {
	for colour, want := range map[football.Colour]bool{football.Yellow: false, football.SecondYellow: true,
		football.Red: true} {
		if colour.SendsOff() != want {
			t.Errorf("%s sends off: got %v", colour, !want)
		}
	}
}

func TestASeasonBeginsInItsFirstYear(t *testing.T) {
	for season, want := range map[football.Season]int32{"2015-16": 2015, "2015": 2015, "1999-00": 1999, "": 0,
		"spring": 0} {
		if got := season.Year(); got != want {
			t.Errorf("%q: got %d, want %d", season, got, want)
		}
	}
}
