package config_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/schemas/wire"
)

func load(t *testing.T, args []string, environ ...string) (config.Config, error) {
	t.Helper()
	flags := pflag.NewFlagSet("touchline", pflag.ContinueOnError)
	config.Bind(flags, config.Kafka, config.Registry, config.Postgres, config.Redis, config.Embedded, config.Process,
		config.Collect, config.Serve)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return config.Load(flags, environ)
}

func problems(t *testing.T, err error) []config.Problem {
	t.Helper()
	var wrong *config.ProblemsError
	if !errors.As(err, &wrong) {
		t.Fatalf("got error %v, want a *ProblemsError", err)
	}
	return wrong.Problems
}

func yaml(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "touchline.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheDefaultsAreValid(t *testing.T) {
	cfg, err := load(t, nil, "HOME=/root", "TOUCHLINE_TEST_DATA=/data", "TOUCHLINE_TEST_KAFKA=x")
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
	if cfg.Listen != "127.0.0.1:8080" || cfg.Partitions != 12 || cfg.Speed != 60 ||
		cfg.RedisPredictionTTL != 24*time.Hour {
		t.Errorf("got %+v", cfg)
	}
}

func TestFlagsBeatTheEnvironmentBeatsTheFileBeatsTheDefault(t *testing.T) {
	path := yaml(t, "partitions: 3\nworkers: 3\nlog-level: warn\nkafka-brokers: [a:1, b:2]\ninstance:\n")
	cfg, err := load(t, []string{"--partitions=5", "--kafka-tls"},
		"TOUCHLINE_CONFIG="+path, "TOUCHLINE_PARTITIONS=4", "TOUCHLINE_WORKERS=4", "TOUCHLINE_LOG_LEVEL=")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%d %d %s %s %t %d", cfg.Partitions, cfg.Workers, cfg.LogLevel, cfg.KafkaBrokers, cfg.KafkaTLS,
		cfg.MaxPollRecords)
	if want := "5 4 warn [a:1 b:2] true 4000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if cfg, err = load(t, []string{"--config", yaml(t, "workers: 7")}, "TOUCHLINE_CONFIG="+path); err != nil ||
		cfg.Workers != 7 {
		t.Errorf("got %d workers and %v, want the file of the flag", cfg.Workers, err)
	}
}

func TestEverySettingReachesAFieldOfItsOwn(t *testing.T) {
	samples := map[string]string{
		"true or false": "true", "whole number": "31", "duration": "700ms", "factor or max": "2.5",
		"host:port":         "10.1.1.1:77",
		"list of host:port": "10.1.1.1:77,10.1.1.2:78", "URL": "http://x.test",
		"list of URLs": "http://x.test,http://y.test",
		"text":         "words", "name": "pod-1", "list": "a,b", "secret": strings.Repeat("s", 40),
	}
	fields := map[string]string{}
	for _, s := range config.Settings() {
		text := samples[s.Unit]
		switch {
		case strings.HasPrefix(s.Key, "postgres-") && text[0] == 'h':
			text = strings.ReplaceAll(text, "http", "postgres")
		case strings.HasPrefix(s.Key, "redis-") && strings.HasPrefix(text, "http"):
			text = strings.ReplaceAll(text, "http", "redis")
		case s.Key == "transaction-timeout" || strings.HasSuffix(s.Key, "-ttl"):
			text = "77s"
		case text != "" && text == s.Default:
			text = "false"
		case text == "":
			choices := strings.Split(strings.TrimPrefix(s.Unit, "list of "), ", ")
			text = choices[len(choices)-1]
			if text == s.Default {
				text = choices[0]
			}
		}
		before, _ := config.Load(nil, nil)
		after, _ := config.Load(nil, []string{s.Env() + "=" + text})
		if reflect.DeepEqual(after, config.Config{}) { // alone it is a contradiction: the paths of a source, for one
			after, _ = config.Load(nil, []string{
				s.Env() + "=" + text, "TOUCHLINE_KAFKA_TLS=true", "TOUCHLINE_KAFKA_SASL_PASSWORD=x", "TOUCHLINE_PATH=x",
				"TOUCHLINE_SCHEMA_REGISTRY_PASSWORD=x", "TOUCHLINE_POSTGRES_URL=postgres://x",
			})
		}
		field := firstDifference(before, after, s.Key)
		if field == "" {
			t.Errorf("%s=%s changes no field", s.Env(), text)
		}
		if other, taken := fields[field]; taken {
			t.Errorf("%s and %s set the same field %s", s.Key, other, field)
		}
		fields[field] = s.Key
	}
	if want := reflect.TypeFor[config.Config]().NumField(); len(fields) != want {
		t.Errorf("the table sets %d fields, Config has %d", len(fields), want)
	}
}

