// Package mlflow speaks with an MLflow tracking server: it exports an artefact as a version of a registered model, with
// the run that it came from, and imports one. It speaks the server's REST API (2.0), of MLflow 2 and 3, and moves files
// through the server's artifact proxy (`mlflow server --artifacts-destination`).
//
//	client, err := mlflow.New("http://mlflow:5000")
//	version, err := client.Export(ctx, mlflow.Model{Name: "touchline-goals", Artefact: artefact, ...})
//	model, err := client.Import(ctx, "touchline-goals", "latest")
package mlflow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Client speaks with one server. It is safe for concurrent use.
type Client struct {
	base  *url.URL
	http  *http.Client
	login func(*http.Request)
}

// patience is how long one question may take, a file's way included.
const patience = time.Minute

// largest is the most that one answer may hold, in bytes.
const largest = 64 << 20

// New returns a client of the server at an address such as http://mlflow:5000. Who it is says the address, or
// MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, of which the first counts, as in
// MLflow's own client. What it says of the address, in errors and pages, never has a password.
func New(address string) (*Client, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%q is no address of an MLflow server: want http://host:5000", address)
	}
	c := &Client{base: base, http: &http.Client{Timeout: patience}, login: readLogin(base.User)}
	base.User = nil
	return c, nil
}

// readLogin returns what says who asks.
func readLogin(inAddress *url.Userinfo) func(*http.Request) {
	user, password := os.Getenv("MLFLOW_TRACKING_USERNAME"), os.Getenv("MLFLOW_TRACKING_PASSWORD")
	if inAddress != nil {
		user = inAddress.Username()
		password, _ = inAddress.Password()
	}
	token := os.Getenv("MLFLOW_TRACKING_TOKEN")
	switch {
	case user != "" && password != "":
		return func(r *http.Request) { r.SetBasicAuth(user, password) }
	case token != "":
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	default:
		return func(*http.Request) {}
	}
}

// Error is what the server says is wrong.
type Error struct {
	Status  int
	Code    string `json:"error_code"` // such as RESOURCE_DOES_NOT_EXIST
	Message string `json:"message"`
}

func (e *Error) Error() string { return fmt.Sprintf("MLflow says %s: %s", e.Code, e.Message) }

// hasErrorCode reports whether the server said so.
func hasErrorCode(err error, code string) bool {
	var said *Error
	return errors.As(err, &said) && said.Code == code
}

// postJSON asks the REST API with a body and reads the answer into out, where that is not nil.
func (c *Client) postJSON(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return c.requestJSON(ctx, http.MethodPost, "api/2.0/mlflow/"+path, nil, body, out)
}

// getJSON asks the REST API with a query.
func (c *Client) getJSON(ctx context.Context, path string, query url.Values, out any) error {
	return c.requestJSON(ctx, http.MethodGet, "api/2.0/mlflow/"+path, query, nil, out)
}

func (c *Client) requestJSON(ctx context.Context, method, path string, query url.Values, body []byte, out any) error {
	text, err := c.sendRequest(ctx, method, path, query, "application/json", body)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s: the answer is not MLflow's: %w; is the address right, and is nothing else in between?",
			c.base.JoinPath(path), err)
	}
	return nil
}

// sendRequest sends a request and returns the body of a good answer.
func (c *Client) sendRequest(ctx context.Context, method, path string, query url.Values, kind string,
	body []byte) ([]byte,
	error) {
	u := c.base.JoinPath(path)
	u.RawQuery = query.Encode()
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	c.login(r)
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask MLflow: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, largest+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read MLflow's answer: %w", err)
	case len(text) > largest:
		return nil, fmt.Errorf("%s: the answer has more than %d bytes", u, largest)
	case resp.StatusCode < 300:
		return text, nil
	}
	said := &Error{Status: resp.StatusCode}
	if json.Unmarshal(text, said) == nil && said.Code != "" {
		return nil, said
	}
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		return nil, fmt.Errorf("%s answered %s: %.120q; check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, "+
			"or MLFLOW_TRACKING_TOKEN, and what they may do", u, resp.Status, strings.TrimSpace(string(text)))
	}
	return nil, fmt.Errorf("%s answered %s, which is not MLflow's: %.120q; is the address right, and is nothing else "+
		"in between?", u, resp.Status, strings.TrimSpace(string(text)))
}
