// Package resultfile is the format of result files: tables as text, one match a line, as football-data.co.uk publishes
// them and others copy them. It is shared by the collector, which dates and orders rows, and by normalize, which takes
// claims from them, so that both cut a line into the same cells.
//
// Vocabulary:
//
//   - A column has one name here, the one of football-data.co.uk's current files; its other spellings are aliases.
//   - A row is whole when it reaches its score (or, in a file of fixtures, its teams). A row that ends before is torn.
//   - Cells behind the header's last column are ignored; cells that a whole row lacks at its end are empty.
//
// Example:
//
//	delimiter, ok := resultfile.DelimiterOf(header)
//	layout := resultfile.NewLayout(header, delimiter)
//	home := layout.Cut(row, nil).Cell(resultfile.HomeTeam)
//
// It deliberately knows no date, no season and no team: what a cell means is for its readers.
package resultfile
