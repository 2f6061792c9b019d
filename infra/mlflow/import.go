package mlflow

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/touchline/touchline/infra/artefacts"
)

// Import returns a version of a registered model: a number, an alias, or "latest". An artefact with another digest than
// its version's tag is refused with a *artefacts.DigestError; one without a tag was not exported by us and is the
// importer's to trust.
func (c *Client) Import(ctx context.Context, name, version string) (Model, Version, error) {
	v, err := c.findVersion(ctx, name, version)
	if err != nil {
		return Model{}, Version{}, fmt.Errorf("version %s of the model %q: %w", version, name, err)
	}
	artefact, err := c.download(ctx, v)
	if err != nil {
		return Model{}, Version{}, fmt.Errorf("download %s of version %s of %q: %w", file, v.Version, name, err)
	}
	m := Model{Name: name, Artefact: artefact, Kind: v.tagValue(tagKind), Params: map[string]string{},
		Metrics: map[string]float64{}, Tags: map[string]string{}}
	for _, t := range v.Tags {
		m.Tags[t.Key] = t.Value
	}
	if v.RunID == "" {
		return m, c.version(v, true), nil
	}
	r, err := c.fetchRun(ctx, v.RunID)
	if err != nil {
		return Model{}, Version{}, fmt.Errorf("the run of version %s of %q: %w", v.Version, name, err)
	}
	for _, p := range r.Data.Params {
		m.Params[p.Key] = p.Value
	}
	for _, metric := range r.Data.Metrics {
		m.Metrics[metric.Key] = metric.Value
	}
	return m, c.version(v, true), nil
}

// download returns the artefact of a version, checked against its tag.
func (c *Client) download(ctx context.Context, v modelVersion) ([]byte, error) {
	var found struct {
		URI string `json:"artifact_uri"`
	}
	if err := c.getJSON(ctx, "model-versions/get-download-uri", url.Values{"name": {v.Name}, "version": {v.Version}},
		&found); err != nil {
		return nil, err
	}
	// runs:/ID/FOLDER, which the server leaves to its clients
	if below, ok := strings.CutPrefix(found.URI, "runs:/"); ok {
		id, folder, _ := strings.Cut(below, "/")
		r, err := c.fetchRun(ctx, id)
		if err != nil {
			return nil, err
		}
		found.URI = strings.TrimRight(r.Info.ArtifactURI+"/"+folder, "/")
	}
	path, err := proxied(found.URI)
	if err != nil {
		return nil, err
	}
	artefact, err := c.sendRequest(ctx, http.MethodGet, path+"/"+file, nil, "", nil)
	if err != nil {
		return nil, err
	}
	if got, want := artefacts.Digest(artefact), v.tagValue(tagDigest); want != "" && got != want {
		return nil, &artefacts.DigestError{Store: "MLflow", Want: want, Got: got}
	}
	return artefact, nil
}

func (c *Client) findVersion(ctx context.Context, name, version string) (modelVersion, error) {
	var found struct {
		Version modelVersion `json:"model_version"`
	}
	if _, err := strconv.Atoi(version); err == nil {
		err := c.getJSON(ctx, "model-versions/get", url.Values{"name": {name}, "version": {version}}, &found)
		return found.Version, err
	}
	if version != "latest" {
		err := c.getJSON(ctx, "registered-models/alias", url.Values{"name": {name}, "alias": {version}}, &found)
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

func (c *Client) fetchRun(ctx context.Context, id string) (run, error) {
	var found struct {
		Run run `json:"run"`
	}
	err := c.getJSON(ctx, "runs/get", url.Values{"run_id": {id}}, &found)
	return found.Run, err
}
