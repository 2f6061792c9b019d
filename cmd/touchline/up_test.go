package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/touchline/touchline/infra/embedded"
	"github.com/touchline/touchline/schemas/wire"
	"github.com/touchline/touchline/streams/audit"
)

// season writes a small double round-robin in football-data's layout, with early and closing odds, and the bad rows.
func season(t *testing.T, bad ...string) (folder string, matches int) {
	t.Helper()
	return seasonOf(t, 2020, bad...)
}

// seasonOf writes the season that begins in the year. Those of two years have other results.
func seasonOf(t *testing.T, year int, bad ...string) (folder string, matches int) {
	t.Helper()
	teams := []string{"Arsenal", "Chelsea", "Everton", "Liverpool", "Man City", "Man United"}
	var b strings.Builder
	b.WriteString("Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,HS,AS,HST,AST,AvgH,AvgD,AvgA,AvgCH,AvgCD,AvgCA\n")
	day := time.Date(year, 9, 12, 0, 0, 0, 0, time.UTC)
	for i, home := range teams {
		for j, away := range teams {
			if i == j {
				continue
			}
			hg, ag := (i+2*j+year)%4, (2*i+j+year+2)%3
			fmt.Fprintf(&b, "E0,%s,%s,%s,%d,%d,%s,%d,%d,%s,12,9,5,4,2.1,3.4,3.6,2.0,3.5,3.8\n",
				day.Format(time.DateOnly), home, away, hg, ag, letter(hg, ag), hg/2, ag/2, letter(hg/2, ag/2))
			matches++
			day = day.AddDate(0, 0, matches%3)
		}
	}
	for _, row := range bad {
		b.WriteString(row + "\n")
	}
	folder = t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("E0_%d.csv", year+1)), []byte(b.String()),
		0o644); err != nil {
		t.Fatal(err)
	}
	return folder, matches
}

func letter(home, away int) string {
	switch {
	case home > away:
		return "H"
	case home < away:
		return "A"
	default:
		return "D"
	}
}

// running is a `touchline up` under test.
type running struct {
	t        *testing.T
	names    wire.Namespace // of the installation
	api      string
	kafka    string
	registry string
	stop     context.CancelFunc
	done     chan error
}

// start runs `touchline up` on free ports, with more flags if there are any, and waits for its banner. Without a source
// among the flags the files are of football-data.
func start(t *testing.T, data, path string, flags ...string) *running {
	t.Helper()
	if !embedded.BinariesFound(context.Background()) {
		t.Skip("no Postgres binaries on this machine: install PostgreSQL 15 or later")
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{t: t, stop: cancel, done: make(chan error, 1)}
	out, in := io.Pipe()
	cmd := rootCommand()
	cmd.SetOut(in)
	if !slices.Contains(flags, "--source") {
		flags = append(flags, "--source", "football-data")
	}
	cmd.SetArgs(append([]string{"up", "--data", data, "--path", path, "--speed", "max",
		"--log-level", "error",
		"--listen", "127.0.0.1:0", "--kafka-listen", "127.0.0.1:0", "--schema-registry-listen", "127.0.0.1:0"},
		flags...))
	go func() {
		r.done <- cmd.ExecuteContext(ctx)
		in.Close()
	}()
	lines := bufio.NewScanner(out)
	for r.registry == "" && lines.Scan() {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) == 3 && fields[0] == "page,":
			r.api = fields[2]
		case len(fields) == 2 && fields[0] == "Kafka":
			r.kafka = fields[1]
		case len(fields) == 2 && fields[0] == "registry":
			r.registry = fields[1]
		}
	}
	if r.registry == "" {
		t.Fatalf("up ended before it was up: %v", <-r.done)
	}
	go io.Copy(io.Discard, out)
	t.Cleanup(cancel)
	return r
}

func (r *running) end() {
	r.t.Helper()
	r.stop()
	if err := <-r.done; err != nil {
		r.t.Fatal(err)
	}
}

// get decodes a JSON answer, or returns false when it is not 200.
func (r *running) get(path string, into any) bool {
	r.t.Helper()
	res, err := http.Get(r.api + path)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK && json.NewDecoder(res.Body).Decode(into) == nil
}

