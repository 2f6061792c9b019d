// Package problem is the one form of every error that the server answers: a problem document (RFC 9457) as
// application/problem+json.
//
//	problem.Write(w, r, problem.BadParameter("limit", "limit %q is not a number from 1 to %d", text, most))
//
// Type is a path relative to the server. It is for programs and never changes its meaning. Detail is a sentence for
// people that says what to change; it may get better at any time. What broke inside is never in an answer: it is in the
// log, under the same request id.
package problem
