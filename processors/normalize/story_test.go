package normalize_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/touchline/touchline/processors/normalize"
	"github.com/touchline/touchline/schemas/football"
)

// TestStories reads matches as they come in and what becomes of them. The commands:
//
//	row     a result row, published at the moments that are named (default: all that it has), relative to its kickoff
//	event   one raw event
//	tick    a tick of the pool's clock
//	state   the keys of the state
//
// A payload writes \xff for a byte that is no text, and \n for a line break beyond its lines.
func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		world := newWorld()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			t.Helper()
			var out strings.Builder
			for _, raw := range world.events(t, d) {
				for _, output := range world.step(raw) {
					fmt.Fprintln(&out, describe(output))
				}
			}
			if d.Cmd == "state" {
				return strings.Join(world.keys(), "\n")
			}
			return out.String()
		})
	})
}

// world is a stage with its state.
type world struct {
	stage *normalize.Stage
	view  *memory
}

func newWorld() *world {
	return &world{normalize.New(football.DefaultReference()), newMemory()}
}

func (w *world) step(raw *football.RawEvent) []football.Output {
	outputs := w.stage.Step(w.view, raw)
	w.view.commit(outputs)
	return outputs
}

func (w *world) keys() []string {
	var keys []string
	for key := range w.view.base {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// offsets of a row's moments from kick-off.
var offsets = []struct {
	moment football.Moment
	after  time.Duration
}{
	{football.MomentScheduled, -14 * 24 * time.Hour}, {football.MomentClosing, -time.Minute},
	{football.MomentKickOff, 0},
	{football.MomentHalfTime, 47 * time.Minute}, {football.MomentFullTime, 115 * time.Minute},
}

func (w *world) events(t *testing.T, d *datadriven.TestData) []*football.RawEvent {
	t.Helper()
	arg := func(name, or string) string {
		for _, a := range d.CmdArgs {
			if a.Key == name {
				return strings.Join(a.Vals, ",")
			}
		}
		return or
	}
	raw := football.RawEvent{
		Pool: football.PoolID(arg("pool", "england")), Source: arg("source", "football-data"),
		Competition:   football.CompetitionID(arg("competition", "E0")),
		Season:        football.Season(arg("season", "2015-16")),
		SourceMatchID: arg("match", ""), ContentType: arg("type", ""),
		Payload: []byte(strings.NewReplacer(`\xff`, "\xff", `\n`, "\n").Replace(d.Input)),
	}
	switch d.Cmd {
	case "tick":
		raw = football.RawEvent{Pool: raw.Pool, Source: "clock", Moment: football.MomentTick,
			At: instant(t, arg("at", ""))}
		raw.SourceEventID = string(raw.Pool) + "@" + raw.At.String()
		return []*football.RawEvent{&raw}
	case "event":
		raw.At, raw.Moment, raw.SourceEventID = instant(t, arg("at", "")), football.Moment(arg("moment", "event")),
			arg("id", "")
		return []*football.RawEvent{&raw}
	case "row":
		return rowEvents(raw, instant(t, arg("kickoff", "")),
			arg("moments", "scheduled,closing,kick-off,half-time,full-time"))
	}
	return nil
}

// rowEvents returns a row's raw events at the named moments.
func rowEvents(raw football.RawEvent, kickoff football.Instant, moments string) []*football.RawEvent {
	var out []*football.RawEvent
	for _, o := range offsets {
		if slices.Contains(strings.Split(moments, ","), string(o.moment)) {
			e := raw
			e.Moment, e.At, e.SourceEventID = o.moment, kickoff.Add(o.after), raw.SourceMatchID+"#"+string(o.moment)
			out = append(out, &e)
		}
	}
	return out
}

func instant(t *testing.T, text string) football.Instant {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05Z", text)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04Z", text)
	}
	if err != nil {
		t.Fatalf("an instant like 2015-08-08T14:00Z is needed: %v", err)
	}
	return football.At(at)
}

// describeFixture prints a fixture, with neutral ground and its tie where it has them.
func describeFixture(f football.FixtureScheduled) string {
	text := fmt.Sprintf("%s - %s at %s", f.HomeName, f.AwayName, f.Kickoff)
	if f.Kickoff == 0 {
		text = "postponed"
	}
	if f.Neutral {
		text += ", neutral"
	}
	if f.Tie.Kind != football.TieNone {
		text = strings.TrimSuffix(fmt.Sprintf("%s, %s after %s", text, f.Tie.Kind, f.Tie.FirstLeg), " after ")
	}
	return text
}

// describe prints an output as a line.
func describe(out football.Output) string {
	switch o := out.(type) {
	case *football.MatchEvent:
		body, err := json.Marshal(o.Body)
		if err != nil {
			return err.Error()
		}
		name := string(o.Match)
		if name == "" {
			name = string(o.Pool)
		}
		text := string(body)
		if f, ok := o.Body.(football.FixtureScheduled); ok {
			text = describeFixture(f)
		}
		return strings.TrimSuffix(fmt.Sprintf("%s #%d %s %s %s", name, o.Sequence, o.At, o.Body.Kind(), text), " {}")
	case *football.Refusal:
		text := fmt.Sprintf("refused %s %q: %s", o.Reason, o.Field, o.Detail)
		if len(o.Original) > 0 {
			text += fmt.Sprintf(" (of %q)", o.Original)
		}
		return text
	case *football.Dropped:
		return "dropped " + o.Reason
	default:
		return fmt.Sprintf("%T", out)
	}
}
