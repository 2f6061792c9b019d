// Package resource is how facts look to the outside: the JSON of the REST resources and of the live feed, so that both
// say the same thing with the same words.
//
// Names are snake_case and stay. Instants are RFC 3339 in UTC. Probabilities and means are rounded to six decimals:
// what a forecast says to the last bit is in the log. A field that has no value is null or absent as the OpenAPI
// document says.
package resource

// Rendering is the version of the JSON that this package writes. It is part of every ETag. Raise it with every change
// of what an unchanged record looks like to the outside; a test fails when that was forgotten.
const Rendering = 1