// await polls until the condition holds.
func (r *running) await(what string, holds func() bool) {
	r.t.Helper()
	deadline := time.After(90 * time.Second)
	for !holds() {
		select {
		case err := <-r.done:
			r.t.Fatalf("up ended while waiting for %s: %v", what, err)
		case <-deadline:
			r.t.Fatalf("waited 90 s for %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// evaluated returns how many matches the model was scored on at kick-off.
func (r *running) evaluated(model string) int {
	var models struct {
		Items []struct {
			ID          string
			Evaluations []struct {
				Checkpoint string
				N          int
			}
		}
	}
	r.get("/v1/models", &models)
	for _, m := range models.Items {
		for _, e := range m.Evaluations {
			if m.ID == model && e.Checkpoint == "kick-off" {
				return e.N
			}
		}
	}
	return 0
}

// digests returns the digest of each derived topic of the installation, by the constant of the topic.
func (r *running) digests() map[string]audit.Digest {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	all := map[string]audit.Digest{}
	for _, topic := range wire.Topics() {
		if topic.Name == wire.TopicRawEvents || topic.Name == wire.TopicModels {
			continue // they hold when something was fetched or registered
		}
		constant := topic.Name
		topic.Name = r.names.Topic(constant)
		d, err := audit.DigestTopic(ctx, []kgo.Opt{kgo.SeedBrokers(r.kafka)}, topic)
		if err != nil {
			r.t.Fatal(err)
		}
		d.Topic = constant
		all[constant] = d
	}
	return all
}

func TestUpForecastsASeasonAndGoesOnWhereItWas(t *testing.T) {
	folder, matches := season(t,
		"E0,2021-05-01,Arsenal,Arsnal,1,0,H,0,0,D,1,1,1,1,2,3,4,2,3,4",  // a team that nobody knows
		"E0,2021-05-02,Chelsea,Everton,1",                               // cut off
		"E0,not a date,Chelsea,Everton,1,0,H,0,0,D,1,1,1,1,2,3,4,2,3,4") // can't be dated
	data := t.TempDir()
	up := start(t, data, folder)
	both := func() bool { return up.evaluated("goals") == matches && up.evaluated("market-blend") == matches }
	up.await("every match to be scored for both models", both)
	first := up.digests()
	if q := first[wire.TopicQuarantine]; q.Records == 0 {
		t.Error("bad rows left nothing in quarantine")
	}
	for name, d := range first {
		if d.Twice != 0 {
			t.Errorf("%s has %d records twice", name, d.Twice)
		}
	}
	if got := quarantined(t, up, "unknown-team"); !strings.Contains(got, "Arsnal") {
		t.Errorf("quarantine list does not name the unknown team:\n%s", got)
	}
	checkMetrics(t, up)
	up.end()

	up = start(t, data, folder)
	up.await("the restart", both)
	if again := up.digests(); fmt.Sprint(again) != fmt.Sprint(first) {
		t.Errorf("a restart changed the log:\n%v\n%v", first, again)
	}
	up.end()

	rebuild(t, data)
	// The derived topics are gone; raw-events is all that is left.
	up = start(t, data, folder)
	up.await("the replay", func() bool { return fmt.Sprint(up.digests()) == fmt.Sprint(first) })
	up.await("the read model of the replay", both)
	up.end()
}

// checkMetrics holds the metrics that the running system gives against those that docs/operations.md explains.
func checkMetrics(t *testing.T, up *running) {
	t.Helper()
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Get(up.api + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	given := map[string]bool{"touchline_build_info": true}
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "# TYPE touchline_"); ok {
			name = "touchline_" + strings.Fields(name)[0]
			given[name] = true
			if name != "touchline_build_info" && !bytes.Contains(page, []byte("`"+name+"`")) {
				t.Errorf("docs/operations.md does not explain %s", name)
			}
		}
	}
	// Counters that nothing has counted yet are not given; what is written in the code is there.
	quiet := regexp.MustCompile("failures|sessions_broken|startup|restored|dropped|parked|live_|forecast_reads")
	for _, name := range regexp.MustCompile("`(touchline_[a-z_]+)`").FindAllStringSubmatch(string(page), -1) {
		if !given[name[1]] && !quiet.MatchString(name[1]) {
			t.Errorf("docs/operations.md explains %s, which the running system does not give", name[1])
		}
	}
}

// rebuild deletes every derived topic and the groups of a broker that nobody else has.
func rebuild(t *testing.T, data string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	broker, err := embedded.StartKafka(ctx, embedded.KafkaConfig{Dir: filepath.Join(data, "kafka")},
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	deleteDerived(ctx, t, broker.Brokers(), wire.Namespace{})
	if err := broker.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

// deleteDerived deletes every topic of an installation that its raw events give again, and its groups, as one who wants
// them built anew does: with the stages stopped.
func deleteDerived(ctx context.Context, t *testing.T, brokers []string, names wire.Namespace) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	adm := kadm.NewClient(client)
	topics, err := adm.ListTopics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range topics.Names() {
		if _, ours := names.LocalName(name); !ours || name == names.Topic(wire.TopicRawEvents) {
			continue
		}
		if _, err := adm.DeleteTopic(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	groups, err := adm.ListGroups(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range groups.Groups() {
		if !strings.HasPrefix(name, names.Name()+".") {
			continue
		}
		if _, err := adm.DeleteGroup(ctx, name); err != nil {
			t.Fatalf("delete group %s: %v", name, err)
		}
	}
}

func quarantined(t *testing.T, up *running, reason string) string {
	t.Helper()
	var out bytes.Buffer
	cmd := rootCommand()
	cmd.SetOut(&out)
	cmd.SetArgs([]string{"quarantine", "list", "--reason", reason, "--kafka-brokers", up.kafka, "--schema-registry-url",
		up.registry})
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestSettingsAreNamedWhenTheyAreWrong(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a source without files":     {[]string{"up", "--source", "statsbomb"}, "TOUCHLINE_PATH"},
		"an unknown source":          {[]string{"up", "--source", "newspaper"}, "--source"},
		"a role without its brokers": {[]string{"process", "--instance", "a"}, "TOUCHLINE_KAFKA_BROKERS"},
		"a backtest of a simulation": {[]string{"backtest"}, "--source football-data"},
		"a date that is none": {[]string{"backtest", "--source", "football-data", "--path", "x", "--from",
			"soon"}, "YYYY-MM-DD"},
		"an entry that is none": {[]string{"quarantine", "show", "x", "--kafka-brokers", "127.0.0.1:1",
			"--schema-registry-url", "http://127.0.0.1:1"}, "partition/offset"},
		"a file that is not there": {[]string{"backtest", "--source", "football-data", "--path", "/no/such/file.csv"},
			"TOUCHLINE_PATH: stat /no/such/file.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := rootCommand()
			cmd.SetOut(io.Discard)
			cmd.SetErr(io.Discard)
			cmd.SetArgs(c.args)
			if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to name %s", err, c.want)
			}
		})
	}
}

func TestEveryCommandHasAnExample(t *testing.T) {
	var visit func(of *cobra.Command)
	visit = func(of *cobra.Command) {
		for _, cmd := range of.Commands() {
			if cmd.Name() != "help" && cmd.Name() != "completion" && cmd.Example == "" {
				t.Errorf("%s has no example", cmd.CommandPath())
			}
			visit(cmd)
		}
	}
	visit(rootCommand())
}

// TestTheShellCompletesValues: of flags, and no files where a model's name stands.
func TestTheShellCompletesValues(t *testing.T) {
	for words, args := range map[string][]string{
		"goals\nmarket\ndixon-coles\n:4":   {"models", "register", "house", "--kind", ""},
		"opening\nkick-off\nhalf-time\n:4": {"models", "compare", "--checkpoint", ""},
		"dixon-coles\n:4":                  {"backtest", "--refit", ""},
		":4":                               {"models", "promote", ""},
	} {
		if out, _, err := ran(append([]string{"__complete"}, args...)...); err != nil ||
			strings.TrimSpace(out) != words {
			t.Errorf("%v: got %q, %v", args, out, err)
		}
	}
}

// TestACommandThatIsNoneFails, in groups too: a job that does nothing must not succeed.
func TestACommandThatIsNoneFails(t *testing.T) {
	for words, args := range map[string][]string{
		`unknown command "promot" for "touchline models": did you mean promote?`: {"models", "promot", "goals", "3"},
		`unknown command "oracle" for "touchline train"`:                         {"train", "oracle"},
		`unknown command "stop" for "touchline stages"`:                          {"stages", "stop"},
		`unknown command "eat" for "touchline quarantine"`:                       {"quarantine", "eat"},
		`unknown command "fly" for "touchline"`:                                  {"fly"},
	} {
		if _, _, err := ran(args...); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v: got %v, want %s", args, err, words)
		}
	}
	if out, _, err := ran("models"); err != nil || !strings.Contains(out, "Available Commands") {
		t.Errorf("a group alone: got %v\n%s", err, out)
	}
}

func TestBacktestPrintsNothingButJSON(t *testing.T) {
	folder, matches := season(t)
	var out, progress bytes.Buffer
	cmd := rootCommand()
	cmd.SetOut(&out)
	cmd.SetErr(&progress)
	cmd.SetArgs([]string{"backtest", "--source", "football-data", "--path", folder, "--json"})
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	var report struct {
		Pooled       map[string]struct{ N int }
		Competitions map[string]map[string]struct{ N int }
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatalf("stdout is not one JSON value: %v", err)
	}
	for _, model := range []string{"goals", "market-blend", "odds:closing-avg-power"} {
		if report.Pooled[model].N != matches || report.Competitions["E0"][model].N != matches {
			t.Errorf("%s: scored on %d and %d matches, want %d", model, report.Pooled[model].N,
				report.Competitions["E0"][model].N, matches)
		}
	}
	if !strings.Contains(progress.String(), "events folded") {
		t.Errorf("no progress on stderr: %q", progress.String())
	}
}
