package streams_test

import (
	"testing"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams"
	"github.com/touchline/touchline/streams/line"
)

func TestGroupsTellWhatTheyRun(t *testing.T) {
	versions := wire.Versions{wire.StageNormalize: 2, wire.StageFeatures: 2, wire.StagePredict: 2}
	chain := streams.Chain(line.Stages(football.DefaultReference(), nil, wire.Namespace{Versions: versions})[:3])
	group := chain.Group()
	if want := "touchline.v2.normalize+features+predict"; group != want {
		t.Fatalf("got %s, want %s", group, want)
	}
	for _, stage := range chain {
		if version, ok := streams.GroupVersion(wire.Namespace{}, group, stage.Name); !ok || version != 2 {
			t.Errorf("%s: got %d, %t", stage.Name, version, ok)
		}
	}
	for installation, stage := range map[string]string{"trial": wire.StagePredict, "touchline": wire.StageOutlook} {
		names := wire.Namespace{Installation: installation}
		if _, ok := streams.GroupVersion(names, group, stage); ok {
			t.Errorf("%s is taken for a group of %s that runs %s", group, installation, stage)
		}
	}
	for _, bad := range []string{"", "touchline", "touchline.v2", "touchline.vx.predict", "touchline.predict"} {
		if _, ok := streams.GroupVersion(wire.Namespace{}, bad, wire.StagePredict); ok {
			t.Errorf("%q passes as a group of the line", bad)
		}
	}
}

func TestOutputsGoToTheTopicsOfTheTable(t *testing.T) {
	names := wire.Namespace{Versions: wire.Versions{wire.StagePredict: 3}}
	for _, stage := range line.Stages(football.DefaultReference(), nil, names) {
		row, _ := wire.StageOf(stage.Name)
		var want []string
		for _, topic := range row.Writes() {
			want = append(want, names.Topic(topic.Name))
		}
		got := stage.Outputs()
		if len(got) == 0 || len(got) != len(want) {
			t.Errorf("%s writes %v, the table says %v", stage.Name, got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s writes %v, the table says %v", stage.Name, got, want)
			}
		}
	}
}
