package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// request is one request of the recorded list.
type request struct {
	method string // GET when empty
	path   string // with the query
	route  string // of openapi.yaml that it stands for; "" for one that has no route
}

func (r request) String() string { return cmp.Or(r.method, http.MethodGet) + " " + r.path }

// answer is what the API replied.
type answer struct {
	status      int
	contentType string
	cache       string // Cache-Control
	tagged      bool   // whether it has an entity tag; the tag itself may hold offsets
	body        []byte
}

func fetchAnswer(ctx context.Context, api string, r request) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, cmp.Or(r.method, http.MethodGet), api+r.path, nil)
	if err != nil {
		return answer{}, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", r, err)
	}
	return answer{
		status: res.StatusCode, contentType: res.Header.Get("Content-Type"), cache: res.Header.Get("Cache-Control"),
		tagged: res.Header.Get("ETag") != "", body: body,
	}, nil
}

// recordRequests returns the answer to each request of the list.
func recordRequests(ctx context.Context, api string, s subjects) (record, error) {
	document, err := fetchAnswer(ctx, api, request{path: "/v1/openapi.yaml"})
	if err != nil {
		return nil, err
	}
	requests := listRequests(s)
	if err := checkRoutes(document.body, requests); err != nil {
		return nil, err
	}
	var entries record
	for _, r := range requests {
		a, err := fetchAnswer(ctx, api, r)
		if err != nil {
			return nil, err
		}
		body := maskText(a.body)
		if r.route == modelsRoute {
			body = maskModels(a.body)
		}
		if strings.Contains(a.contentType, "json") {
			var indented bytes.Buffer
			if err := json.Indent(&indented, body, "", " "); err == nil {
				body = indented.Bytes()
			}
		}
		summary := fmt.Sprintf("status=%d type=%q cache=%q etag=%t bytes=%d", a.status, a.contentType, a.cache,
			a.tagged, len(body))
		entries = append(entries, contentEntry("rest "+r.String(), summary, body))
	}
	return entries, nil
}

// metricsRoute is not in the list of requests: its answer is never the same twice, and its names are recorded.
const metricsRoute = "/metrics"

// modelsRoute has times of the wall clock in its answers.
const modelsRoute = "/v1/models"

var documentedRoute = regexp.MustCompile(`(?m)^  (/\S*):$`)

