package normalize

import (
	"bytes"
	"strconv"

	"github.com/touchline/touchline/schemas/football"
)

// oddsNames are the columns of odds that the stage reads.
var oddsNames = [...]string{
	"AvgH", "AvgD", "AvgA", "Avg>2.5", "Avg<2.5",
	"BbAvH", "BbAvD", "BbAvA", "BbAv>2.5", "BbAv<2.5",
	"PSH", "PSD", "PSA", "P>2.5", "P<2.5",
	"B365H", "B365D", "B365A", "B365>2.5", "B365<2.5",
	"AvgCH", "AvgCD", "AvgCA", "AvgC>2.5", "AvgC<2.5",
	"PSCH", "PSCD", "PSCA", "PC>2.5", "PC<2.5",
	"B365CH", "B365CD", "B365CA", "B365C>2.5", "B365C<2.5",
}

// book is a bookmaker's five columns: home, draw, away, over and under 2.5 goals, from first on.
type book struct {
	bookmaker string
	stage     football.OddsStage
	first     column
}

// books are the bookmakers in the order of their quotes. Betbrain's average serves as the market's before 2019.
var books = [...]book{
	{"average", football.OddsEarly, firstOdds},
	{"average", football.OddsEarly, firstOdds + 5},
	{"pinnacle", football.OddsEarly, firstOdds + 10},
	{"bet365", football.OddsEarly, firstOdds + 15},
	{"average", football.OddsClosing, firstOdds + 20},
	{"pinnacle", football.OddsClosing, firstOdds + 25},
	{"bet365", football.OddsClosing, firstOdds + 30},
}

// maxOdds is above what any bookmaker offers.
const maxOdds = 100_000

// claimRowOdds adds the odds of a stage, if the row has any. A result's or a total's odds with a bad cell are refused
// by themselves: the others are taken, and the fixture is.
func (s *statement) claimRowOdds(c *cells, stage football.OddsStage) {
	var quotes []football.Quote
	for _, b := range books {
		if b.stage != stage || b.bookmaker == lastBookmaker(quotes) {
			continue
		}
		q := football.Quote{Bookmaker: b.bookmaker}
		results := s.readOddsCells(c, b.first, &q.Home, &q.Draw, &q.Away)
		totals := s.readOddsCells(c, b.first+3, &q.Over25, &q.Under25)
		if results || totals {
			if quotes == nil {
				quotes = make([]football.Quote, 0, 3)
			}
			quotes = append(quotes, q)
		}
	}
	if len(quotes) > 0 {
		s.claims = append(s.claims, football.OddsQuoted{Stage: stage, Quotes: quotes})
	}
}

func lastBookmaker(quotes []football.Quote) string {
	if len(quotes) == 0 {
		return ""
	}
	return quotes[len(quotes)-1].Bookmaker
}

// readOddsCells reads neighbouring columns of odds and reports whether any was offered. If one is wrong, all are
// refused.
func (s *statement) readOddsCells(c *cells, first column, into ...*float64) (offered bool) {
	for i, odds := range into {
		cell := c[first+column(i)]
		if len(cell) == 0 {
			continue
		}
		value, ok := parseDecimal(cell)
		if !ok || !possibleOdds(value) {
			for _, odds := range into {
				*odds = 0
			}
			s.refused = append(s.refused, badOdds(c, first, column(len(into)), first+column(i), ok))
			return false
		}
		*odds, offered = value, true
	}
	return offered
}

// possibleOdds reports whether decimal odds pay more than the stake.
func possibleOdds(value float64) bool { return value > 1 && value <= maxOdds }

func badOdds(c *cells, first, n, wrong column, number bool) *football.Refusal {
	bad := newRefusal(football.RefusedMalformed, wrong.headerName(), "%q are no decimal odds", c[wrong])
	if number {
		bad = newRefusal(football.RefusedImpossible, wrong.headerName(), "odds of %s", c[wrong])
	}
	var names, values []byte
	for at := first; at < first+n; at++ {
		names = append(append(names, at.headerName()...), ',')
		values = append(append(values, c[at]...), ',')
	}
	bad.Original = bytes.Join([][]byte{names[:len(names)-1], values[:len(values)-1]}, []byte("\n"))
	return bad
}

// parseDecimal reads a plain decimal number: no exponent, no sign but a minus, none of the names that ParseFloat knows.
func parseDecimal(cell []byte) (float64, bool) {
	for i, b := range cell {
		if (b < '0' || b > '9') && b != '.' && (b != '-' || i > 0) {
			return 0, false
		}
	}
	value, err := strconv.ParseFloat(string(cell), 64)
	return value, err == nil
}
