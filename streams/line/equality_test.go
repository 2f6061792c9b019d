package line_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/backtest"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/line/linetest"
	"github.com/touchline/touchline/streams/source/footballdata"
)

// TestTheLiveLineAndTheBacktestPredictTheSame takes a season through workers on a broker, and through a backtest: both
// must make the same predictions of all models in the same order, byte for byte.
func TestTheLiveLineAndTheBacktestPredictTheSame(t *testing.T) {
	t.Parallel()
	path := linetest.WriteSeason(t)
	all := slices.Concat(predict.BuiltInModels(), predict.Baselines(), []predict.Model{predict.NewScoreOnly()})
	tested := backtested(t, path, all)
	if len(tested) < 380*len(all)*3 {
		t.Fatalf("the backtest made only %d predictions", len(tested))
	}
	for _, layout := range []line.Layout{line.Separate, line.Chained} {
		t.Run(string(layout), func(t *testing.T) {
			t.Parallel()
			live := lived(t, path, layout, all, len(tested))
			for i, body := range live {
				if !bytes.Equal(body, tested[i]) {
					a, errA := wire.Prediction.Unmarshal(body)
					b, errB := wire.Prediction.Unmarshal(tested[i])
					t.Fatalf("prediction %d of %d: the line says %+v (%v), the backtest %+v (%v)", i, len(live), a,
						errA, b, errB)
				}
			}
		})
	}
}

// backtested returns the Avro bodies of the predictions that a backtest makes and scores.
func backtested(t *testing.T, path string, models []predict.Model) [][]byte {
	t.Helper()
	feeds, err := footballdata.New(football.DefaultReference(), path).Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var made [][]byte
	chain := func(more ...predict.Model) streams.Chain {
		whole := line.Whole(football.DefaultReference(), predict.NewRegistry(append(slices.Clone(models), more...)...))
		listening := &listened{predict.New(predict.NewRegistry(models...)), func(p *football.Prediction) {
			body, err := wire.Prediction.Append(nil, p)
			if err != nil {
				t.Error(err)
			}
			made = append(made, body)
		}}
		whole[2] = streams.Bind(listening, wire.MatchFeatures)
		return whole
	}
	report, err := backtest.Run(t.Context(), feeds, chain, backtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if n := report.Pooled["goals"].N; n != 380 {
		t.Fatalf("%d matches were scored, want 380", n)
	}
	return made
}

// listened is predict that tells what it says.
type listened struct {
	*predict.Stage
	tell func(*football.Prediction)
}

func (l *listened) Step(v football.View, f *football.MatchFeatures) []football.Output {
	out := l.Stage.Step(v, f)
	for _, o := range out {
		l.tell(o.(*football.Prediction))
	}
	return out
}

// lived returns the Avro bodies of the n predictions that workers of a layout write for the same season.
func lived(t *testing.T, path string, layout line.Layout, models []predict.Model, n int) [][]byte {
	t.Helper()
	w := linetest.NewBroker(t, linetest.Rows(t, path))
	w.WorkLine(t, layout, predict.NewRegistry(models...), n)
	client, err := kgo.NewClient(append(w.Opts(), kgo.ConsumeTopics(wire.TopicPredictions),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx := linetest.Deadline(t)
	var bodies [][]byte // of one pool, so of one partition and in its order
	for len(bodies) < n {
		fetches := client.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			t.Fatalf("%d of %d predictions: %v", len(bodies), n, err)
		}
		for r := range fetches.RecordsAll() {
			bodies = append(bodies, r.Value[wire.FrameHeader:])
		}
	}
	if len(bodies) != n {
		t.Fatalf("the line made %d predictions, the backtest %d", len(bodies), n)
	}
	return bodies
}
