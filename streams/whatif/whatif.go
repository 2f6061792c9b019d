// Package whatif forecasts a match that need not be in any calendar: it puts the fixture into the history of its pool
// and folds both with the stages that run live, so that the answer is what the line would have published.
package whatif

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/footballdata"
)

// Question is a match that might be played.
type Question struct {
	Competition football.CompetitionID
	Home, Away  string    // any spelling that the reference has
	Date        time.Time // the day of the kick-off, at 15:00 local; zero: the day after the history ends
}

// Ask folds the history of the question's pool up to its date with the chain, and returns the last forecast of each
// model before kick-off, in the models' order. The fixture is merged into the history as one more feed, so ratings,
// form and table are those of its day. It reads the history once, and twice when the question has no date.
func Ask(
	ctx context.Context, ref *football.Reference, history source.Source, chain streams.Chain, q Question,
) ([]*football.Prediction, error) {
	pool, err := q.poolOfMatch(ref)
	if err != nil {
		return nil, err
	}
	if q.Date.IsZero() {
		if q.Date, err = dayAfter(ctx, history, pool); err != nil {
			return nil, err
		}
	}
	fixture, err := q.fixtureFeed(ctx, ref)
	if err != nil {
		return nil, err
	}
	feeds, err := feedsOf(ctx, history, pool)
	if err != nil {
		return nil, err
	}
	end := football.At(q.Date.AddDate(0, 0, 1))
	return q.lastForecasts(ctx, ref, source.Merge(append(feeds, fixture)...), chain, end)
}

// poolOfMatch returns the pool of the match. It is an error when the competition or a team is not known, or a team
// would play itself.
func (q Question) poolOfMatch(ref *football.Reference) (football.PoolID, error) {
	competition, ok := ref.Competition(q.Competition)
	if !ok {
		var known []string
		for _, c := range ref.Competitions() {
			known = append(known, string(c.ID))
		}
		return "", fmt.Errorf("no competition %q: there are %v", q.Competition, known)
	}
	for _, name := range []string{q.Home, q.Away} {
		if _, ok := ref.Team(competition.Pool, name); !ok {
			return "", fmt.Errorf("no team of the pool %s is called %q: spell it as the source does, or add the "+
				"spelling with TOUCHLINE_REFERENCE", competition.Pool, name)
		}
	}
	if q.homeTeamID(ref, competition.Pool) == q.awayTeamID(ref, competition.Pool) {
		return "", fmt.Errorf("%s can't play itself", q.Home)
	}
	return competition.Pool, nil
}

// homeTeamID returns the home side's id, "" when its name is not known.
func (q Question) homeTeamID(ref *football.Reference, pool football.PoolID) football.TeamID {
	team, _ := ref.Team(pool, q.Home)
	return team.ID
}

// awayTeamID returns the away side's id likewise.
func (q Question) awayTeamID(ref *football.Reference, pool football.PoolID) football.TeamID {
	team, _ := ref.Team(pool, q.Away)
	return team.ID
}

// dayAfter returns the day after the pool's last result.
func dayAfter(ctx context.Context, history source.Source, pool football.PoolID) (time.Time, error) {
	feeds, err := feedsOf(ctx, history, pool)
	if err != nil {
		return time.Time{}, err
	}
	last := football.Instant(0)
	err = eachRawEvent(ctx, source.Merge(feeds...), func(raw *football.RawEvent) bool {
		if raw.Moment == football.MomentFullTime {
			last = max(last, raw.At)
		}
		return true
	})
	return last.Time().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1), err
}

// feedsOf opens the history and returns what it has of the pool. It is an error when that is nothing.
func feedsOf(ctx context.Context, history source.Source, pool football.PoolID) ([]source.Feed, error) {
	feeds, err := history.Open(ctx)
	if err != nil {
		return nil, err
	}
	feeds = slices.DeleteFunc(feeds, func(f source.Feed) bool { return f.Pool != pool })
	if len(feeds) == 0 {
		return nil, fmt.Errorf("the history has nothing of the pool %s, so nothing is known of its teams: give more "+
			"with --path", pool)
	}
	return feeds, nil
}

// fixtureFeed returns a feed of the match alone, as a source announces a coming one.
func (q Question) fixtureFeed(ctx context.Context, ref *football.Reference) (feed source.Feed, err error) {
	dir, err := os.MkdirTemp("", "touchline-fixture-")
	if err != nil {
		return feed, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, string(q.Competition)+".csv")
	file, err := os.Create(path)
	if err != nil {
		return feed, err
	}
	rows := csv.NewWriter(file)
	err = rows.WriteAll([][]string{{"Div", "Date", "HomeTeam", "AwayTeam"},
		{string(q.Competition), q.Date.Format(time.DateOnly), q.Home, q.Away}})
	if err := errors.Join(err, file.Close()); err != nil {
		return feed, err
	}
	feeds, err := footballdata.New(ref, path).Open(ctx)
	if err != nil {
		return feed, err
	}
	return feeds[0], nil
}

// lastForecasts folds the feed up to an instant and returns the last forecast of each model before kick-off. It is an
// error when there is none.
func (q Question) lastForecasts(
	ctx context.Context, ref *football.Reference, feed source.Feed, chain streams.Chain, end football.Instant,
) ([]*football.Prediction, error) {
	home, away := q.homeTeamID(ref, feed.Pool), q.awayTeamID(ref, feed.Pool)
	memory, order, last := streams.NewMemory(chain), []string{}, map[string]*football.Prediction{}
	err := eachRawEvent(ctx, feed, func(raw *football.RawEvent) bool {
		if raw.At > end {
			return false
		}
		for _, result := range memory.Step(raw) {
			p, ok := result.Output.(*football.Prediction)
			if !ok || p.Home != home || p.Away != away || p.Competition != q.Competition || p.Kickoff > end ||
				p.Kickoff < football.At(q.Date.AddDate(0, 0, -1)) {
				continue
			}
			if last[p.Model.ID] == nil {
				order = append(order, p.Model.ID)
			}
			if p.Live.Phase == football.PreMatch && p.At <= p.Kickoff {
				last[p.Model.ID] = p
			}
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	var forecasts []*football.Prediction
	for _, model := range order {
		if p := last[model]; p != nil {
			forecasts = append(forecasts, p)
		}
	}
	if len(forecasts) == 0 {
		return nil, fmt.Errorf("nothing was forecast of %s against %s on %s: the history has that match of the "+
			"season on another day", q.Home, q.Away, q.Date.Format(time.DateOnly))
	}
	return forecasts, nil
}

// eachRawEvent calls want with the feed's events until it ends or want returns false.
func eachRawEvent(ctx context.Context, feed source.Feed, want func(*football.RawEvent) bool) error {
	for {
		raw, err := feed.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the history: %w", err)
		}
		if !want(raw) {
			return nil
		}
	}
}
