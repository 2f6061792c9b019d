package main

import (
	"strings"
	"testing"
	"time"

	"github.com/touchline/touchline/cmd/chaos/internal/plan"
	"github.com/touchline/touchline/cmd/chaos/internal/verify"
)

func TestTheLastLineIsForMachines(t *testing.T) {
	rep := &report{Seed: 7, Minutes: 1.5, Events: 12, Topics: []verify.Result{
		{Name: "a", Expected: 10, Found: 9, Lost: 1}, {Name: "b", Expected: 5, Found: 6, Doubled: 1, Disordered: 2},
	}}
	rep.judgeRun()
	var out strings.Builder
	rep.printReport(&out)
	const want = "chaos: seed=7 minutes=1.5 events=12 expected=15 found=15 lost=1 doubled=1 disordered=2\n"
	if !strings.HasSuffix(out.String(), "\n"+want) {
		t.Errorf("got %s\nwant the end %s", out.String(), want)
	}
	if rep.isClean() {
		t.Error("a loss is clean")
	}
}

func TestWhatTheSumsDoNotTellIsAFinding(t *testing.T) {
	for name, rep := range map[string]*report{
		"a foreign record": {Topics: []verify.Result{{Name: "a", Foreign: 1}}},
		"a stale row":      {Copies: []verify.Result{{Name: "table", Lost: 1}}},
	} {
		rep.judgeRun()
		if rep.isClean() || len(rep.Findings) != 1 {
			t.Errorf("%s: findings %q", name, rep.Findings)
		}
	}
	rep := &report{Topics: []verify.Result{{Name: "a", Expected: 1, Found: 1}}}
	if rep.judgeRun(); !rep.isClean() {
		t.Errorf("nothing is wrong, and there are the findings %q", rep.Findings)
	}
}

func TestAGapIsPutDownToOneFaultAtATime(t *testing.T) {
	begin := time.Date(2026, 8, 7, 18, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }
	windows := aftermaths([]strike{
		{From: at(10), To: at(12)},
		{From: at(14), To: at(20)},
		{Fault: plan.Fault{Beside: true}, From: at(16), To: at(18)},
	})
	for i, want := range []int{14, 24, 22} {
		if !windows[i].To.Equal(at(want)) {
			t.Errorf("the window of fault %d ends at %v, want %v", i, windows[i].To, at(want))
		}
	}
}
