package config

import "time"

// Config holds the value of every setting. The meaning, the unit and the default of each are in Settings.
type Config struct {
	Data         string
	Installation string
	Instance     string
	LogLevel     string
	LogFormat    string
	OTLPEndpoint string
	StopTimeout  time.Duration

	KafkaBrokers       []string
	KafkaTLS           bool
	KafkaTLSCA         string
	KafkaSASLMechanism string
	KafkaSASLUser      string
	KafkaSASLPassword  Secret
	KafkaReplication   int
	Partitions         int

	SchemaRegistryURL      string
	SchemaRegistryUser     string
	SchemaRegistryPassword Secret

	PostgresURL            DSN
	PostgresReplicaURLs    []DSN
	PostgresMaxConnections int
	PostgresPooled         bool

	RedisURLs          []DSN
	RedisPredictionTTL time.Duration
	CacheEntries       int
	CacheTTL           time.Duration

	KafkaListen          string
	SchemaRegistryListen string
	PostgresListen       string
	RedisListen          string

	Layout             string
	Stages             []string
	Version            int
	Workers            int
	Artefacts          string
	MaxPollRecords     int
	Standby            bool
	TransactionTimeout time.Duration

	Source    []string
	Path      []string
	Speed     Speed
	Seed      int
	Cups      bool
	Reference []string

	MaxRefused float64
	Strict     bool

	Listen         string
	CursorKey      Secret
	CORSOrigins    []string
	AccessLog      string
	RequestTimeout time.Duration
	WriteTimeout   time.Duration
	BodyLimit      int
}

// String lists every setting as `key=value`, one a line, secrets as asterisks.
func (c Config) String() string {
	var text string
	for _, s := range Settings() {
		text += s.Key + "=" + s.value(&c).String() + "\n"
	}
	return text
}
