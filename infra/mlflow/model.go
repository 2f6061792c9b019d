package mlflow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/touchline/touchline/infra/artefacts"
)

// Model is a version of a registered model with the run that it came from.
type Model struct {
	Name       string             // of the registered model
	Experiment string             // that the run is in
	Run        string             // name of the run
	Artefact   []byte             // what the model knows
	Kind       string             // what reads the artefact
	Params     map[string]string  // of the run
	Metrics    map[string]float64 // of the run
	Tags       map[string]string  // of the version
	Note       string
	At         time.Time // of the run
}

// Version is where a model stands on the server.
type Version struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	RunID   string `json:"run_id"`
	URL     string `json:"url"`      // of the page that shows it
	WasThat bool   `json:"was_that"` // it stood there before
}

// The tags that an export sets on a version, and the name of its file.
const (
	tagDigest = "touchline.digest" // SHA-256 of the artefact in hexadecimal
	tagKind   = "touchline.kind"
	file      = "artefact.json"
)

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// modelVersion is a version as the server tells of it.
type modelVersion struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Source  string `json:"source"`
	RunID   string `json:"run_id"`
	Tags    []tag  `json:"tags"`
}

func (v modelVersion) tag(key string) string {
	for _, t := range v.Tags {
		if t.Key == key {
			return t.Value
		}
	}
	return ""
}

// Export logs a run with the model's parameters, metrics and artefact and makes a version of the registered model of it. An
// artefact that is a version of that model already is not exported again.
func (c *Client) Export(ctx context.Context, m Model) (Version, error) {
	if m.Name == "" || len(m.Artefact) == 0 {
		return Version{}, errors.New("a model without a name or an artefact can't be exported")
	}
	if err := c.post(ctx, "registered-models/create", map[string]any{"name": m.Name}, nil); err != nil && !is(err, "RESOURCE_ALREADY_EXISTS") {
		return Version{}, fmt.Errorf("register the model %q: %w", m.Name, err)
	}
	digest := artefacts.Digest(m.Artefact)
	versions, err := c.versions(ctx, m.Name)
	if err != nil {
		return Version{}, err
	}
	for _, v := range versions {
		if v.tag(tagDigest) == digest {
			return c.version(v, true), nil
		}
	}
	run, artifacts, err := c.log(ctx, m)
	if err != nil {
		return Version{}, fmt.Errorf("log the run: %w", err)
	}
	tags := []tag{{tagDigest, digest}, {tagKind, m.Kind}}
	for key, value := range m.Tags {
		tags = append(tags, tag{key, value})
	}
	var made struct {
		Version modelVersion `json:"model_version"`
	}
	err = c.post(ctx, "model-versions/create", map[string]any{"name": m.Name, "source": artifacts, "run_id": run, "description": m.Note, "tags": tags}, &made)
	if err != nil {
		return Version{}, fmt.Errorf("make a version of %q: %w", m.Name, err)
	}
	return c.version(made.Version, false), nil
}

func (c *Client) version(v modelVersion, was bool) Version {
	page := c.base.JoinPath()
	page.Fragment = "/models/" + url.PathEscape(v.Name) + "/versions/" + v.Version
	return Version{Name: v.Name, Version: v.Version, RunID: v.RunID, URL: page.String(), WasThat: was}
}

// versions returns all versions of a registered model, the newest first.
func (c *Client) versions(ctx context.Context, name string) ([]modelVersion, error) {
	var all []modelVersion
	query := url.Values{"filter": {"name='" + strings.ReplaceAll(name, "'", "''") + "'"}, "max_results": {"200"}}
	for {
		var page struct {
			Versions []modelVersion `json:"model_versions"`
			Next     string         `json:"next_page_token"`
		}
		if err := c.get(ctx, "model-versions/search", query, &page); err != nil {
			return nil, fmt.Errorf("look for versions of %q: %w", name, err)
		}
		all = append(all, page.Versions...)
		if page.Next == "" {
			break
		}
		query.Set("page_token", page.Next)
	}
	slices.SortFunc(all, func(a, b modelVersion) int { return cmp.Compare(number(b.Version), number(a.Version)) })
	return all, nil
}

func number(version string) int {
	n, _ := strconv.Atoi(version) // the server counts; anything else sorts last
	return n
}

// run is a run as the server tells of it.
type run struct {
	Info struct {
		RunID       string `json:"run_id"`
		ArtifactURI string `json:"artifact_uri"`
	} `json:"info"`
	Data struct {
		Params  []tag `json:"params"`
		Metrics []struct {
			Key   string  `json:"key"`
			Value float64 `json:"value"`
		} `json:"metrics"`
	} `json:"data"`
}

// log makes a run and returns its id and where its files are.
func (c *Client) log(ctx context.Context, m Model) (id, artifacts string, err error) {
	experiment, err := c.experiment(ctx, cmp.Or(m.Experiment, "touchline"))
	if err != nil {
		return "", "", err
	}
	if m.At.IsZero() {
		m.At = time.Now()
	}
	var made struct {
		Run run `json:"run"`
	}
	err = c.post(ctx, "runs/create", map[string]any{"experiment_id": experiment, "run_name": cmp.Or(m.Run, m.Name), "start_time": m.At.UnixMilli()}, &made)
	if err != nil {
		return "", "", err
	}
	id, artifacts = made.Run.Info.RunID, made.Run.Info.ArtifactURI
	status := "FAILED"
	defer func() {
		end := c.post(context.WithoutCancel(ctx), "runs/update", map[string]any{"run_id": id, "status": status, "end_time": time.Now().UnixMilli()}, nil)
		err = errors.Join(err, end)
	}()
	if err := c.post(ctx, "runs/log-batch", m.batch(id), nil); err != nil {
		return "", "", err
	}
	path, err := proxied(artifacts)
	if err != nil {
		return "", "", err
	}
	if _, err := c.do(ctx, http.MethodPut, path+"/"+file, nil, "application/json", m.Artefact); err != nil {
		return "", "", fmt.Errorf("upload the artefact: %w", err)
	}
	status = "FINISHED"
	return id, artifacts, nil
}