// firstDifference returns the field that differs and is spelt as the key, apart from case and dashes.
func firstDifference(a, b config.Config, key string) string {
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		name := va.Type().Field(i).Name
		if strings.EqualFold(name, strings.ReplaceAll(key, "-", "")) &&
			!reflect.DeepEqual(va.Field(i).Interface(), vb.Field(i).Interface()) {
			return name
		}
	}
	return ""
}

func TestEverythingThatIsWrongIsReportedAtOnce(t *testing.T) {
	path := yaml(t, "speed: fast\nlogformat: json\ncache-ttl: {a: 1}\n")
	_, err := load(t, []string{"--config", path, "--layout=chaind"},
		"TOUCHLINE_PARTITIONS=0", "TOUCHLINE_KAFKA_BROKER=a:1", "TOUCHLINE_POSTGRES_URL=mysql://me:hunter2@db/x",
		"TOUCHLINE_CURSOR_KEY=short-hunter2", "TOUCHLINE_LISTEN=8080", "TOUCHLINE_KAFKA_TLS=maybe",
		"TOUCHLINE_STOP_TIMEOUT=1h",
		"TOUCHLINE_INSTANCE=a b", "TOUCHLINE_STAGES=predict,evaluat", "TOUCHLINE_FROBNICATION=1")
	want := []string{
		`cache-ttl in ` + path + ` is "a nested value": give a plain value or a list of plain values`,
		`TOUCHLINE_FROBNICATION: there is no such setting`,
		`TOUCHLINE_KAFKA_BROKER: there is no such setting; did you mean TOUCHLINE_KAFKA_BROKERS?`,
		`logformat in ` + path + `: there is no such setting; did you mean log-format?`,
		`TOUCHLINE_INSTANCE is "a b": give letters, digits, - and _, at most 63, a letter or digit first`,
		`TOUCHLINE_STOP_TIMEOUT is "1h": give a duration from 100ms to 10m, such as 250ms, 5s or 30m`,
		`TOUCHLINE_KAFKA_TLS is "maybe": give true or false`,
		`TOUCHLINE_PARTITIONS is "0": give a whole number from 1 to 1000`,
		`TOUCHLINE_POSTGRES_URL is "***": give a URL that begins with postgres:// or postgresql://`,
		`--layout is "chaind": give one of separate, chained; did you mean chained?`,
		`TOUCHLINE_STAGES is "predict,evaluat": give one of ` + strings.Join(wire.StageNames(), ", ") + `; ` +
			`did you mean evaluate?`,
		`speed in ` + path + ` is "fast": give a number above 0, such as 1 or 60, or max`,
		`TOUCHLINE_LISTEN is "8080": give host:port, such as 127.0.0.1:8080`,
		`TOUCHLINE_CURSOR_KEY is "***": give 32 characters or more`,
	}
	got := problems(t, err)
	for i, p := range got {
		if i >= len(want) || p.String() != want[i] {
			t.Errorf("problem %d: got  %s", i, p)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d problems, want %d", len(got), len(want))
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the message shows a secret: %v", err)
	}
}

func TestNamesOfInstallations(t *testing.T) {
	thirty := "a" + strings.Repeat("1", 29)
	for _, name := range []string{"touchline", "trial", "t", "trial_2", thirty, "footballs", "select"} {
		if cfg, err := load(t, []string{"--installation", name}); err != nil || cfg.Installation != name {
			t.Errorf("%s: got %q, %v", name, cfg.Installation, err)
		}
	}
	for name, remedy := range map[string]string{
		"Trial": "lower-case letters", "2trial": "a letter first", "_trial": "a letter first",
		"a.b": "lower-case letters",
		"a-b": "lower-case letters", thirty + "1": "at most 30", "trial ": "lower-case letters", "": "a letter first",
		"trial\n": "lower-case letters", "football": "the topics of touchline begin with it", "public": "Postgres has",
		"information_schema": "Postgres has", "pg_trial": "Postgres has",
	} {
		_, err := load(t, []string{"--installation", name})
		if got := problems(t, err); len(got) != 1 || got[0].Setting != "--installation" ||
			!strings.Contains(got[0].Remedy, remedy) || !strings.Contains(got[0].Remedy, "such as trial") {
			t.Errorf("%q: got %v, want it to say %q and a name that is right", name, got, remedy)
		}
	}
	cfg, err := load(t, nil, "TOUCHLINE_INSTALLATION=trial")
	if err != nil || cfg.Installation != "trial" {
		t.Errorf("from the environment: got %q, %v", cfg.Installation, err)
	}
	if cfg, err = load(t, nil); err != nil || cfg.Installation != "touchline" {
		t.Errorf("the default: got %q, %v", cfg.Installation, err)
	}
}

func TestSettingsThatContradictEachOtherAreReported(t *testing.T) {
	_, err := load(t, nil, "TOUCHLINE_KAFKA_SASL_USER=me", "TOUCHLINE_KAFKA_TLS_CA=ca.pem",
		"TOUCHLINE_POSTGRES_REPLICA_URLS=postgres://r",
		"TOUCHLINE_SOURCE=statsbomb", "TOUCHLINE_SCHEMA_REGISTRY_USER=me")
	if got := problems(t, err); len(got) != 5 {
		t.Errorf("got %d problems, want 5: %v", len(got), err)
	}
}

func TestAFileThatCannotBeReadIsReportedByItsName(t *testing.T) {
	for name, path := range map[string]string{"is missing": "/nowhere/touchline.yaml", "is no YAML": yaml(t, "a: [")} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, nil, "TOUCHLINE_CONFIG="+path)
			if got := problems(t, err); len(got) != 1 || got[0].Setting != "TOUCHLINE_CONFIG" {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	cfg, err := load(t, []string{"--kafka-sasl-password=hunter2"},
		"TOUCHLINE_POSTGRES_URL=postgres://me:hunter2@db:5432/x?sslmode=disable",
		"TOUCHLINE_POSTGRES_REPLICA_URLS=postgres://db/x?password=hunter2",
		"TOUCHLINE_CURSOR_KEY="+strings.Repeat("hunter2", 5),
		"TOUCHLINE_REDIS_URLS=redis://:hunter2@r1:6379,redis://r2")
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
	asJSON, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for how, text := range map[string]string{
		"String": cfg.String(), "%v": fmt.Sprintf("%v", cfg), "%+v": fmt.Sprintf("%+v", cfg), "%#v": fmt.Sprintf("%#v",
			cfg), "JSON": string(asJSON),
	} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("%s shows a secret: %s", how, text)
		}
	}
	if want := "postgres-url=postgres://me:***@db:5432/x?sslmode=disable\n"; !strings.Contains(cfg.String(), want) {
		t.Errorf("got %s, want %s", cfg, want)
	}
	if got := cfg.PostgresURL.Reveal() + cfg.KafkaSASLPassword.Reveal(); strings.Count(got, "hunter2") != 2 {
		t.Errorf("Reveal gave %s", got)
	}
}

