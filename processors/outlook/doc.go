// Package outlook is the stage that simulates the rest of a season after each result: what chances a team has of the
// title, of Europe, of staying up, of each position.
//
// Reads: football.match-features. Key: the match.
//
// State, by key prefix (see State):
//
//	season/<competition>/<season>        its teams and settled matches
//	team/<competition>/<season>/<team>   the features of a team at its newest record before a match
//	slot/<competition>/<season>          its matches in play, and whether a result waits for an outlook
//	competition/<competition>            which of its seasons have state: the last two
//
// Writes: one *football.Outlook when the last match of a slot is settled, one when a result is corrected or taken back,
// and one when the last team of the season is seen for the first time. A slot is the matches that kick off within half
// an hour of each other. So one record causes at most one. Nothing before all teams have been seen.
//
// Refuses: nothing. A competition without rules in the reference has no outlook.
//
// What is still to be played is not announced: sources of results schedule two weeks ahead. In a double round robin it
// follows from the teams: every pair that has not met at the first one's ground. A second match of a pair is a
// play-off, and counts for nothing here.
//
// Each simulated season draws the error of each rating (Config.Uncertainty), then every match: Poisson goals with the
// dependence of low scores (Dixon & Coles 1997). The table follows the competition's own rules. The seed is that of the
// season, so equal results and ratings give equal outlooks, and two outlooks differ by what happened between them.
//
// Replays: outlooks follow from feature records, and from when the raw events behind them were published: of what was
// published long after it came about, fewer seasons are simulated (Config.HistorySeasons).
package outlook
