package features

import (
	"cmp"
	"slices"

	"github.com/touchline/touchline/schemas/football"
)

// quoted returns the odds with those of one stage replaced, early first.
func quoted(odds []Odds, latest Odds) []Odds {
	kept := slices.DeleteFunc(slices.Clone(odds), func(o Odds) bool { return o.Stage == latest.Stage })
	kept = append(kept, latest)
	slices.SortFunc(kept, func(a, b Odds) int {
		return cmp.Or(cmp.Compare(rank(a.Stage), rank(b.Stage)), cmp.Compare(a.Stage, b.Stage))
	})
	return kept
}

// unquoted returns the odds without those that the event of that sequence quoted.
func unquoted(odds []Odds, sequence int64) []Odds {
	return slices.DeleteFunc(slices.Clone(odds), func(o Odds) bool { return o.Sequence == sequence })
}

func rank(stage football.OddsStage) int {
	switch stage {
	case football.OddsEarly:
		return 0
	case football.OddsClosing:
		return 1
	default:
		return 2
	}
}

// facts returns the odds as a record carries them.
func facts(odds []Odds) []football.OddsQuoted {
	if len(odds) == 0 {
		return nil
	}
	out := make([]football.OddsQuoted, len(odds))
	for i, o := range odds {
		out[i] = football.OddsQuoted{Stage: o.Stage, Quotes: o.Quotes}
	}
	return out
}
