package page_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/touchline/touchline/api/page"
)

func get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	page.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// The page has every file that it names, and loads nothing from elsewhere.
func TestThePageIsWhole(t *testing.T) {
	t.Parallel()
	w := get("/")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<!doctype html>") {
		t.Fatalf("got %d %.200s", w.Code, w.Body)
	}
	if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'self'") {
		t.Errorf("got policy %q", policy)
	}
	names := regexp.MustCompile(`(?:src|href)="([^"#]+)"`).FindAllStringSubmatch(w.Body.String(), -1)
	if len(names) < 3 {
		t.Errorf("the page names %d files, want script, style and icon", len(names))
	}
	for _, name := range names {
		if strings.Contains(name[1], "://") || name[1] == "readyz" || strings.HasPrefix(name[1], "v1/") {
			continue // a link to another site or to the API
		}
		if got := get("/" + strings.TrimPrefix(name[1], "/")); got.Code != http.StatusOK {
			t.Errorf("%s: got %d", name[1], got.Code)
		}
	}
}

func TestWhatIsNoFileOfThePageIsAProblem(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/nowhere", "/v1/nowhere", "/../page.go", "/static/app.js"} {
		w := get(path)
		if kind := w.Header().Get("Content-Type"); w.Code != http.StatusNotFound || kind != "application/problem+json" {
			t.Errorf("%s: got %d %s", path, w.Code, kind)
		}
	}
}
