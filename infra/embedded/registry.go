package embedded

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

// RegistryConfig says where the embedded schema registry lives.
type RegistryConfig struct {
	Dir    string // data folder
	Listen string // address; port 0 takes a free one. Default 127.0.0.1:0
}

// Registry is a schema registry that gives a schema the same id for ever: one text has one id under all subjects, as
// Confluent's. Its answer to compatibility questions is always yes; schemas/wire checks for itself. It deletes nothing.
type Registry struct {
	dir     *folder
	fake    *srfake.Registry
	server  *http.Server
	address string
	served  chan error

	mu    sync.Mutex // one registration at a time, so that the file holds them in order
	saved []sr.SubjectSchema
}

// StartRegistry serves the schemas that the folder holds.
func StartRegistry(_ context.Context, cfg RegistryConfig, log *slog.Logger) (_ *Registry, err error) {
	dir, err := openFolder(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("start embedded schema registry: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start embedded schema registry: %w", err), dir.unlockFolder())
		}
	}()
	r := &Registry{dir: dir, fake: srfake.NewRegistry(srfake.WithGlobalCompat(sr.CompatBackwardTransitive)),
		served: make(chan error, 1)}
	if err := r.loadSchemas(); err != nil {
		return nil, err
	}
	l, err := listenOn(cmp.Or(cfg.Listen, "127.0.0.1:0"), "TOUCHLINE_SCHEMA_REGISTRY_LISTEN")
	if err != nil {
		return nil, err
	}
	r.address = l.Addr().String()
	r.server = &http.Server{
		Handler: http.HandlerFunc(r.serveDurably), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go func(l net.Listener) { r.served <- r.server.Serve(l) }(l)
	return r, nil
}

// URL returns the registry's address as clients want it.
func (r *Registry) URL() string { return "http://" + r.address }

// Stop finishes the requests at hand and frees the folder.
func (r *Registry) Stop(ctx context.Context) error {
	err := r.server.Shutdown(ctx)
	if e := <-r.served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	if err = errors.Join(err, r.dir.unlockFolder()); err != nil {
		return fmt.Errorf("stop embedded schema registry: %w", err)
	}
	return nil
}

const schemasName = "schemas.json"

// loadSchemas registers the schemas of the file in the order in which they came, so that versions and ids are the same
// again.
func (r *Registry) loadSchemas() error {
	raw, err := os.ReadFile(r.dir.filePath(schemasName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &r.saved); err != nil {
		return fmt.Errorf("read %s: %w", r.dir.filePath(schemasName), err)
	}
	seen := map[int]bool{}
	for _, s := range r.saved {
		if !seen[s.ID] {
			r.fake.SeedSchema(s.Subject, s.Version, s.ID, s.Schema)
			seen[s.ID] = true
			continue
		}
		id, version, err := r.fake.RegisterSchema(s.Subject, s.Schema)
		if err != nil {
			return fmt.Errorf("read %s: %s version %d: %w", r.dir.filePath(schemasName), s.Subject, s.Version, err)
		}
		if id != s.ID || version != s.Version {
			return fmt.Errorf("read %s: %s is id %d version %d there and would be id %d version %d now",
				r.dir.filePath(schemasName), s.Subject, s.ID, s.Version, id, version)
		}
	}
	return nil
}

// serveDurably answers a registration when it is in the file, and all else at once.
func (r *Registry) serveDurably(w http.ResponseWriter, req *http.Request) {
	switch req.Method {
	case http.MethodDelete:
		const refusal = `{"error_code":405,"message":"the registry deletes nothing: records name schemas by id"}`
		http.Error(w, refusal, http.StatusMethodNotAllowed)
	case http.MethodPost:
		r.mu.Lock()
		defer r.mu.Unlock()
		answer := &heldResponse{ResponseWriter: w, status: http.StatusOK}
		r.fake.Handler().ServeHTTP(answer, req)
		if answer.status == http.StatusOK {
			if err := r.saveSchema(); err != nil {
				http.Error(w, `{"error_code":50001,"message":"the schema could not be kept"}`,
					http.StatusInternalServerError)
				return
			}
		}
		w.WriteHeader(answer.status)
		_, _ = w.Write(answer.body.Bytes()) // the client has gone when this fails
	default:
		r.fake.Handler().ServeHTTP(w, req)
	}
}

// heldResponse keeps an answer back until the file is written.
type heldResponse struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *heldResponse) WriteHeader(status int)         { h.status = status }
func (h *heldResponse) Write(text []byte) (int, error) { return h.body.Write(text) }

// saveSchema adds what is new in the registry to the file.
func (r *Registry) saveSchema() error {
	known := map[string]int{} // versions of a subject that the file holds
	for _, s := range r.saved {
		known[s.Subject] = s.Version
	}
	var all []sr.SubjectSchema
	if err := r.askFake("/schemas", &all); err != nil {
		return err
	}
	before := len(r.saved)
	for _, s := range all {
		if s.Version > known[s.Subject] {
			r.saved = append(r.saved, s)
		}
	}
	if len(r.saved) == before {
		return nil
	}
	raw, err := json.MarshalIndent(r.saved, "", "  ")
	if err != nil {
		return err
	}
	if err := WriteFile(r.dir.filePath(schemasName), raw); err != nil {
		r.saved = r.saved[:before]
		return err
	}
	return nil
}

// askFake gets an answer of the fake without a connection.
func (r *Registry) askFake(path string, into any) error {
	req, err := http.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	answer := &heldResponse{ResponseWriter: headers{}, status: http.StatusOK}
	r.fake.Handler().ServeHTTP(answer, req)
	if answer.status != http.StatusOK {
		return fmt.Errorf("list schemas: status %d", answer.status)
	}
	return json.Unmarshal(answer.body.Bytes(), into)
}

// headers is a response writer that has headers and nothing else.
type headers http.Header

func (h headers) Header() http.Header         { return http.Header(h) }
func (h headers) Write(b []byte) (int, error) { return len(b), nil }
func (h headers) WriteHeader(int)             {}
