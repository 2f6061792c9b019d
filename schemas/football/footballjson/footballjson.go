// Package footballjson is the format of openfootball's match objects, in all the layouts that its files have used. It
// is shared by the collector, which dates matches, and by normalize, which takes claims from them.
//
// Vocabulary: a score is kept by when it was reached: at half-time, after 90 minutes, after extra time, and the kicks
// from the penalty spot. Each part is missing where the file has none or null.
//
//	m, err := footballjson.Parse(payload)
//	score, err := m.Score() // only now are the goals looked at: what precedes the result must not depend on it
//
// It deliberately knows no zone, no season and no team.
package footballjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Match is a match object. What concerns its result is decoded when it is asked for.
type Match struct {
	Date     string
	Time     string
	TimeZone string // of its time, as some files have it: "UTC+3"
	Home     string
	Away     string
	Stage    string // stage, group and round, as far as they are given
	Place    string // city or ground

	fields map[string]json.RawMessage
}

// Score is a result by when it was reached, home goals first; nil where it is not known.
type Score struct {
	HalfTime, FullTime, ExtraTime, Penalties *[2]int32
}

// Final returns the score with extra time, and whether the match has a result.
func (s Score) Final() ([2]int32, bool) {
	switch {
	case s.ExtraTime != nil:
		return *s.ExtraTime, true
	case s.FullTime != nil:
		return *s.FullTime, true
	default:
		return [2]int32{}, false
	}
}

// Parse reads a match object.
func Parse(payload []byte) (*Match, error) {
	m := &Match{}
	if err := json.Unmarshal(payload, &m.fields); err != nil {
		return nil, err
	}
	if m.fields == nil {
		return nil, errors.New("the match is null")
	}
	m.Date, m.Time, m.TimeZone = m.stringMember("date"), m.stringMember("time"), m.stringMember("timezone")
	m.Home, m.Away = m.nameMember("team1", "home", "home_team"), m.nameMember("team2", "away", "away_team")
	for _, key := range [...]string{"stage", "group", "round"} {
		m.Stage = strings.TrimSpace(m.Stage + " " + m.nameMember(key))
	}
	m.Place = m.nameMember("city", "ground", "stadium", "venue")
	return m, nil
}

// stringMember returns a member that is a string, "" otherwise.
func (m *Match) stringMember(key string) string {
	var text string
	_ = json.Unmarshal(m.fields[key], &text) // of another type: as if it were missing
	return strings.TrimSpace(text)
}

// nameMember returns the first of the members that is a string or an object with a name.
func (m *Match) nameMember(keys ...string) string {
	for _, key := range keys {
		if text := m.stringMember(key); text != "" {
			return text
		}
		var object struct {
			Name string `json:"name"`
		}
		if json.Unmarshal(m.fields[key], &object) == nil && object.Name != "" {
			return strings.TrimSpace(object.Name)
		}
	}
	return ""
}

// Score reads the result. A member of another form than a score is an error that names it.
func (m *Match) Score() (Score, error) {
	var s Score
	text := bytes.TrimSpace(m.fields["score"])
	switch {
	case len(text) == 0 || string(text) == "null":
		return m.flatScore()
	case text[0] != '{':
		pair, err := parsePair(text)
		s.FullTime = pair
		return s, fieldError("score", err)
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return s, fieldError("score", err)
	}
	for _, part := range [...]struct {
		into **[2]int32
		keys []string
	}{
		{&s.HalfTime, []string{"ht", "i"}}, {&s.FullTime, []string{"ft"}}, {&s.ExtraTime, []string{"et", "aet"}},
		{&s.Penalties, []string{"p", "pen", "penalties"}},
	} {
		for _, key := range part.keys {
			pair, err := parsePair(parts[key])
			if err != nil {
				return s, fieldError("score."+key, err)
			}
			if pair != nil {
				*part.into = pair
			}
		}
	}
	return s, nil
}

// HalfTime reads the score at half-time alone, nil where there is none.
func (m *Match) HalfTime() (*[2]int32, error) {
	var parts map[string]json.RawMessage
	if text := bytes.TrimSpace(m.fields["score"]); len(text) > 0 && text[0] == '{' {
		if err := json.Unmarshal(text, &parts); err != nil {
			return nil, fieldError("score", err)
		}
	}
	for _, key := range [...]string{"ht", "i"} {
		if pair, err := parsePair(parts[key]); pair != nil || err != nil {
			return pair, fieldError("score."+key, err)
		}
	}
	if isNullValue(m.fields["score1i"]) {
		return nil, nil
	}
	pair, err := parsePair(fmt.Appendf(nil, "[%s,%s]", m.fields["score1i"], valueOrNull(m.fields["score2i"])))
	return pair, fieldError("score1i", err)
}

// flatScore reads the layout of older files: score1, score2 and, with a suffix, the other parts.
func (m *Match) flatScore() (s Score, _ error) {
	for suffix, into := range map[string]**[2]int32{
		"i": &s.HalfTime, "": &s.FullTime, "et": &s.ExtraTime, "p": &s.Penalties,
	} {
		home, away := m.fields["score1"+suffix], m.fields["score2"+suffix]
		if isNullValue(home) && isNullValue(away) {
			continue
		}
		pair, err := parsePair(fmt.Appendf(nil, "[%s,%s]", valueOrNull(home), valueOrNull(away)))
		if err != nil {
			return s, fieldError("score1"+suffix, err)
		}
		*into = pair
	}
	return s, nil
}

func isNullValue(text json.RawMessage) bool {
	text = bytes.TrimSpace(text)
	return len(text) == 0 || string(text) == "null"
}

func valueOrNull(text json.RawMessage) json.RawMessage {
	if len(text) == 0 {
		return json.RawMessage("null")
	}
	return text
}

// parsePair reads [2,1] or "2-1"; nil for null, a pair of nulls and an empty list.
func parsePair(text []byte) (*[2]int32, error) {
	if isNullValue(text) {
		return nil, nil
	}
	var dashed string
	if json.Unmarshal(text, &dashed) == nil {
		home, away, ok := strings.Cut(strings.NewReplacer("–", "-", ":", "-").Replace(dashed), "-")
		if strings.TrimSpace(dashed) == "" {
			return nil, nil
		}
		h, errHome := strconv.Atoi(strings.TrimSpace(home))
		a, errAway := strconv.Atoi(strings.TrimSpace(away))
		if !ok || errHome != nil || errAway != nil {
			return nil, fmt.Errorf("%q is no score", dashed)
		}
		return &[2]int32{int32(h), int32(a)}, nil
	}
	var numbers []*int32
	if err := json.Unmarshal(text, &numbers); err != nil {
		return nil, err
	}
	switch {
	case len(numbers) == 0:
		return nil, nil
	case len(numbers) != 2:
		return nil, fmt.Errorf("%d numbers instead of two", len(numbers))
	case numbers[0] == nil && numbers[1] == nil:
		return nil, nil
	case numbers[0] == nil || numbers[1] == nil:
		return nil, errors.New("one side only has goals")
	}
	return &[2]int32{*numbers[0], *numbers[1]}, nil
}

// FieldError is a member that can't be read.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *FieldError) Unwrap() error { return e.Err }

func fieldError(field string, err error) error {
	if err == nil {
		return nil
	}
	return &FieldError{field, err}
}
