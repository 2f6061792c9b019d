package main

import (
	"os"
	"testing"
)

func TestEachDocumentedRouteHasARequest(t *testing.T) {
	document, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	requests := listRequests(subjects{competition: "E0", season: "2015-16", firstMatch: "a", lastMatch: "b", team: "c"})
	if err := checkRoutes(document, requests); err != nil {
		t.Error(err)
	}
	if err := checkRoutes([]byte("paths:\n  /v1/new:\n    get:\n"), requests); err == nil {
		t.Error("a route without a request: got no error, want one")
	}
}
