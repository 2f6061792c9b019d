package source

import (
	"strconv"
	"strings"
)

// NoScore reports whether a cell means that there is no result.
func NoScore(cell string) bool {
	switch strings.ToUpper(cell) {
	case "", "-", "?", "NA", "N/A", "NAN", "NULL", "NONE", "TBD":
		return true
	default:
		return false
	}
}

// Goals reads a number of goals, 0 to 99, also one that a spreadsheet wrote as 2.0.
func Goals(cell string) (int, bool) {
	const most = 99
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSuffix(cell, ".0"), ",0"))
	return n, err == nil && n >= 0 && n <= most
}
