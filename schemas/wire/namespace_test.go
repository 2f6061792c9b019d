package wire_test

import (
	"testing"

	"github.com/touchline/touchline/schemas/wire"
)

func TestNamesOfTopics(t *testing.T) {
	versions := wire.Versions{"features": 2, "predict": 13}
	current, trial := wire.Namespace{Versions: versions}, wire.Namespace{Installation: "trial", Versions: versions}
	for constant, local := range map[string]string{
		wire.TopicMatchEvents:       "football.match-events.v1",
		wire.TopicMatchFeatures:     "football.match-features.v2",
		wire.TopicPredictions:       "football.predictions.v13",
		wire.TopicPredictionsLatest: "football.predictions-latest.v13",
		wire.TopicRawEvents:         "football.raw-events",
		wire.TopicQuarantine:        "football.quarantine",
		wire.TopicControl:           "football.control",
		wire.TopicModels:            "football.models",
	} {
		for full, got := range map[string]string{
			constant:         (wire.Namespace{}).Topic(constant),
			local:            current.Topic(constant),
			"trial." + local: trial.Topic(constant),
		} {
			if got != full {
				t.Errorf("%s: got %s, want %s", constant, got, full)
			}
		}
		full := trial.Topic(constant)
		if got, ok := trial.LocalName(full); !ok || got != local || trial.FullName(got) != full {
			t.Errorf("%s: got the local name %s, %t, want %s", full, got, ok, local)
		}
		if got, ok := trial.Constant(full); !ok || got != constant {
			t.Errorf("%s: got the constant %s, %t, want %s", full, got, ok, constant)
		}
		if got, want := trial.ValueSubject(constant), full+"-value"; got != want {
			t.Errorf("got the subject %s, want %s", got, want)
		}
		for _, name := range []string{local, full} {
			if row, ok := wire.AnyInstallation(name); !ok || row.Name != constant {
				t.Errorf("%s: got the row %s, %t, want %s", name, row.Name, ok, constant)
			}
		}
	}
	if got, want := versions.String(), "features=2 predict=13"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTopicsOfOthersHaveNoLocalName(t *testing.T) {
	trial := wire.Namespace{Installation: "trial"}
	for topic, names := range map[string]wire.Namespace{
		"football.predictions.v1":         trial,
		"other.football.predictions.v1":   trial,
		"trial.orders":                    trial,
		"trial.football.predictions.v1":   {},
		"touchline.football.raw-events":   {},
		"trial_2.football.predictions.v1": trial,
	} {
		if local, ok := names.LocalName(topic); ok || local != topic {
			t.Errorf("%s in %s: got %s, %t, want it unchanged", topic, names.Name(), local, ok)
		}
		if constant, ok := names.Constant(topic); ok {
			t.Errorf("%s in %s: got the constant %s, want none", topic, names.Name(), constant)
		}
	}
	for _, topic := range []string{"another.v1", "football.features.v1-state", "a.b.football.models", ""} {
		if row, ok := wire.AnyInstallation(topic); ok {
			t.Errorf("%q: got the row %s, want none", topic, row.Name)
		}
	}
}

func TestNamesOfChangelogsAndInstallations(t *testing.T) {
	for _, c := range []struct {
		names           wire.Namespace
		name, changelog string
	}{
		{wire.Namespace{}, "touchline", "football.features.v1-state"},
		{wire.Namespace{Installation: "touchline", Versions: wire.Versions{"features": 2}}, "touchline",
			"football.features.v2-state"},
		{wire.Namespace{Installation: "trial"}, "trial", "trial.football.features.v1-state"},
	} {
		if got := c.names.Name(); got != c.name {
			t.Errorf("got the installation %s, want %s", got, c.name)
		}
		if got := c.names.StateTopic("features"); got != c.changelog {
			t.Errorf("got the changelog %s, want %s", got, c.changelog)
		}
	}
}

func TestVersionless(t *testing.T) {
	for topic, want := range map[string]string{"football.predictions.v12": "football.predictions",
		"trial.football.predictions.v1": "trial.football.predictions", "football.raw-events": "football.raw-events",
		"a.vx": "a.vx", "a.v": "a.v"} {
		if got := wire.Versionless(topic); got != want {
			t.Errorf("%s: got %s, want %s", topic, got, want)
		}
	}
}
