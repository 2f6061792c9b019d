package wire

import (
	"strconv"
	"strings"
)

// DefaultInstallation is the installation whose topics have no prefix.
const DefaultInstallation = "touchline"

// domain begins the name of every topic of the line, after the prefix of the installation.
const domain = "football."

// Namespace gives the names that one installation of the line has on shared engines: of its topics, registry subjects,
// consumer groups, transactional ids, Postgres schema and Redis keys. Two installations with different names share
// nothing. The zero value is the default installation with the first version of every topic.
//
// A topic has three spellings:
//
//	football.predictions.v1        the constant, TopicPredictions: in the program, tables and metrics
//	football.predictions.v2        the local name, in the version that is meant: in values that the line writes
//	trial.football.predictions.v2  the full name in Kafka, of the installation "trial": in records and headers
//
// In the default installation the full name is the local one. Names are made when a client or a stage is made, never
// for each record. A Namespace is read only, and safe for concurrent use as long as nobody changes its Versions.
type Namespace struct {
	Installation string // as the setting TOUCHLINE_INSTALLATION has it; "" is DefaultInstallation
	Versions     Versions
}

// At returns the installation's names in other versions of the topics.
func (n Namespace) At(versions Versions) Namespace { return Namespace{n.Installation, versions} }

// Name returns the name of the installation. It begins the names of consumer groups, transactional ids and Redis keys,
// and is the name of the Postgres schema.
func (n Namespace) Name() string {
	if n.Installation == "" {
		return DefaultInstallation
	}
	return n.Installation
}

// prefix is what begins the names of the installation's topics in Kafka.
func (n Namespace) prefix() string {
	if n.Name() == DefaultInstallation {
		return ""
	}
	return n.Installation + "."
}

// Topic returns the full name of one of the line's topics: of "football.predictions.v1", in the installation "trial"
// and with version 2 of predict, "trial.football.predictions.v2". A topic without a version, such as raw-events, gets
// the prefix only.
func (n Namespace) Topic(constant string) string { return n.prefix() + n.Versions.localName(constant) }

// Topics returns the table of topics with their full names.
func (n Namespace) Topics() []Topic {
	topics := Topics()
	for i, t := range topics {
		topics[i].Name = n.Topic(t.Name)
	}
	return topics
}

// StateTopic returns the full name of a stage's changelog: "football.features.v1-state".
func (n Namespace) StateTopic(stage string) string {
	return n.prefix() + domain + stage + ".v" + strconv.Itoa(n.Versions.Of(stage)) + "-state"
}

// ValueSubject returns the registry's subject for the values of one of the line's topics:
// "trial.football.predictions.v1-value".
func (n Namespace) ValueSubject(constant string) string { return SubjectOfValues(n.Topic(constant)) }

// SubjectOfValues returns the registry's subject for the values of a topic, which is given by its full name.
func SubjectOfValues(topic string) string { return topic + "-value" }

// FullName returns the name in Kafka of a topic that a value names.
func (n Namespace) FullName(local string) string { return n.prefix() + local }

// LocalName returns the name of a topic as values have it, so that they are the same in every installation. ok is false
// when the topic is not one of this installation; its name is returned unchanged then.
func (n Namespace) LocalName(topic string) (local string, ok bool) {
	local, ok = strings.CutPrefix(topic, n.prefix())
	if !ok || !strings.HasPrefix(local, domain) {
		return topic, false
	}
	return local, true
}

// Constant returns the constant of the topic with this full name, whatever its version is. ok is false when it is no
// topic of the line in this installation; changelogs have no constant.
func (n Namespace) Constant(topic string) (constant string, ok bool) {
	local, ok := n.LocalName(topic)
	if !ok {
		return "", false
	}
	row, ok := topicRow(local)
	return row.Name, ok
}

// AnyInstallation returns the row of the table of topics for a full name of any installation and version. ok is false
// when no topic of the line can have that name. Tools that compare installations need it.
func AnyInstallation(topic string) (row Topic, ok bool) {
	if row, ok = topicRow(topic); ok {
		return row, true
	}
	_, local, _ := strings.Cut(topic, ".") // the name of an installation has no dots
	return topicRow(local)
}

// topicRow returns the row with this local name, in whatever version.
func topicRow(local string) (Topic, bool) {
	for _, row := range Topics() {
		if row.Name == local || Versionless(row.Name) != row.Name && Versionless(row.Name) == Versionless(local) {
			return row, true
		}
	}
	return Topic{}, false
}

// Versionless returns the name of a topic, local or full, without its version; the name itself where it has none.
func Versionless(topic string) string {
	if i := strings.LastIndex(topic, ".v"); i > 0 && topic[i+2:] != "" &&
		strings.Trim(topic[i+2:], "0123456789") == "" {
		return topic[:i]
	}
	return topic
}
