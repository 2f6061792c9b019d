package verify

import "testing"

func TestCheckCacheTellsStaleAndForeignEntries(t *testing.T) {
	facts := NewFacts(nil)
	newest := CacheEntry{1, 3, 9, []byte("newest")}
	facts.newestForecast["m|goals"] = newest
	for _, c := range []struct {
		name  string
		key   string
		entry CacheEntry
		want  Result
	}{
		{"the newest", predictionKeys + "{m}~goals", newest, Result{}},
		{"an older one", predictionKeys + "{m}~goals", CacheEntry{1, 3, 8, []byte("older")}, Result{Lost: 1}},
		{"another value at its place", predictionKeys + "{m}~goals", CacheEntry{1, 3, 9, []byte("broken")},
			Result{Foreign: 1}},
		{"of no match", predictionKeys + "{x}~goals", newest, Result{Foreign: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got Result
			for _, r := range CheckCache(map[string]CacheEntry{c.key: c.entry}, facts) {
				got.Add(r)
			}
			if got.Lost != c.want.Lost || got.Foreign != c.want.Foreign {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
