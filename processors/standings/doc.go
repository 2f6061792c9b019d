// Package standings makes league tables by a competition's own rules.
//
// The rules (football.SeasonRules) say what a win is worth, how often a pair meets, what decides between teams that are
// level on points, and whether the table is divided during the season or ranked by points a match. Rulings
// (football.Rulings) are what a court changed: points taken from a team, results awarded.
//
// Example:
//
//	rules, _ := reference.Rules("SP1", "2006-07")
//	rows := standings.MakeTable(rules, reference.Rulings("SP1", "2006-07"), matches)
//	champion := rows[0].Team
//
// A table is made from all matches at once: a season has some hundred, and head-to-head asks for each of them. The
// stage outlook, which ranks thousands of tables for each round, has a faster table of its own for double round robins;
// one of its tests compares the two.
//
// Play-offs have no place here: a caller leaves out matches that are part of a knock-out, and matches of a pair beyond
// those that the rules ask for are not counted.
package standings
