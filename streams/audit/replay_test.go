package audit_test

import (
	"context"
	"strings"
	"testing"

	"github.com/touchline/touchline/processors/predict"
	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/audit"
	"github.com/touchline/touchline/streams/line"
	"github.com/touchline/touchline/streams/line/linetest"
)

// shy is a model whose forecasts of in-play matches are another's, a little lower for the home side.
type shy struct{ predict.Model }

func (s shy) Forecast(f *football.MatchFeatures) (predict.Forecast, bool) {
	forecast, ok := s.Model.Forecast(f)
	if f.Live.Phase == football.InPlay {
		forecast.Outcome.Home -= 0.001
	}
	return forecast, ok
}

// again replays the last stages of the line into a version of their own.
func (w *written) again(
	version int, models []predict.Model, change func(*audit.ReplayConfig), stages ...string,
) (audit.ReplayReport, error) {
	w.t.Helper()
	versions := wire.Versions{}
	for _, stage := range stages {
		versions[stage] = version
	}
	cfg := audit.ReplayConfig{Client: w.Opts(), Chain: line.Stages(football.DefaultReference(),
		predict.NewRegistry(models...), wire.Namespace{Versions: versions})[3-len(stages) : 3], Replication: -1}
	if change != nil {
		change(&cfg)
	}
	return audit.RunReplay(linetest.Deadline(w.t), cfg, w.Serde)
}

func (w *written) diff(version string, first int) *audit.TopicDiff {
	w.t.Helper()
	a := wire.TopicPredictions
	diff, err := audit.DiffTopics(linetest.Deadline(w.t),
		audit.DiffConfig{Client: w.Opts(), A: a, B: strings.Replace(a, "v1", version, 1), First: first}, w.Serde)
	if err != nil {
		w.t.Fatal(err)
	}
	return diff
}

func TestAReplayBesideTheLineComesOutTheSameOrShowsWhatChanged(t *testing.T) {
	t.Parallel()
	w := write(t, line.Separate, 6000)
	before, err := audit.DigestTopic(linetest.Deadline(t), w.Opts(), wire.Topic{Name: wire.TopicPredictions})
	if err != nil {
		t.Fatal(err)
	}

	report, err := w.again(2, predict.BuiltInModels(), nil, "normalize", "features", "predict")
	if err != nil || report.Read != 6000 || report.Written["football.predictions.v2"] != int64(before.Records) {
		t.Fatalf("got %+v, %v; want all %d predictions of 6000 raw events", report, err, before.Records)
	}
	if diff := w.diff("v2", 5); !diff.Same() || diff.Equal != int64(before.Records) || diff.Outside != 0 {
		t.Errorf("the same stages: %+v", diff)
	}
	if _, err := w.again(2, predict.BuiltInModels(), nil, "predict"); err == nil ||
		!strings.Contains(err.Error(), "football.predictions.v2 holds records already") {
		t.Errorf("into a topic that holds records: got %v", err)
	}

	models := predict.BuiltInModels()
	models[0] = shy{models[0]}
	if _, err := w.again(3, models, nil, "predict"); err != nil {
		t.Fatal(err)
	}
	diff := w.diff("v3", 3)
	if diff.Differ == 0 || diff.Equal == 0 || diff.OnlyA+diff.OnlyB+diff.Outside != 0 || len(diff.First) != 3 {
		t.Fatalf("a changed model: %+v", diff)
	}
	for _, r := range diff.First {
		if len(r.Differences) != 1 || r.Differences[0].Field != "outcome.home" || !strings.Contains(r.ID, "~goals~") {
			t.Errorf("the first differences: %+v, want outcome.home of the model goals", r)
		}
	}

	after, err := audit.DigestTopic(linetest.Deadline(t), w.Opts(), wire.Topic{Name: wire.TopicPredictions})
	if err != nil || after != before {
		t.Errorf("the replays changed the topic of the line: %+v, %v", after, err)
	}
	x := w.explainer(false) // of version 1: what a replay wrote is not there
	if e, err := x.Sample(linetest.Deadline(t), 5, 1); err != nil || len(e) != 5 {
		t.Errorf("got %d explanations, %v", len(e), err)
	}
}

func TestAReplayOfARangeFoldsWhatCameBeforeItAndWritesOnlyTheRange(t *testing.T) {
	t.Parallel()
	w := write(t, line.Separate, 4000)
	events := w.last(wire.TopicMatchEvents).Offset
	from, until := events/3, events/2
	report, err := w.again(2, predict.BuiltInModels(), func(cfg *audit.ReplayConfig) {
		cfg.From, cfg.Until = map[int32]int64{simulated: from}, map[int32]int64{simulated: until}
	}, "features", "predict")
	if err != nil || report.Read == 0 || report.Read > until-from {
		t.Fatalf("got %+v, %v; want the range %d to %d", report, err, from, until)
	}
	diff := w.diff("v2", 5)
	if !diff.Same() || diff.Equal != report.Written["football.predictions.v2"] || diff.Outside == 0 {
		t.Errorf("got %+v, want what was written to be equal and the rest outside", diff)
	}
	models := predict.BuiltInRegistry()
	x, err := audit.NewExplainer(audit.ExplainConfig{
		Client: w.Opts(), Line: line.Stages(football.DefaultReference(), models,
			wire.Namespace{Versions: wire.Versions{"predict": 2}})[:3],
		Models: func(position int64) []football.ModelRef { return models.At(position).Refs() },
	}, w.Serde)
	if err != nil {
		t.Fatal(err)
	}
	explained, err := x.Sample(context.WithoutCancel(linetest.Deadline(t)), 50, 1)
	if err != nil || len(explained) != 50 {
		t.Fatalf("got %d explanations, %v", len(explained), err)
	}
	for _, e := range explained {
		if e.Verdict != audit.Identical || e.Hops[1].Topic != "football.match-features.v2" {
			t.Fatalf("%s: %s, %s, from %s", e.ID, e.Verdict, e.Reason, e.Hops[1].Topic)
		}
	}
	fromAbsent := func(cfg *audit.ReplayConfig) { cfg.From = map[int32]int64{99: 1} }
	if _, err := w.again(3, predict.BuiltInModels(), fromAbsent, "predict"); err == nil {
		t.Error("a partition that is not there passes")
	}
	if _, err := audit.DiffTopics(linetest.Deadline(t),
		audit.DiffConfig{Client: w.Opts(), A: wire.TopicPredictions, B: wire.TopicMatchEvents}, w.Serde); err == nil {
		t.Error("predictions and events are compared")
	}
}