// batch is what is logged of a run, in a fixed order.
func (m Model) batch(run string) map[string]any {
	type metric struct {
		Key       string  `json:"key"`
		Value     float64 `json:"value"`
		Timestamp int64   `json:"timestamp"`
		Step      int     `json:"step"`
	}
	params, metrics := []tag{{"kind", m.Kind}, {"digest", artefacts.Digest(m.Artefact)}}, []metric{}
	for key, value := range m.Params {
		params = append(params, tag{key, value})
	}
	for key, value := range m.Metrics {
		metrics = append(metrics, metric{key, value, m.At.UnixMilli(), 0})
	}
	slices.SortFunc(params, func(a, b tag) int { return cmp.Compare(a.Key, b.Key) })
	slices.SortFunc(metrics, func(a, b metric) int { return cmp.Compare(a.Key, b.Key) })
	return map[string]any{"run_id": run, "params": params, "metrics": metrics}
}

// experiment returns the id of an experiment, which is made when it is not there.
func (c *Client) experiment(ctx context.Context, name string) (string, error) {
	var found struct {
		Experiment struct {
			ID string `json:"experiment_id"`
		} `json:"experiment"`
	}
	err := c.get(ctx, "experiments/get-by-name", url.Values{"experiment_name": {name}}, &found)
	if !is(err, "RESOURCE_DOES_NOT_EXIST") {
		return found.Experiment.ID, err
	}
	var made struct {
		ID string `json:"experiment_id"`
	}
	err = c.post(ctx, "experiments/create", map[string]any{"name": name}, &made)
	return made.ID, err
}

// proxied returns the path under which the server hands out the files of an artifact address.
func proxied(artifacts string) (string, error) {
	u, err := url.Parse(artifacts)
	if err != nil || u.Scheme != "mlflow-artifacts" {
		return "", fmt.Errorf("the files are at %s, not behind the server: run it with --artifacts-destination, so that it hands them out itself", artifacts)
	}
	return "api/2.0/mlflow-artifacts/artifacts/" + strings.Trim(u.Path, "/"), nil
}

// Import returns a version of a registered model: a number, an alias, or "latest". An artefact with another digest than its
// version's tag is refused; one without a tag was not exported by us and is the importer's to trust.
func (c *Client) Import(ctx context.Context, name, version string) (Model, Version, error) {
	v, err := c.find(ctx, name, version)
	if err != nil {
		return Model{}, Version{}, fmt.Errorf("version %s of the model %q: %w", version, name, err)
	}
	path, err := proxied(v.Source)
	if err != nil {
		return Model{}, Version{}, err
	}
	artefact, err := c.do(ctx, http.MethodGet, path+"/"+file, nil, "", nil)
	if err != nil {
		return Model{}, Version{}, fmt.Errorf("download %s of version %s of %q: %w", file, v.Version, name, err)
	}
	if want := v.tag(tagDigest); want != "" && want != artefacts.Digest(artefact) {
		return Model{}, Version{}, fmt.Errorf("version %s of %q has an artefact with the digest %.16s, its tag %s says %.16s: it was replaced", v.Version, name, artefacts.Digest(artefact), tagDigest, want)
	}
	m := Model{Name: name, Artefact: artefact, Kind: v.tag(tagKind), Params: map[string]string{}, Metrics: map[string]float64{}, Tags: map[string]string{}}
	for _, t := range v.Tags {
		m.Tags[t.Key] = t.Value
	}
	if v.RunID == "" {
		return m, c.version(v, true), nil
	}
	var found struct {
		Run run `json:"run"`
	}
	if err := c.get(ctx, "runs/get", url.Values{"run_id": {v.RunID}}, &found); err != nil {
		return Model{}, Version{}, fmt.Errorf("the run of version %s of %q: %w", v.Version, name, err)
	}
	for _, p := range found.Run.Data.Params {
		m.Params[p.Key] = p.Value
	}
	for _, metric := range found.Run.Data.Metrics {
		m.Metrics[metric.Key] = metric.Value
	}
	return m, c.version(v, true), nil
}

func (c *Client) find(ctx context.Context, name, version string) (modelVersion, error) {
	var found struct {
		Version modelVersion `json:"model_version"`
	}
	if _, err := strconv.Atoi(version); err == nil {
		err := c.get(ctx, "model-versions/get", url.Values{"name": {name}, "version": {version}}, &found)
		return found.Version, err
	}
	if version != "latest" {
		err := c.get(ctx, "registered-models/alias", url.Values{"name": {name}, "alias": {version}}, &found)
		return found.Version, err
	}
	all, err := c.versions(ctx, name)
	if err == nil && len(all) == 0 {
		err = errors.New("it has none")
	}
	if err != nil {
		return modelVersion{}, err
	}
	return all[0], nil
}
