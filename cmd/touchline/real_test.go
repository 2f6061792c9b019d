package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/touchline/touchline/infra/local"
	"github.com/touchline/touchline/infra/local/realtest"
	"github.com/touchline/touchline/infra/machine"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/audit"
)

// Each role is a process of the binary, on real engines; the log that they derive is the one that `up` derives, and
// other clients read it.
func TestRealRolesDeriveWhatUpDerives(t *testing.T) {
	realtest.Need(t)
	// a team that nobody knows
	folder, matches := season(t, "E0,2021-05-01,Arsenal,Arsnal,1,0,H,0,0,D,1,1,1,1,2,3,4,2,3,4")
	var want map[string]audit.Digest
	t.Run("up", func(t *testing.T) { want = embeddedDigests(t, folder, matches) })
	if len(want) == 0 {
		t.FailNow()
	}

	r := newRoles(t)
	r.run("topics", "--create")
	r.run("migrate")
	r.start("process-a", "process")
	r.start("process-b", "process")
	r.start("project", "project")
	r.start("serve", "serve")
	r.start("collect", "collect", "--source", "football-data", "--path", folder, "--speed", "max")
	up := &running{t: t, api: r.api, done: r.ended}
	up.await("every match to be scored for both models", func() bool {
		return up.evaluated("goals") == matches && up.evaluated("market-blend") == matches
	})
	up.await("every match on the API", func() bool { return settled(up) == matches })
	got := r.digests()
	for name, digest := range want {
		if name == wire.TopicQuarantine {
			// What is quarantined holds the original frame, with the schema id of the registry that it was written for.
			digest.SHA256 = got[name].SHA256
		}
		if got[name] != digest {
			t.Errorf("%s on real engines: got %+v, want what up derives, %+v", name, got[name], digest)
		}
	}
	t.Run("kcat reads the forecasts", func(t *testing.T) { readWithKcat(t, r, want[wire.TopicPredictions].Records) })
	t.Run("Python reads the forecasts", func(t *testing.T) {
		readWithPython(t, r, want[wire.TopicPredictions].Records,
			matches)
	})
}

// embeddedDigests returns the digests of the derived topics after `up`, on its own engines, has forecast the season.
func embeddedDigests(t *testing.T, folder string, matches int) map[string]audit.Digest {
	t.Helper()
	for _, pair := range os.Environ() { // nothing of the real engines, until the end of this test
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "TOUCHLINE_") {
			t.Setenv(name, "") // which restores it
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	up := start(t, t.TempDir(), folder)
	defer up.end()
	up.await("up to score every match", func() bool {
		return up.evaluated("goals") == matches && up.evaluated("market-blend") == matches
	})
	return up.digests()
}

// settled returns how many settled matches the API lists.
func settled(up *running) int {
	var competitions, listed struct{ Items []struct{ ID string } }
	up.get("/v1/competitions", &competitions)
	n := 0
	for _, c := range competitions.Items {
		listed.Items = nil
		up.get("/v1/competitions/"+c.ID+"/matches?limit=500&status=settled", &listed)
		n += len(listed.Items)
	}
	return n
}

// processes are the roles of one installation.
type processes struct {
	t       *testing.T
	binary  string
	env     []string
	brokers string
	api     string
	ended   chan error // gets the error of a process that ended by itself
}

// newRoles builds the binary and gives it a Kafka and a Redis that are empty, and a database of its own.
func newRoles(t *testing.T) *processes {
	t.Helper()
	r := &processes{t: t, binary: filepath.Join(t.TempDir(), "touchline"), ended: make(chan error, 8)}
	if out, err := exec.Command("go", "build", "-o", r.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	r.brokers = strings.Join(realtest.Brokers(t), ",")
	realtest.Redis(t)
	r.api = "http://" + freeAddress(t)
	primary := database(t, realtest.Postgres(t))
	r.env = append(os.Environ(), "TOUCHLINE_LOG_LEVEL=warn", "TOUCHLINE_CURSOR_KEY="+strings.Repeat("k", 32),
		"TOUCHLINE_POSTGRES_URL="+primary)
	if replica := os.Getenv("TOUCHLINE_POSTGRES_REPLICA_URLS"); replica != "" {
		r.env = append(r.env, "TOUCHLINE_POSTGRES_REPLICA_URLS="+withDatabase(t, replica))
	}
	return r
}

const realDatabase = "roles"

// database makes an empty database and returns its address.
func database(t *testing.T, server string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + realDatabase + " WITH (FORCE)",
		"CREATE DATABASE " + realDatabase} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return withDatabase(t, server)
}

func withDatabase(t *testing.T, server string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = realDatabase
	return u.String()
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// run runs a command of the binary to its end and returns what it printed.
func (r *processes) run(args ...string) []byte {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), r.binary, args...)
	var failure bytes.Buffer
	cmd.Env, cmd.Stderr = r.env, &failure
	out, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("touchline %s: %v: %s", strings.Join(args, " "), err, failure.Bytes())
	}
	return out
}

