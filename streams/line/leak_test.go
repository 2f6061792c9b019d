package line_test

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/processors/normalize"
	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/footballtest"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/line/linetest"
	"github.com/touchline/touchline/streams/source"
	"github.com/touchline/touchline/streams/source/footballdata"
	"github.com/touchline/touchline/streams/source/sourcetest"
	"github.com/touchline/touchline/streams/source/statsbomb"
)

// TestNoPredictionKnowsTheFuture cuts the history of a pool at random instants, gives everything that was not known by
// then another content (what was still to be said goes to other matches, or is taken away; also where it stands in
// payloads that were published before the cut), and folds it again from raw events to predictions: each prediction that
// was made before the cut must be the same, byte for byte. With a leak in the line the same check must fail.
func TestNoPredictionKnowsTheFuture(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		raws func(*testing.T) []*football.RawEvent
		leak leak
	}{
		{"football-data", invented, leak{stage: peeking}},
		{"football-data of two divisions", recorded, leak{stage: peeking}},
		{"statsbomb", events, leak{feed: early}},
		{"simulator", func(t *testing.T) []*football.RawEvent { return linetest.Simulated(t, 4500) },
			leak{feed: early}},
		{"simulated cup", linetest.KnockOuts, leak{feed: early}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			raws := c.raws(t)
			draw := rand.New(rand.NewPCG(2026, uint64(len(raws))))
			honest, leaky := before(t, raws, leak{}), before(t, raws, c.leak)
			found, compared := 0, 0
			for n := range 6 {
				cut := raws[len(raws)/10+draw.IntN(len(raws)*9/10)].At
				other := rewritten(t, raws, cut, n%2 == 0, draw)
				differ, of, later := differences(honest, before(t, other, leak{}), cut)
				if differ > 0 {
					t.Errorf("cut at %s: %d of %d predictions made before it know what comes after it", cut, differ, of)
				}
				if later == 0 {
					t.Errorf("cut at %s: nothing after it has changed, so nothing was tried", cut)
				}
				compared += of
				leaked, _, _ := differences(leaky, before(t, other, c.leak), cut)
				found += leaked
			}
			if compared < 1000 {
				t.Errorf("only %d predictions were compared", compared)
			}
			if found == 0 {
				t.Error("a line that knows the future passes: the check can't fail")
			}
		})
	}
}

// said is a prediction that was made, with the digest of its Avro body.
type said struct {
	at     football.Instant
	digest [sha256.Size]byte
}

// before folds raw events to predictions of all models, by id.
func before(t *testing.T, raws []*football.RawEvent, l leak) map[string]said {
	t.Helper()
	models := slices.Concat(predict.BuiltInModels(), predict.Baselines(), []predict.Model{predict.NewScoreOnly()})
	chain := streams.Chain(line.Stages(football.DefaultReference(), predict.NewRegistry(models...),
		wire.Namespace{})[:3])
	if l.stage != nil {
		chain[0] = l.stage()
	}
	if l.feed != nil {
		raws = l.feed(raws)
	}
	memory, made := streams.NewMemory(chain), map[string]said{}
	for _, raw := range raws {
		for _, result := range memory.Step(raw) {
			if p, ok := result.Output.(*football.Prediction); ok {
				body, err := wire.Prediction.Append(nil, p)
				if err != nil {
					t.Fatal(err)
				}
				made[p.ID()] = said{p.At, sha256.Sum256(body)}
			}
		}
	}
	return made
}

// differences returns how many of so many predictions made before the cut are not the same, and how many after it.
func differences(a, b map[string]said, cut football.Instant) (differ, of, later int) {
	for id, x := range a {
		same := x == b[id]
		switch {
		case x.at < cut:
			of++
			if !same {
				differ++
			}
		case !same:
			later++
		}
	}
	for id, x := range b {
		if _, ok := a[id]; !ok && x.at < cut {
			differ++
		}
	}
	return differ, of, later
}

