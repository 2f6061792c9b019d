package line_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/source/simulator"
	"github.com/touchline/touchline/streams/source/statsbomb"
)

// rewritten returns the events with another future from the cut on: what was not known by then is dealt to other
// matches, or taken away.
func rewritten(
	t *testing.T, raws []*football.RawEvent, cut football.Instant, remove bool, draw *rand.Rand,
) []*football.RawEvent {
	t.Helper()
	rows := rowsOf(t, raws)
	for _, moment := range []football.Moment{football.MomentScheduled, football.MomentClosing, football.MomentHalfTime,
		football.MomentFullTime} {
		var ahead []*row
		for _, id := range slices.Sorted(maps.Keys(rows)) {
			if r := rows[id]; r.at[moment] >= cut {
				ahead = append(ahead, r)
			}
		}
		exchange(ahead, moment, remove, draw)
	}
	var out []*football.RawEvent
	var messages []int // places of live messages after the cut
	position := football.Instant(0)
	for _, raw := range raws {
		position = max(position, raw.At)
		changed := *raw
		r := rows[raw.SourceMatchID]
		switch {
		case raw.Moment == football.MomentTick:
		case r != nil:
			changed.Payload = r.payload()
		case position >= cut && remove:
			continue
		case position >= cut:
			messages = append(messages, len(out))
		case raw.Source == statsbomb.Name:
			changed.Payload = withoutConsequences(t, raw)
		}
		out = append(out, &changed)
	}
	for len(messages) > 0 { // the payloads of one moment change places
		moment := out[messages[0]].Moment
		others := slices.Clone(messages)
		messages = slices.DeleteFunc(messages, func(i int) bool { return out[i].Moment == moment })
		others = slices.DeleteFunc(others, func(i int) bool { return out[i].Moment != moment })
		draw.Shuffle(len(others), func(i, j int) {
			a, b := out[others[i]], out[others[j]]
			a.Payload, b.Payload = b.Payload, a.Payload
		})
	}
	return out
}

// withoutConsequences returns a StatsBomb payload without what is known only afterwards: of a fixture everything but
// the teams' names, of an event how long it took and what came of it.
func withoutConsequences(t *testing.T, raw *football.RawEvent) []byte {
	t.Helper()
	if raw.Moment == football.MomentScheduled {
		var elevens []struct {
			Team struct {
				Name string `json:"name"`
			} `json:"team"`
		}
		return transcribed(t, raw.Payload, &elevens)
	}
	var event map[string]json.RawMessage
	if err := json.Unmarshal(raw.Payload, &event); err != nil {
		t.Fatal(err)
	}
	delete(event, "duration")
	delete(event, "related_events")
	return transcribed(t, nil, &event)
}

func transcribed(t *testing.T, payload []byte, through any) []byte {
	t.Helper()
	if payload != nil {
		if err := json.Unmarshal(payload, through); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(through)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// row is a payload that holds a match's whole history, and when each part of it became known.
type row struct {
	header string // of a CSV file; "" for JSON
	names  []string
	values []string
	at     map[football.Moment]football.Instant
}

// rowsOf returns the rows among the payloads, by the source's name of the match.
func rowsOf(t *testing.T, raws []*football.RawEvent) map[string]*row {
	t.Helper()
	rows := map[string]*row{}
	for _, raw := range raws {
		r := rows[raw.SourceMatchID]
		if r == nil {
			if r = readRow(t, raw); r == nil {
				continue
			}
			rows[raw.SourceMatchID] = r
		}
		r.at[raw.Moment] = raw.At
	}
	return rows
}

func readRow(t *testing.T, raw *football.RawEvent) *row {
	t.Helper()
	r := &row{at: map[football.Moment]football.Instant{}}
	if raw.Source == footballdata.Name {
		header, body, _ := strings.Cut(string(raw.Payload), "\n")
		r.header, r.names, r.values = header, strings.Split(header, ","), strings.Split(body, ",")
		return r
	}
	if raw.Source != simulator.Name || !bytes.HasPrefix(raw.Payload, []byte(`{"type":"result"`)) {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw.Payload, &fields); err != nil {
		return nil // cut off by the simulator
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		r.names, r.values = append(r.names, name), append(r.values, string(fields[name]))
	}
	return r
}

func (r *row) payload() []byte {
	if r.header != "" {
		return []byte(r.header + "\n" + strings.Join(r.values, ","))
	}
	var fields []string
	for i, name := range r.names {
		if r.values[i] != "" {
			fields = append(fields, fmt.Sprintf("%q:%s", name, r.values[i]))
		}
	}
	return []byte("{" + strings.Join(fields, ",") + "}")
}

// exchange deals what the rows say of a moment anew among rows of one form, or takes it away.
func exchange(rows []*row, moment football.Moment, remove bool, draw *rand.Rand) {
	forms := map[string][]*row{}
	for _, r := range rows {
		form := strings.Join(r.names, ",")
		forms[form] = append(forms[form], r)
	}
	for _, form := range slices.Sorted(maps.Keys(forms)) {
		alike := forms[form]
		order := draw.Perm(len(alike))
		for column, name := range alike[0].names {
			if knownAt(name) != moment {
				continue
			}
			old := make([]string, len(alike))
			for i, r := range alike {
				old[i] = r.values[column]
			}
			for i, r := range alike {
				if r.values[column] = old[order[i]]; remove {
					r.values[column] = ""
				}
			}
		}
	}
}

// knownAt returns the moment at which a field of a row becomes known; "" for what names the match.
func knownAt(field string) football.Moment {
	switch field {
	case "Div", "Date", "Time", "HomeTeam", "AwayTeam", "type", "home", "away", "kickoff", "Referee":
		return ""
	case "HTHG", "HTAG", "HTR", "half_time":
		return football.MomentHalfTime
	case "FTHG", "FTAG", "FTR", "HS", "AS", "HST", "AST", "HF", "AF", "HC", "AC", "HY", "AY", "HR", "AR", "full_time",
		"counts":
		return football.MomentFullTime
	case "closing", "AHCh":
		return football.MomentClosing
	case "odds":
		return football.MomentScheduled
	}
	if name := strings.TrimRight(field, "HDA"); strings.HasSuffix(name, "C") || strings.Contains(field, "C>2.5") ||
		strings.Contains(field, "C<2.5") || strings.Contains(field, "CAH") {
		return football.MomentClosing
	}
	return football.MomentScheduled // early odds
}
