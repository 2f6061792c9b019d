package verify

import (
	"strings"
	"testing"
)

func TestCompareCountsEachKindOfDifference(t *testing.T) {
	letters := func(s string) []string { return strings.Split(s, "") }
	for _, c := range []struct {
		name            string
		expected, found string
		want            Result
	}{
		{"the same", "abcd", "abcd", Result{}},
		{"one lost", "abcd", "abd", Result{Lost: 1}},
		{"the last lost", "abcd", "abc", Result{Lost: 1}},
		{"one doubled", "abcd", "abbcd", Result{Doubled: 1}},
		{"one doubled later", "abcd", "abcdb", Result{Doubled: 1}},
		{"a batch doubled", "abcd", "abcabcd", Result{Doubled: 3}},
		{"two swapped", "abcd", "acbd", Result{Disordered: 1}},
		{"one late", "abcd", "bcda", Result{Disordered: 1}},
		{"backwards", "abcd", "dcba", Result{Disordered: 3}},
		{"another body", "abcd", "abxd", Result{Lost: 1, Foreign: 1}},
		{"twice as expected", "abab", "abab", Result{}},
		{"once of twice", "abab", "aba", Result{Lost: 1}},
		{"lost and doubled", "abcd", "aacd", Result{Lost: 1, Doubled: 1}},
		{"nothing", "ab", "", Result{Lost: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Compare(letters(c.expected), letters(c.found))
			if got.Lost != c.want.Lost || got.Doubled != c.want.Doubled || got.Disordered != c.want.Disordered ||
				got.Foreign != c.want.Foreign {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if got.Clean() != (len(got.Words) == 0) {
				t.Errorf("clean is %v with the words %q", got.Clean(), got.Words)
			}
		})
	}
}

func TestCompareRowsTellsMissingStaleAndForeign(t *testing.T) {
	expected := map[string]string{"a": "1", "b": "2", "c": "3"}
	got := CompareRows("table", expected, map[string]string{"a": "1", "b": "1", "d": "4"})
	if got.Lost != 2 || got.Foreign != 2 || got.Expected != 3 || got.Found != 3 {
		t.Errorf("got %+v", got)
	}
	if same := CompareRows("table", expected, expected); !same.Clean() {
		t.Errorf("the same rows differ: %+v", same)
	}
}