func TestValidateChecksAConfigThatWasMadeByHand(t *testing.T) {
	cfg, err := config.Load(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Partitions, cfg.CursorKey, cfg.KafkaSASLUser = -4, "short", "me"
	if got := problems(t, cfg.Validate()); len(got) != 3 {
		t.Errorf("got %v, want 3 problems", got)
	}
}

func TestRequireNamesTheSettingAndTheCommand(t *testing.T) {
	cfg, err := config.Load(nil, []string{"TOUCHLINE_KAFKA_BROKERS=a:1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.Require("touchline process", "kafka-brokers"); err != nil {
		t.Error(err)
	}
	err = cfg.Require("touchline process", "kafka-brokers", "instance", "postgres-url")
	if got := problems(t, err); len(got) != 2 || !strings.Contains(got[1].String(),
		"TOUCHLINE_POSTGRES_URL: touchline process needs it") {
		t.Errorf("got %v", err)
	}
}

func TestSpeed(t *testing.T) {
	for _, text := range []string{"1", "60", "0.5", "max"} {
		cfg, err := config.Load(nil, []string{"TOUCHLINE_SPEED=" + text})
		if err != nil || cfg.Speed.String() != text {
			t.Errorf("%s: got %v and %v", text, cfg.Speed, err)
		}
	}
	for _, text := range []string{"0", "-1", "NaN", "Inf", "x"} {
		if _, err := config.Load(nil, []string{"TOUCHLINE_SPEED=" + text}); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func TestAFlagOfAnotherGroupIsNotDefined(t *testing.T) {
	flags := pflag.NewFlagSet("touchline collect", pflag.ContinueOnError)
	config.Bind(flags, config.Collect)
	if flags.Lookup("source") == nil || flags.Lookup("log-level") == nil || flags.Lookup("postgres-url") != nil {
		t.Error("want the flags of the group collect and the general ones, and no others")
	}
}

func TestTheReferenceListsEverySetting(t *testing.T) {
	text := config.Markdown()
	for _, s := range config.Settings() {
		if !strings.Contains(text, "`"+s.Env()+"`") || s.Help == "" || s.Unit == "" {
			t.Errorf("%s is not described", s.Key)
		}
	}
}

var rewrite = flag.Bool("rewrite", false, "write docs/settings.md anew")

func TestTheReferenceInDocsIsCurrent(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "settings.md")
	if *rewrite {
		if err := os.WriteFile(path, []byte(config.Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != config.Markdown() {
		t.Errorf("%s is not what the settings say: run `make generate`", path)
	}
}
