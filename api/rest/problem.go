package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/touchline/touchline/projections/readmodel"
)

// problem is an answer that says what is wrong, as RFC 9457 wants it. Type is relative to the server and stays.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Instance string `json:"instance,omitempty"`
	Field    string `json:"field,omitempty"` // the parameter that is wrong
}

func (p *problem) Error() string { return p.Detail }

func badParameter(field, format string, args ...any) *problem {
	return &problem{Type: "/problems/bad-parameter", Title: "A parameter is wrong", Status: http.StatusBadRequest,
		Detail: fmt.Sprintf(format, args...), Field: field}
}

func notFound(format string, args ...any) *problem {
	return &problem{Type: "/problems/not-found", Title: "There is no such thing", Status: http.StatusNotFound, Detail: fmt.Sprintf(format, args...)}
}

// asProblem is the one place where errors become HTTP. Internals stay in the log.
func asProblem(err error) *problem {
	var p *problem
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, readmodel.ErrNotFound):
		return notFound("%s", err)
	case errors.Is(err, context.DeadlineExceeded):
		return &problem{Type: "/problems/timeout", Title: "It took too long", Status: http.StatusServiceUnavailable,
			Detail: "the read models did not answer in time; try again"}
	case errors.As(err, &pg) && pg.Code != "42P01" && !comesBack(pg.Code):
		return &problem{Type: "/problems/internal", Title: "Something broke here", Status: http.StatusInternalServerError,
			Detail: "the read models refused the question; the log of the server says more"}
	case errors.As(err, &pg), isUnavailable(err):
		return &problem{Type: "/problems/warming-up", Title: "The read models are not there yet", Status: http.StatusServiceUnavailable,
			Detail: "Postgres is not ready; try again in a moment, or look at /readyz"}
	}
	return &problem{Type: "/problems/internal", Title: "Something broke here", Status: http.StatusInternalServerError,
		Detail: "an unexpected error; the log of the server says more"}
}

// comesBack reports whether Postgres refuses for now: it starts, recovers, shuts down, or has no connection to give.
func comesBack(code string) bool {
	return strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53")
}

// isUnavailable reports whether Postgres could not be asked at all.
func isUnavailable(err error) bool {
	var connect *pgconn.ConnectError
	return errors.As(err, &connect) || pgconn.Timeout(err) || pgconn.SafeToRetry(err)
}

func (s *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the client has gone
	}
	p := *asProblem(err)
	p.Instance = r.URL.Path
	if p.Status >= 500 {
		s.logger.Warn("request failed", "path", r.URL.Path, "status", p.Status, "cause", err)
	}
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a client that is gone misses it
}
