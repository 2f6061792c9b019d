package readmodel

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/touchline/touchline/projections/postgres"
	"github.com/touchline/touchline/schemas/football"
)

// Outlook is what simulations of the rest of a season came to.
type Outlook struct {
	Season                      football.Season
	Sequence                    int64
	At                          time.Time
	Match                       football.MatchID
	Settled, Remaining, Seasons int32
	Results                     string
	Teams                       []postgres.TeamOutlook // in the order of the table
	Names                       map[football.TeamID]string
}

type outlookRow struct {
	Season                      football.Season
	Sequence                    int64
	At                          time.Time
	Match                       football.MatchID
	Settled, Remaining, Seasons int32
	Results                     string
	Teams, Names                []byte
}

// Outlook returns a season's last outlook, or with a time the last one made by then, in the season's own time.
func (s *Store) Outlook(ctx context.Context, competition football.CompetitionID, season football.Season,
	asOf time.Time) (Outlook, error) {
	what := fmt.Sprintf("outlook of %q %s", competition, season)
	until := &asOf
	if asOf.IsZero() {
		until = nil
	} else {
		what += " as of " + asOf.Format(time.RFC3339)
	}
	row, err := queryRow[outlookRow](ctx, s, what,
		`SELECT o.season, o.sequence, o.at, o.match, o.settled, o.remaining, o.seasons, o.results, o.teams,
			(SELECT coalesce(jsonb_object_agg(n.id, n.name), '{}')
				FROM jsonb_array_elements(o.teams) t JOIN teams n ON n.id = t->>'team') AS names
		FROM outlooks o WHERE o.season_year = $1 AND o.competition = $2 AND o.season = $3
			AND ($4::timestamptz IS NULL OR o.at <= $4)
		ORDER BY o.sequence DESC LIMIT 1`, season.Year(), competition, season, until)
	if err != nil {
		return Outlook{}, err
	}
	out := Outlook{
		Season: row.Season, Sequence: row.Sequence, At: row.At, Match: row.Match, Settled: row.Settled,
		Remaining: row.Remaining, Seasons: row.Seasons, Results: row.Results,
	}
	if err := json.Unmarshal(row.Teams, &out.Teams); err != nil {
		return out, fmt.Errorf("read %s: %w", what, err)
	}
	if err := json.Unmarshal(row.Names, &out.Names); err != nil {
		return out, fmt.Errorf("read %s: %w", what, err)
	}
	return out, nil
}
