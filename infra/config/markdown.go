package config

import (
	"fmt"
	"strings"
)

// Markdown returns the reference of all settings, for docs/settings.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# Settings\n\n")
	b.WriteString("<!-- Made by `make generate` from infra/config/settings.go. -->\n\n")
	b.WriteString("A setting has one name in three spellings: the flag `--kafka-brokers`, the environment variable\n" +
		"`TOUCHLINE_KAFKA_BROKERS` and the key `kafka-brokers` of a YAML file, which `--config` or " +
		"`TOUCHLINE_CONFIG` names.\n" +
		"A flag beats the environment, the environment beats the file, the file beats the default. An empty " +
		"environment\n" +
		"variable counts as not set. Lists are written with commas. A name that is none is an error.\n")
	var group Group
	for _, s := range Settings() {
		if s.Group != group {
			group = s.Group
			fmt.Fprintf(&b, "\n## %s\n\n| setting | kind | default | meaning |\n|---|---|---|---|\n",
				strings.ToUpper(string(group[:1]))+string(group[1:]))
		}
		def := "`" + s.Default + "`"
		if s.Default == "" {
			def = ""
		}
		fmt.Fprintf(&b, "| `%s`<br>`%s` | %s | %s | %s |\n", s.Env(), s.Flag(), s.Unit, def, s.Help)
	}
	return b.String()
}
