package gate_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/touchline/touchline/api/gate"
	"github.com/touchline/touchline/api/problem"
)

// house is a gate with a few routes, and what it reports.
type house struct {
	t        *testing.T
	url      string
	log      *bytes.Buffer // complete once the server is closed
	registry *prometheus.Registry
	spans    *tracetest.SpanRecorder
	close    func()
}

func openHouse(t *testing.T, cfg gate.Config) *house {
	t.Helper()
	h := &house{t: t, log: &bytes.Buffer{}, registry: prometheus.NewRegistry(), spans: tracetest.NewSpanRecorder()}
	g, err := gate.New(cfg, gate.Deps{
		Logger:  slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Metrics: h.registry, Tracing: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(h.spans)),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g.Handler([]gate.Route{
		{Pattern: "GET /things/{id}", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "thing %s", r.PathValue("id"))
		})},
		{Pattern: "POST /things", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				problem.Write(w, r, problem.BadParameter("body", "%s", err))
			}
		})},
		{Pattern: "GET /large", Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, large)
		})},
		{Pattern: "GET /panic", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"of what did not come"`)
			if r.URL.Query().Get("after") != "" {
				io.WriteString(w, "a part")
			}
			panic("the floor gives way")
		})},
		{Pattern: "GET /stream", Stream: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, large)
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})},
		{Pattern: "GET /metrics", Handler: promhttp.HandlerFor(h.registry, promhttp.HandlerOpts{})},
	}))
	h.url, h.close = server.URL, server.Close
	t.Cleanup(server.Close)
	return h
}

var large = strings.Repeat(`{"home":0.5,"draw":0.25,"away":0.25},`, 500)

// send sends a request as it is: the client does not decompress.
func (h *house) send(method, path string, header map[string]string, body io.Reader) (*http.Response, []byte) {
	h.t.Helper()
	request, err := http.NewRequest(method, h.url+path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	resp, err := client.Do(request)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp, answer
}

func (h *house) wantProblem(resp *http.Response, body []byte, status int, kind string) {
	h.t.Helper()
	var p problem.Problem
	err := json.Unmarshal(body, &p)
	if err != nil || resp.StatusCode != status || p.Status != status || p.Type != kind || p.Detail == "" {
		h.t.Errorf("got %d %s, want %d %s", resp.StatusCode, body, status, kind)
	}
	if got := resp.Header.Get("Content-Type"); got != problem.ContentType {
		h.t.Errorf("got content type %q, want %q", got, problem.ContentType)
	}
	if id := resp.Header.Get("X-Request-Id"); id == "" || p.RequestID != id {
		h.t.Errorf("got request id %q in the problem, %q in the header", p.RequestID, id)
	}
}

func TestWhatTheMuxRefusesIsAProblem(t *testing.T) {
	t.Parallel()
	h := openHouse(t, gate.Config{})
	resp, body := h.send("GET", "/nowhere", nil, nil)
	h.wantProblem(resp, body, http.StatusNotFound, "/problems/not-found")
	resp, body = h.send("DELETE", "/things/1", nil, nil)
	h.wantProblem(resp, body, http.StatusMethodNotAllowed, "/problems/method-not-allowed")
	if got := resp.Header.Get("Allow"); got != "GET, HEAD" {
		t.Errorf("got Allow %q, want GET, HEAD", got)
	}
}

func TestARequestKeepsASaneID(t *testing.T) {
	t.Parallel()
	h := openHouse(t, gate.Config{})
	ids := map[string]bool{"abc-1.2_3": true, "": false, "two words": false, strings.Repeat("x", 65): false}
	for given, kept := range ids {
		header := map[string]string{}
		if given != "" {
			header["X-Request-Id"] = given
		}
		resp, _ := h.send("GET", "/things/1", header, nil)
		if got := resp.Header.Get("X-Request-Id"); got == "" || (got == given) != kept {
			t.Errorf("%q: got id %q, want it kept: %v", given, got, kept)
		}
	}
}

func TestAPanicIsAProblemAndItsStackIsLogged(t *testing.T) {
	t.Parallel()
	h := openHouse(t, gate.Config{})
	resp, body := h.send("GET", "/panic", map[string]string{"Accept-Encoding": "gzip"}, nil)
	h.wantProblem(resp, body, http.StatusInternalServerError, "/problems/internal")
	if bytes.Contains(body, []byte("floor")) || resp.Header.Get("ETag") != "" {
		t.Errorf("the answer tells too much: %v %s", resp.Header, body)
	}
	for _, encoding := range []string{"identity", "gzip"} {
		request, _ := http.NewRequest("GET", h.url+"/panic?after=1", nil)
		request.Header.Set("Accept-Encoding", encoding)
		if resp, err := http.DefaultTransport.RoundTrip(request); err == nil {
			if _, err = io.ReadAll(resp.Body); err == nil {
				t.Errorf("%s: a part of an answer came as a whole one: %d", encoding, resp.StatusCode)
			}
			resp.Body.Close()
		}
	}
	h.close()
	if log := h.log.String(); !strings.Contains(log, "the floor gives way") || !strings.Contains(log, "gate_test.go") {
		t.Errorf("got log %s", log)
	}
}

func TestOneLineARequestWithoutItsQuery(t *testing.T) {
	t.Parallel()
	levels := map[string]string{"info": "level=INFO", "debug": "level=DEBUG", "": "level=DEBUG", "off": ""}
	for level, want := range levels {
		h := openHouse(t, gate.Config{AccessLog: level})
		h.send("GET", "/things/7?key=secret", map[string]string{"X-Request-Id": "mine"}, nil)
		h.close()
		log := h.log.String()
		if want == "" {
			if log != "" {
				t.Errorf("%s: got %s", level, log)
			}
			continue
		}
		parts := []string{want, "path=/things/7", "route=/things/{id}", "status=200", "bytes=7", "request=mine"}
		for _, part := range parts {
			if strings.Count(log, part) != 1 {
				t.Errorf("%s: got %s, want %q once", level, log, part)
			}
		}
		if strings.Contains(log, "secret") {
			t.Errorf("%s: the query is in the log: %s", level, log)
		}
	}
	if _, err := gate.New(gate.Config{AccessLog: "loud"}, gate.Deps{Metrics: prometheus.NewRegistry()}); err == nil {
		t.Error("an access log that there is not was taken")
	}
}

func TestMetricsExistBeforeTheFirstRequest(t *testing.T) {
	t.Parallel()
	h := openHouse(t, gate.Config{})
	_, body := h.send("GET", "/metrics", nil, nil)
	for _, want := range []string{
		`touchline_http_requests_total{class="5xx",route="/things/{id}"} 0`,
		`touchline_http_requests_total{class="4xx",route="unmatched"} 0`,
		`touchline_http_requests_total{class="1xx",route="/stream"} 0`,
		`touchline_http_request_duration_seconds_count{class="2xx",route="/things/{id}"} 0`,
		`touchline_http_requests_in_flight{route="/metrics"} 1`,
	} {
		if !bytes.Contains(body, []byte(want+"\n")) {
			t.Errorf("missing %s", want)
		}
	}
	h.send("GET", "/things/1", nil, nil)
	h.send("GET", "/nowhere/at/all", nil, nil)
	_, body = h.send("GET", "/metrics", nil, nil)
	for _, want := range []string{
		`touchline_http_requests_total{class="2xx",route="/things/{id}"} 1`,
		`touchline_http_requests_total{class="4xx",route="unmatched"} 1`,
		`touchline_http_requests_in_flight{route="/things/{id}"} 0`,
	} {
		if !bytes.Contains(body, []byte(want+"\n")) {
			t.Errorf("missing %s", want)
		}
	}
}

func TestASpanIsNamedAfterTheRoute(t *testing.T) {
	t.Parallel()
	h := openHouse(t, gate.Config{})
	h.send("GET", "/things/7",
		map[string]string{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, nil)
	h.close()
	spans := h.spans.Ended()
	if len(spans) != 1 || spans[0].Name() != "GET /things/{id}" {
		t.Fatalf("got %v", spans)
	}
	if got := spans[0].Parent().TraceID().String(); got != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("got parent trace %s", got)
	}
}

func TestABodyHasALimit(t *testing.T) {
	t.Parallel()
	h := openHouse(t, gate.Config{BodyLimit: 10})
	if resp, body := h.send("POST", "/things", nil, strings.NewReader("0123456789")); resp.StatusCode != http.StatusOK {
		t.Errorf("ten bytes: got %d %s", resp.StatusCode, body)
	}
	resp, body := h.send("POST", "/things", nil, strings.NewReader("0123456789a"))
	h.wantProblem(resp, body, http.StatusRequestEntityTooLarge, "/problems/body-too-large")
	unknown := struct{ io.Reader }{strings.NewReader("0123456789a")} // sent in chunks, without a length
	if resp, body = h.send("POST", "/things", nil, unknown); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("in chunks: got %d %s", resp.StatusCode, body)
	}
}

func TestAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	h := openHouse(t, gate.Config{})
	unpack := map[string]func(io.Reader) io.Reader{
		"":     func(r io.Reader) io.Reader { return r },
		"gzip": func(r io.Reader) io.Reader { z, _ := gzip.NewReader(r); return z },
		"zstd": func(r io.Reader) io.Reader { z, _ := zstd.NewReader(r); return z },
	}
	encodings := map[string]string{"": "", "gzip": "gzip", "zstd": "zstd", "gzip, zstd": "zstd", "br": ""}
	for accepted, want := range encodings {
		resp, body := h.send("GET", "/large", map[string]string{"Accept-Encoding": accepted}, nil)
		got := resp.Header.Get("Content-Encoding")
		if got != want || resp.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("accepted %q: got encoding %q, Vary %q", accepted, got, resp.Header.Get("Vary"))
			continue
		}
		if whole, err := io.ReadAll(unpack[want](bytes.NewReader(body))); err != nil || string(whole) != large {
			t.Errorf("accepted %q: got %d bytes, %v, want %d", accepted, len(whole), err, len(large))
		}
	}
	if resp, body := h.send(
		"GET",
		"/things/1",
		map[string]string{"Accept-Encoding": "gzip"},
		nil,
	); string(body) != "thing 1" {
		t.Errorf("a small answer: got %q as %q", body, resp.Header.Get("Content-Encoding"))
	}
}

// A stream is neither compressed nor cut off, not even on a connection whose last request had a limit.
func TestAStreamHasNoWriteLimit(t *testing.T) {
	t.Parallel()
	h := openHouse(t, gate.Config{WriteTimeout: time.Second})
	request, _ := http.NewRequestWithContext(t.Context(), "GET", h.url+"/stream", nil)
	request.Header.Set("Accept-Encoding", "gzip")
	resp, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body := make([]byte, len(large))
	if _, err := io.ReadFull(resp.Body, body); err != nil || string(body) != large {
		t.Errorf("got %.40q, %v", body, err)
	}
}

func TestOtherOriginsReadWithoutCredentials(t *testing.T) {
	t.Parallel()
	h := openHouse(t, gate.Config{Origins: []string{"https://a.example"}})
	for origin, want := range map[string]string{"https://a.example": "https://a.example", "https://b.example": ""} {
		resp, _ := h.send("GET", "/things/1", map[string]string{"Origin": origin}, nil)
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: got %q, want %q", origin, got, want)
		}
		if got := resp.Header.Get("Access-Control-Allow-Credentials"); got != "" {
			t.Errorf("%s: credentials are allowed", origin)
		}
	}
	resp, _ := h.send("OPTIONS", "/things/1", map[string]string{"Origin": "https://a.example",
		"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}, nil)
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Access-Control-Allow-Methods") != "GET" {
		t.Errorf("preflight: got %d %v", resp.StatusCode, resp.Header)
	}
	none := openHouse(t, gate.Config{})
	if resp, _ := none.send(
		"GET",
		"/things/1",
		map[string]string{"Origin": "https://a.example"},
		nil,
	); resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("an origin is allowed that nobody configured")
	}
}

// The slots come after the limits and before the handler, who asks before how often.
func TestTheSlotsAreAskedInOrder(t *testing.T) {
	t.Parallel()
	var asked []string
	slot := func(name string) gate.Middleware {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, name)
				if r.Header.Get("Refuse") == name {
					problem.Write(w, r, problem.New(http.StatusUnauthorized, name, "refused"))
					return
				}
				next.ServeHTTP(w, r)
			})
		}
	}
	h := openHouse(t, gate.Config{Authenticate: slot("authenticate"), LimitRate: slot("limit")})
	h.send("GET", "/things/1", nil, nil)
	resp, body := h.send("GET", "/things/1", map[string]string{"Refuse": "authenticate"}, nil)
	h.wantProblem(resp, body, http.StatusUnauthorized, "/problems/authenticate")
	h.close()
	if got := strings.Join(asked, " "); got != "authenticate limit authenticate" {
		t.Errorf("got %s", got)
	}
}
