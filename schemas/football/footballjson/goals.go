package footballjson

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/touchline/touchline/schemas/football"
)

// Goal is a goal of a match object, with its verbatim text.
type Goal struct {
	Side    football.Side // the one that it counts for, also of an own goal
	Player  string
	Minute  int32 // of the match: 1 to 90, to 120 with extra time
	Offset  int32 // minutes of stoppage time
	OwnGoal bool
	Penalty bool
	Text    json.RawMessage
}

// Clock returns the match clock of the goal.
func (g Goal) Clock() football.Clock {
	period, start := football.PeriodFirstHalf, int32(0)
	switch {
	case g.Minute > 105:
		period, start = football.PeriodExtraSecond, 105
	case g.Minute > 90:
		period, start = football.PeriodExtraFirst, 90
	case g.Minute > 45:
		period, start = football.PeriodSecondHalf, 45
	}
	return football.Clock{Period: period, Elapsed: (max(g.Minute-start, 1) - 1 + g.Offset) * 60}
}

// Goals returns the goals in the order of the match, or none where the file does not have the minutes of all of them.
func (m *Match) Goals() []Goal {
	var goals []Goal
	for _, of := range [...]struct {
		key  string
		side football.Side
	}{{"goals1", football.Home}, {"goals2", football.Away}} {
		var list []json.RawMessage
		if json.Unmarshal(m.fields[of.key], &list) != nil {
			continue
		}
		for _, text := range list {
			g, ok := ParseGoal(text)
			if !ok {
				return nil
			}
			g.Side = of.side
			goals = append(goals, g)
		}
	}
	slices.SortStableFunc(goals, func(a, b Goal) int {
		return cmp.Or(cmp.Compare(a.Minute, b.Minute), cmp.Compare(a.Offset, b.Offset))
	})
	return goals
}

// ParseGoal reads one goal.
func ParseGoal(text json.RawMessage) (Goal, bool) {
	var object struct {
		Name    string          `json:"name"`
		Minute  json.RawMessage `json:"minute"`
		Offset  json.RawMessage `json:"offset"`
		OwnGoal bool            `json:"owngoal"`
		OG      bool            `json:"og"`
		Penalty bool            `json:"penalty"`
		Pen     bool            `json:"pen"`
	}
	if json.Unmarshal(text, &object) != nil {
		return Goal{}, false
	}
	minute, offset, ok := parseMinute(object.Minute)
	if more, _, has := parseMinute(object.Offset); has {
		offset = more
	}
	if !ok || minute < 1 || minute > 120 || offset < 0 || offset > 30 {
		return Goal{}, false
	}
	return Goal{
		Player: object.Name, Minute: minute, Offset: offset, OwnGoal: object.OwnGoal || object.OG,
		Penalty: object.Penalty || object.Pen, Text: text,
	}, true
}

// parseMinute reads 45, "45" or "45+2", with or without the sign of minutes.
func parseMinute(text json.RawMessage) (minute, offset int32, ok bool) {
	if isNullValue(text) {
		return 0, 0, false
	}
	plain := strings.Trim(string(text), "\" '′’")
	base, more, stoppage := strings.Cut(plain, "+")
	n, err := strconv.Atoi(strings.TrimRight(strings.TrimSpace(base), "'′’"))
	if err != nil || n < 0 || n > 1000 {
		return 0, 0, false
	}
	if stoppage {
		extra, err := strconv.Atoi(strings.TrimRight(strings.TrimSpace(more), "'′’"))
		if err != nil || extra < 0 || extra > 1000 {
			return 0, 0, false
		}
		offset = int32(extra)
	}
	return int32(n), offset, true
}
