package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/touchline/touchline/schemas/football"
)

// Problem is one wrong setting.
type Problem struct {
	Setting string // public name, as it was given: a flag, an environment variable or a key of the file
	Value   string // what was found; "" for nothing; secrets as asterisks
	Remedy  string // what to give instead
}

func (p Problem) String() string {
	if p.Value == "" {
		return p.Setting + ": " + p.Remedy
	}
	return fmt.Sprintf("%s is %q: %s", p.Setting, p.Value, p.Remedy)
}

// ProblemsError is everything that is wrong with the settings.
type ProblemsError struct{ Problems []Problem }

func (e *ProblemsError) Error() string {
	if len(e.Problems) == 1 {
		return e.Problems[0].String()
	}
	lines := []string{fmt.Sprintf("%d settings are wrong:", len(e.Problems))}
	for _, p := range e.Problems {
		lines = append(lines, "  "+p.String())
	}
	return strings.Join(lines, "\n")
}

func sortProblems(problems []Problem) {
	slices.SortFunc(problems, func(a, b Problem) int { return cmp.Compare(a.Setting, b.Setting) })
}

// Validate checks every setting of a Config, however it was made, and how they go together. Load has done so.
func (c Config) Validate() error {
	var problems []Problem
	for _, s := range Settings() {
		text := s.value(&c).String()
		if s.Secret {
			text = revealed(s, &c)
		}
		if err := s.value(new(Config)).Set(text); err != nil {
			problems = append(problems, Problem{Setting: s.Env(), Value: printedValue(s, text), Remedy: err.Error()})
		}
	}
	problems = append(problems, c.contradictions()...)
	if len(problems) > 0 {
		return &ProblemsError{Problems: problems}
	}
	return nil
}

// revealed returns the text of a secret setting as it would be written.
func revealed(s Setting, c *Config) string {
	switch v := s.value(c).(secretValue).value.(type) {
	case parsed[Secret]:
		return v.at.Reveal()
	case parsed[DSN]:
		return v.at.Reveal()
	case parsed[[]DSN]:
		texts := make([]string, len(*v.at))
		for i, d := range *v.at {
			texts[i] = d.Reveal()
		}
		return strings.Join(texts, ",")
	default:
		panic("config: no text for the secret " + s.Key)
	}
}

// contradictions are settings that are right by themselves and wrong together.
func (c Config) contradictions() []Problem {
	var problems []Problem
	wrong := func(ok bool, env, value, remedy string) {
		if !ok {
			problems = append(problems, Problem{Setting: env, Value: value, Remedy: remedy})
		}
	}
	wrong(c.KafkaSASLUser == "" || c.KafkaSASLPassword != "", "TOUCHLINE_KAFKA_SASL_PASSWORD", "",
		"TOUCHLINE_KAFKA_SASL_USER is given, so give its password too")
	wrong(c.KafkaTLSCA == "" || c.KafkaTLS, "TOUCHLINE_KAFKA_TLS_CA", c.KafkaTLSCA,
		"set TOUCHLINE_KAFKA_TLS=true, or leave this out")
	wrong(c.SchemaRegistryUser == "" || c.SchemaRegistryPassword != "", "TOUCHLINE_SCHEMA_REGISTRY_PASSWORD", "",
		"TOUCHLINE_SCHEMA_REGISTRY_USER is given, so give its password too")
	wrong(len(c.PostgresReplicaURLs) == 0 || c.PostgresURL != "", "TOUCHLINE_POSTGRES_URL", "",
		"TOUCHLINE_POSTGRES_REPLICA_URLS are given, so give their primary too")
	sources := strings.Join(c.Source, ",")
	simulated := slices.Contains(c.Source, football.SourceSimulator)
	wrong(!simulated || len(c.Source) == 1, "TOUCHLINE_SOURCE", sources,
		"the simulator has matches of its own: give it alone")
	wrong(simulated || sources == "" || len(c.Path) > 0, "TOUCHLINE_PATH", "",
		"the source "+sources+" reads files: give files or folders")
	return problems
}

// Require checks that the settings of these keys have a value, for a command that can't do without.
func (c Config) Require(command string, keys ...string) error {
	var problems []Problem
	for _, s := range Settings() {
		if slices.Contains(keys, s.Key) && s.value(&c).String() == "" {
			problems = append(problems, Problem{Setting: s.Env(), Remedy: command + " needs it: " + s.Help})
		}
	}
	if len(problems) > 0 {
		return &ProblemsError{Problems: problems}
	}
	return nil
}

// didYouMean names the nearest of the known names, if one is near. The prefix that all share does not count.
func didYouMean(name string, known []string) string {
	best, at := 1+len(strings.TrimPrefix(name, envPrefix))/3, ""
	for _, k := range known {
		if d := distance(name, k); d < best {
			best, at = d, k
		}
	}
	if at == "" {
		return ""
	}
	return "; did you mean " + at + "?"
}

// distance is the number of letters to add, drop or change (Levenshtein).
func distance(a, b string) int {
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current := make([]int, len(b)+1)
		current[0] = i + 1
		for j := range len(b) {
			change := previous[j]
			if a[i] != b[j] {
				change++
			}
			current[j+1] = min(change, previous[j+1]+1, current[j]+1)
		}
		previous = current
	}
	return previous[len(b)]
}
