package problem_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/touchline/touchline/api/problem"
)

func TestAnAnswerNamesThePathAndTheRequest(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	w.Header().Set(problem.RequestIDHeader, "abc")
	original := problem.BadParameter("limit", "limit %q is not a number", "x")
	problem.Write(w, httptest.NewRequest(http.MethodGet, "/v1/things?limit=x", nil), original)
	var got problem.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := problem.Problem{Type: "/problems/bad-parameter", Title: "A parameter is wrong", Status: 400, Field: "limit",
		Detail: `limit "x" is not a number`, Instance: "/v1/things", RequestID: "abc"}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if kind := w.Header().Get("Content-Type"); w.Code != 400 || kind != "application/problem+json" {
		t.Errorf("got status %d, content type %q", w.Code, kind)
	}
	if original.Instance != "" {
		t.Error("a problem that is shared was changed")
	}
}

func TestOnlyWhatComesBackSaysWhen(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{http.StatusServiceUnavailable: "1", http.StatusNotFound: ""} {
		w := httptest.NewRecorder()
		problem.Write(w, httptest.NewRequest(http.MethodGet, "/", nil), problem.New(status, "test", "a test"))
		if got := w.Header().Get("Retry-After"); got != want {
			t.Errorf("status %d: got Retry-After %q, want %q", status, got, want)
		}
	}
}