// leak is a way to know the future.
type leak struct {
	stage func() *streams.Stage
	feed  func([]*football.RawEvent) []*football.RawEvent
}

// peeking is normalize that takes closing odds from the payload when the fixture is published.
func peeking() *streams.Stage {
	return streams.Bind(&peek{normalize.New(football.DefaultReference())}, wire.RawEvent)
}

type peek struct{ *normalize.Stage }

func (p *peek) Step(v football.View, raw *football.RawEvent) []football.Output {
	out := p.Stage.Step(v, raw)
	if raw.Moment == football.MomentScheduled {
		peeked := *raw
		peeked.Moment, peeked.SourceEventID = football.MomentClosing, raw.SourceEventID+"-peeked"
		out = append(out, p.Stage.Step(v, &peeked)...)
	}
	return out
}

// early is a feed that tells what happens in play ten minutes before it does.
func early(raws []*football.RawEvent) []*football.RawEvent {
	out := make([]*football.RawEvent, len(raws))
	for i, raw := range raws {
		out[i] = raw
		if raw.Moment == football.MomentEvent {
			moved := *raw
			moved.At = moved.At.Add(-10 * time.Minute)
			out[i] = &moved
		}
	}
	slices.SortStableFunc(out, func(a, b *football.RawEvent) int { return int(a.At - b.At) })
	return out
}

// invented is a season of results, odds and shots that were drawn.
func invented(t *testing.T) []*football.RawEvent {
	t.Helper()
	draw := rand.New(rand.NewPCG(8, 8))
	teams := []string{"Arsenal", "Aston Villa", "Chelsea", "Everton", "Fulham", "Leeds", "Liverpool", "Man City",
		"Man United", "Tottenham"}
	var text strings.Builder
	text.WriteString("Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,HTHG,HTAG,HS,AS,HST,AST,HC,AC,AvgH,AvgD,AvgA,AvgCH,AvgCD,AvgCA,AvgC>2.5,AvgC<2.5\n")
	day := time.Date(2020, 9, 12, 0, 0, 0, 0, time.UTC)
	for n := range 90 {
		i, j := n/9, n%9
		if j >= i {
			j++
		}
		home, away := draw.IntN(4), draw.IntN(3)
		odds := func() string { return fmt.Sprintf("%.2f", 2.2+1.5*draw.Float64()) }
		fmt.Fprintf(&text, "E0,%s,%s,%s,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%s,%s,%s,%s,%s,%s,1.9,1.95\n",
			day.AddDate(0, 0, (n*37%90)*3).Format(time.DateOnly), teams[i], teams[j],
			home, away, home/2, away/2, 9+draw.IntN(9), 7+draw.IntN(8), 3+home, 2+away, draw.IntN(9), draw.IntN(9),
			odds(), odds(), odds(), odds(), odds(), odds())
	}
	path := filepath.Join(t.TempDir(), "E0_2021.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return linetest.Rows(t, path)
}

// recorded is a season of two divisions of a pool.
func recorded(t *testing.T) []*football.RawEvent {
	t.Helper()
	club := filepath.Join(footballtest.Data(t), "club")
	return first(t, footballdata.New(football.DefaultReference(), filepath.Join(club, "E0", "E0_1920.csv"),
		filepath.Join(club, "E1", "E1_1920.csv")))
}

// events are recorded matches with all that happened in them.
func events(t *testing.T) []*football.RawEvent {
	t.Helper()
	return first(t, statsbomb.New(football.DefaultReference(), filepath.Join(footballtest.Data(t), "statsbomb")))
}

// first returns the events of a source's pool in England.
func first(t *testing.T, s source.Source) []*football.RawEvent {
	t.Helper()
	for _, feed := range sourcetest.Open(t, s) {
		if feed.Pool == "england" {
			return sourcetest.All(t, feed)
		}
	}
	t.Fatal("no pool is called england")
	return nil
}
