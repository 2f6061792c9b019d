package main

import "regexp"

// masks replace what differs between two runs of one binary in an answer or a frame: cursors hold offsets, and each
// request has an id of its own.
var masks = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile(`"(cursor|request_id)":"[^"]*"`), `"$1":"masked"`},
}

// modelChange is when a model was registered, of the wall clock, in the answers of the route of models. In other
// answers a field of this name is event time.
var modelChange = regexp.MustCompile(`"changed_at":"[^"]*"`)

// maskModels is maskText for the answers of the route of models.
func maskModels(text []byte) []byte {
	return modelChange.ReplaceAll(maskText(text), []byte(`"changed_at":"masked"`))
}

// maskText returns the text with what may differ replaced.
func maskText(text []byte) []byte {
	for _, m := range masks {
		text = m.pattern.ReplaceAll(text, []byte(m.replacement))
	}
	return text
}
