package compose

import (
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/infra/local"
)

// listCommands asks the program for its subcommands, by the completion that shells use: one a line, with its help after
// a tab, and a directive for the shell at the end.
func listCommands(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "run", "../../cmd/touchline", "__complete", "").Output()
	if err != nil {
		t.Fatalf("list the commands of the program: %v", err)
	}
	var commands []string
	for line := range strings.Lines(string(out)) {
		if name, _, ok := strings.Cut(line, "\t"); ok {
			commands = append(commands, name)
		}
	}
	return commands
}

// roles run for ever, so each has a health check; the others end.
var roles = []string{"collect", "process", "project", "serve"}

// requires lists the settings that a role can't do without.
var requires = map[string][]string{
	"collect": {"kafka-brokers", "schema-registry-url", "instance", "source"},
	"process": {"kafka-brokers", "schema-registry-url", "instance"},
	"project": {"kafka-brokers", "schema-registry-url", "postgres-url", "redis-urls"},
	"serve":   {"kafka-brokers", "schema-registry-url", "postgres-url", "redis-urls", "cursor-key"},
	"topics":  {"kafka-brokers", "schema-registry-url"},
	"migrate": {"postgres-url"},
}

const file = "../../docker-compose.kafka.yml"

func load(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{file}, cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// ours returns the services that run the program, with the command of each.
func ours(t *testing.T, project *types.Project) map[string]types.ServiceConfig {
	t.Helper()
	services := map[string]types.ServiceConfig{}
	for name, service := range project.Services {
		if service.Build != nil {
			services[name] = service
		}
	}
	return services
}

func environ(service types.ServiceConfig) []string {
	var pairs []string
	for name, value := range service.Environment {
		if value != nil {
			pairs = append(pairs, name+"="+*value)
		}
	}
	return pairs
}

func TestEveryRoleIsAServiceWithACommandOfTheProgram(t *testing.T) {
	services, commands := ours(t, load(t)), listCommands(t)
	for _, role := range roles {
		if _, ok := services[role]; !ok {
			t.Errorf("there is no service %s", role)
		}
	}
	for name, service := range services {
		if len(service.Command) == 0 || !slices.Contains(commands, service.Command[0]) {
			t.Errorf("%s runs %v, which is no command of the program", name, service.Command)
		}
		if service.Command[0] != name {
			t.Errorf("%s runs %s: a service has the name of its command", name, service.Command[0])
		}
	}
}

func TestTheSettingsOfEveryRoleAreRight(t *testing.T) {
	for name, service := range ours(t, load(t)) {
		cfg, err := config.Load(nil, environ(service))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := cfg.Require("touchline "+name, requires[name]...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if slices.Contains(roles, name) && !strings.HasPrefix(cfg.Listen, "0.0.0.0:") {
			t.Errorf("%s listens on %s, which nobody outside its container reaches", name, cfg.Listen)
		}
	}
}

func TestNoTwoServicesHaveTheSameInstanceName(t *testing.T) {
	seen := map[string]string{}
	for name, service := range ours(t, load(t)) {
		instance := service.Environment["TOUCHLINE_INSTANCE"]
		if instance == nil {
			continue
		}
		if other, taken := seen[*instance]; taken {
			t.Errorf("%s and %s are both %s: each would fence the other", name, other, *instance)
		}
		seen[*instance] = name
	}
}

// TestEveryAddressIsOneThatAServiceListensOn follows the addresses in the settings to the services that they name.
func TestEveryAddressIsOneThatAServiceListensOn(t *testing.T) {
	project := load(t)
	listens := map[string]bool{}
	for _, l := range strings.Split(*project.Services["kafka"].Environment["KAFKA_ADVERTISED_LISTENERS"], ",") {
		_, address, _ := strings.Cut(l, "://")
		listens[address] = true
	}
	listens["schema-registry:"+*project.Services["schema-registry"].Environment["QUARKUS_HTTP_PORT"]] = true
	for _, engine := range []string{"postgres", "redis"} {
		listens[engine+":"+strconv.Itoa(int(project.Services[engine].Ports[0].Target))] = true
	}
	for name, service := range ours(t, project) {
		cfg, err := config.Load(nil, environ(service))
		if err != nil {
			t.Fatal(err)
		}
		addresses := slices.Clone(cfg.KafkaBrokers)
		for _, link := range append([]string{cfg.SchemaRegistryURL, cfg.PostgresURL.Reveal()},
			reveal(cfg.RedisURLs)...) {
			if link != "" {
				addresses = append(addresses, host(t, link))
			}
		}
		for _, address := range addresses {
			if !listens[address] {
				t.Errorf("%s: no service listens on %s", name, address)
			}
		}
		for _, p := range service.Ports {
			if _, listen, _ := net.SplitHostPort(cfg.Listen); listen != strconv.Itoa(int(p.Target)) {
				t.Errorf("%s listens on port %s and shows port %d", name, listen, p.Target)
			}
		}
	}
}

func reveal(dsns []config.DSN) []string {
	var links []string
	for _, d := range dsns {
		links = append(links, d.Reveal())
	}
	return links
}

func host(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func TestEveryServiceThatStaysHasAHealthCheckOnItsOwnPort(t *testing.T) {
	project := load(t)
	for name, service := range project.Services {
		stays := service.Restart != "no"
		if stays != (service.HealthCheck != nil) {
			t.Errorf("%s: restart %q and health check %v", name, service.Restart, service.HealthCheck)
		}
	}
	for _, role := range roles {
		service := project.Services[role]
		cfg, err := config.Load(nil, environ(service))
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(cfg.Listen)
		if got := strings.Join(service.HealthCheck.Test, " "); !strings.HasSuffix(got,
			"http://127.0.0.1:"+port+"/readyz") {
			t.Errorf("%s: the health check is %s", role, got)
		}
	}
}

func TestEveryServiceWaitsForWhatItNeeds(t *testing.T) {
	project := load(t)
	for name, service := range project.Services {
		for needed, how := range service.DependsOn {
			other := project.Services[needed]
			want := types.ServiceConditionHealthy
			if other.Restart == "no" {
				want = types.ServiceConditionCompletedSuccessfully
			}
			if how.Condition != want {
				t.Errorf("%s waits for %s to be %s, want %s", name, needed, how.Condition, want)
			}
		}
	}
	for _, role := range roles {
		if _, ok := project.Services[role].DependsOn["topics"]; !ok {
			t.Errorf("%s does not wait for the topics", role)
		}
	}
}

func TestNothingIsOpenToOtherMachinesAndEveryImageIsPinned(t *testing.T) {
	for name, service := range load(t).Services {
		for _, p := range service.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s shows port %s on %q", name, p.Published, p.HostIP)
			}
		}
		if _, tag, ok := strings.Cut(service.Image, ":"); !ok || tag == "latest" {
			t.Errorf("%s: the image %s is not pinned", name, service.Image)
		}
	}
}

func TestTheImageIsBuiltFromADockerfileThatExists(t *testing.T) {
	for name, service := range ours(t, load(t)) {
		path := filepath.Join(service.Build.Context, service.Build.Dockerfile)
		if filepath.IsAbs(service.Build.Dockerfile) {
			path = service.Build.Dockerfile
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var engineVersion = regexp.MustCompile(`<artifactId>(kafka_2\.13|apicurio-registry-app)</artifactId>\s*<version>([^<]+)<`)

func TestTheEnginesAreOfTheVersionsOfTheTests(t *testing.T) {
	pom, err := os.ReadFile("../local/pom.xml")
	if err != nil {
		t.Fatal(err)
	}
	images := map[string]string{"kafka_2.13": "apache/kafka:", "apicurio-registry-app": "apicurio/apicurio-registry:"}
	services := map[string]string{"kafka_2.13": "kafka", "apicurio-registry-app": "schema-registry"}
	project := load(t)
	found := engineVersion.FindAllStringSubmatch(string(pom), -1)
	if len(found) != len(images) {
		t.Fatalf("versions in infra/local/pom.xml: got %v, want one of each of %d engines", found, len(images))
	}
	for _, engine := range found {
		got, want := project.Services[services[engine[1]]].Image, images[engine[1]]+engine[2]
		if got != want {
			t.Errorf("image of %s: got %s, want %s, which the tests run on", services[engine[1]], got, want)
		}
	}
}

// What the line depends on is set here as it is for the brokers that the tests run on.
func TestTheBrokerIsSetAsTheOneOfTheTests(t *testing.T) {
	kafka, ok := load(t).Services["kafka"]
	if !ok {
		t.Fatal("there is no service kafka")
	}
	for name, want := range local.Settings(1) {
		variable := "KAFKA_" + strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
		got := kafka.Environment[variable]
		if got == nil {
			t.Errorf("%s is not set, want %s: infra/local sets %s", variable, want, name)
		} else if *got != want {
			t.Errorf("%s: got %s, want %s as infra/local has it", variable, *got, want)
		}
	}
}
