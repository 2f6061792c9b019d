package source

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// Report is what a source read of one file: how much, what it refused and why, and what it found odd.
type Report struct {
	File    string
	Rows    int       // matches in the file, those that were refused included
	Refused []Refused // by reason, the most frequent first
	Notes   []string  // what was decided by evidence, and what contradicts itself
	Skipped string    // why nothing of the file was read; "" where it was
	Beside  string    // of a folder: which files in it are of a kind that the source does not read; "" of a file
}

// Refused is how many rows of a file were refused for one reason.
type Refused struct {
	Reason  string // such as "the row ends before FTAG"
	Count   int
	Example string // the first of them: "SP1.csv:17"
}

// Refuse counts a row that is refused.
func (r *Report) Refuse(reason, line string) {
	for i := range r.Refused {
		if r.Refused[i].Reason == reason {
			r.Refused[i].Count++
			return
		}
	}
	r.Refused = append(r.Refused, Refused{reason, 1, line})
}

// Note records what is odd, once.
func (r *Report) Note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(r.Notes, text) {
		r.Notes = append(r.Notes, text)
	}
}

// RefusedRows returns the number of rows that were refused.
func (r *Report) RefusedRows() int {
	n := 0
	for _, refused := range r.Refused {
		n += refused.Count
	}
	return n
}

// String returns the report as a line: "SP1.csv: 15 of 380 rows read, 365 refused: the row ends before FTAG
// (SP1.csv:17)".
func (r *Report) String() string {
	switch {
	case r.Skipped != "":
		return r.File + ": skipped: " + r.Skipped
	case r.Beside != "":
		return r.File + ": " + r.Beside
	}
	var b strings.Builder
	refused := r.RefusedRows()
	fmt.Fprintf(&b, "%s: %d of %d rows read", r.File, r.Rows-refused, r.Rows)
	if refused > 0 {
		slices.SortStableFunc(r.Refused, func(a, b Refused) int { return cmp.Compare(b.Count, a.Count) })
		fmt.Fprintf(&b, ", %d refused:", refused)
		for i, reason := range r.Refused {
			if i > 0 {
				b.WriteByte(';')
			}
			if len(r.Refused) > 1 {
				fmt.Fprintf(&b, " %d", reason.Count)
			}
			fmt.Fprintf(&b, " %s (first: %s)", reason.Reason, reason.Example)
		}
	}
	for _, note := range r.Notes {
		b.WriteString("; " + note)
	}
	return b.String()
}

// Reports are what a source read of its files, in the order of reading.
type Reports []*Report

// Reporter is a source that reports on its files once it was opened.
type Reporter interface {
	// Reports returns the reports of the last Open.
	Reports() Reports
}

// Totals returns the rows of all files, those refused, and the number of files that were skipped.
func (r Reports) Totals() (rows, refused, skipped int) {
	for _, report := range r {
		rows, refused = rows+report.Rows, refused+report.RefusedRows()
		if report.Skipped != "" {
			skipped++
		}
	}
	return rows, refused, skipped
}

// Summary returns all reports as one line.
func (r Reports) Summary() string {
	rows, refused, skipped := r.Totals()
	read := -skipped
	for _, report := range r {
		if report.Beside == "" {
			read++
		}
	}
	text := fmt.Sprintf("%s, %d of %d rows read", countFiles(read), rows-refused, rows)
	if refused > 0 {
		text += fmt.Sprintf(", %d refused", refused)
	}
	if skipped > 0 {
		text += fmt.Sprintf(", %s skipped", countFiles(skipped))
	}
	return text
}

func countFiles(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

// mostLosses is how many files a health report names; the log names all.
const mostLosses = 20

// losses returns the summary of a source's files, then a line for each file of which something was lost.
func (r Reports) losses(source string) []string {
	if len(r) == 0 {
		return nil
	}
	lines := []string{source + ": " + r.Summary()}
	lost := slices.DeleteFunc(slices.Clone(r), (*Report).isWhole)
	for _, report := range lost[:min(len(lost), mostLosses)] {
		lines = append(lines, report.String())
	}
	if more := len(lost) - mostLosses; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d files more, which the log names", more))
	}
	return lines
}

// isWhole reports whether nothing of the file was lost.
func (r *Report) isWhole() bool { return r.Skipped == "" && len(r.Refused) == 0 }

// CompareLosses orders reports: first those of files of which something was lost.
func CompareLosses(a, b *Report) int {
	switch whole := b.isWhole(); {
	case a.isWhole() == whole:
		return 0
	case whole:
		return -1
	default:
		return 1
	}
}

// Odd returns the reports of files that were not read as they are.
func (r Reports) Odd() Reports {
	return slices.DeleteFunc(slices.Clone(r), func(report *Report) bool {
		return report.isWhole() && len(report.Notes) == 0 && report.Beside == ""
	})
}

// Log writes a line for each file that was not read as it is, a warning where something is lost, and a summary.
func (r Reports) Log(log *slog.Logger, source string) {
	for _, report := range r.Odd() {
		level := slog.LevelInfo
		if !report.isWhole() {
			level = slog.LevelWarn
		}
		log.Log(context.Background(), level, report.String(), "source", source)
	}
	if len(r) > 0 {
		log.Info("the source was read", "source", source, "summary", r.Summary())
	}
}

// Check returns an error where more than a share of the rows was refused, or, when strict, anything at all was.
func (r Reports) Check(maxRefused float64, strict bool) error {
	rows, refused, skipped := r.Totals()
	switch {
	case strict && refused+skipped > 0:
		return fmt.Errorf("--strict: %d rows are refused and %d files skipped: %s", refused, skipped, r.worstReport())
	case rows > 0 && float64(refused) > maxRefused*float64(rows):
		return fmt.Errorf("%d of %d rows are refused (%.0f %%), more than --max-refused %g: %s",
			refused, rows, 100*float64(refused)/float64(rows), maxRefused, r.worstReport())
	}
	return nil
}

// worstReport returns the report with the most refused rows, else of the first skipped file.
func (r Reports) worstReport() *Report {
	return slices.MaxFunc(r, func(a, b *Report) int {
		skipped := func(r *Report) int { return min(len(r.Skipped), 1) }
		return cmp.Or(cmp.Compare(a.RefusedRows(), b.RefusedRows()), cmp.Compare(skipped(a), skipped(b)))
	})
}

// NothingLeft returns an error that names what is wrong with the files, where none of them had a row.
func (r Reports) NothingLeft() error {
	if len(r) == 0 {
		return nil
	}
	if rows, _, _ := r.Totals(); rows > 0 {
		return nil
	}
	lines := make([]string, 0, 5)
	for _, report := range r[:min(len(r), 5)] {
		lines = append(lines, report.String())
	}
	if more := len(r) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d files more", more))
	}
	return fmt.Errorf("no file could be read: %s", strings.Join(lines, "; "))
}
