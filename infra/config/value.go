package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Secret prints as asterisks. Reveal gives the text.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText hides the secret from JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// DSN is the URL of a database. It prints without its password; Reveal gives the whole.
type DSN string

// Reveal returns the URL with its password.
func (d DSN) Reveal() string { return string(d) }

// String returns the URL with asterisks for its password.
func (d DSN) String() string {
	u, err := url.Parse(string(d))
	if err != nil {
		return "***"
	}
	if _, ok := u.User.Password(); ok {
		u.User = url.UserPassword(u.User.Username(), "***")
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "***")
		u.RawQuery = q.Encode()
	}
	return strings.ReplaceAll(u.String(), "%2A%2A%2A", "***")
}

// GoString hides the password from %#v.
func (d DSN) GoString() string { return strconv.Quote(d.String()) }

// MarshalText hides the password from JSON and YAML.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Speed is the number of seconds of match time that pass in a second of the wall clock. The zero value is MaxSpeed.
type Speed float64

// MaxSpeed does not wait at all.
const MaxSpeed Speed = 0

// String returns the speed as it is written in a setting.
func (s Speed) String() string {
	if s == MaxSpeed {
		return "max"
	}
	return strconv.FormatFloat(float64(s), 'g', -1, 64)
}

// value parses the text of one setting into its field of a Config.
type value interface {
	Set(text string) error // the error is the remedy: what to give instead
	String() string        // as it would be written, secrets as asterisks
	Unit() string
}

type parsed[T any] struct {
	at    *T
	unit  string
	parse func(string) (T, error)
	print func(T) string
}

func (p parsed[T]) Set(s string) error {
	v, err := p.parse(s)
	if err == nil {
		*p.at = v
	}
	return err
}

func (p parsed[T]) String() string { return p.print(*p.at) }
func (p parsed[T]) Unit() string   { return p.unit }

// secretValue marks the values that must never be shown, not even when they are wrong.
type secretValue struct{ value }

