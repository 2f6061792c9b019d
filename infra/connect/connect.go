// Package connect opens the clients of the real parts as the configuration names them: Kafka, the schema registry and
// Redis (projections/postgres opens its own). It is the one place where TLS, SASL and addresses become client options,
// and where a role waits for a part that is not there yet.
//
//	opts, err := connect.Kafka(cfg)
//	err = connect.Wait(ctx, log, "Kafka", "TOUCHLINE_KAFKA_BROKERS", probe)
//
// It starts nothing (see infra/embedded) and wraps nothing: callers get the libraries' own clients.
package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/plugin/kotel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/touchline/touchline/infra/config"
	"github.com/touchline/touchline/infra/retry"
)

// Kafka returns the client options that reach the brokers.
func Kafka(cfg config.Config) ([]kgo.Opt, error) {
	if len(cfg.KafkaBrokers) == 0 {
		return nil, errors.New("TOUCHLINE_KAFKA_BROKERS is empty: say where the log is, as in --kafka-brokers " +
			"127.0.0.1:9092")
	}
	// Clients learn of a leader that has moved from metadata, which the default lets them ask for every 5 s only.
	opts := []kgo.Opt{kgo.SeedBrokers(cfg.KafkaBrokers...), kgo.MetadataMinAge(100 * time.Millisecond)}
	if cfg.KafkaTLS {
		authorities, err := certificates(cfg.KafkaTLSCA)
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.DialTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authorities}))
	}
	if user, password := cfg.KafkaSASLUser, cfg.KafkaSASLPassword.Reveal(); user != "" {
		switch cfg.KafkaSASLMechanism {
		case "PLAIN":
			opts = append(opts, kgo.SASL(plain.Auth{User: user, Pass: password}.AsMechanism()))
		case "SCRAM-SHA-256":
			opts = append(opts, kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha256Mechanism()))
		default:
			opts = append(opts, kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha512Mechanism()))
		}
	}
	return opts, nil
}

// Traced returns the option that makes a span of every record produced and fetched, and carries the trace in its
// headers.
func Traced(provider trace.TracerProvider) kgo.Opt {
	tracer := kotel.NewTracer(kotel.TracerProvider(provider), kotel.TracerPropagator(propagation.TraceContext{}))
	return kgo.WithHooks(kotel.NewKotel(kotel.WithTracer(tracer)).Hooks()...)
}

// certificates reads a PEM file of authorities; nil stands for the system's.
func certificates(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("TOUCHLINE_KAFKA_TLS_CA: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("TOUCHLINE_KAFKA_TLS_CA: %s holds no certificate in PEM form", path)
	}
	return pool, nil
}

// Registry returns a client of the schema registry.
func Registry(cfg config.Config) (*sr.Client, error) {
	opts := []sr.ClientOpt{sr.URLs(cfg.SchemaRegistryURL)}
	if cfg.SchemaRegistryUser != "" {
		opts = append(opts, sr.BasicAuth(cfg.SchemaRegistryUser, cfg.SchemaRegistryPassword.Reveal()))
	}
	client, err := sr.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("TOUCHLINE_SCHEMA_REGISTRY_URL: %w", err)
	}
	return client, nil
}

// Redis returns a client of one Redis, or of a Cluster where several nodes are named.
func Redis(cfg config.Config) (redis.UniversalClient, error) {
	opts := &redis.UniversalOptions{DialTimeout: 2 * time.Second, ReadTimeout: time.Second,
		WriteTimeout: 2 * time.Second}
	for _, raw := range cfg.RedisURLs {
		one, err := redis.ParseURL(raw.Reveal())
		if err != nil {
			return nil, fmt.Errorf("TOUCHLINE_REDIS_URLS: %w", err)
		}
		opts.Addrs = append(opts.Addrs, one.Addr)
		opts.Username, opts.Password, opts.DB, opts.TLSConfig = one.Username, one.Password, one.DB, one.TLSConfig
	}
	return redis.NewUniversalClient(opts), nil
}

// Wait asks the part until it answers, with waits that grow up to 5 s. It logs one line when the part is away and one
// when it is there, naming the setting, and returns only when the part answered or ctx is done.
func Wait(ctx context.Context, log *slog.Logger, part, setting string,
	probe func(context.Context) error) error {
	waits, logged := retry.New(), ""
	for {
		attempt, cancel := context.WithTimeout(ctx, probeTimeout)
		err := probe(attempt)
		cancel()
		switch {
		case err == nil:
			if logged != "" {
				log.Info(part + " answers")
			}
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case innermostReason(err) != logged:
			logged = innermostReason(err)
			log.Warn(part+" does not answer, trying again", "setting", setting, "error", logged)
		}
		if waits.Sleep(ctx) != nil {
			return ctx.Err()
		}
	}
}

// probeTimeout is how long a part may take to answer.
const probeTimeout = 5 * time.Second

// innermostReason is the innermost message of an error, without the address and password that a URL in it may carry.
func innermostReason(err error) string {
	var wrong *url.Error
	if errors.As(err, &wrong) {
		err = wrong.Err
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}
