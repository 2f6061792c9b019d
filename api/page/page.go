// Package page is the page at /: matches as they move, forecasts to come, tables and how good the models are. It is
// plain HTML, CSS and JavaScript, embedded, and uses nothing but the public API.
package page

import (
	"cmp"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/touchline/touchline/api/problem"
)

//go:embed static
var static embed.FS

// Handler serves the page and its files. What is none of them is answered with a problem (404).
func Handler() http.Handler {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic("page: " + err.Error()) // the directory is embedded above
	}
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if _, err := fs.Stat(files, cmp.Or(name, ".")); err != nil {
			problem.Write(w, r, problem.NotFound("there is nothing at %q", r.URL.Path))
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("Content-Security-Policy", contentPolicy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		server.ServeHTTP(w, r)
	})
}

// contentPolicy lets the page load what this server has, and open its websocket.
const contentPolicy = "default-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:"
