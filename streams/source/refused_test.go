package source_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/touchline/touchline/streams/source"
)

// TestARefusedRowIsPlacedAfterTheRowBefore: whatever instant it claims, it does not move the pool's clock.
func TestARefusedRowIsPlacedAfterTheRowBefore(t *testing.T) {
	rows := []source.Row{
		{Problem: "torn", Line: "a:1", Kickoff: 99},
		{Kickoff: 20, Season: "2001-02"},
		{Problem: `the date "soon" can't be read`, ProblemKind: "the date can't be read", Line: "a:3"},
		{Problem: "torn", Line: "a:4", Kickoff: 99},
		{Kickoff: 30, Season: "2002-03"},
	}
	report := &source.Report{Rows: len(rows)}
	source.PlaceRefused(rows, 10, "2000-01", report)
	var got []string
	for _, row := range rows {
		got = append(got, fmt.Sprintf("%d %s", row.Kickoff, row.Season))
	}
	if want := []string{"10 2000-01", "20 2001-02", "20 2001-02", "20 2001-02", "30 2002-03"}; !slices.Equal(got,
		want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if report.RefusedRows() != 3 || len(report.Refused) != 2 {
		t.Errorf("got %d rows refused, by reason %+v; want 3 for 2 reasons", report.RefusedRows(), report.Refused)
	}
}
