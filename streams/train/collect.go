package train

import (
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/touchline/touchline/processors/fit"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/source"
)

// Example is a settled match: its features at kick-off, and its result after 90 minutes.
type Example struct {
	Features             *football.MatchFeatures
	HomeGoals, AwayGoals int32
}

// Collect folds the feeds up to an instant (0: to their ends), each with a chain of its own in memory and in parallel,
// and returns the matches that were settled by then, by kick-off. Events at or after the instant are not read, so a
// result that was corrected later is still the old one. The chain's last stage is features. progress may be nil.
func Collect(ctx context.Context, feeds []source.Feed, chain func() streams.Chain, before football.Instant,
	progress source.Progress) ([]Example, error) {
	folds, memories := make([]feedExamples, len(feeds)), make([]*streams.Memory, len(feeds))
	for i := range feeds {
		folds[i], memories[i] = feedExamples{}, streams.NewMemory(chain())
	}
	err := source.Each(ctx, feeds, progress, func(feed int, raw *football.RawEvent) error {
		if before != 0 && raw.At >= before {
			return io.EOF
		}
		for _, result := range memories[feed].Step(raw) {
			if f, ok := result.Output.(*football.MatchFeatures); ok {
				folds[feed].keepRecord(f)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var all []Example
	for _, f := range folds {
		for _, m := range f {
			if m.settled && m.Features != nil {
				all = append(all, m.Example)
			}
		}
	}
	slices.SortFunc(all, func(a, b Example) int {
		return cmp.Or(cmp.Compare(a.Features.Kickoff, b.Features.Kickoff),
			cmp.Compare(a.Features.Match, b.Features.Match))
	})
	return all, nil
}

// feedExamples are the matches of a feed.
type feedExamples map[football.MatchID]*followedExample

// followedExample is a match that may have no result yet, or none any more.
type followedExample struct {
	Example
	settled bool
}

// keepRecord keeps the last record before or at kick-off, as it is scored, and the newest result.
func (f feedExamples) keepRecord(record *football.MatchFeatures) {
	m := f[record.Match]
	if m == nil {
		m = &followedExample{}
		f[record.Match] = m
	}
	m.settled = record.Live.Phase == football.Settled
	switch {
	case m.settled:
		m.HomeGoals, m.AwayGoals = record.Live.Regular()
	case record.Live.Phase == football.PreMatch, record.Trigger == football.KickOff{}.Kind():
		m.Features = record
	}
}

// Matches returns the results of examples, for a fit of strengths.
func Matches(examples []Example) []fit.Match {
	matches := make([]fit.Match, len(examples))
	for i, e := range examples {
		matches[i] = MatchOf(e.Features, e.HomeGoals, e.AwayGoals)
	}
	return matches
}

// MatchOf returns a match of a feature record with its result.
func MatchOf(f *football.MatchFeatures, homeGoals, awayGoals int32) fit.Match {
	return fit.Match{
		ID: f.Match, Pool: f.Pool, Competition: f.Competition, Home: f.Home, Away: f.Away, Kickoff: f.Kickoff,
		Neutral:   f.Neutral,
		HomeGoals: homeGoals, AwayGoals: awayGoals,
	}
}
