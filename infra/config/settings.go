package config

import (
	"strings"
	"time"

	"github.com/touchline/touchline/schemas/football"
	"github.com/touchline/touchline/schemas/wire"
)

// Group is a set of settings that a command takes or leaves as a whole.
type Group string

// The groups, in the order of the documentation. General is taken by every command.
const (
	General  Group = "general"
	Kafka    Group = "kafka"
	Registry Group = "schema registry"
	Postgres Group = "postgres"
	Redis    Group = "redis and caches"
	Embedded Group = "embedded parts"
	Process  Group = "process"
	Models   Group = "models"
	Collect  Group = "collect"
	Serve    Group = "serve"
)

// Setting is one row of the table.
type Setting struct {
	Key     string // "kafka-brokers"
	Group   Group
	Default string // as it would be written; "" where the default is nothing
	Unit    string // what kind of text it is
	Help    string // one sentence, no stop at the end
	Secret  bool

	value func(*Config) value
}

// Env returns the setting's name as an environment variable.
func (s Setting) Env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.Key, "-", "_"))
}

// Flag returns the setting's name as a flag.
func (s Setting) Flag() string { return "--" + s.Key }

const envPrefix = "TOUCHLINE_"

// MaxVersion is the highest version of a stage's topics.
const MaxVersion = 1_000_000

// Settings returns the table of settings, in the order of the documentation.
func Settings() []Setting {
	var rows []Setting
	for _, part := range [][]Setting{
		generalSettings(), kafkaSettings(), registrySettings(), postgresSettings(), redisSettings(),
		embeddedSettings(), processSettings(), modelSettings(), collectSettings(), serveSettings(),
	} {
		rows = append(rows, part...)
	}
	return rows
}

func newSetting(group Group, key, def, help string, v func(*Config) value) Setting {
	kind := v(&Config{})
	_, secret := kind.(secretValue)
	return Setting{Key: key, Group: group, Default: def, Unit: kind.Unit(), Help: help, Secret: secret, value: v}
}

func generalSettings() []Setting {
	return []Setting{
		newSetting(General, "data", "touchline-data", "folder of everything that the embedded parts keep",
			func(c *Config) value { return textValue(&c.Data) }),
		newSetting(General, "installation", "touchline",
			"name of this installation of the line: those with different names can share Kafka, registry, Postgres "+
				"and Redis; it begins the names of topics, groups, transactions and keys and names the schema "+
				"(`touchline` gives topics no prefix); every process and command of an installation needs the same",
			func(c *Config) value { return installationValue(&c.Installation) }),
		newSetting(General, "instance", "",
			"name of this process, unique among those that run; it names transactions, so keep it across restarts (a "+
				"pod's ordinal); `up` takes `up` when none is given",
			func(c *Config) value { return nameValue(&c.Instance) }),
		newSetting(General, "log-level", "info", "least level that is logged",
			func(c *Config) value { return choiceValue(&c.LogLevel, "debug", "info", "warn", "error") }),
		newSetting(General, "log-format", "text", "text for people, json for machines",
			func(c *Config) value { return choiceValue(&c.LogFormat, "text", "json") }),
		newSetting(General, "otlp-endpoint", "",
			"OTLP/HTTP collector that traces are sent to; nothing is traced without one",
			func(c *Config) value { return linkValue(&c.OTLPEndpoint, "http", "https") }),
		newSetting(General, "stop-timeout", "10s",
			"how long work may go on after the first signal before it is cut off; too short loses no data but "+
				"replays the last batch",
			func(c *Config) value { return duration(&c.StopTimeout, 100*time.Millisecond, 10*time.Minute) }),
	}
}

