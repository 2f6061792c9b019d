package verify

import (
	"fmt"
	"slices"
)

// Result is what a comparison found.
type Result struct {
	Name       string   `json:"name"`
	Expected   int      `json:"expected"`
	Found      int      `json:"found"`
	Lost       int      `json:"lost"`       // expected and not found
	Doubled    int      `json:"doubled"`    // found more often than expected
	Disordered int      `json:"disordered"` // found, but not where it belongs: how many would have to move
	Foreign    int      `json:"foreign"`    // found and never expected: another body, another key
	Words      []string `json:"words,omitempty"`
}

// maxWords is how many differences a result tells in words.
const maxWords = 5

// Clean reports whether there is no difference.
func (r *Result) Clean() bool { return r.Lost+r.Doubled+r.Disordered+r.Foreign == 0 }

// Add adds up the result of another part of the same thing.
func (r *Result) Add(other Result) {
	r.Expected += other.Expected
	r.Found += other.Found
	r.Lost += other.Lost
	r.Doubled += other.Doubled
	r.Disordered += other.Disordered
	r.Foreign += other.Foreign
	for _, word := range other.Words {
		r.addExample("%s", word)
	}
}

func (r *Result) addExample(format string, args ...any) {
	if len(r.Words) < maxWords {
		r.Words = append(r.Words, fmt.Sprintf(format, args...))
	}
}

// Compare holds one sequence against another. The k-th occurrence of an item stands for the k-th expected one.
func Compare[T comparable](expected, found []T) Result {
	r := Result{Expected: len(expected), Found: len(found)}
	places := make(map[T][]int, len(expected))
	for i, item := range expected {
		places[item] = append(places[item], i)
	}
	seen := make(map[T]int, len(expected))
	var order []int // the expected places of what was found, in the order in which it was found
	for i, item := range found {
		at, ok := places[item]
		n := seen[item]
		seen[item]++
		switch {
		case !ok:
			r.Foreign++
			r.addExample("at %d: %v was never expected", i, item)
		case n >= len(at):
			r.Doubled++
			r.addExample("at %d: %v a %d. time", i, item, n+1)
		default:
			order = append(order, at[n])
		}
	}
	for i, item := range expected {
		// the last ones of an item are those that are missing
		if n := seen[item]; n < len(places[item]) && places[item][n] <= i {
			r.Lost++
			r.addExample("%v is not there, expected at %d", item, i)
		}
	}
	if r.Disordered = len(order) - longestIncreasing(order); r.Disordered > 0 {
		r.addExample("%d records are not where they belong, the first at %d", r.Disordered, firstStep(order))
	}
	return r
}

// longestIncreasing returns the length of the longest increasing subsequence of distinct numbers.
func longestIncreasing(numbers []int) int {
	var tails []int // tails[n]: the least last number of an increasing subsequence of n+1
	for _, n := range numbers {
		at, _ := slices.BinarySearch(tails, n)
		if at == len(tails) {
			tails = append(tails, n)
		} else {
			tails[at] = n
		}
	}
	return len(tails)
}

// firstStep returns where the numbers first go down.
func firstStep(numbers []int) int {
	for i := 1; i < len(numbers); i++ {
		if numbers[i] < numbers[i-1] {
			return i
		}
	}
	return 0
}

// CompareRows holds rows by key against each other. A row that differs counts as lost and as foreign.
func CompareRows(name string, expected, found map[string]string) Result {
	r := Result{Name: name, Expected: len(expected), Found: len(found)}
	for key, want := range expected {
		got, ok := found[key]
		switch {
		case !ok:
			r.Lost++
			r.addExample("%s is not there", key)
		case got != want:
			r.Lost++
			r.Foreign++
			r.addExample("%s is %s, want %s", key, got, want)
		}
	}
	for key := range found {
		if _, ok := expected[key]; !ok {
			r.Foreign++
			r.addExample("%s was never expected", key)
		}
	}
	return r
}
