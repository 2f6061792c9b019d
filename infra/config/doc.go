// Package config is every setting of the program: one table (Settings) with a row each, which makes the flags, reads
// the environment and the YAML file, refuses what is wrong and writes the reference in docs.
//
// A setting has one name in three spellings: the key `kafka-brokers` is the flag `--kafka-brokers`, the environment
// variable `TOUCHLINE_KAFKA_BROKERS` and the key of that name in the YAML file. A flag beats the environment, the
// environment beats the file, the file beats the default. An empty environment variable counts as not set. A list is
// written with commas, in the file also as a YAML list.
//
//	config.Bind(cmd.Flags(), config.Kafka, config.Serve)      // when the command is made
//	cfg, err := config.Load(cmd.Flags(), os.Environ())         // when it runs
//	if err == nil {
//		err = cfg.Require("touchline serve", "kafka-brokers", "postgres-url")
//	}
//
// Load reports everything that is wrong at once, as a *ProblemsError. Settings of groups that a command does not bind
// are read all the same, so that one file serves all roles. Secrets print as asterisks, whoever prints them.
package config

//go:generate go test -count=1 -run TestTheReferenceInDocsIsCurrent -rewrite .