// checkRoutes fails when a route of the document has no request.
func checkRoutes(document []byte, requests []request) error {
	var missing []string
	for _, match := range documentedRoute.FindAllSubmatch(document, -1) {
		route := string(match[1])
		if route != metricsRoute && !slices.ContainsFunc(requests, func(r request) bool { return r.route == route }) {
			missing = append(missing, route)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("routes of openapi.yaml without a request in the list: %s", strings.Join(missing, ", "))
	}
	return nil
}

// listRequests returns the list: each route with its parameters, and its errors.
func listRequests(s subjects) []request {
	competition, unknown := "/v1/competitions/"+s.competition, "/v1/competitions/none"
	list := []request{
		{path: "/v1/competitions", route: "/v1/competitions"},
		{path: "/v1/openapi.yaml", route: "/v1/openapi.yaml"},
		{path: "/healthz", route: "/healthz"},
		{path: "/readyz", route: "/readyz"},
		{path: "/"},
		{path: "/nowhere"},
		{path: "/v1/nowhere"},
		{path: "/v1/competitions", method: http.MethodPost},
	}
	add := func(route string, paths ...string) {
		for _, path := range paths {
			list = append(list, request{path: path, route: route})
		}
	}
	add("/v1/competitions/{id}/matches",
		competition+"/matches", competition+"/matches?order=-kickoff&limit=500",
		competition+"/matches?status=settled&limit=3",
		competition+"/matches?season="+s.season+"&limit=7", competition+"/matches?from=2016-01-01&to=2016-02-01",
		competition+"/matches?limit=0", competition+"/matches?order=size", competition+"/matches?from=yesterday",
		competition+"/matches?status=lost", competition+"/matches?cursor=nonsense", unknown+"/matches")
	add("/v1/competitions/{id}/table",
		competition+"/table", competition+"/table?season="+s.season, competition+"/table?season=1066-67",
		unknown+"/table")
	add("/v1/competitions/{id}/outlook",
		competition+"/outlook", competition+"/outlook?season="+s.season, competition+"/outlook?as_of=2016-01-01",
		competition+"/outlook?as_of=never", unknown+"/outlook")
	matches := slices.Compact([]string{s.firstMatch, s.lastMatch, "england.2015-16.none.none.1", "nonsense"})
	for _, id := range matches {
		match := "/v1/matches/" + url.PathEscape(id)
		add("/v1/matches/{id}", match)
		add("/v1/matches/{id}/events", match+"/events", match+"/events?limit=2", match+"/events?limit=-1")
		add("/v1/matches/{id}/prediction",
			match+"/prediction", match+"/prediction?model=goals", match+"/prediction?model=elo",
			match+"/prediction?model=none",
			match+"/prediction?as_of=2016-01-01", match+"/prediction?as_of=never")
		add("/v1/matches/{id}/predictions",
			match+"/predictions", match+"/predictions?model=goals&limit=3", match+"/predictions?cursor=nonsense")
		add("/v1/matches/{id}/markets", match+"/markets", match+"/markets?model=goals", match+"/markets?model=elo")
	}
	for _, team := range []string{s.team, "none"} {
		add("/v1/teams/{id}", "/v1/teams/"+team, "/v1/teams/"+team+"?limit=3", "/v1/teams/"+team+"?limit=many")
	}
	add(modelsRoute, "/v1/models", "/v1/models?competition="+s.competition, "/v1/models?season="+s.season,
		"/v1/models?competition="+s.competition+"&season="+s.season, "/v1/models?competition=none")
	add("/v1/ws", "/v1/ws", "/v1/ws?heartbeat_s=0")
	add("/v1/stream", "/v1/stream?match=nonsense", "/v1/stream?team=none", "/v1/stream?conflate_ms=-1",
		"/v1/stream?place=here")
	return list
}

// subjects are the competition, the matches and the team that requests ask about. They follow from the matches.
type subjects struct {
	competition, season   string
	firstMatch, lastMatch string
	team                  string
}

// findSubjects asks the API for the first competition that has matches, and for its first and last match.
func findSubjects(ctx context.Context, api string) (subjects, error) {
	var competitions struct {
		Items []struct {
			ID      string   `json:"id"`
			Seasons []string `json:"seasons"`
		} `json:"items"`
	}
	if err := fetchJSON(ctx, api, "/v1/competitions", &competitions); err != nil {
		return subjects{}, err
	}
	for _, c := range competitions.Items {
		if len(c.Seasons) == 0 {
			continue
		}
		s := subjects{competition: c.ID, season: c.Seasons[len(c.Seasons)-1]}
		var err error
		if s.firstMatch, s.team, err = findMatch(ctx, api, c.ID, "kickoff"); err != nil {
			return subjects{}, err
		}
		s.lastMatch, _, err = findMatch(ctx, api, c.ID, "-kickoff")
		return s, err
	}
	return subjects{}, fmt.Errorf("no competition of %s has matches", api)
}

func findMatch(ctx context.Context, api, competition, order string) (id, homeTeam string, err error) {
	var matches struct {
		Items []struct {
			ID   string `json:"id"`
			Home struct {
				ID string `json:"id"`
			} `json:"home"`
		} `json:"items"`
	}
	if err := fetchJSON(ctx, api, "/v1/competitions/"+competition+"/matches?limit=1&order="+order,
		&matches); err != nil {
		return "", "", err
	}
	if len(matches.Items) == 0 {
		return "", "", fmt.Errorf("competition %s has seasons and no matches", competition)
	}
	return matches.Items[0].ID, matches.Items[0].Home.ID, nil
}

func fetchJSON(ctx context.Context, api, path string, into any) error {
	a, err := fetchAnswer(ctx, api, request{path: path})
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return fmt.Errorf("GET %s: status %d: %s", path, a.status, a.body)
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	return nil
}
