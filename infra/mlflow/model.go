package mlflow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
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
	RunID   string `json:"run_id"`
	Tags    []tag  `json:"tags"`
}

func (v modelVersion) tagValue(key string) string {
	for _, t := range v.Tags {
		if t.Key == key {
			return t.Value
		}
	}
	return ""
}

// Export logs a run with the model's parameters, metrics and artefact and makes a version of the registered model of
// it. An artefact that is a version of that model already is not exported again; two who export it at the same moment
// may make two, for the server has no way to say "unless it is there".
func (c *Client) Export(ctx context.Context, m Model) (Version, error) {
	if m.Name == "" || len(m.Artefact) == 0 {
		return Version{}, errors.New("a model without a name or an artefact can't be exported")
	}
	for _, key := range slices.Sorted(maps.Keys(m.Metrics)) {
		if math.IsNaN(m.Metrics[key]) || math.IsInf(m.Metrics[key], 0) {
			return Version{}, fmt.Errorf("the metric %s of %q is %v, which can't be exported", key, m.Name,
				m.Metrics[key])
		}
	}
	if err := c.postJSON(ctx, "registered-models/create", map[string]any{"name": m.Name}, nil); err != nil &&
		!hasErrorCode(err, "RESOURCE_ALREADY_EXISTS") {
		return Version{}, fmt.Errorf("register the model %q: %w", m.Name, err)
	}
	digest := artefacts.Digest(m.Artefact)
	versions, err := c.versions(ctx, m.Name)
	if err != nil {
		return Version{}, err
	}
	for _, v := range versions {
		if v.tagValue(tagDigest) == digest {
			return c.version(v, true), nil
		}
	}
	logged, err := c.logModel(ctx, m)
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
	err = c.postJSON(ctx, "model-versions/create", map[string]any{"name": m.Name, "source": logged.Info.ArtifactURI,
		"run_id": logged.Info.RunID, "description": m.Note, "tags": tags}, &made)
	if err != nil {
		return Version{}, fmt.Errorf("make a version of %q: %w", m.Name, err)
	}
	return c.version(made.Version, false), nil
}

func (c *Client) version(v modelVersion, was bool) Version {
	page := c.base.JoinPath()
	page.Fragment = "/models/" + v.Name + "/versions/" + v.Version
	page.RawFragment = "/models/" + url.PathEscape(v.Name) + "/versions/" + v.Version
	return Version{Name: v.Name, Version: v.Version, RunID: v.RunID, URL: page.String(), WasThat: was}
}

// versions returns all versions of a registered model, the newest first.
func (c *Client) versions(ctx context.Context, name string) ([]modelVersion, error) {
	quote := "'" // a filter can't escape one
	if strings.Contains(name, quote) {
		quote = `"`
	}
	var all []modelVersion
	query := url.Values{"filter": {"name=" + quote + name + quote}, "max_results": {"200"}}
	for {
		var page struct {
			Versions []modelVersion `json:"model_versions"`
			Next     string         `json:"next_page_token"`
		}
		if err := c.getJSON(ctx, "model-versions/search", query, &page); err != nil {
			return nil, fmt.Errorf("look for versions of %q: %w", name, err)
		}
		all = append(all, page.Versions...)
		if page.Next == "" {
			break
		}
		query.Set("page_token", page.Next)
	}
	slices.SortFunc(all, func(a, b modelVersion) int {
		return cmp.Compare(parseVersion(b.Version),
			parseVersion(a.Version))
	})
	return all, nil
}

func parseVersion(version string) int {
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

// logModel makes a run of a model and ends it, as a failure when something of it is missing.
func (c *Client) logModel(ctx context.Context, m Model) (run, error) {
	experiment, err := c.experiment(ctx, cmp.Or(m.Experiment, "touchline"))
	if err != nil {
		return run{}, err
	}
	if m.At.IsZero() {
		m.At = time.Now()
	}
	var made struct {
		Run run `json:"run"`
	}
	err = c.postJSON(ctx, "runs/create", map[string]any{"experiment_id": experiment, "run_name": cmp.Or(m.Run, m.Name),
		"start_time": m.At.UnixMilli()}, &made)
	if err != nil {
		return run{}, err
	}
	status := "FINISHED"
	if err = c.fillRun(ctx, made.Run, m); err != nil {
		status = "FAILED"
	}
	end := c.postJSON(context.WithoutCancel(ctx), "runs/update",
		map[string]any{"run_id": made.Run.Info.RunID, "status": status, "end_time": time.Now().UnixMilli()}, nil)
	return made.Run, errors.Join(err, end)
}

// fillRun gives a run what is known of the model.
func (c *Client) fillRun(ctx context.Context, r run, m Model) error {
	path, err := proxied(r.Info.ArtifactURI)
	if err != nil {
		return err
	}
	if err := c.postJSON(ctx, "runs/log-batch", m.logBatch(r.Info.RunID), nil); err != nil {
		return err
	}
	if _, err := c.sendRequest(ctx, http.MethodPut, path+"/"+file, nil, "application/json", m.Artefact); err != nil {
		return fmt.Errorf("upload the artefact: %w", err)
	}
	return nil
}

// logBatch is what is logged of a run, in a fixed order.
func (m Model) logBatch(run string) map[string]any {
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
	err := c.getJSON(ctx, "experiments/get-by-name", url.Values{"experiment_name": {name}}, &found)
	if !hasErrorCode(err, "RESOURCE_DOES_NOT_EXIST") {
		return found.Experiment.ID, err
	}
	var made struct {
		ID string `json:"experiment_id"`
	}
	err = c.postJSON(ctx, "experiments/create", map[string]any{"name": name}, &made)
	return made.ID, err
}

// proxied returns the path under which the server hands out the files of an artifact address.
func proxied(artifacts string) (string, error) {
	u, err := url.Parse(artifacts)
	if err != nil || u.Scheme != "mlflow-artifacts" {
		return "", fmt.Errorf("the files are at %s, not behind the server: run it with --artifacts-destination, so "+
			"that it hands them out itself", artifacts)
	}
	return "api/2.0/mlflow-artifacts/artifacts/" + strings.Trim(u.Path, "/"), nil
}
