package record

import "github.com/touchline/touchline/schemas/football"

// Filter is what a subscription wants. Empty fields do not filter; an empty filter is the whole feed.
type Filter struct {
	Match       football.MatchID
	Competition football.CompetitionID
	Team        football.TeamID
	// Model filters forecasts; events have none. Without one, forecasts of all models that are served pass: a shadow
	// reaches only who names it.
	Model string
}

// Wants reports whether the record passes the filter.
func (f *Filter) Wants(r *Record) bool {
	return r.Match != "" && f.WantsMatch(r.Match, r.Competition, r.Home, r.Away) &&
		(r.Topic == Events || f.Model == r.Model || f.Model == "" && !r.IsShadow())
}

// WantsMatch reports whether records of the match may pass the filter.
func (f *Filter) WantsMatch(id football.MatchID, competition football.CompetitionID, home, away football.TeamID) bool {
	return (f.Match == "" || f.Match == id) &&
		(f.Competition == "" || f.Competition == competition) &&
		(f.Team == "" || f.Team == home || f.Team == away)
}
