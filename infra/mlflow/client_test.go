package mlflow_test

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/touchline/touchline/infra/mlflow"
)

// TestWhatIsNoMLflowIsSaid: addresses and answers that can't be a server's.
func TestWhatIsNoMLflowIsSaid(t *testing.T) {
	for _, address := range []string{"", "mlflow:5000", "ftp://mlflow"} {
		if _, err := mlflow.New(address); err == nil || !strings.Contains(err.Error(), "want http://host:5000") {
			t.Errorf("%q: got %v", address, err)
		}
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<html>Bad Gateway</html>", http.StatusBadGateway)
	}))
	defer proxy.Close()
	client, err := mlflow.New(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Export(t.Context(), mlflow.Model{Name: "x", Artefact: []byte("x")}); err == nil ||
		!strings.Contains(err.Error(), "502") || !strings.Contains(err.Error(), "nothing else in between") {
		t.Errorf("got %v", err)
	}
	if _, err := client.Export(t.Context(), mlflow.Model{Name: "x"}); err == nil {
		t.Error("a model without an artefact is exported")
	}
}

// TestWhoAsksIsSaidToTheServerAlone: in the order of MLflow's own client, and no error has a password.
func TestWhoAsksIsSaidToTheServerAlone(t *testing.T) {
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Get("Authorization")
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, "You are not authenticated.")
	}))
	defer server.Close()
	inAddress := strings.Replace(server.URL, "http://", "http://me:secret@", 1)
	for _, c := range []struct{ name, address, user, password, token, want string }{
		{"nobody", server.URL, "", "", "", ""},
		{"a token", server.URL, "", "", "abc", "Bearer abc"},
		{"a user", server.URL, "me", "secret", "abc", "Basic bWU6c2VjcmV0"},
		{"a user without a password", server.URL, "me", "", "abc", "Bearer abc"},
		{"in the address", inAddress, "you", "other", "abc", "Basic bWU6c2VjcmV0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("MLFLOW_TRACKING_USERNAME", c.user)
			t.Setenv("MLFLOW_TRACKING_PASSWORD", c.password)
			t.Setenv("MLFLOW_TRACKING_TOKEN", c.token)
			client, err := mlflow.New(c.address)
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Export(t.Context(), mlflow.Model{Name: "x", Artefact: []byte("x")})
			if asked != c.want || err == nil || !strings.Contains(err.Error(), "check MLFLOW_TRACKING_USERNAME") ||
				strings.Contains(err.Error(), "secret") {
				t.Errorf("the server heard %q, want %q; the error is %v", asked, c.want, err)
			}
		})
	}
}

func TestMetricsAreNumbers(t *testing.T) {
	client, err := mlflow.New("http://nobody.invalid")
	if err != nil {
		t.Fatal(err)
	}
	model := mlflow.Model{Name: "x", Artefact: []byte("x"), Metrics: map[string]float64{"rps": math.NaN()}}
	if _, err := client.Export(t.Context(), model); err == nil || !strings.Contains(err.Error(), "metric rps") {
		t.Errorf("got %v", err)
	}
}
