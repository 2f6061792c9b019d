package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/touchline/touchline/api/problem"
	"github.com/touchline/touchline/projections/readmodel"
)

// asProblem is the one place where errors become HTTP. Internals stay in the log.
func asProblem(err error) *problem.Problem {
	var known *problem.Problem
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, readmodel.ErrNotFound):
		return problem.NotFound("%s", err)
	case errors.Is(err, context.DeadlineExceeded):
		p := problem.New(http.StatusServiceUnavailable, "timeout", "the read models did not answer in time; try again")
		p.Title = "It took too long"
		return p
	case errors.As(err, &pg) && pg.Code != undefinedTable && !isPassing(pg.Code):
		return problem.Internal("the read models refused the question; the log of the server says more")
	case errors.As(err, &pg), isUnavailable(err):
		p := problem.New(http.StatusServiceUnavailable, "warming-up",
			"Postgres is not ready; try again in a moment, or look at /readyz")
		p.Title = "The read models are not there yet"
		return p
	}
	return problem.Internal("an unexpected error; the log of the server says more")
}

// undefinedTable is Postgres's code for a table that does not exist: the projector has not made it yet.
const undefinedTable = "42P01"

// isPassing reports whether Postgres refuses for now: it starts, recovers, shuts down, or has no connection to give.
func isPassing(code string) bool {
	return strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53")
}

// isUnavailable reports whether Postgres could not be asked at all.
func isUnavailable(err error) bool {
	var connect *pgconn.ConnectError
	return errors.As(err, &connect) || pgconn.Timeout(err) || pgconn.SafeToRetry(err)
}

// answerProblem answers an error. Only errors of the server are logged: a client's mistake is in the access log.
func (s *Handler) answerProblem(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the client has gone
	}
	p := asProblem(err)
	if p.Status >= http.StatusInternalServerError {
		level := slog.LevelWarn
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == undefinedTable {
			level = slog.LevelDebug // a page that is open asks again and again while the projector makes its tables
		}
		s.logger.Log(r.Context(), level, "request failed", "path", r.URL.Path, "status", p.Status, "error", err,
			"request", w.Header().Get(problem.RequestIDHeader))
	}
	problem.Write(w, r, p)
}