// start starts a role as a process, which is asked to stop with the test and must then end without an error.
func (r *processes) start(instance, role string, args ...string) {
	r.t.Helper()
	listen := "127.0.0.1:0"
	if role == "serve" {
		listen = strings.TrimPrefix(r.api, "http://")
	}
	cmd := exec.Command(r.binary, append([]string{role}, args...)...)
	cmd.Env = append(r.env, "TOUCHLINE_INSTANCE="+instance, "TOUCHLINE_LISTEN="+listen)
	cmd.SysProcAttr = machine.TiedAttributes(syscall.SIGKILL)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	done := make(chan error, 1)
	stopping := make(chan struct{})
	err := machine.StartTied(cmd, func(err error) {
		select {
		case <-stopping:
		default:
			r.ended <- fmt.Errorf("%s ended: %w: %s", instance, err, output.Bytes())
		}
		done <- err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		close(stopping)
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			r.t.Error(err)
		}
		select {
		case err := <-done:
			if err != nil {
				r.t.Errorf("%s: %v: %s", instance, err, output.Bytes())
			}
		case <-time.After(30 * time.Second):
			r.t.Errorf("%s did not stop within 30 s", instance)
		}
	})
}

// digests returns what `touchline topics --digest` says of each topic.
func (r *processes) digests() map[string]audit.Digest {
	r.t.Helper()
	all := map[string]audit.Digest{}
	for lines := json.NewDecoder(bytes.NewReader(r.run("topics", "--digest"))); lines.More(); {
		var d audit.Digest
		if err := lines.Decode(&d); err != nil {
			r.t.Fatal(err)
		}
		all[d.Topic] = d
	}
	return all
}

// readWithKcat reads the committed forecasts, each of which must be a frame with a schema of the registry.
func readWithKcat(t *testing.T, r *processes, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var failure bytes.Buffer
	cmd := exec.CommandContext(ctx, "kcat", "-b", r.brokers, "-t", wire.TopicPredictions, "-C", "-e", "-q",
		"-X", "isolation.level=read_committed", "-f", "%R%s") // the value after its length, 4 bytes big-endian
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("kcat: %v: %s", err, failure.Bytes())
	}
	registry, err := sr.NewClient(sr.URLs(realtest.Registry(t)))
	if err != nil {
		t.Fatal(err)
	}
	serde, n := wire.NewSerde(registry), 0
	for ; len(out) >= 4; n++ {
		size := 4 + int(binary.BigEndian.Uint32(out))
		if len(out) < size {
			t.Fatalf("forecast %d is cut off", n)
		}
		if _, err := wire.Decode(ctx, serde, wire.Prediction, out[4:size]); err != nil {
			t.Fatalf("forecast %d: %v", n, err)
		}
		out = out[size:]
	}
	if n != want || len(out) != 0 {
		t.Errorf("kcat reads %d forecasts and %d bytes more, want %d", n, len(out), want)
	}
}

// readWithPython lets Confluent's Python client read the forecasts with its own deserializer.
func readWithPython(t *testing.T, r *processes, records, matches int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // the first time the client is fetched
	defer cancel()
	python, err := local.Python(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, python, "../../infra/local/clients/read_predictions.py", r.brokers,
		realtest.Registry(t))
	var failure bytes.Buffer
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("read_predictions.py: %v: %s", err, failure.Bytes())
	}
	var got struct{ Records, Matches, Wrong int }
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got.Records != records || got.Matches != matches || got.Wrong != 0 {
		t.Errorf("Python reads %+v, want %d records of %d matches, none wrong", got, records, matches)
	}
}
