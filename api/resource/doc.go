// Package resource is how facts look to the outside: the JSON of the REST resources and of the live feed, so that both
// use the same names for the same things.
//
// Names are snake_case and stay. Instants are RFC 3339 in UTC. Probabilities and means are rounded to six decimals:
// the exact values of a forecast are in the log. A field that has no value is null or absent as the OpenAPI
// document says.
package resource

// Rendering is the version of the JSON that this package writes. It is part of every ETag. Raise it with every change
// of what an unchanged record looks like to the outside; a test fails when that was forgotten.
const Rendering = 1
