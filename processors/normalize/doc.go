// Package normalize turns providers' payloads into the canonical history: it parses, identifies, drops what was
// delivered twice, numbers and refuses.
//
//	Reads     football.raw-events, one pool after the other in each partition.
//	Key       the pool; within it the match, by the source's own name for it.
//	State     match    what is recorded of a match: phase, results, what each source delivered
//	          alias    a source's name for a match
//	          pairing  the matches of two teams that have state
//	          meeting  which meetings of two teams in a season have been dropped
//	          pool     stream time, and up to where matches were dropped
//	          due      which matches to look at on a day, to drop them
//	Writes    football.match-events.v1: numbered per match from 1 without gaps, in the order of acceptance.
//	Refuses   what docs/decisions/0001-facts.md lists. A bad odds cell or count alone is refused by itself. The
//	          runtime refuses for it what is not in the partition that Partition names.
//	Replays   a new version numbers a match's old events anew, so it needs topics of its own.
//
// Vocabulary: the content of a payload is a statement; a statement has claims, each of them an event body that may
// become a match event. A parser (one file a source) knows its provider's format and no rule; claims.go, results.go and
// corrections.go have the rules and know no format. A delivery is one raw event that was accepted, remembered by the
// hash of its identity.
//
//	stage := normalize.New(football.DefaultReference())
//	outputs := stage.Step(view, raw) // *football.MatchEvent, *football.Refusal, *football.Dropped
//
// What it deliberately does not do: it dates nothing (collectors do, who know time zones), it delays no event, and it
// never guesses a team.
package normalize
