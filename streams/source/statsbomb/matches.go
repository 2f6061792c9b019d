package statsbomb

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/streams/source"
)

// listing is a match as the open data's matches/<competition>/<season>.json has it.
type listing struct {
	ID          json.Number `json:"match_id"`
	Date        string      `json:"match_date"`
	KickOff     string      `json:"kick_off"`
	Competition struct {
		ID      json.Number `json:"competition_id"`
		Country string      `json:"country_name"`
		Name    string      `json:"competition_name"`
	} `json:"competition"`
	Season struct {
		Name string `json:"season_name"`
	} `json:"season"`
	Home struct {
		Name   string `json:"home_team_name"`
		Gender string `json:"home_team_gender"`
	} `json:"home_team"`
	Away struct {
		Name string `json:"away_team_name"`
	} `json:"away_team"`
	HomeScore *int `json:"home_score"`
	AwayScore *int `json:"away_score"`
	Stage     struct {
		Name string `json:"name"`
	} `json:"competition_stage"`

	payload json.RawMessage
	line    string
}

// isListing reports whether a file is one of matches, not of events.
func isListing(data []byte) bool {
	var matches []struct {
		ID *json.Number `json:"match_id"`
	}
	head := data[:min(len(data), 4096)]
	return bytes.Contains(head, []byte(`"match_id"`)) && bytes.Contains(head, []byte(`"match_date"`)) &&
		json.Unmarshal(data, &matches) == nil && len(matches) > 0 && matches[0].ID != nil
}

// readListings reads a file of matches.
func readListings(f source.File, data []byte) ([]*listing, error) {
	var payloads []json.RawMessage
	if err := json.Unmarshal(data, &payloads); err != nil {
		return nil, err
	}
	listings := make([]*listing, len(payloads))
	for i, payload := range payloads {
		l := &listing{payload: payload, line: fmt.Sprintf("%s:%d", f.Base(), i+1)}
		if err := json.Unmarshal(payload, l); err != nil {
			return nil, fmt.Errorf("match %d: %w", i+1, err)
		}
		listings[i] = l
	}
	return listings, nil
}

var (
	knockOutStage = regexp.MustCompile(`(?i)final|round of|play-?off|knock|3rd place|third place`)
	finalStage    = regexp.MustCompile(`(?i)^final$`)
)

// competition returns the competition of a listed match; women's have names of their own.
func (s *Source) competition(l *listing) football.CompetitionEntry {
	name := l.Competition.Name
	female := l.Home.Gender == "female" || s.women[l.Competition.ID]
	if female && !strings.Contains(strings.ToLower(name), "wom") && !strings.Contains(name, "NWSL") {
		name = "Women's " + name
	}
	if c, ok := s.ref.CompetitionIn(l.Competition.Country, name); ok {
		return c
	}
	if c, ok := s.ref.CompetitionByName(name); ok {
		return c
	}
	c, _ := football.ProvisionalCompetition(l.Competition.Country, name)
	return c
}

// fixture returns what dating and ordering need of a listed match. Its score is that of its full time.
func (s *Source) fixture(l *listing) source.Row {
	c := s.competition(l)
	p, _ := s.ref.Pool(c.Pool)
	zone, err := time.LoadLocation(cmp.Or(p.Local, p.Zone, "UTC"))
	if err != nil {
		zone = time.UTC
	}
	row := source.Row{
		Pool: c.Pool, Competition: c.ID, Home: l.Home.Name, Away: l.Away.Name, Line: l.line, Body: l.payload,
		FullTime: l.HomeScore != nil && l.AwayScore != nil,
	}
	if host, ok := c.HostOn(l.Date); ok {
		if local, err := time.LoadLocation(host.Zone); err == nil {
			zone = local
		}
		home, _ := s.ref.Team(c.Pool, l.Home.Name)
		row.Neutral = !host.IsHost(home.Name)
	}
	row.Kickoff, row.Problem = source.KickoffIn(source.DayFirst, l.Date, l.KickOff, zone)
	if knockOutStage.MatchString(l.Stage.Name) {
		row.Tie = football.TieSingle
		row.Neutral = row.Neutral || c.Cup && finalStage.MatchString(l.Stage.Name)
	}
	row.Season = s.seasonOfListing(l, c, row.Kickoff)
	if row.Problem == "" && !p.National && !row.Season.Contains(row.Kickoff) {
		row.Problem = fmt.Sprintf("the date %s is outside of the season %s", l.Date, row.Season)
	}
	if row.Home == "" || row.Away == "" {
		row.Problem = "the match does not name both teams"
	}
	home, _ := s.ref.Team(c.Pool, row.Home)
	away, _ := s.ref.Team(c.Pool, row.Away)
	row.HomeID, row.AwayID = home.ID, away.ID
	return row
}

// seasonOfListing returns the season of a listed match: a year for national teams, whatever the tournament is called.
func (s *Source) seasonOfListing(l *listing, c football.CompetitionEntry, at football.Instant) football.Season {
	if p, _ := s.ref.Pool(c.Pool); p.National {
		return football.CalendarYear.SeasonOn(at)
	}
	if season, ok := football.ParseSeason(l.Season.Name); ok && (at == 0 || season.Contains(at)) {
		return season
	}
	return c.Calendar.SeasonOn(at)
}
