package rest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/touchline/touchline/api/problem"
)

// listPage is a part of a list, and the cursor of the next part.
type listPage struct {
	Items any    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// refuseUnknownParameters refuses parameters that a resource does not know: a misspelt filter must not look like an
// answer.
func refuseUnknownParameters(r *http.Request, known []string) error {
	for name := range r.URL.Query() {
		if !slices.Contains(known, name) {
			return problem.BadParameter(name, "there is no parameter %q here; there is %s", name,
				textOrNone(strings.Join(known, ", ")))
		}
	}
	return nil
}

func parseLimit(query url.Values, usual, most int) (int, error) {
	text := query.Get("limit")
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, problem.BadParameter("limit", "limit %q is not a number from 1 to %d", text, most)
	}
	return n, nil
}

// parseInstant reads an RFC 3339 instant, or a day, which means its first moment in UTC.
func parseInstant(query url.Values, name string) (time.Time, error) {
	text := query.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, problem.BadParameter(name,
		"%s %q is neither an instant like 2015-08-15T15:00:00Z nor a day like 2015-08-15", name, text)
}

func formatListCursor(key any) string {
	text, _ := json.Marshal(key) // keys are numbers, strings and times: they encode
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseListCursor[T any](query url.Values) (*T, error) {
	text := query.Get("cursor")
	if text == "" {
		return nil, nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	var key T
	if err == nil {
		err = json.Unmarshal(decoded, &key)
	}
	if err != nil {
		return nil, problem.BadParameter("cursor", "the cursor is not one that this list gave as next")
	}
	return &key, nil
}

func valueOrZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

func textOrNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func timeInUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
