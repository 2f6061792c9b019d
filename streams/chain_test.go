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
	chain := streams.Chain(line.Stages(football.DefaultReference(), nil, versions)[:3])
	group := chain.Group("touchline")
	if want := "touchline.v2.normalize+features+predict"; group != want {
		t.Fatalf("got %s, want %s", group, want)
	}
	for _, stage := range chain {
		if version, ok := streams.GroupVersion("touchline", group, stage.Name); !ok || version != 2 {
			t.Errorf("%s: got %d, %t", stage.Name, version, ok)
		}
	}
	for app, names := range map[string][2]string{
		"another": {group, wire.StagePredict}, "touchline": {group, wire.StageOutlook},
	} {
		if _, ok := streams.GroupVersion(app, names[0], names[1]); ok {
			t.Errorf("%s of %s runs %s", names[0], app, names[1])
		}
	}
	for _, bad := range []string{"", "touchline", "touchline.v2", "touchline.vx.predict", "touchline.predict"} {
		if _, ok := streams.GroupVersion("touchline", bad, wire.StagePredict); ok {
			t.Errorf("%q passes as a group of the line", bad)
		}
	}
}

func TestOutputsGoToTheTopicsOfTheTable(t *testing.T) {
	for _, stage := range line.Stages(football.DefaultReference(), nil, wire.Versions{wire.StagePredict: 3}) {
		row, _ := wire.StageOf(stage.Name)
		var want []string
		for _, topic := range row.Writes() {
			want = append(want, wire.Versions{wire.StagePredict: 3}.Topic(topic.Name))
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