func textValue(at *string) value {
	return parsed[string]{at, "text", func(s string) (string, error) { return s, nil }, identity}
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$`)

func nameValue(at *string) value {
	return parsed[string]{at, "name", func(s string) (string, error) {
		if s != "" && !namePattern.MatchString(s) {
			return "", errors.New("give letters, digits, - and _, at most 63, a letter or digit first")
		}
		return s, nil
	}, identity}
}

var installationPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)

// installationValue is a name that is legal, unquoted, as a Postgres schema and as a part of a topic, a consumer group,
// a transactional id and a Redis key.
func installationValue(at *string) value {
	return parsed[string]{at, "name", func(s string) (string, error) {
		if !installationPattern.MatchString(s) {
			return "", errors.New("give lower-case letters, digits and _, at most 30, a letter first, such as trial")
		}
		if reason := reservedInstallation(s); reason != "" {
			return "", errors.New("give another name, such as trial: " + reason)
		}
		return s, nil
	}, identity}
}

// reservedInstallation returns why an engine can't have an installation of that name; "" when it can.
func reservedInstallation(name string) string {
	switch {
	case name == "football":
		return "the topics of touchline begin with it"
	case name == "public" || name == "information_schema" || strings.HasPrefix(name, "pg_"):
		return "Postgres has a schema of that name for itself"
	default:
		return ""
	}
}

func choiceValue(at *string, choices ...string) value {
	return parsed[string]{at, strings.Join(choices, ", "),
		func(s string) (string, error) { return s, isOneOf(s, choices) }, identity}
}

func choicesValue(at *[]string, choices ...string) value {
	return parseEach(at, "list of "+strings.Join(choices, ", "),
		func(s string) (string, error) { return s, isOneOf(s, choices) }, identity)
}

func isOneOf(s string, choices []string) error {
	if slices.Contains(choices, s) {
		return nil
	}
	return fmt.Errorf("give one of %s%s", strings.Join(choices, ", "), didYouMean(s, choices))
}

func listValue(at *[]string) value {
	return parseEach(at, "list", func(s string) (string, error) { return s, nil }, identity)
}

func boolean(at *bool) value {
	return parsed[bool]{at, "true or false", func(s string) (bool, error) {
		b, err := strconv.ParseBool(s)
		if err != nil {
			return false, errors.New("give true or false")
		}
		return b, nil
	}, strconv.FormatBool}
}

func integer(at *int, least, most int) value {
	return parsed[int]{at, "whole number", func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < least || n > most {
			return 0, fmt.Errorf("give a whole number from %d to %d", least, most)
		}
		return n, nil
	}, strconv.Itoa}
}

// shareValue is a number from 0 to 1.
func shareValue(at *float64) value {
	return parsed[float64]{at, "share", func(s string) (float64, error) {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || !(x >= 0 && x <= 1) {
			return 0, errors.New("give a number from 0 to 1, such as 0.1")
		}
		return x, nil
	}, func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }}
}

func duration(at *time.Duration, least, most time.Duration) value {
	return parsed[time.Duration]{at, "duration", func(s string) (time.Duration, error) {
		d, err := time.ParseDuration(s)
		if err != nil || d < least || d > most {
			return 0, fmt.Errorf("give a duration from %s to %s, such as 250ms, 5s or 30m", shortDuration(least),
				shortDuration(most))
		}
		return d, nil
	}, shortDuration}
}

// shortDuration writes 30m for 30m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func speedValue(at *Speed) value {
	return parsed[Speed]{at, "factor or max", func(s string) (Speed, error) {
		if s == "max" {
			return MaxSpeed, nil
		}
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || !(f > 0) || math.IsInf(f, 0) {
			return 0, errors.New("give a number above 0, such as 1 or 60, or max")
		}
		return Speed(f), nil
	}, Speed.String}
}

func address(at *string) value { return parsed[string]{at, "host:port", parseAddress, identity} }

func addresses(at *[]string) value { return parseEach(at, "list of host:port", parseAddress, identity) }

func parseAddress(s string) (string, error) {
	_, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", errors.New("give host:port, such as 127.0.0.1:8080")
	}
	return s, nil
}

func linkValue(at *string, schemes ...string) value {
	return parsed[string]{at, "URL", optional(parseURL(schemes)), identity}
}

func linksValue(at *[]string, schemes ...string) value {
	return parseEach(at, "list of URLs", parseURL(schemes), identity)
}

func dsnValue(at *DSN, schemes ...string) value {
	parse := optional(parseURL(schemes))
	return secretValue{parsed[DSN]{at, "URL", func(s string) (DSN, error) { u, err := parse(s); return DSN(u), err },
		DSN.String}}
}

func dsnsValue(at *[]DSN, schemes ...string) value {
	parse := parseURL(schemes)
	return secretValue{parseEach(at, "list of URLs", func(s string) (DSN, error) {
		u, err := parse(s)
		return DSN(u),
			err
	},
		DSN.String)}
}

func newSecret(at *Secret) value { return longSecret(at, 0) }

func longSecret(at *Secret, least int) value {
	return secretValue{parsed[Secret]{at, "secret", func(s string) (Secret, error) {
		if s != "" && len(s) < least {
			return "", fmt.Errorf("give %d characters or more", least)
		}
		return Secret(s), nil
	}, Secret.String}}
}

func parseURL(schemes []string) func(string) (string, error) {
	return func(s string) (string, error) {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
			return "", fmt.Errorf("give a URL that begins with %s://", strings.Join(schemes, ":// or "))
		}
		return s, nil
	}
}

func optional(parse func(string) (string, error)) func(string) (string, error) {
	return func(s string) (string, error) {
		if s == "" {
			return "", nil
		}
		return parse(s)
	}
}

// parseEach reads a list: its items stand between commas, blanks around them do not count.
func parseEach[T any](at *[]T, unit string, parse func(string) (T, error), print func(T) string) value {
	return parsed[[]T]{at, unit, func(s string) ([]T, error) {
		var items []T
		for item := range strings.SplitSeq(s, ",") {
			if item = strings.TrimSpace(item); item == "" {
				continue
			}
			v, err := parse(item)
			if err != nil {
				return nil, err
			}
			items = append(items, v)
		}
		return items, nil
	}, func(items []T) string {
		texts := make([]string, len(items))
		for i, item := range items {
			texts[i] = print(item)
		}
		return strings.Join(texts, ",")
	}}
}

func identity(s string) string { return s }
