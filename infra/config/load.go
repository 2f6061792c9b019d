package config

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"
)

// configFlag names the YAML file. It is no row of the table: the file can't name itself.
const configFlag = "config"

// Bind defines the flags of the groups, the general ones included, and --config.
func Bind(flags *pflag.FlagSet, groups ...Group) {
	flags.String(configFlag, "", "YAML file of settings ["+envPrefix+"CONFIG]")
	for _, s := range Settings() {
		if s.Group != General && !slices.Contains(groups, s.Group) {
			continue
		}
		// pflag takes a word in backquotes for the value's name
		usage := strings.ReplaceAll(s.Help, "`", "'") + " [" + s.Env() + "]"
		flags.Var(&flagValue{text: s.Default, unit: s.Unit}, s.Key, usage)
		if s.Unit == (parsed[bool]{unit: "true or false"}).unit {
			flags.Lookup(s.Key).NoOptDefVal = "true"
		}
	}
}

// flagValue keeps the text of a flag until Load parses it, so that a wrong flag is reported beside all else that is
// wrong.
// A flag that is given more than once makes a list; a setting that takes one value then refuses it.
type flagValue struct {
	text, unit string
	given      bool
}

func (f *flagValue) Set(s string) error {
	if f.given {
		s = f.text + "," + s
	}
	f.text, f.given = s, true
	return nil
}

func (f *flagValue) String() string { return f.text }
func (f *flagValue) Type() string {
	if strings.Contains(f.unit, " ") || strings.Contains(f.unit, ",") {
		return "value"
	}
	return f.unit
}

// Load returns the settings: flags over the environment (as os.Environ gives it) over the YAML file over the defaults.
// The flags were defined by Bind; nil stands for none. All that is wrong is in one *ProblemsError.
func Load(flags *pflag.FlagSet, environ []string) (Config, error) {
	env := map[string]string{}
	for _, pair := range environ {
		if name, text, _ := strings.Cut(pair, "="); strings.HasPrefix(name, envPrefix) {
			env[name] = text
		}
	}
	var problems []Problem
	file, path, wrong := readFile(flags, env)
	problems = append(problems, wrong...)
	problems = append(problems, unknownNames(env, file, path)...)

	var cfg Config
	for _, s := range Settings() {
		text, name := s.Default, s.Flag()
		if f, ok := file[s.Key]; ok {
			text, name = f, s.Key+" in "+path
		}
		if e := env[s.Env()]; e != "" {
			text, name = e, s.Env()
		}
		if f := changed(flags, s.Key); f != nil {
			text, name = f.Value.String(), s.Flag()
		}
		if err := s.value(&cfg).Set(text); err != nil {
			problems = append(problems, Problem{Setting: name, Value: printedValue(s, text), Remedy: err.Error()})
		}
	}
	if len(problems) == 0 {
		problems = cfg.contradictions()
	}
	if len(problems) > 0 {
		return Config{}, &ProblemsError{Problems: problems}
	}
	return cfg, nil
}

func printedValue(s Setting, text string) string {
	if s.Secret && text != "" {
		return "***"
	}
	return text
}

func changed(flags *pflag.FlagSet, key string) *pflag.Flag {
	if flags == nil {
		return nil
	}
	if f := flags.Lookup(key); f != nil && f.Changed {
		return f
	}
	return nil
}

// readFile returns the texts of the YAML file by key, and its path.
func readFile(flags *pflag.FlagSet, env map[string]string) (map[string]string, string, []Problem) {
	path, name := env[envPrefix+"CONFIG"], envPrefix+"CONFIG"
	if f := changed(flags, configFlag); f != nil {
		path, name = f.Value.String(), "--"+configFlag
	}
	if path == "" {
		return nil, "", nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		remedy := fmt.Sprintf("give a YAML file that can be read (%v)", err)
		return nil, path, []Problem{{Setting: name, Value: path, Remedy: remedy}}
	}
	var nodes map[string]yaml.Node
	if err := yaml.Unmarshal(raw, &nodes); err != nil {
		remedy := fmt.Sprintf("write it as YAML, one `key: value` a line (%v)", err)
		return nil, path, []Problem{{Setting: name, Value: path, Remedy: remedy}}
	}
	texts := map[string]string{}
	var problems []Problem
	for key, node := range nodes {
		text, ok := nodeText(&node)
		if !ok {
			problems = append(problems, Problem{
				Setting: key + " in " + path, Value: "a nested value",
				Remedy: "give a plain value or a list of plain values",
			})
			continue
		}
		texts[key] = text
	}
	sortProblems(problems)
	return texts, path, problems
}

func nodeText(node *yaml.Node) (string, bool) {
	switch node.Kind {
	case yaml.ScalarNode:
		if node.Tag == "!!null" {
			return "", true
		}
		return node.Value, true
	case yaml.SequenceNode:
		items := make([]string, len(node.Content))
		for i, item := range node.Content {
			if item.Kind != yaml.ScalarNode {
				return "", false
			}
			items[i] = item.Value
		}
		return strings.Join(items, ","), true
	default:
		return "", false
	}
}

// Names in the environment that are no settings of the program: where tests find data and engines.
func isDevelopment(name string) bool {
	return strings.HasPrefix(name, envPrefix+"TEST_")
}

// unknownNames finds what is spelt like a setting and is none: a misspelt setting must not pass in silence.
func unknownNames(env, file map[string]string, path string) []Problem {
	var envNames, keys []string
	for _, s := range Settings() {
		envNames, keys = append(envNames, s.Env()), append(keys, s.Key)
	}
	var problems []Problem
	for name := range env {
		if name != envPrefix+"CONFIG" && !isDevelopment(name) && !slices.Contains(envNames, name) {
			remedy := "there is no such setting" + didYouMean(name, envNames)
			problems = append(problems, Problem{Setting: name, Remedy: remedy})
		}
	}
	for key := range file {
		if !slices.Contains(keys, key) {
			remedy := "there is no such setting" + didYouMean(key, keys)
			problems = append(problems, Problem{Setting: key + " in " + path, Remedy: remedy})
		}
	}
	sortProblems(problems)
	return problems
}
