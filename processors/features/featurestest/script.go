package featurestest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/touchline/touchline/schemas/football"
)

// Script reads match events from lines of text, so that tests read as a match:
//
//	2015-08-08T14:00 arsenal:chelsea scheduled 2015-08-22T14:00
//	2015-08-08T14:00 chelsea:arsenal scheduled 2015-09-05T14:00 second-leg first=arsenal:chelsea away-goals extra-time
//	2015-08-08T14:00 arsenal:chelsea odds early average 2.10 3.40 3.60 1.95 1.90
//	2015-08-22T14:00 arsenal:chelsea kick-off
//	2015-08-22T14:23 arsenal:chelsea goal home 1 23:10
//	2015-08-22T14:30 arsenal:chelsea card away 1 30:00 red
//	2015-08-22T14:31 arsenal:chelsea shot home 1 31:00 on 0.12
//	2015-08-22T14:47 arsenal:chelsea period-ended 1 1-0 47:00
//	2015-08-22T15:02 arsenal:chelsea period-started 2
//	2015-08-22T17:02 arsenal:chelsea period-ended 5 1-1 0:00 home
//	2015-08-22T15:55 arsenal:chelsea full-time 2-1 shots 12-7 on 5-2 reds 0-1
//	2015-08-22T15:58 arsenal:chelsea counts shots 12-7 on 5-2 reds 0-1
//	2015-08-23T10:00 arsenal:chelsea correction 9 ineligible player
//	2015-08-24T00:00 tick
//	2015-08-24T00:00 models 3
//
// Also line-up, yellow and second-yellow cards, "goal home 1 23:10 own", "goal home 1 23:10 shot 0.31", "sub home 2
// 10:00" and "postponed". Events of a match are numbered from 1 in the order of the lines. Matches are of the pool
// england, E0, 2015-16, unless the fields say otherwise.
type Script struct {
	Season      football.Season
	Competition football.CompetitionID

	sequence map[football.MatchID]int64
}

// Event reads one line. It is an error when the instant or the kind of event can't be read; numbers that can't be read
// are 0.
func (s *Script) Event(line string) (*football.MatchEvent, error) {
	words := strings.Fields(line)
	if len(words) < 2 {
		return nil, fmt.Errorf("%q: want an instant and an event", line)
	}
	at, err := scriptInstant(words[0])
	if err != nil {
		return nil, err
	}
	e := &football.MatchEvent{Pool: "england", At: at, Source: "script"}
	switch words[1] {
	case "tick":
		e.Body = football.Tick{}
		return e, nil
	case "models":
		e.Body = football.ModelsChanged{Position: int64(scriptNumber(words[2]))}
		return e, nil
	}
	home, away, _ := strings.Cut(words[1], ":")
	e.Competition, e.Season = s.Competition, s.Season
	if e.Competition == "" {
		e.Competition = "E0"
	}
	if e.Season == "" {
		e.Season = "2015-16"
	}
	e.Home, e.Away = football.TeamID(home), football.TeamID(away)
	e.Match = football.NewMatchID(e.Pool, e.Season, e.Home, e.Away, 1)
	if s.sequence == nil {
		s.sequence = map[football.MatchID]int64{}
	}
	s.sequence[e.Match]++
	e.Sequence = s.sequence[e.Match]
	e.Body, err = scriptBody(words[2:])
	if fixture, ok := e.Body.(football.FixtureScheduled); ok && len(words) > 4 {
		fixture.Tie = scriptTie(e, words[4:])
		e.Body = fixture
	}
	return e, err
}

