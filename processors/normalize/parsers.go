package normalize

import "github.com/touchline/touchline/schemas/football"

// parser reads a payload of its source's format. It knows no rule: it returns what the payload claims of the raw
// event's moment, or why it can't be read.
type parser func(raw *football.RawEvent) (statement, *football.Refusal)

// parsers are all of them, by the source whose payloads they read. A new source is a line here, a file beside this one
// and a folder of streams/source.
var parsers = [...]struct {
	source string
	parse  parser
}{
	{football.SourceFootballData, readFootballData},
	{football.SourceOpenFootball, readOpenFootball},
	{football.SourceInternational, readInternational},
	{football.SourceStatsBomb, readStatsBomb},
	{football.SourceSimulator, readSimulator},
}

// parserOf returns the source's parser, or nil.
func parserOf(source string) parser {
	for _, p := range parsers {
		if p.source == source {
			return p.parse
		}
	}
	return nil
}