func kafkaSettings() []Setting {
	return []Setting{
		newSetting(Kafka, "kafka-brokers", "",
			"brokers to start from; `up` runs an embedded broker when there are none",
			func(c *Config) value { return addresses(&c.KafkaBrokers) }),
		newSetting(Kafka, "kafka-tls", "false", "speak TLS with the brokers",
			func(c *Config) value { return boolean(&c.KafkaTLS) }),
		newSetting(Kafka, "kafka-tls-ca", "",
			"PEM file of the authority that signed the brokers' certificates; the system's authorities when empty",
			func(c *Config) value { return textValue(&c.KafkaTLSCA) }),
		newSetting(Kafka, "kafka-sasl-mechanism", "SCRAM-SHA-512", "how the user is proved; used when there is a user",
			func(c *Config) value {
				return choiceValue(&c.KafkaSASLMechanism, "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
			}),
		newSetting(Kafka, "kafka-sasl-user", "", "user at the brokers; no SASL without one",
			func(c *Config) value { return textValue(&c.KafkaSASLUser) }),
		newSetting(Kafka, "kafka-sasl-password", "", "password of that user",
			func(c *Config) value { return newSecret(&c.KafkaSASLPassword) }),
		newSetting(Kafka, "kafka-replication", "-1",
			"replicas of a topic that Touchline makes; -1 takes the cluster's default",
			func(c *Config) value { return integer(&c.KafkaReplication, -1, 32) }),
		newSetting(Kafka, "partitions", "12",
			"partitions of every topic of the line, fixed for the life of a version; parallelism ends at the number "+
				"of pools",
			func(c *Config) value { return integer(&c.Partitions, 1, 1000) }),
	}
}

func registrySettings() []Setting {
	return []Setting{
		newSetting(Registry, "schema-registry-url", "",
			"Confluent-compatible schema registry; `up` runs an embedded one when there is none",
			func(c *Config) value { return linkValue(&c.SchemaRegistryURL, "http", "https") }),
		newSetting(Registry, "schema-registry-user", "", "user at the registry (basic authentication)",
			func(c *Config) value { return textValue(&c.SchemaRegistryUser) }),
		newSetting(Registry, "schema-registry-password", "", "password of that user",
			func(c *Config) value { return newSecret(&c.SchemaRegistryPassword) }),
	}
}

func postgresSettings() []Setting {
	return []Setting{
		newSetting(Postgres, "postgres-url", "",
			"primary of the read models, version 15 or later; `up` runs an embedded one when there is none",
			func(c *Config) value { return dsnValue(&c.PostgresURL, "postgres", "postgresql") }),
		newSetting(Postgres, "postgres-replica-urls", "",
			"replicas that the API reads from; the primary when there are none",
			func(c *Config) value { return dsnsValue(&c.PostgresReplicaURLs, "postgres", "postgresql") }),
		newSetting(Postgres, "postgres-max-connections", "10",
			"connections of one process to each Postgres; too few queue requests, too many starve other processes",
			func(c *Config) value { return integer(&c.PostgresMaxConnections, 2, 1000) }),
		newSetting(Postgres, "postgres-pooled", "false",
			"a pooler such as PgBouncer in transaction mode is before Postgres; the role's search_path is the schema "+
				"then",
			func(c *Config) value { return boolean(&c.PostgresPooled) }),
	}
}

func redisSettings() []Setting {
	return []Setting{
		newSetting(Redis, "redis-urls", "",
			"a Redis, or several nodes of one Cluster; `up` runs an embedded one when there are none",
			func(c *Config) value { return dsnsValue(&c.RedisURLs, "redis", "rediss") }),
		newSetting(Redis, "redis-prediction-ttl", "24h", "how long Redis keeps a prediction",
			func(c *Config) value { return duration(&c.RedisPredictionTTL, time.Second, 30*24*time.Hour) }),
		newSetting(Redis, "cache-entries", "1000", "entries of the cache in the process; 0 switches it off",
			func(c *Config) value { return integer(&c.CacheEntries, 0, 10_000_000) }),
		newSetting(Redis, "cache-ttl", "5m", "how long the cache in the process keeps an entry",
			func(c *Config) value { return duration(&c.CacheTTL, time.Second, 24*time.Hour) }),
	}
}

func embeddedSettings() []Setting {
	return []Setting{
		newSetting(Embedded, "kafka-listen", "127.0.0.1:9092",
			"address of the embedded broker; port 0 takes a free one",
			func(c *Config) value { return address(&c.KafkaListen) }),
		newSetting(Embedded, "schema-registry-listen", "127.0.0.1:8081",
			"address of the embedded schema registry; port 0 takes a free one",
			func(c *Config) value { return address(&c.SchemaRegistryListen) }),
		newSetting(Embedded, "postgres-listen", "127.0.0.1:0",
			"address of the embedded Postgres; port 0 takes a free one",
			func(c *Config) value { return address(&c.PostgresListen) }),
		newSetting(Embedded, "redis-listen", "127.0.0.1:0", "address of the embedded Redis; port 0 takes a free one",
			func(c *Config) value { return address(&c.RedisListen) }),
	}
}

func processSettings() []Setting {
	return []Setting{
		newSetting(Process, "layout", "separate",
			"separate: a transaction a stage; chained: normalize, features and predict share one, which saves two "+
				"hops; a change needs the stages' topics built anew",
			func(c *Config) value { return choiceValue(&c.Layout, "separate", "chained") }),
		newSetting(Process, "stages", "", "stages that this process runs; all when empty",
			func(c *Config) value { return choicesValue(&c.Stages, wire.StageNames()...) }),
		newSetting(Process, "version", "0",
			"version of the topics that this process's stages write; 0 takes the current ones; a new number builds "+
				"the stages' topics anew beside the current ones, to compare and switch to (touchline stages switch)",
			func(c *Config) value { return integer(&c.Version, 0, MaxVersion) }),
		newSetting(Process, "workers", "1", "workers of each stage in this process; more than partitions stand idle",
			func(c *Config) value { return integer(&c.Workers, 1, 1000) }),
		newSetting(Process, "max-poll-records", "4000",
			"records of one transaction at most; fewer waste commits when catching up, more make batches that take "+
				"too long and are halved",
			func(c *Config) value { return integer(&c.MaxPollRecords, 1, 100_000) }),
		newSetting(Process, "standby", "true",
			"keep warm copies of the state of partitions that other workers have, so that a takeover need not read "+
				"changelogs from the start; every worker then holds the whole state of its stage",
			func(c *Config) value { return boolean(&c.Standby) }),
		newSetting(Process, "transaction-timeout", "5s",
			"after this time the brokers abort a transaction; too short aborts slow batches, too long holds back "+
				"readers when a worker dies",
			func(c *Config) value { return duration(&c.TransactionTimeout, time.Second, 15*time.Minute) }),
	}
}

func modelSettings() []Setting {
	return []Setting{
		newSetting(Models, "artefacts", "",
			"store of the models' artefacts that are too large to travel in the log: a folder, or "+
				"s3://bucket/prefix?endpoint=http://host:9000&region=us-east-1&path-style=true with the usual AWS "+
				"variables; `up` keeps them in the folder artefacts of the data folder",
			func(c *Config) value { return textValue(&c.Artefacts) }),
	}
}

func collectSettings() []Setting {
	return []Setting{
		newSetting(Collect, "source", "simulator",
			"what is collected; several sources of files are taken together, each with its files of the path",
			func(c *Config) value { return choicesValue(&c.Source, football.Sources()...) }),
		newSetting(Collect, "path", "", "files and folders of the source; the simulator needs none",
			func(c *Config) value { return listValue(&c.Path) }),
		newSetting(Collect, "speed", "60",
			"seconds of match time in a second of the wall clock, or max for as fast as it goes",
			func(c *Config) value { return speedValue(&c.Speed) }),
		newSetting(Collect, "seed", "1", "seed of the simulator: the same seed plays the same seasons",
			func(c *Config) value { return integer(&c.Seed, 0, 1<<31-1) }),
		newSetting(Collect, "cups", "true", "whether the simulator's clubs play for cups beside their leagues",
			func(c *Config) value { return boolean(&c.Cups) }),
		newSetting(Collect, "reference", "", "JSON files with more competitions and team spellings",
			func(c *Config) value { return listValue(&c.Reference) }),
		newSetting(Collect, "max-refused", "0.1",
			"share of a source's rows that may be refused before predict, train and "+
				"backtest refuse to go on; each file that lost rows has a line in the log",
			func(c *Config) value { return shareValue(&c.MaxRefused) }),
		newSetting(Collect, "strict", "false", "whether a row that is refused, or a file that is skipped, is an error",
			func(c *Config) value { return boolean(&c.Strict) }),
	}
}

func serveSettings() []Setting {
	return []Setting{
		newSetting(Serve, "listen", "127.0.0.1:8080",
			"address of the API, and of every role's health and metrics; port 0 takes a free one",
			func(c *Config) value { return address(&c.Listen) }),
		newSetting(Serve, "cursor-key", "",
			"key that cursors are signed with, 32 characters or more, the same on every instance; `up` makes one and "+
				"keeps it in the data folder",
			func(c *Config) value { return longSecret(&c.CursorKey, 32) }),
		newSetting(Serve, "cors-origins", "", "origins of pages that may call the API and open its websocket",
			func(c *Config) value { return linksValue(&c.CORSOrigins, "http", "https") }),
		newSetting(Serve, "access-log", "debug", "level of the line that each request gets in the log; off for none",
			func(c *Config) value { return choiceValue(&c.AccessLog, "off", "debug", "info") }),
		newSetting(Serve, "request-timeout", "10s",
			"how long the read models may take for a request, and its body to arrive; then the answer is 503",
			func(c *Config) value { return duration(&c.RequestTimeout, 100*time.Millisecond, 10*time.Minute) }),
		newSetting(Serve, "write-timeout", "30s",
			"how long an answer may take to be sent, from its request on; keep it above request-timeout; streams "+
				"have none",
			func(c *Config) value { return duration(&c.WriteTimeout, time.Second, time.Hour) }),
		newSetting(Serve, "body-limit", "65536",
			"bytes of a request's body at most; nothing that is served takes a larger one",
			func(c *Config) value { return integer(&c.BodyLimit, 0, 1<<30) }),
	}
}