// scriptBody reads the words after the match; missing ones are empty.
func scriptBody(words []string) (football.EventBody, error) {
	w := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	side, clock := football.Side(w(1)), football.Clock{Period: int32(scriptNumber(w(2))), Elapsed: scriptSeconds(w(3))}
	switch w(0) {
	case "scheduled":
		kickoff, err := scriptInstant(w(1))
		return football.FixtureScheduled{Kickoff: kickoff}, err
	case "postponed":
		return football.FixtureScheduled{}, nil
	case "odds":
		q := football.Quote{Bookmaker: w(2), Home: scriptNumber(w(3)), Draw: scriptNumber(w(4)),
			Away: scriptNumber(w(5)), Over25: scriptNumber(w(6)), Under25: scriptNumber(w(7))}
		return football.OddsQuoted{Stage: football.OddsStage(w(1)), Quotes: []football.Quote{q}}, nil
	case "line-up":
		return football.LineUp{Side: side}, nil
	case "kick-off":
		return football.KickOff{}, nil
	case "goal":
		return football.Goal{Side: side, Clock: clock, OwnGoal: w(4) == "own", XG: scriptNumber(w(5))}, nil
	case "card":
		return football.Card{Side: side, Clock: clock, Colour: football.Colour(w(4))}, nil
	case "shot":
		return football.Shot{Side: side, Clock: clock, OnTarget: w(4) == "on", XG: scriptNumber(w(5))}, nil
	case "sub":
		return football.Substitution{Side: side, Clock: clock}, nil
	case "period-started":
		return football.PeriodStarted{Period: int32(scriptNumber(w(1)))}, nil
	case "period-ended":
		home, away := scriptPair(w(2))
		return football.PeriodEnded{Period: int32(scriptNumber(w(1))), HomeGoals: home, AwayGoals: away,
			Elapsed: scriptSeconds(w(3)), Winner: football.Side(w(4))}, nil
	case "full-time":
		return scriptFullTime(words), nil
	case "counts":
		full := scriptFullTime(append([]string{"counts", "0-0"}, words[1:]...))
		return football.MatchCounts{Home: full.Home, Away: full.Away}, nil
	case "correction":
		return football.Correction{Corrects: int64(scriptNumber(w(1))), Reason: strings.Join(words[2:], " ")}, nil
	default:
		return nil, fmt.Errorf("no event %q", w(0))
	}
}

// scriptTie reads how the knock-out is decided that a match of e's pool and season is part of.
func scriptTie(e *football.MatchEvent, words []string) football.Tie {
	t := football.Tie{Kind: football.TieKind(words[0])}
	for _, word := range words[1:] {
		switch word {
		case "away-goals":
			t.AwayGoals = true
		case "extra-time":
			t.ExtraTime = true
		default:
			home, away, _ := strings.Cut(strings.TrimPrefix(word, "first="), ":")
			t.FirstLeg = football.NewMatchID(e.Pool, e.Season, football.TeamID(home), football.TeamID(away), 1)
		}
	}
	return t
}

// scriptFullTime reads a score and pairs of counts, the home side's first.
func scriptFullTime(words []string) football.FullTime {
	f := football.FullTime{Home: football.NoCounts(), Away: football.NoCounts()}
	f.HomeGoals, f.AwayGoals = scriptPair(words[1])
	for i := 2; i+1 < len(words); i += 2 {
		home, away := scriptPair(words[i+1])
		switch words[i] {
		case "shots":
			f.Home.Shots, f.Away.Shots = home, away
		case "on":
			f.Home.ShotsOnTarget, f.Away.ShotsOnTarget = home, away
		case "reds":
			f.Home.Reds, f.Away.Reds = home, away
		}
	}
	return f
}

// scriptInstant reads an instant in UTC, to the minute.
func scriptInstant(text string) (football.Instant, error) {
	t, err := time.Parse("2006-01-02T15:04", text)
	return football.At(t), err
}

// scriptNumber reads a number, 0 where there is none.
func scriptNumber(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return x
}

// scriptPair reads two numbers with a hyphen between them, such as a score.
func scriptPair(text string) (int32, int32) {
	a, b, _ := strings.Cut(text, "-")
	return int32(scriptNumber(a)), int32(scriptNumber(b))
}

// scriptSeconds reads minutes and seconds with a colon between them.
func scriptSeconds(text string) int32 {
	m, s, _ := strings.Cut(text, ":")
	return int32(scriptNumber(m)*60 + scriptNumber(s))
}
