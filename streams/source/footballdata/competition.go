package footballdata

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/football/resultfile"
)

// codeForm is a division's code: letters for the country, a digit or C for the division. "BRA" has none.
var codeForm = regexp.MustCompile(`^([A-Z]{1,3})([0-9C]?)$`)

// competitionOf returns the competition of a row: by its division's code, else by its country and league, else by the
// name of the file. One that the reference lacks gets an entry by rule; a cell that is no name at all is a problem.
func (r *fileReader) competitionOf(cells resultfile.Cells) (football.CompetitionEntry, string) {
	if code := trimmed(cells.Cell(resultfile.Division)); code != "" {
		return r.competitionByCode(code)
	}
	country, league := cells.Cell(resultfile.Country), cells.Cell(resultfile.League)
	switch {
	case league != "":
		if c, ok := r.ref.CompetitionIn(country, league); ok {
			return c, ""
		}
		if country == "" && r.byName.ID != "" {
			return r.byName, ""
		}
		return r.provisional(football.ProvisionalCompetition(country, league))
	case country != "":
		if c, ok := r.ref.CompetitionIn(country, ""); ok {
			return c, ""
		}
		return r.provisional(football.ProvisionalCompetition(country, country))
	case r.byName.ID != "":
		return r.byName, ""
	case r.before.ID != "":
		return r.before, ""
	default:
		return football.CompetitionEntry{}, "the row does not name its division"
	}
}

// competitionByCode returns the competition with that code, or one by rule.
func (r *fileReader) competitionByCode(code string) (football.CompetitionEntry, string) {
	c, ok := CompetitionByCode(r.ref, code)
	switch {
	case !ok:
		return c, fmt.Sprintf("the division %q is none", code)
	case football.IsProvisional(c.Pool):
		return r.provisional(c, true)
	default:
		return c, ""
	}
}

// CompetitionByCode returns the competition with a division's code or name, by rule where the reference lacks it: ZZ2
// is the second division of ZZ. It returns false for a text that is no name.
func CompetitionByCode(ref *football.Reference, code string) (football.CompetitionEntry, bool) {
	for _, spelling := range [...]string{code, strings.ToUpper(code)} {
		if c, ok := ref.Competition(football.CompetitionID(spelling)); ok {
			return c, true
		}
	}
	if c, ok := ref.CompetitionByName(code); ok {
		return c, true
	}
	if m := codeForm.FindStringSubmatch(strings.ToUpper(code)); m != nil {
		return football.ProvisionalCompetition(m[1], m[0])
	}
	if strings.Trim(code, "0123456789.,/:-") == "" {
		return football.CompetitionEntry{}, false
	}
	return football.ProvisionalCompetition("", code)
}

// provisional notes that the reference lacks a competition.
func (r *fileReader) provisional(c football.CompetitionEntry, ok bool) (football.CompetitionEntry, string) {
	if !ok {
		return c, "the row does not name its division"
	}
	r.report.Note("the reference has no competition %q: it gets the pool %s (see `touchline reference missing`)",
		c.Name, c.Pool)
	return c, ""
}

// competitionInName returns the competition that the file's name gives, or its folder's: "E0_1516.csv",
// "2015-16/E0.csv", "season-1516 SP1.csv", "premier-league.csv".
func (r *fileReader) competitionInName() football.CompetitionEntry {
	base := strings.TrimSuffix(r.file.Base(), path.Ext(r.file.Base()))
	for _, name := range [...]string{base, path.Base(path.Dir(r.file.Name))} {
		parts := splitWords(name)
		for i := len(parts) - 1; i >= 0; i-- {
			if !codeForm.MatchString(parts[i]) {
				continue
			}
			if c, ok := r.ref.Competition(football.CompetitionID(parts[i])); ok {
				return c
			}
		}
		var letters []string
		for _, part := range parts {
			if strings.Trim(part, "0123456789") != "" {
				letters = append(letters, part)
			}
		}
		if c, ok := r.ref.CompetitionByName(strings.Join(letters, " ")); ok {
			return c
		}
	}
	if m := codeForm.FindStringSubmatch(base); m != nil && m[2] != "" {
		c, _ := football.ProvisionalCompetition(m[1], m[0])
		return c
	}
	return football.CompetitionEntry{}
}
