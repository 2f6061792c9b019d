package main

import (
	"strings"
	"testing"
)

func TestARecordThatWasSavedComparesEqual(t *testing.T) {
	folder := t.TempDir()
	saved := record{
		contentEntry("football-data rest GET /v1/matches/a?limit=2", "status=200", []byte("{\n \"items\": []\n}")),
		{name: "football-data topic football.models", summary: "records=2 sha256=left-out"},
	}
	if err := saved.saveRecord(folder); err != nil {
		t.Fatal(err)
	}
	loaded, err := loadRecord(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got := compareRecords(saved, loaded); len(got) != 0 {
		t.Errorf("differences of a record and itself: got %q, want none", got)
	}
}

func TestADifferenceIsShownWhereItIs(t *testing.T) {
	before := record{
		contentEntry("table a", "rows=2", []byte("same\nhome=1\n")),
		{name: "table gone", summary: "rows=0"},
		{name: "table same", summary: "rows=7"},
	}
	after := record{
		contentEntry("table a", "rows=2", []byte("same\nhome=2\n")),
		{name: "table same", summary: "rows=7"},
		{name: "table new", summary: "rows=1"},
	}
	got := compareRecords(before, after)
	if len(got) != 3 {
		t.Fatalf("differences: got %d, want 3: %q", len(got), got)
	}
	for i, want := range []string{"line 2, from column 1:\n  - home=1\n  + home=2", "table gone\n  is missing after",
		"table new\n  is new after: rows=1"} {
		if !strings.Contains(got[i], want) {
			t.Errorf("difference %d: got %q, want one with %q", i, got[i], want)
		}
	}
}

func TestALongLineIsCutAroundItsDifference(t *testing.T) {
	prefix := strings.Repeat("x", 1000)
	got := firstDifference([]byte(prefix+"a"), []byte(prefix+"b"))
	if !strings.Contains(got, "from column 921") || len(got) > 1000 {
		t.Errorf("got %q, want an excerpt from column 921", got)
	}
}

func TestCursorsAreMasked(t *testing.T) {
	got := string(maskText([]byte(`{"type":"image","cursor":"AQx_1-","data":{}}`)))
	if want := `{"type":"image","cursor":"masked","data":{}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAFeedIsASourceAndAPath(t *testing.T) {
	feeds, err := parseFeeds([]string{"football-data=a=b"})
	if err != nil || len(feeds) != 1 || feeds[0] != (feed{"football-data", "a=b"}) {
		t.Errorf("got %v, %v, want the source football-data and the path a=b", feeds, err)
	}
	for _, text := range []string{"football-data", "=path", "simulator=none"} {
		if _, err := parseFeeds([]string{text}); err == nil {
			t.Errorf("--feed %s: got no error, want one", text)
		}
	}
}

func TestAMetricIsAddedUpOverItsLabels(t *testing.T) {
	exposition := []byte("# HELP lag Records.\nlag{stage=\"a\"} 2\nlag{stage=\"b\"} 3\nlag_seconds 7\n")
	if sum, found := sumMetric(exposition, "lag"); sum != 5 || !found {
		t.Errorf("lag: got %d, %t, want 5, true", sum, found)
	}
	if sum, found := sumMetric(exposition, "lag_seconds"); sum != 7 || !found {
		t.Errorf("lag_seconds: got %d, %t, want 7, true", sum, found)
	}
	if _, found := sumMetric(exposition, "la"); found {
		t.Error("la: got a sample, want none")
	}
}
