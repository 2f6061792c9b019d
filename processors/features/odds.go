package features

import (
	"cmp"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// replaceOdds returns the odds with those of one stage replaced, early first.
func replaceOdds(odds []Odds, latest Odds) []Odds {
	kept := slices.DeleteFunc(slices.Clone(odds), func(o Odds) bool { return o.Stage == latest.Stage })
	kept = append(kept, latest)
	slices.SortFunc(kept, func(a, b Odds) int {
		return cmp.Or(cmp.Compare(oddsStageRank(a.Stage), oddsStageRank(b.Stage)), cmp.Compare(a.Stage, b.Stage))
	})
	return kept
}

// removeOdds returns the odds without those that the event of that sequence quoted.
func removeOdds(odds []Odds, sequence int64) []Odds {
	return slices.DeleteFunc(slices.Clone(odds), func(o Odds) bool { return o.Sequence == sequence })
}

// oddsStageRank orders the stages of odds: early, closing, then any other.
func oddsStageRank(stage football.OddsStage) int {
	switch stage {
	case football.OddsEarly:
		return 0
	case football.OddsClosing:
		return 1
	default:
		return 2
	}
}

// publishedOdds returns the odds as a record carries them.
func publishedOdds(odds []Odds) []football.OddsQuoted {
	if len(odds) == 0 {
		return nil
	}
	out := make([]football.OddsQuoted, len(odds))
	for i, o := range odds {
		out[i] = football.OddsQuoted{Stage: o.Stage, Quotes: o.Quotes}
	}
	return out
}
